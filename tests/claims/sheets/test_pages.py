"""The pages of a sheet, what is downloaded from them, and whom they answer (BEY-4)."""

import csv
import gzip
import uuid
from io import BytesIO, StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from claims.models import Claim, ClaimSheet
from claims.sheets import jobs, reading
from claims.sheets.columns import RESULTS
from engagements.models import PrivateListEntry
from tests.factories import EngagementFactory, LocationFactory, UserFactory, give_role, make_customer
from tests.pages import words

from .conftest import created, states
from .sheets import HEADINGS, csv_of, workbook, xlsx_of

pytestmark = pytest.mark.django_db
URL, NEW, TEMPLATE = "/claims/sheets/", "/claims/sheets/new/", "/claims/sheets/template/"


@pytest.fixture
def client(signed_in, partner_user):
    return signed_in(partner_user)


def form(given, **changes) -> dict[str, object]:
    return {"file": given, "form_key": str(uuid.uuid4()), "end": "whole"} | changes


def body(response) -> bytes:
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def in_csv(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(content.decode("utf-8-sig"), newline="")))


def in_workbook(content: bytes) -> dict[str, list[tuple[object, ...]]]:
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in load_workbook(BytesIO(content))}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_from_the_upload_to_the_claims(client, row, now, kind):
    given = csv_of([row()]) if kind == "csv" else xlsx_of(workbook([row()]))

    answer = client.post(NEW, form(given))

    sheet = ClaimSheet.objects.get()
    address = f"{URL}{sheet.pk}/"
    assert (answer.status_code, answer.url) == (302, address)
    waiting = client.get(address)
    assert "Waiting for its turn" in words(waiting)
    assert b'data-hx-trigger="every 2s"' in waiting.content
    jobs.go_on(sheet.pk, now=now)
    checked = client.get(address)
    assert "1 of 1 rows is ready; nothing has been created yet" in words(checked)
    assert b"every 2s" not in checked.content
    assert client.post(f"{address}claims/").url == address
    jobs.go_on(sheet.pk, now=now)
    done = client.get(address)
    assert "1 claim was created" in words(done)
    assert f'href="/claims/{Claim.objects.get().pk}/"' in done.content.decode()
    assert "From row 2 of a sheet" in words(client.get(f"/claims/{Claim.objects.get().pk}/history/"))


