"""Whatever people do and however long they wait: nothing gets through after a deadline, and no list says open (DL-4).

The deadlines are worked out here from what was done and when, without a line of the portal's own clocks.
"""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from claims import contacts, expiry, lifecycle
from claims.lifecycle import Refused
from claims.models import Claim
from claims.states import OPEN, Party
from claims.states import Status as S
from claims.transitions import BY_ACTION, EXPIRY, MOVES
from engagements.models import EvidenceSlot
from tests.breadth import rounds
from tests.factories import EngagementFactory, StaffFactory, make_claim

pytestmark = pytest.mark.django_db
START = datetime(2027, 10, 1, 9, 14, 7, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(hours=24)
AROUND = {"just before": -SECOND, "at the deadline": 0 * SECOND, "just after": SECOND}
gaps = st.one_of(st.timedeltas(0 * DAY, 40 * DAY), st.sampled_from(sorted(AROUND)))
lives = st.lists(st.tuples(st.integers(0, 11), gaps), min_size=3, max_size=14)
JOB, EDIT = "the job runs", "edit_contacts"
MAY_EDIT = (S.CUSTOMER_CLAIMED, S.AWAITING_CONSENT, S.CONSENT_RECEIVED)


class Life:
    """One claim that needs no evidence, and what is known of it by somebody who only watched."""

    def __init__(self) -> None:
        engagement = EngagementFactory(customer_survey=False, partner_survey=False)
        EvidenceSlot.objects.filter(engagement=engagement).delete()
        self.claim = make_claim(now=START, engagement=engagement)
        self.reviewer = StaffFactory()
        self.status, self.at = S.CUSTOMER_CLAIMED, START
        self.done = {"create": START}

    def runs_out(self, status: S) -> datetime | None:
        """When what can be done in this status must have been done, by the guide's table (DL-2, DL-3)."""
        consented, rejected = self.done.get("give_consent"), self.done.get("reject")
        if status in (S.CUSTOMER_CLAIMED, S.AWAITING_CONSENT):
            return START + 30 * DAY
        if status == S.CONSENT_RECEIVED and consented:
            return consented + 90 * DAY
        if status == S.ACTION_REQUIRED and consented:
            disputed = self.done.get("submit the dispute")
            return disputed + 30 * DAY if disputed else consented + 120 * DAY
        if status in (S.REJECTED, S.DISPUTED) and rejected:
            return rejected + 30 * DAY
        return None

    def choices(self) -> list[str]:
        deeds = [move.action for move in MOVES if move.source == self.status and move.by != Party.SYSTEM]
        return [*deeds, *([EDIT] if self.status in MAY_EDIT else []), JOB]

    def wait(self, gap: timedelta | str) -> None:
        if isinstance(gap, timedelta):
            self.at += gap
        elif ends := self.runs_out(self.status):
            self.at = max(self.at, ends + AROUND[gap])

    def is_late(self, deed: str) -> bool:
        ends = self.runs_out(S.ACTION_REQUIRED if deed == "request_action" else self.status)
        return ends is not None and self.at >= ends

    def fits(self, deed: str) -> bool:
        """A first rejection is no final one, and the other way round."""
        return (deed != "reject" or "dispute" not in self.done) and (
            deed != "reject_finally" or "dispute" in self.done
        )

    def live(self, which: int, gap: timedelta | str) -> None:
        self.wait(gap)
        deed = self.choices()[which % len(self.choices())]
        late = self.is_late(deed)
        if deed == JOB:
            assert expiry.expire_due(now=self.at) == (late and self.status in EXPIRY)
        else:
            assert self.is_done(deed) == (self.fits(deed) and not late), (self.status, deed, self.at)
        if late and self.status in EXPIRY:
            self.status = EXPIRY[self.status]
            assert Claim.objects.get().status == self.status
        elif deed not in (JOB, EDIT) and self.fits(deed) and not late:
            self.done["submit the dispute" if self.status == S.DISPUTED else deed] = self.at
            self.status = BY_ACTION[deed, self.status].target
        self.look()

    def is_done(self, deed: str) -> bool:
        claim, by = Claim.objects.get(), {"by": self.claim.created_by}
        of_reviewers = {"by": self.reviewer}
        said = of_reviewers | {"comment": "Why."}
        facts = {
            "request_consent": by | {"deal_size_usd": 5000},
            **{name: {} for name in ("give_consent", "decline_consent")},
            **dict.fromkeys(("start_review", "approve"), of_reviewers),
            **dict.fromkeys(("request_action", "reject", "reject_finally"), said),
        }
        try:
            if deed == EDIT:
                contacts.edit(claim, now=self.at, customer_contact_title=f"{self.at}", **by)
            else:
                getattr(lifecycle, deed)(claim, now=self.at, **facts.get(deed, by))
        except Refused:
            return False
        return True

    def look(self) -> None:
        """What every list says, now and around the instant at which the claim runs out by itself."""
        ends = self.runs_out(self.status) if self.status in EXPIRY else None
        assert self.status not in EXPIRY or Claim.objects.get().expires_at == ends
        around = [ends + gap for gap in AROUND.values()] if ends else []
        for at in (self.at, *around):
            late = ends is not None and at >= ends
            status = EXPIRY[self.status] if late else self.status
            claims, is_open = Claim.objects, status in OPEN
            assert claims.get().status_at(at) == status
            assert claims.as_of(at).get().current_status == status
            assert claims.open(at).exists() == is_open
            assert claims.get_queryset().in_status(OPEN, at).exists() == is_open
            assert claims.due(at).exists() == late


def alive(steps) -> Life:
    life = Life()
    for which, gap in steps:
        life.live(which, gap)
    return life


@pytest.mark.long
@given(lives)
@settings(max_examples=rounds(10, long=100), deadline=None)
def test_nothing_gets_through_after_its_deadline(steps):
    with transaction.atomic():
        alive(steps)
        transaction.set_rollback(True)


HOUR = timedelta(hours=1)
# Which of the choices of each status, in order: a whole life with a dispute, each deed a second before it is too late.
TO_REVIEW = [(0, HOUR), (0, "just before"), (0, "just before"), (0, HOUR)]
DISPUTED = [*TO_REVIEW, (2, HOUR), (0, HOUR), (0, "just before"), (0, HOUR)]


@pytest.mark.parametrize(
    ("steps", "status"),
    [
        ([*DISPUTED, (0, HOUR), (0, "just before"), (0, HOUR), (1, HOUR)], S.APPROVED),
        ([*DISPUTED, (0, HOUR), (0, "at the deadline")], S.POST_SUBMISSION_EXPIRED),
        ([*DISPUTED[:-1], (0, "just after")], S.UNDER_REVIEW),
        ([*TO_REVIEW, (2, HOUR), (0, HOUR), (0, "at the deadline")], S.DISPUTE_EXPIRED),
        ([*TO_REVIEW, (2, HOUR), (0, "just after")], S.REJECTED),
        ([(0, HOUR), (0, "just after")], S.CONSENT_EXPIRED),
    ],
)
def test_lives_go_as_far_as_that(steps, status):
    """Else the many lives above might all end at once."""
    assert alive(steps).status == status


def test_control_without_the_look_at_the_clock_a_late_deed_gets_through(monkeypatch):
    late = [(0, HOUR), (0, "at the deadline")]
    monkeypatch.setattr(Claim, "is_overdue", lambda claim, now: False)
    with pytest.raises(AssertionError):
        alive(late)
