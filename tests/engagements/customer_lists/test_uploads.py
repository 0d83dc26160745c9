"""The life of an uploaded list: one test for each way in which it can end."""

import hashlib
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction

from engagements.customer_lists import reading, staging, uploads
from engagements.models import BadRow, ListedCustomer, ListUpload
from incentives import long_work
from incentives.models import User
from incentives.tables.names import TooLarge
from incentives.tables.refusals import TableRefused
from tests.factories import EngagementFactory

from .files import ROWS, TENANT, csv_of, tenants, xlsx_bytes

pytestmark = pytest.mark.django_db
State, ADD = ListUpload.State, ListUpload.Mode.ADD
STORED = {("domain", "contoso.com"), ("tenant", TENANT)}


def counts(upload: ListUpload) -> tuple[int, ...]:
    return (upload.rows, upload.added, upload.removed, upload.unchanged, upload.duplicates)


def files() -> list[str]:
    return default_storage.listdir("customer-lists")[1]


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


def test_a_file_replaces_the_list(bring, on_list):
    bring([*ROWS, ("Domain name", "fabrikam.com")])

    upload = bring([ROWS[0], ("Domain name", "adatum.com")])

    assert upload.state == State.DONE
    assert on_list() == {("domain", "contoso.com"), ("domain", "adatum.com")}
    assert counts(upload) == (2, 1, 2, 1, 0)


def test_a_file_adds_to_the_list(bring, on_list):
    bring(ROWS[:1])

    upload = bring(ROWS, mode=ADD)

    assert on_list() == STORED
    assert counts(upload) == (2, 1, 0, 1, 0)


def test_a_customer_that_stands_twice_counts_once(bring, on_list):
    upload = bring([ROWS[0], ("domain", "CONTOSO.com"), ROWS[1], ROWS[0]])

    assert on_list() == STORED
    assert counts(upload) == (4, 2, 0, 0, 2)


def test_the_same_file_again_changes_nothing(bring, on_list):
    bring(ROWS)
    before = set(ListedCustomer.objects.values_list("pk", flat=True))

    upload = bring(ROWS)

    assert set(ListedCustomer.objects.values_list("pk", flat=True)) == before
    assert counts(upload) == (2, 0, 0, 2, 0)


def test_a_workbook_is_taken_too(bring, on_list):
    upload = bring(SimpleUploadedFile("Customers.XLSX", xlsx_bytes()))

    assert (upload.state, upload.name) == (State.DONE, "Customers.xlsx")
    assert on_list() == STORED


def test_the_list_of_another_engagement_is_left_alone(bring, listed):
    other = EngagementFactory()
    bring(ROWS, engagement=other)

    bring(ROWS[:1])

    assert other.listed_customers.count() == 2


def test_one_bad_row_keeps_the_whole_file_out(bring, on_list):
    bring(ROWS)

    upload = bring([*tenants(50), ("Tenant ID", "7"), *tenants(50, start=50)])

    assert (upload.state, upload.rows, upload.bad) == (State.REFUSED, 101, 1)
    assert on_list() == STORED
    assert [(row.line, row.found) for row in upload.bad_rows.all()] == [(52, "7")]


def test_ten_bad_rows_among_thousands_are_all_reported(bring, on_list, monkeypatch):
    """In batches, so that some batches are good before and after bad ones; the benchmark does it with a million."""
    monkeypatch.setattr(reading, "BATCH", 100)
    rows = tenants(3000)
    for number in range(10):
        rows[number * 300 + 7] = ("TPID", "1")

    upload = bring(rows)

    assert (upload.state, upload.rows, upload.bad) == (State.REFUSED, 3000, 10)
    assert on_list() == set()
    assert [row.line for row in upload.bad_rows.all()] == [number * 300 + 9 for number in range(10)]


def test_a_report_has_an_end_but_the_count_is_of_all(bring, monkeypatch):
    monkeypatch.setattr(reading, "REPORTED_AT_MOST", 25)
    monkeypatch.setattr(reading, "BATCH", 10)

    upload = bring([("Tenant ID", "7")] * 47)

    assert (upload.bad, upload.bad_rows.count()) == (47, 25)


def test_more_rows_than_a_list_may_have_are_refused(bring, on_list, monkeypatch):
    monkeypatch.setattr(reading, "ROWS_AT_MOST", 4)
    assert bring(tenants(4)).state == State.DONE

    upload = bring(tenants(5))

    assert upload.state == State.REFUSED
    assert upload.reason.startswith("This file has more than 4 rows.")
    assert len(on_list()) == 4