def test_a_browser_that_sends_by_script_is_sent_on_by_a_header(client, row):
    answer = client.post(NEW, form(csv_of([row()])), headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == f"{URL}{ClaimSheet.objects.get().pk}/"


@pytest.mark.parametrize(
    ("changes", "said", "status"),
    [
        ({"file": ""}, "Choose a CSV file or an Excel workbook first.", 422),
        ({"end": ""}, "The upload broke off on its way. Send it again.", 422),
        ({"file": SimpleUploadedFile("x.pdf", b"x")}, "Upload a CSV file (.csv) or an Excel workbook", 422),
        ({"file": SimpleUploadedFile("x.csv", b"A,B\r\n")}, "columns that are not known: “A” and “B”", 422),
        ({"file": SimpleUploadedFile("x.csv", b"x" * 200)}, "This file is larger than 0 MB", 413),
    ],
)
def test_what_is_no_sheet_is_told_at_once(client, settings, changes, said, status):
    settings.CLAIM_SHEET_MAX_BYTES = 100
    answer = client.post(NEW, form(csv_of([]), **changes))
    assert answer.status_code == status
    assert said in words(answer)
    assert not ClaimSheet.objects.exists()


def test_nothing_is_created_from_a_sheet_without_a_ready_row(client, sheet, row):
    checked = sheet(row(name=""))
    assert "No claim can be created from this sheet" in words(client.get(f"{URL}{checked.pk}/"))
    answer = client.post(f"{URL}{checked.pk}/claims/", follow=True)
    assert "There is no row of this sheet that a claim can be created from." in words(answer)
    checked.refresh_from_db()
    assert checked.state == "checked"


def test_a_sheet_is_cancelled_and_removed_by_its_buttons(client, partner_user, row, now):
    sheet = jobs.receive(partner_user, csv_of([row()]), form_key=uuid.uuid4(), now=now)
    at = f"{URL}{sheet.pk}/"
    assert "This sheet is at work. Cancel it first." in words(client.post(f"{at}removal/", follow=True))
    assert "The sheet was cancelled." in words(client.post(f"{at}cancellation/", follow=True))
    assert "can no longer be cancelled" in words(client.post(f"{at}cancellation/", follow=True))
    assert "The sheet was removed." in words(client.post(f"{at}removal/", follow=True))
    assert client.get(at).status_code == 404


def test_a_sheet_belongs_to_whoever_uploaded_it(signed_in, sheet, row, location):
    checked = sheet(row())
    colleague = signed_in(give_role(UserFactory(partner=location.partner), location))
    at = f"{URL}{checked.pk}/"
    assert [colleague.get(f"{at}{page}").status_code for page in ("", "report/")] == [404] * 2
    deeds = ("claims/", "cancellation/", "removal/")
    assert [colleague.post(f"{at}{deed}").status_code for deed in deeds] == [404] * 3
    assert "campaign.csv" not in words(colleague.get(URL))
    assert states(checked) == ["ready"]


def test_rows_are_narrowed_by_their_state(client, sheet, row):
    checked = sheet(row(name="Good one"), row(name="Good one"), row(name="Bad one", location_text="1"))
    at = f"{URL}{checked.pk}/"
    assert "Ready 1 To mend 1 Repeated in the sheet 1" in words(client.get(at))
    wrong = words(client.get(f"{at}?only=wrong"))
    assert "Bad one" in wrong
    assert "Good one" not in wrong
    assert "No such rows" in words(client.get(f"{at}?only=created"))


@pytest.mark.parametrize("count", [1, 3, 40])
def test_the_page_asks_the_database_as_often_for_any_number_of_rows(
    client, sheet, row, count, django_assert_num_queries
):
    done = sheet(*(row(customer=make_customer(), name=f"Name {n}") for n in range(count)), create=True)
    with django_assert_num_queries(9):
        client.get(f"{URL}{done.pk}/")


def test_a_page_of_rows_is_light(client, sheet, row):
    checked = sheet(*(dict.fromkeys(row(), f"wrong {n} " * 9) for n in range(40)))
    page = client.get(f"{URL}{checked.pk}/").content
    assert len(gzip.compress(page)) < 20_000


def test_what_stands_in_a_cell_is_shown_as_text(client, sheet, row):
    checked = sheet(row(name="<script>alert(1)</script>", engagement_text="<b>x</b>", id_value='"><i>'))
    page = client.get(f"{URL}{checked.pk}/").content.decode()
    assert "<script>alert" not in page
    assert "<b>x</b>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_the_template_names_what_the_person_may_write(client, location, engagement, now):
    private = EngagementFactory(private_list=True)
    closed = EngagementFactory(closes_on=now.date().replace(year=2021))
    listed = EngagementFactory(private_list=True, name="=A private workshop")
    PrivateListEntry.objects.create(engagement=listed, location=location)
    LocationFactory()

    sheets = in_workbook(body(client.get(f"{TEMPLATE}?format=xlsx")))

    assert list(sheets) == [reading.SHEET, "Columns", "Engagements", "Locations"]
    assert sheets["Claims"][0] == tuple(HEADINGS)
    assert [row[0] for row in sheets["Columns"][1:]] == HEADINGS
    codes = {row[1] for row in sheets["Engagements"][1:]}
    assert codes == {engagement.code, listed.code}
    assert not codes & {private.code, closed.code}
    assert "'=A private workshop" in {row[0] for row in sheets["Engagements"]}
    assert [row[0] for row in sheets["Locations"][1:]] == [location.partner_number]
    assert in_csv(body(client.get(TEMPLATE))) == [HEADINGS]


def test_the_template_filled_in_is_a_sheet(client, row, now):
    book = load_workbook(BytesIO(body(client.get(f"{TEMPLATE}?format=xlsx"))))
    cells = row()
    for column, key in enumerate(
        ("engagement", "name", "location", "id_kind", "id_value", "", *list(cells)[5:]), 1
    ):
        book["Claims"].cell(2, column, cells.get(key))
    content = BytesIO()
    book.save(content)

    client.post(NEW, form(xlsx_of(content.getvalue())))

    sheet = ClaimSheet.objects.get()
    jobs.go_on(sheet.pk, now=now)
    assert states(sheet) == ["ready"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_report_is_mended_and_uploaded_again(client, sheet, row, now, kind):
    """What it says of each row is passed over, and a text that was made harmless is what it was."""
    checked = sheet(row(name="=1+1"), row(name="-Two", customer_contact_email="@nobody"))
    done = created(checked, now)
    assert states(done) == ["created", "wrong"]

    content = body(client.get(f"{URL}{done.pk}/report/?format={kind}"))

    heads, one, two = in_csv(content) if kind == "csv" else in_workbook(content)["Claims"]
    assert list(heads) == [*HEADINGS, *map(str, RESULTS)]
    assert (one[1], two[1], two[7]) == ("'=1+1", "'-Two", "'@nobody")
    assert (one[12], int(one[13]), one[14] or "") == ("Created", Claim.objects.get().pk, "")
    assert list(two[12:])[0::2] == ["To mend", "Customer contact email: Enter a valid email address."]
    if kind == "csv":
        mended = SimpleUploadedFile(
            "report.csv", content.replace(b"'@nobody", row()["customer_contact_email"].encode())
        )
    else:
        book = load_workbook(BytesIO(content))
        book["Claims"].cell(3, 8, row()["customer_contact_email"])
        kept = BytesIO()
        book.save(kept)
        mended = xlsx_of(kept.getvalue())
    client.post(NEW, form(mended))
    again = ClaimSheet.objects.latest("pk")
    jobs.go_on(again.pk, now=now)
    assert states(created(again, now)) == ["claimed", "created"]
    assert set(Claim.objects.values_list("name", flat=True)) == {"=1+1", "-Two"}


def test_the_list_of_claims_leads_to_it(client):
    assert b'href="/claims/sheets/"' in client.get("/claims/").content
