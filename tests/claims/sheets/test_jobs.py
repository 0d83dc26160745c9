"""The life of a sheet: checked, confirmed, made into claims once; cancelled, broken off, forgotten (BEY-4)."""

import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, OperationalError, transaction

from claims import lifecycle
from claims.models import Claim, ClaimSheet, SheetRow
from claims.sheets import jobs, wishes
from claims.sheets.judging import Judge
from incentives.models import LocationRole, User
from incentives.tables.names import TooLarge
from incentives.tables.refusals import TableRefused
from tests.factories import StaffFactory, UserFactory, give_role, make_claim, make_customer
from tests.factories.claims import claim_at

from .conftest import created, findings, states
from .sheets import csv_of

pytestmark = pytest.mark.django_db
LATER = timedelta(minutes=3)


def received(user, now, *rows) -> ClaimSheet:
    return jobs.receive(user, csv_of(list(rows)), form_key=uuid.uuid4(), now=now)


def seen(sheet: ClaimSheet) -> ClaimSheet:
    sheet.refresh_from_db()
    return sheet


@pytest.fixture
def three(row):
    return [row(customer=make_customer(), name=f"Customer {n}") for n in range(3)]


class Killed(BaseException):
    """The worker's process is gone: nothing of its own runs any more."""


@pytest.fixture
def killed_at(monkeypatch):
    """Let the worker die at a call of this name about something that reads like this, once."""

    def killed_at(module, name: str, words: str) -> None:
        real = getattr(module, name)

        def die(*args, **facts):
            monkeypatch.setattr(module, name, real)
            if words in str(args):
                raise Killed
            monkeypatch.setattr(module, name, die)
            return real(*args, **facts)

        monkeypatch.setattr(module, name, die)

    return killed_at


def test_the_same_sheet_again_creates_nothing(sheet, three):
    first = sheet(*three, create=True)
    claims = set(Claim.objects.values_list("pk", flat=True))

    again = sheet(*three)

    assert states(again) == ["claimed"] * 3
    assert list(again.rows.values_list("claim", flat=True)) == list(
        first.rows.values_list("claim", flat=True)
    )
    with pytest.raises(jobs.TooLate):
        jobs.confirm(again, now=again.uploaded_at)
    assert set(Claim.objects.values_list("pk", flat=True)) == claims


def test_a_mended_sheet_creates_what_was_missing(sheet, three):
    wrong = three[1] | {"customer_contact_email": "nobody"}
    assert states(sheet(three[0], wrong, three[2], create=True)) == ["created", "wrong", "created"]
    assert states(sheet(*three, create=True)) == ["claimed", "created", "claimed"]
    assert Claim.objects.count() == 3


def test_a_claim_that_came_to_a_bad_end_may_be_claimed_again(sheet, row, partner_user, now):
    first = sheet(row(), create=True).rows.get().claim
    lifecycle.cancel(first, by=partner_user, now=now)

    again = sheet(row(), create=True).rows.get().claim

    assert again.pk != first.pk
    assert again.row_key == first.row_key


def test_an_approved_claim_is_not_made_again(sheet, row, now, engagement, location, customer):
    facts = {"engagement": engagement, "location": location, "customer": customer, "name": "Spring campaign"}
    claim = claim_at("approved", now=now, **facts)
    assert states(sheet(row())) == ["claimed"]
    assert claim.status == "approved"


def test_an_expired_claim_takes_nobodys_place_before_the_job_has_run(sheet, row, now, engagement):
    engagement.limit_concurrent = 1
    engagement.save()
    sheet(row(), create=True)
    after = now + timedelta(days=31)
    assert states(sheet(row(), create=True, at=after)) == ["created"]
    assert Claim.objects.filter(status="consent_expired").count() == 1


def test_a_dispute_of_a_claim_that_a_sheet_made_again_is_possible(sheet, row, now, partner_user):
    """The key is given up with the claim, so that whoever has a right to dispute is not kept from it."""
    rejected = claim_at(
        "rejected", now=now, by=partner_user, location=partner_user.location_roles.get().location
    )
    again = sheet(row(), create=True).rows.get().claim
    Claim.objects.filter(pk=rejected.pk).update(row_key=again.row_key)

    lifecycle.dispute(Claim.objects.get(pk=rejected.pk), by=partner_user, now=now)

    assert Claim.objects.get(pk=rejected.pk).row_key == ""


def test_the_database_keeps_equal_rows_from_being_two_claims(sheet, row, now, location, engagement, customer):
    claim = sheet(row(), create=True).rows.get().claim
    other = make_claim(now=now, location=location, engagement=engagement, customer=customer)
    with pytest.raises(IntegrityError, match="equal_rows_of_sheets_are_one_claim"), transaction.atomic():
        Claim.objects.filter(pk=other.pk).update(row_key=claim.row_key)


