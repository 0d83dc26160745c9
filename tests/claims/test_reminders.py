"""Reminders before a deadline: each at most once, none for a claim that moved on, no burst after an outage (DL-5)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from claims import lifecycle, reminders
from claims.models import Reminder
from claims.states import Status as S
from mail.models import Message
from tests.factories import claim_at, make_claim

pytestmark = pytest.mark.django_db


def queries_to_remind(now) -> int:
    with CaptureQueriesContext(connection) as queries:
        reminders.send_reminders(now=now)
    return len(queries)


def letters(claim):
    return Message.objects.filter(about=claim.pk, kind__startswith="reminder")


def test_a_reminder_leaves_on_each_configured_day_once(now):
    claim = make_claim(now=now)
    sent = []
    for hours in range(0, 30 * 24, 6):
        at = now + timedelta(hours=hours)
        if reminders.send_reminders(now=at):
            sent.append((claim.expires_at - at).days)
        assert reminders.send_reminders(now=at) == 0
    assert sent == [14, 7, 3, 1]


def test_after_days_of_outage_only_the_nearest_reminder_leaves(now):
    claim = make_claim(now=now)
    assert reminders.send_reminders(now=claim.expires_at - timedelta(hours=30)) == 1
    assert reminders.send_reminders(now=claim.expires_at - timedelta(hours=29)) == 0


def test_the_customer_is_reminded_only_of_a_request_that_was_sent(now):
    silent = make_claim(now=now - timedelta(days=20))
    asked = claim_at(S.AWAITING_CONSENT, now=now, age=timedelta(days=20))
    reminders.send_reminders(now=now)
    assert silent.customer_contact_email not in {letter.to for letter in letters(silent)}
    assert asked.customer_contact_email in {letter.to for letter in letters(asked)}


def test_a_claim_that_moved_on_is_left_in_peace(now):
    claim = make_claim(now=now - timedelta(days=20))
    lifecycle.cancel(claim, by=claim.created_by, now=now)
    assert reminders.send_reminders(now=now) == 0


def test_nothing_is_said_of_a_deadline_that_has_passed(now):
    claim = make_claim(now=now - timedelta(days=31))
    assert reminders.send_reminders(now=now) == 0
    assert not letters(claim).exists()


def test_a_new_deadline_has_reminders_of_its_own(now, reviewer):
    claim = claim_at(S.DISPUTED, now=now)
    near = claim.expires_at - timedelta(days=2)
    assert [reminders.send_reminders(now=near), reminders.send_reminders(now=near)] == [1, 0]

    lifecycle.submit(claim, by=claim.created_by, now=near)
    lifecycle.start_review(claim, by=reviewer, now=near)
    lifecycle.request_action(claim, by=reviewer, now=near, comment="More, please.")
    again = near + timedelta(days=28)
    assert [reminders.send_reminders(now=again), reminders.send_reminders(now=again)] == [1, 0]


def test_whom_nothing_is_to_be_told_costs_no_query_of_their_own(now):
    at = now + timedelta(days=28)
    nothing_to_do = queries_to_remind(at)
    make_claim(now=now)
    first, again = queries_to_remind(at), queries_to_remind(at)
    assert again == nothing_to_do
    for _n in range(3):
        make_claim(now=now)
    assert (queries_to_remind(at), queries_to_remind(at)) == (first, again)
    assert Reminder.objects.count() == 4


def test_more_than_a_batch_with_one_deadline_are_all_reminded(now, monkeypatch):
    monkeypatch.setattr(reminders, "BATCH", 2)
    claims = [make_claim(now=now) for _n in range(5)]
    assert reminders.send_reminders(now=now + timedelta(days=20)) == 5
    assert [letters(claim).count() for claim in claims] == [1] * 5


@pytest.mark.parametrize(
    ("facts", "reminded"),
    [
        ({"state": "failed", "bounced_at": "2026-03-04T05:06:07Z"}, False),
        ({"state": "failed", "answer": "550 no such user"}, False),
        ({"state": "failed", "answer": "421 too busy"}, True),
        ({"state": "queued", "answer": "451 later"}, True),
        ({"state": "sent"}, True),
    ],
)
def test_nobody_is_reminded_at_an_address_whose_latest_mail_came_back(now, facts, reminded):
    claim = claim_at(S.AWAITING_CONSENT, now=now, age=timedelta(days=20))
    Message.objects.filter(about=claim.pk, kind="consent_request").update(**facts)

    reminders.send_reminders(now=now)

    told = {letter.to for letter in letters(claim)}
    assert (claim.customer_contact_email in told) is reminded
    assert claim.partner_contact_email.lower() in told


def test_a_newer_mail_makes_an_address_worth_a_reminder_again(now):
    claim = claim_at(S.AWAITING_CONSENT, now=now, age=timedelta(days=20))
    older = Message.objects.get(about=claim.pk, kind="consent_request")
    Message.objects.update(state="failed", bounced_at=now)
    older.pk, older.message_id, older.created_at = None, "<2@portal.example>", now - timedelta(days=1)
    older.to = older.to.upper()
    older.save()

    assert Message.objects.dead_addresses([claim.pk]) == set()
