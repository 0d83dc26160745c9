"""The list as a file: the same claims, columns and order; harmless to open; whole, private, and for a day (CLM-2)."""

import csv
import subprocess
import uuid
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from claims import export_jobs, exports
from claims.listing import COLUMNS
from claims.models import Claim, Export
from incentives import cells
from tests.factories import LocationFactory, UserFactory, claim_at, give_role, make_claim
from tests.pages import words

pytestmark = pytest.mark.django_db
State = Export.State
URL, LIST, ASK = "/claims/export/", "/claims/exports/", "/claims/exports/new/"
HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", '=HYPERLINK("http://x.example")']
HOSTILE += ['a,b\n"c"', "Zoë\u202e😀", "'"]
ALL = "&".join(f"show={column.key}" for column in COLUMNS)


@pytest.fixture
def client(signed_in, partner_user):
    return signed_in(partner_user)


def body(response) -> bytes:
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def rows_of(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(content.decode("utf-8-sig"), newline="")))


def sheet_of(content: bytes) -> list[list[object]]:
    sheet = load_workbook(BytesIO(content)).active
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def named(name: str, **facts) -> Claim:
    """A claim of this name, whatever the wizard would say to it."""
    claim = make_claim(**facts)
    Claim.objects.filter(pk=claim.pk).update(name=name)
    return claim


def begun(client, partner_user, file_format="csv", query="") -> Export:
    form = {"format": file_format, "query": query, "form_key": uuid.uuid4()}
    assert client.post(ASK, form).status_code == 302
    return Export.objects.filter(user=partner_user).latest("pk")


def made(client, partner_user, now, **asked) -> Export:
    export = begun(client, partner_user, **asked)
    export_jobs.make(export.pk, now=now)
    return Export.objects.get(pk=export.pk)


def files() -> list[str]:
    return list(export_jobs.stored())


def test_a_csv_file_is_the_list_as_it_stands(now, client, location):
    one, two = (claim_at("approved", now=now, location=location, name=name) for name in ("B", "A"))
    make_claim(now=now, location=location)
    make_claim(now=now)

    answer = client.get(
        f"{URL}?status=approved&sort=name&show=name&show=id&show=updated&show=expiry&format=csv"
    )

    rows = rows_of(body(answer))
    assert rows == [
        ["Claim ID", "Claim name", "Last updated", "Claims expiry"],
        *(
            [str(claim.pk), claim.name, claim.updated_at.isoformat(timespec="seconds"), ""]
            for claim in (two, one)
        ),
    ]
    assert answer["Content-Disposition"] == f'attachment; filename="customer-claims-{now:%Y-%m-%d}.csv"'
    assert answer["Cache-Control"] == "private, no-store"


def test_a_file_has_the_order_of_the_list(now, client, location):
    for status in ("approved", "customer_claimed", "under_review"):
        claim_at(status, now=now, location=location)
    listed, filed = {}, {}
    for sort in (f"{way}{column.key}" for column in COLUMNS for way in ("", "-")):
        listed[sort] = [str(row.pk) for row in client.get(f"/claims/?sort={sort}").context["page"]]
        filed[sort] = [row[0] for row in rows_of(body(client.get(f"{URL}?sort={sort}")))[1:]]

    assert filed == listed
    assert {len(rows) for rows in listed.values()} == {3}


def test_a_workbook_holds_real_numbers_and_instants(now, client, location, partner_user):
    claim = make_claim(now=now, location=location, by=partner_user)

    heads, row = sheet_of(body(client.get(f"{URL}?{ALL}&format=xlsx")))

    cells = dict(zip(heads, row, strict=True))
    assert list(cells) == [str(column.heading) for column in COLUMNS]
    assert (cells["Claim ID"], cells["PartnerID"]) == (claim.pk, location.partner_number)
    seen = claim.updated_at.astimezone(UTC).replace(tzinfo=None)
    assert abs(cells["Last updated"] - seen) < timedelta(seconds=1)
    assert isinstance(cells["Claims expiry"], datetime)
    assert (cells["Workload"], cells["Status"]) == (None, "Customer claimed")
    assert cells["Action"] == "Send email for customer consent"
    assert cells["Customer ID"] == claim.customer.value


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_no_cell_starts_a_formula(now, client, location, file_format):
    for name in HOSTILE:
        named(name, now=now, location=location)

    content = body(client.get(f"{URL}?show=name&format={file_format}"))

    rows = rows_of(content) if file_format == "csv" else sheet_of(content)
    found = {str(row[0]).replace("_x000D_", "\r") for row in rows[1:]}
    assert found == {f"'{name}" if name[0] in "=+-@\t\r" else name for name in HOSTILE}