def test_what_changed_since_the_check_refuses_its_row_alone(sheet, three, now, engagement, location):
    checked = sheet(*three)
    engagement.limit_unique_customers = 2
    engagement.save()

    done = created(checked, now)

    assert states(done) == ["created", "created", "refused"]
    (_one, _two, why) = findings(done)
    assert why == {
        "engagement": [
            f"{engagement} cannot be claimed: Limit reached: customers of your company in this country."
        ]
    }


def test_whoever_lost_their_role_creates_nothing(sheet, three, now, partner_user):
    checked = sheet(*three)
    LocationRole.objects.filter(user=partner_user).delete()
    done = created(checked, now)
    assert states(done) == ["refused"] * 3
    assert not Claim.objects.exists()


def test_whoever_loses_their_role_between_judgement_and_claim_creates_nothing(
    sheet, row, now, partner_user, monkeypatch
):
    checked, judge = sheet(row()), Judge.judge

    def and_then(*args, **facts):
        verdict = judge(*args, **facts)
        User.objects.filter(pk=partner_user.pk).update(is_active=False)
        return verdict

    monkeypatch.setattr(Judge, "judge", and_then)
    done = created(checked, now)
    assert findings(done) == [{"location": ["You no longer hold a role for this location."]}]
    assert not Claim.objects.exists()


def test_a_worker_that_dies_while_checking_leaves_the_sheet_to_another(three, partner_user, now, killed_at):
    waiting = received(partner_user, now, *three)
    killed_at(jobs, "write", "3: ")
    with pytest.raises(Killed):
        jobs.go_on(waiting.pk, now=now)
    assert states(waiting) == ["ready", "waiting", "waiting"]

    jobs.tend(now=now + timedelta(minutes=1))
    assert seen(waiting).state == "checking"
    jobs.tend(now=now + LATER)

    assert (seen(waiting).state, states(waiting)) == ("checked", ["ready"] * 3)


def test_a_worker_that_dies_midway_leaves_each_row_done_or_not(sheet, three, now, killed_at):
    """It dies after the claim of the second row was made, before that was said: neither stays."""
    checked = sheet(*three)
    jobs.confirm(checked, now=now)
    killed_at(jobs, "write", "3: ")
    with pytest.raises(Killed):
        jobs.go_on(checked.pk, now=now)
    assert states(checked) == ["created", "ready", "ready"]
    assert list(Claim.objects.values_list("name", flat=True)) == ["Customer 0"]

    jobs.tend(now=now + LATER)

    assert (seen(checked).state, states(checked)) == ("done", ["created"] * 3)
    assert sorted(Claim.objects.values_list("name", flat=True)) == ["Customer 0", "Customer 1", "Customer 2"]
    assert (checked.passed, checked.percent) == (3, 99)


def test_a_worker_that_was_thought_dead_lets_go(sheet, three, now, monkeypatch):
    """Another took over while it was stuck: what it would have done is not done twice."""
    checked = sheet(*three)
    jobs.confirm(checked, now=now)
    judge, turns = Judge.judge, []

    def slowly(*args, **facts):
        verdict = judge(*args, **facts)
        if not turns:
            turns.append(1)
            ClaimSheet.objects.filter(pk=checked.pk).update(lease_until=now)
            jobs.tend(now=now)
        return verdict

    monkeypatch.setattr(Judge, "judge", slowly)
    jobs.go_on(checked.pk, now=now)

    assert (seen(checked).state, checked.attempts, states(checked)) == ("done", 2, ["created"] * 3)
    assert Claim.objects.count() == 3


def test_what_breaks_off_three_times_is_given_up(sheet, three, now, monkeypatch):
    checked = sheet(*three)
    jobs.confirm(checked, now=now)

    def no_database(*args, **facts):
        raise OperationalError

    monkeypatch.setattr(jobs, "create_once", no_database)
    for _attempt in range(3):
        jobs.go_on(checked.pk, now=now)

    assert (seen(checked).state, states(checked)) == ("failed", ["ready"] * 3)
    assert "broke off three times" in checked.reason
    assert [row.label for row in checked.rows.all()] == ["Not created"] * 3


def test_a_row_on_which_the_portal_fails_stops_no_other(sheet, three, now, monkeypatch, caplog):
    checked, real = sheet(*three), wishes.create_once

    def faulty(wish, **facts):
        claim = real(wish, **facts)
        if wish.name == "Customer 1":
            raise RuntimeError
        return claim

    monkeypatch.setattr(jobs, "create_once", transaction.atomic(faulty))
    done = created(checked, now)
    assert states(done) == ["created", "refused", "created"]
    assert sorted(Claim.objects.values_list("name", flat=True)) == ["Customer 0", "Customer 2"]
    assert "broke off" in caplog.text