def test_a_file_without_rows_does_not_empty_the_list(bring, on_list):
    bring(ROWS)

    upload = bring([])

    assert (upload.state, upload.reason) == (
        State.REFUSED,
        "This file has no rows below the names of its columns. Nothing was changed.",
    )
    assert on_list() == STORED


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("customers.pdf", b"x", "Upload a CSV file"),
        ("customers", b"x", "Upload a CSV file"),
        (".xlsm", b"x", "Upload a CSV file"),
        ("customers.csv", b"", "This file is empty"),
    ],
)
def test_what_is_no_list_by_its_name_or_size_is_not_even_kept(listed, owner, now, name, content, why):
    with pytest.raises(TableRefused, match=why):
        uploads.receive(listed, SimpleUploadedFile(name, content), mode=ADD, by=owner, now=now)
    assert ListUpload.objects.count() == 0


def test_a_file_larger_than_the_limit_is_not_kept(listed, owner, now, settings):
    settings.LIST_UPLOAD_MAX_BYTES = 10
    with pytest.raises(TooLarge, match="larger than"):
        uploads.receive(listed, csv_of(), mode=ADD, by=owner, now=now)


def test_the_record_says_who_brought_which_file_when(bring, owner):
    upload = bring(ROWS)

    assert (upload.uploaded_by, upload.name, upload.size) == (owner, "customers.csv", len(csv_of().read()))
    assert upload.sha256 == hashlib.sha256(csv_of().read()).hexdigest()


def test_a_form_that_is_sent_twice_is_one_upload(listed, owner, now):
    key = uuid.uuid4()
    first, second = (
        uploads.receive(listed, csv_of(), mode=ADD, by=owner, now=now, form_key=key) for _ in range(2)
    )
    assert first == second
    assert len(files()) == 1


def test_no_file_is_left_whatever_became_of_it(bring, owner, now, django_capture_on_commit_callbacks):
    bring(ROWS)
    bring([("x", "y")])
    waiting = bring(ROWS, read=False)
    assert len(files()) == 1

    with django_capture_on_commit_callbacks(execute=True):
        uploads.cancel(waiting, by=owner, now=now)

    assert files() == []


def test_what_is_cancelled_before_its_turn_is_never_read(bring, owner, on_list, now):
    upload = bring(ROWS, read=False)

    uploads.cancel(upload, by=owner, now=now)
    uploads.read(upload.pk, now=now)

    upload.refresh_from_db()
    assert (upload.state, upload.cancelled_by, upload.finished_at) == (State.CANCELLED, owner, now)
    assert on_list() == set()


def test_what_is_cancelled_while_it_is_read_changes_nothing(bring, owner, on_list, now, monkeypatch):
    monkeypatch.setattr(reading, "BATCH", 10)
    upload, stage = bring(tenants(50), read=False), staging.add

    def cancelled_on_the_way(rows):
        stage(rows)
        if ListUpload.objects.get(pk=upload.pk).rows == 30:
            uploads.cancel(upload, by=owner, now=now)

    monkeypatch.setattr(staging, "add", cancelled_on_the_way)
    uploads.read(upload.pk, now=now)

    upload.refresh_from_db()
    assert (upload.state, upload.rows) == (State.CANCELLED, 30)
    assert on_list() == set()


def test_what_is_being_written_can_no_longer_be_cancelled(bring, owner, on_list, now, monkeypatch):
    upload, merge = bring(ROWS, read=False), staging.merge
    answers = []

    def asked_too_late(*args, **kwargs):
        with pytest.raises(uploads.TooLate):
            uploads.cancel(upload, by=owner, now=now)
        answers.append("too late")
        return merge(*args, **kwargs)

    monkeypatch.setattr(staging, "merge", asked_too_late)
    uploads.read(upload.pk, now=now)

    assert answers == ["too late"]
    assert on_list() == STORED


def test_uploads_of_one_list_are_read_in_the_order_in_which_they_came(bring, on_list, now):
    first, second = bring(ROWS[:1], read=False), bring(ROWS[1:], read=False)

    uploads.read(second.pk, now=now)
    assert ListUpload.objects.get(pk=second.pk).state == State.QUEUED
    uploads.tend(now=now)

    assert {ListUpload.objects.get(pk=upload.pk).state for upload in (first, second)} == {State.DONE}
    assert on_list() == {("tenant", TENANT)}


def die(*args, **kwargs):
    raise SystemExit


def test_what_a_killed_worker_left_behind_is_read_again(bring, on_list, now, monkeypatch):
    monkeypatch.setattr(reading, "BATCH", 10)
    upload = bring([*tenants(20), ("x", "y")], read=False)
    with monkeypatch.context() as patched, pytest.raises(SystemExit):
        patched.setattr(reading, "report", die)
        uploads.read(upload.pk, now=now)
    assert ListUpload.objects.get(pk=upload.pk).state == State.READING

    uploads.tend(now=now + uploads.LEASE - timedelta(seconds=1))
    assert ListUpload.objects.get(pk=upload.pk).state == State.READING
    uploads.tend(now=now + uploads.LEASE + timedelta(minutes=1))

    upload.refresh_from_db()
    assert (upload.state, upload.attempts, upload.bad) == (State.REFUSED, 2, 1)
    assert BadRow.objects.count() == 1