def opened_in_libreoffice(path: Path) -> list[list[str]]:
    """The cells of a file as LibreOffice reads them, formulas and all."""
    profile, into = path.parent / "profile", path.parent / "opened"
    text = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    filters = [] if path.suffix == ".xlsx" else ["--infilter=CSV:44,34,76,1"]
    command = ["soffice", f"-env:UserInstallation=file://{profile}", "--headless", *filters]
    command += ["--convert-to", text, "--outdir", str(into), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    (found,) = into.iterdir()
    return list(csv.reader(StringIO(found.read_text(encoding="utf-8-sig"), newline="")))


@pytest.mark.faults
@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_libreoffice_opens_a_finished_file_and_computes_nothing(now, client, location, file_format, tmp_path):
    names = [name for name in HOSTILE if not set("\t\r\n") & set(name)]
    for name in names:
        named(name, now=now, location=location)
    file = tmp_path / f"claims.{file_format}"
    file.write_bytes(body(client.get(f"{URL}?show=id&show=name&format={file_format}")))

    heads, *rows = opened_in_libreoffice(file)

    assert heads == ["Claim ID", "Claim name"]
    assert {name for _number, name in rows} == {f"'{name}" if name[0] in "=+-@" else name for name in names}
    assert sorted(int(number) for number, _name in rows) == sorted(Claim.objects.values_list("pk", flat=True))


@pytest.mark.faults
def test_control_without_the_apostrophe_libreoffice_computes(now, client, location, tmp_path, monkeypatch):
    monkeypatch.setattr(cells, "CODES_OF_STARTS", "0")
    named("=1+1", now=now, location=location)
    file = tmp_path / "claims.csv"
    file.write_bytes(body(client.get(f"{URL}?show=name&format=csv")))

    assert opened_in_libreoffice(file) == [["Claim name"], ["2"]]


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_an_empty_list_is_a_file_with_its_headings(client, file_format):
    content = body(client.get(f"{URL}?show=name&show=id&format={file_format}"))
    rows = rows_of(content) if file_format == "csv" else sheet_of(content)
    assert rows[0] == ["Claim ID", "Claim name"]
    assert not any(any(row) for row in rows[1:])


def test_what_was_said_in_confidence_is_in_no_file(now, client, location):
    claim_at("consent_declined", now=now, location=location)
    content = body(client.get(f"{URL}?{ALL}"))
    assert b"consent declined" in content
    for column in COLUMNS:
        for source in column.sources:
            assert "reason" not in source
            assert "survey" not in source


@pytest.mark.parametrize("query", ["format=pdf", "status=x", "sort=password", "range=custom", "show=action"])
def test_nothing_is_exported_for_an_address_of_nonsense(client, query):
    assert client.get(f"{URL}?{query}").status_code == 422
    assert client.post(ASK, {"query": query, "format": "pdf" if "pdf" in query else "csv"}).status_code == 422
    assert not Export.objects.exists()


def test_a_long_list_is_made_in_the_background(now, client, location, partner_user, monkeypatch):
    monkeypatch.setattr(exports, "AT_ONCE", 2)
    monkeypatch.setattr("claims.views.exports.AT_ONCE", 2)
    for _n in range(3):
        make_claim(now=now, location=location)

    question = client.get(f"{URL}?sort=name&format=xlsx")

    assert "made in the background" in words(question)
    form = {name: question.context[name] for name in ("format", "query")} | {
        "form_key": question.context["key"]
    }
    assert (client.post(ASK, form).url, client.post(ASK, form).url) == (LIST, LIST)
    (export,) = Export.objects.all()
    assert "Queued" in words(client.get(LIST))
    export_jobs.make(export.pk, now=now)
    export.refresh_from_db()
    assert (export.state, export.total, export.rows) == (State.DONE, 3, 3)
    assert "Your export is ready." in words(client.get("/claims/"))
    answer = client.get(f"{LIST}{export.pk}/file/")
    assert [row[0] for row in sheet_of(body(answer))[1:]] == [
        row.pk for row in client.get("/claims/?sort=name").context["page"]
    ]
    assert answer["Content-Disposition"].startswith("attachment")


def test_a_file_is_handed_out_to_nobody_else(now, client, partner_user, location, signed_in):
    export = made(client, partner_user, now)
    colleague = signed_in(give_role(UserFactory(partner=location.partner), location))
    assert colleague.get(f"{LIST}{export.pk}/file/").status_code == 404
    assert colleague.post(f"{LIST}{export.pk}/cancellation/").status_code == 404
    assert client.get(f"{LIST}{export.pk}/file/").status_code == 200


def test_a_file_is_handed_out_only_while_every_role_in_it_is_held(now, client, partner_user, location):
    other = LocationFactory(partner=location.partner)
    give_role(partner_user, other)
    make_claim(now=now, location=location)
    make_claim(now=now, location=other)
    export = made(client, partner_user, now)
    assert sorted(export.locations) == sorted([location.pk, other.pk])

    partner_user.location_roles.filter(location=other).delete()

    assert client.get(f"{LIST}{export.pk}/file/").status_code == 403
    give_role(partner_user, other)
    assert client.get(f"{LIST}{export.pk}/file/").status_code == 200


def test_what_was_asked_for_before_a_role_was_lost_is_made_without_it(now, client, partner_user, location):
    other = LocationFactory(partner=location.partner)
    give_role(partner_user, other)
    mine = make_claim(now=now, location=location)
    make_claim(now=now, location=other)
    export = begun(client, partner_user, query="show=id")
    partner_user.location_roles.filter(location=other).delete()

    export_jobs.make(export.pk, now=now)

    assert rows_of(body(client.get(f"{LIST}{export.pk}/file/"))) == [["Claim ID"], [str(mine.pk)]]


def test_a_file_expires(now, client, partner_user, settings):
    export = made(client, partner_user, now - timedelta(hours=settings.EXPORT_HOURS, minutes=1))
    assert len(files()) == 1
    assert client.get(f"{LIST}{export.pk}/file/").status_code == 404

    export_jobs.clear(now=now)

    export.refresh_from_db()
    assert (export.state, export.file.name, files()) == (State.EXPIRED, "", [])
    export_jobs.clear(now=now + timedelta(days=31))
    assert not Export.objects.exists()


def test_a_file_that_is_not_due_is_kept(now, client, partner_user):
    export = made(client, partner_user, now)
    export_jobs.clear(now=now)
    assert files() == [export.file.name]


def test_a_cancelled_export_leaves_no_file(now, client, partner_user, location, monkeypatch):
    make_claim(now=now, location=location)
    export = begun(client, partner_user)
    plain = exports.Sheet.blocks

    def cancelled_meanwhile(sheet, file_format):
        export_jobs.cancel(export, now=now)
        return plain(sheet, file_format)

    monkeypatch.setattr(exports.Sheet, "blocks", cancelled_meanwhile)
    export_jobs.make(export.pk, now=now)

    export.refresh_from_db()
    assert (export.state, files()) == (State.CANCELLED, [])
    assert "can no longer be cancelled" in words(client.post(f"{LIST}{export.pk}/cancellation/", follow=True))


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_a_file_that_breaks_off_is_never_seen_and_made_again(
    now, client, partner_user, location, monkeypatch, file_format
):
    make_claim(now=now, location=location)
    export = begun(client, partner_user, file_format=file_format)
    plain = exports.Sheet.blocks

    def broken(sheet, file_format):
        yield from plain(sheet, file_format)
        raise OSError("the disk is full")

    monkeypatch.setattr(exports.Sheet, "blocks", broken)
    export_jobs.make(export.pk, now=now)
    export.refresh_from_db()
    assert (export.state, export.attempts, files()) == (State.QUEUED, 1, [])
    assert client.get(f"{LIST}{export.pk}/file/").status_code == 404

    monkeypatch.setattr(exports.Sheet, "blocks", plain)
    export_jobs.tend(now=now)
    export.refresh_from_db()
    assert (export.state, export.attempts, files()) == (State.DONE, 2, [export.file.name])


def test_what_breaks_off_three_times_is_given_up_in_words(now, client, partner_user, monkeypatch):
    def broken(sheet, file_format):
        raise OSError("the disk is full")

    monkeypatch.setattr(exports.Sheet, "blocks", broken)
    begun(client, partner_user)
    for _attempt in range(3):
        export_jobs.tend(now=now)
    assert Export.objects.get().state == State.FAILED
    assert "broke off three times" in words(client.get(LIST))


def test_an_export_of_a_killed_worker_is_made_by_another(now, client, partner_user):
    export = begun(client, partner_user)
    facts = {"state": State.MAKING, "attempts": 1, "lease_until": now - timedelta(seconds=1)}
    Export.objects.filter(pk=export.pk).update(**facts)

    export_jobs.tend(now=now)

    export.refresh_from_db()
    assert (export.state, export.attempts) == (State.DONE, 2)


def test_a_worker_that_was_taken_for_dead_leaves_no_second_file(now, client, partner_user, monkeypatch):
    export = begun(client, partner_user)
    plain = exports.Sheet.blocks

    def overtaken(sheet, file_format):
        monkeypatch.setattr(exports.Sheet, "blocks", plain)
        export_jobs.tend(now=now + timedelta(minutes=10))
        return plain(sheet, file_format)

    monkeypatch.setattr(exports.Sheet, "blocks", overtaken)
    export_jobs.make(export.pk, now=now)

    export.refresh_from_db()
    assert (export.state, export.attempts, files()) == (State.DONE, 2, [export.file.name])


def test_files_that_a_crash_left_behind_are_deleted(now, client, partner_user):
    kept = made(client, partner_user, now)
    default_storage.save("exports/ab/left-over", BytesIO(b"half"))
    export_jobs.clear(now=now)
    assert len(files()) == 2
    export_jobs.clear(now=now + timedelta(hours=2))
    assert files() == [kept.file.name]


def test_nobody_has_more_exports_under_way_than_anybody_may(client, partner_user):
    for _n in range(export_jobs.UNDER_WAY_AT_MOST):
        begun(client, partner_user)
    page = client.post(ASK, {"format": "csv", "form_key": uuid.uuid4()}, follow=True)
    assert "are under way" in words(page)
    assert Export.objects.count() == export_jobs.UNDER_WAY_AT_MOST


def test_a_workbook_that_would_be_too_long_says_so(now, client, partner_user, location, monkeypatch):
    monkeypatch.setattr(export_jobs, "ROWS_AT_MOST", 1)
    for _n in range(2):
        make_claim(now=now, location=location)
    export = made(client, partner_user, now, file_format="xlsx")
    assert (export.state, export.reason) == (
        State.FAILED,
        "A workbook holds 1 claims at most. Export the list as CSV, or narrow it.",
    )


@pytest.mark.parametrize("number", [1, 3])
def test_queries_do_not_grow_with_the_exports(client, partner_user, now, number):
    for _n in range(number):
        made(client, partner_user, now)
    client.get(LIST)
    with CaptureQueriesContext(connection) as seen:
        client.get(LIST)
    assert len(seen) == 6


def test_the_list_of_exports_asks_for_itself_while_one_is_under_way(client, partner_user, now):
    export = begun(client, partner_user)
    part = client.get(LIST, headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<div class="card" id="exports" data-hx-get')
    export_jobs.make(export.pk, now=now)
    assert "data-hx-get" not in client.get(LIST, headers={"HX-Request": "true"}).content.decode()
