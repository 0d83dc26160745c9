"""Two reviewers decide one claim at the same instant: one wins, the other reads "changed meanwhile" (R08)."""

from functools import partial

import pytest
from django.urls import reverse

from claims.models import Claim
from claims.states import Status
from incentives.models import LedgerEntry
from mail.models import Message
from tests.breadth import rounds
from tests.browsers import Browser
from tests.factories import StaffFactory, claim_at
from tests.together import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
ROUNDS = rounds(5, long=20)


@pytest.fixture
def browsers():
    clients = [Browser(), Browser()]
    for client in clients:
        client.force_login(StaffFactory())
    return clients


def both_decide(browsers, claim):
    """One approves, the other rejects, each from a page that showed the same revision; returns the two answers."""
    claim.refresh_from_db()
    facts = {"comment": "No results.", "revision": claim.revision}
    addresses = [
        reverse("admin:claims_claim_decision", args=[claim.pk, action]) for action in ("approve", "reject")
    ]
    acts = [partial(client.post, address, facts) for client, address in zip(browsers, addresses, strict=True)]
    return [getattr(answer, "status_code", answer) for answer in at_once(*acts)]


@pytest.mark.long
def test_one_wins_and_the_other_is_told(browsers, now):
    for _ in range(ROUNDS):
        claim = claim_at(Status.UNDER_REVIEW, now=now)
        answers = both_decide(browsers, claim)

        assert sorted(answers) == [302, 409]
        approved = answers[0] == 302
        claim = Claim.objects.get(pk=claim.pk)
        assert claim.status == (Status.APPROVED if approved else Status.REJECTED)
        assert claim.events.filter(action__in=["approve", "reject"]).count() == 1
        assert LedgerEntry.objects.filter(claim_number=claim.pk).count() == int(approved)
        kinds = set(
            Message.objects.filter(about=claim.pk, kind__startswith="claim_").values_list("kind", flat=True)
        )
        assert kinds == {"claim_approved" if approved else "claim_rejected"}


def test_control_without_the_row_lock_the_other_is_not_told(browsers, now, monkeypatch):
    """Then both pass the gate, and only the database's own triggers stop the second: an error, not a page."""
    monkeypatch.setattr(Claim.objects, "select_for_update", lambda **_: Claim.objects.all())
    rounds = (both_decide(browsers, claim_at(Status.UNDER_REVIEW, now=now)) for _ in range(30))
    assert any(sorted(map(str, answers)) != ["302", "409"] for answers in rounds)