def test_nothing_is_created_after_cancel(sheet, three, now, monkeypatch):
    checked, real = sheet(*three), wishes.create_once
    jobs.confirm(checked, now=now)

    def and_cancel(wish, **facts):
        claim = real(wish, **facts)
        if wish.name == "Customer 1":
            jobs.cancel(checked, now=now)
        return claim

    monkeypatch.setattr(jobs, "create_once", and_cancel)
    jobs.go_on(checked.pk, now=now)

    assert (seen(checked).state, states(checked)) == ("cancelled", ["created", "created", "ready"])
    assert Claim.objects.count() == 2
    with pytest.raises(jobs.TooLate):
        jobs.cancel(checked, now=now)


def test_cancelled_while_it_is_checked_is_never_confirmed(row, partner_user, now):
    waiting = received(partner_user, now, row())
    jobs.cancel(waiting, now=now)
    jobs.go_on(waiting.pk, now=now)
    with pytest.raises(jobs.TooLate):
        jobs.confirm(waiting, now=now)
    assert (seen(waiting).state, states(waiting)) == ("cancelled", ["waiting"])


def test_confirmed_twice_is_confirmed_once(sheet, row, now):
    done = created(sheet(row()), now)
    jobs.confirm(done, now=now)
    assert (seen(done).state, Claim.objects.count()) == ("done", 1)


def test_a_form_that_is_sent_twice_is_one_sheet(row, partner_user, now):
    key = uuid.uuid4()
    once, twice = (jobs.receive(partner_user, csv_of([row()]), form_key=key, now=now) for _ in range(2))
    assert once == twice
    assert SheetRow.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("claims.pdf", b"x", "Upload a CSV file"),
        ("claims", b"x", "Upload a CSV file"),
        ("claims.csv", b"", "is empty"),
    ],
)
def test_what_is_no_sheet_by_its_name_or_size_leaves_nothing(partner_user, now, name, content, words):
    with pytest.raises(TableRefused, match=words):
        jobs.receive(partner_user, SimpleUploadedFile(name, content), form_key=uuid.uuid4(), now=now)
    assert not ClaimSheet.objects.exists()


def test_a_sheet_larger_than_the_limit_is_not_read(partner_user, now, row, settings):
    settings.CLAIM_SHEET_MAX_BYTES = 100
    with pytest.raises(TooLarge, match="larger than 0 MB"):
        received(partner_user, now, row())


def test_nobody_has_more_under_way_or_kept_than_anybody_may(row, partner_user, now, monkeypatch):
    for _sheet in range(jobs.UNDER_WAY_AT_MOST):
        received(partner_user, now, row())
    with pytest.raises(TableRefused, match="3 of your sheets are under way"):
        received(partner_user, now, row())
    jobs.tend(now=now)
    monkeypatch.setattr(jobs, "SHEETS_AT_MOST", 3)
    with pytest.raises(TableRefused, match="You have 3 sheets"):
        received(partner_user, now, row())
    colleague = give_role(
        UserFactory(partner=partner_user.partner), partner_user.location_roles.get().location
    )
    assert received(colleague, now, row())


def test_a_sheet_is_removed_with_its_rows_and_without_its_claims(sheet, row):
    done = sheet(row(), create=True)
    jobs.remove(done)
    jobs.remove(done)
    assert not SheetRow.objects.exists()
    assert Claim.objects.count() == 1


def test_a_sheet_at_work_is_not_removed(row, partner_user, now):
    waiting = received(partner_user, now, row())
    with pytest.raises(jobs.TooLate):
        jobs.remove(waiting)
    assert SheetRow.objects.exists()


def test_sheets_are_forgotten_after_a_month(sheet, row, partner_user, now):
    old = sheet(row(), at=now - jobs.KEPT_FOR)
    young = sheet(row(), at=now - jobs.KEPT_FOR + timedelta(seconds=1))
    at_work = received(partner_user, now - timedelta(days=90), row())
    jobs.clear(now=now)
    assert set(ClaimSheet.objects.all()) == {young, at_work}
    assert not SheetRow.objects.filter(sheet=old.pk).exists()


def test_staff_have_no_sheets(row, now):
    """They hold no role for a location: what somebody of them uploaded would be refused row by row."""
    staff = StaffFactory()
    sheet = received(staff, now, row())
    jobs.go_on(sheet.pk, now=now)
    assert states(sheet) == ["wrong"]