def test_a_worker_killed_while_it_writes_leaves_the_list_as_it_was(bring, on_list, now, monkeypatch):
    bring(ROWS)
    upload = bring(tenants(20), read=False)
    with monkeypatch.context() as patched, pytest.raises(SystemExit):
        patched.setattr(uploads.Hold, "end", die)
        uploads.read(upload.pk, now=now)
    assert on_list() == STORED

    uploads.tend(now=now + timedelta(hours=1))

    assert ListUpload.objects.get(pk=upload.pk).state == State.DONE
    assert len(on_list()) == 20


def test_the_lease_of_a_file_begins_when_it_is_taken_not_when_the_sweep_began(bring, now, monkeypatch):
    first, second = bring(ROWS, read=False), bring(ROWS, read=False, engagement=EngagementFactory())
    leases, clock, see_through = {}, iter(range(0, 100_000, 300)), uploads.see_through

    def noted(hold):
        leases[hold.piece.pk] = ListUpload.objects.get(pk=hold.piece.pk).lease_until
        see_through(hold)

    monkeypatch.setattr(long_work.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(uploads, "see_through", noted)
    uploads.tend(now=now)

    assert leases[second.pk] - leases[first.pk] >= timedelta(minutes=5)


def test_a_file_that_breaks_its_worker_three_times_is_given_up(bring, on_list, now, monkeypatch):
    upload = bring(ROWS, read=False)

    def break_down(*args, **kwargs):
        raise MemoryError

    monkeypatch.setattr(reading, "read", break_down)
    for _attempt in range(4):
        uploads.tend(now=now)

    upload.refresh_from_db()
    assert (upload.state, upload.attempts) == (State.FAILED, 3)
    assert upload.reason.startswith("Reading this file broke off three times.")
    assert files() == []


def test_a_worker_that_comes_back_after_its_lease_changes_nothing(bring, on_list, now, monkeypatch):
    """It slept so long that another has read the file; what it holds is worth nothing any more."""
    upload, merge = bring(ROWS, read=False), staging.merge

    def overtaken(*args, **kwargs):
        ListUpload.objects.filter(pk=upload.pk).update(attempts=2)
        return merge(*args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(staging, "merge", overtaken)
        uploads.read(upload.pk, now=now)

    assert ListUpload.objects.get(pk=upload.pk).state == State.WRITING
    assert on_list() == set()


def test_reading_twice_is_reading_once(bring, now):
    upload = bring(ROWS)
    finished = upload.finished_at

    uploads.read(upload.pk, now=now + timedelta(minutes=5))

    upload.refresh_from_db()
    assert (upload.attempts, upload.finished_at) == (1, finished)


def test_files_that_nobody_needs_are_swept_up_after_an_hour(bring, now, monkeypatch):
    waiting = bring(ROWS, read=False)
    left = default_storage.save("customer-lists/left", csv_of())

    assert uploads.remove_left_overs(now=now + timedelta(minutes=50)) == 0
    assert uploads.remove_left_overs(now=now + timedelta(minutes=70)) == 1

    assert not default_storage.exists(left)
    assert default_storage.exists(waiting.file.name)


def test_before_the_first_upload_there_is_nothing_to_sweep(db, now):
    assert uploads.remove_left_overs(now=now) == 0


def test_nobody_rewrites_what_was_uploaded(bring):
    upload, waiting = bring(ROWS), bring(ROWS, read=False)
    for sql, pk in (
        ("UPDATE engagements_listupload SET added = 7 WHERE id = %s", upload.pk),
        ("DELETE FROM engagements_listupload WHERE id = %s", upload.pk),
        ("DELETE FROM engagements_listupload WHERE id = %s", waiting.pk),
    ):
        with (
            pytest.raises(DatabaseError, match="Cannot"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql, [pk])


def test_only_one_upload_of_a_list_is_at_work(bring):
    for _ in range(2):
        bring(ROWS, read=False)
    with pytest.raises(DatabaseError, match="one_upload_at_work"), transaction.atomic():
        ListUpload.objects.update(state=State.READING)


def test_the_role_of_the_owner_alone_may_upload():
    assert [
        role for role in User.VendorRole if User(vendor_role=role).has_perm("engagements.upload_customers")
    ] == [User.VendorRole.OWNER]
