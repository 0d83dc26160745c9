"""The desk's pages of eligible customers: what each role sees there, and what the owner can do."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.test.utils import CaptureQueriesContext

from engagements.customer_lists import reading, uploads, views
from engagements.models import ListUpload
from incentives.models import User
from tests.engagements.customer_lists.files import ROWS, TENANT, csv_of, tenants
from tests.factories import EngagementFactory, StaffFactory
from tests.pages import column, table, words

pytestmark = pytest.mark.django_db
READERS = [User.VendorRole.LEAD, User.VendorRole.SUPPORT, User.VendorRole.AUDITOR]


@pytest.fixture
def base(listed) -> str:
    return f"/desk/engagements/engagement/{listed.pk}/customers/"


@pytest.fixture
def desk(signed_in, owner):
    return signed_in(owner)


def form(**changes) -> dict:
    return {"mode": "replace", "file": csv_of(), "end": "whole"} | changes


def content(response) -> str:
    return b"".join(response.streaming_content).decode("utf-8-sig")


def test_the_page_tells_the_count_and_who_changed_the_list_when(desk, base, bring):
    bring(ROWS)
    bring([("Tenant", "x")])

    answer = desk.get(base)

    assert "Customer IDs on the list 2 " in words(answer)
    assert [row[2:] for row in table(answer)] == [
        ["Refused", "Replace the list", "1", "–", "–", "–"],
        ["Done", "Replace the list", "2", "2", "0", "0"],
    ]
    assert column(answer, 0) == ["customers.csv"] * 2
    assert all(cell.endswith("Daniel Weiss") for cell in column(answer, 1))


def test_the_engagements_page_leads_there(desk, base):
    answer = desk.get(base.replace("customers/", "change/"))
    assert f'href="{base}"' in answer.content.decode()


@pytest.mark.parametrize(
    ("customer_list", "rows", "said"),
    [(False, ROWS, "open to every customer"), (True, [], "Nobody can be claimed"), (True, ROWS, "")],
)
def test_the_page_says_what_the_list_means(desk, base, bring, listed, customer_list, rows, said):
    listed.customer_list = customer_list
    listed.save()
    bring(rows)

    found = words(desk.get(base))

    assert [text for text in ("open to every customer", "Nobody can be claimed") if text in found] == [
        said for _ in [said] if said
    ]


@pytest.mark.parametrize(
    ("kind", "value", "status", "said"),
    [
        ("domain", "Contoso.COM", 200, "contoso.com is on the list."),
        ("domain", "fabrikam.com", 200, "fabrikam.com is not on the list."),
        ("tenant", TENANT.upper(), 200, f"{TENANT} is on the list."),
        ("domain", "https://contoso.com", 422, "without “https://”"),
        ("tpid", "1", 422, "Select a valid choice"),
        ("domain", "", 422, "This field is required"),
        ("domain", "a\0b.com", 400, ""),
    ],
)
def test_one_customer_is_looked_for(desk, base, bring, kind, value, status, said):
    bring(ROWS)

    answer = desk.get(base, {"kind": kind, "value": value})

    assert answer.status_code == status
    assert said in words(answer)


def test_the_number_of_queries_does_not_grow_with_the_uploads(desk, base, bring):
    counts = []
    for number in (1, 20):
        for _ in range(number):
            bring(ROWS)
        with CaptureQueriesContext(connection) as queries:
            desk.get(base)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_downloaded_list_can_be_uploaded_again(desk, base, bring, listed, on_list):
    """And no cell of it starts a formula, though an Opportunity ID may begin with a hyphen (I07)."""
    listed.id_types = ["domain", "tenant", "opportunity"]
    listed.save()
    bring([*ROWS, ("Opportunity ID", "-12345")])
    before = on_list()

    text = content(desk.get(f"{base}list.csv"))
    upload = bring(SimpleUploadedFile("list.csv", text.encode("utf-8-sig")))

    assert text == (
        "Customer ID type,Customer ID\r\nDomain name,contoso.com\r\nOpportunity ID,'-12345\r\n"
        f"Tenant ID,{TENANT}\r\n"
    )
    assert (upload.unchanged, upload.added, upload.removed) == (3, 0, 0)
    assert on_list() == before


def test_the_template_is_a_list_that_would_be_taken(desk, base, bring):
    text = content(desk.get(f"{base}template.csv"))
    assert bring(SimpleUploadedFile("t.csv", text.encode("utf-8-sig"))).state == ListUpload.State.DONE


def test_the_owner_uploads_and_is_led_to_its_progress(desk, base, owner):
    answer = desk.post(f"{base}uploads/new/", form())

    upload = ListUpload.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"{base}uploads/{upload.pk}/")
    assert (upload.state, upload.uploaded_by) == (ListUpload.State.QUEUED, owner)


def test_by_script_the_browser_is_sent_on_by_a_header(desk, base):
    answer = desk.post(f"{base}uploads/new/", form(), headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == f"{base}uploads/{ListUpload.objects.get().pk}/"


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"file": ""}, 422, "Choose a CSV file or an Excel workbook first."),
        (
            {"file": SimpleUploadedFile("x.pdf", b"%PDF-")},
            422,
            "Upload a CSV file (.csv) or an Excel workbook",
        ),
        ({"file": SimpleUploadedFile("x.csv", b"")}, 422, "This file is empty."),
        ({"mode": "remove"}, 422, "Select a valid choice"),
        ({"end": ""}, 422, "The upload broke off on its way. Send it again."),
        ({"end": "who"}, 422, "The upload broke off on its way. Send it again."),
        ({"form_key": "x"}, 422, "valid UUID"),
    ],
)
def test_what_cannot_be_taken_is_said_at_once(desk, base, changes, status, said):
    answer = desk.post(f"{base}uploads/new/", form(**changes))

    assert answer.status_code == status
    assert said in words(answer)
    assert ListUpload.objects.count() == 0


def test_a_file_over_the_limit_is_answered_with_413(desk, base, settings):
    settings.LIST_UPLOAD_MAX_BYTES = 10
    assert desk.post(f"{base}uploads/new/", form()).status_code == 413


def test_a_long_upload_that_was_cut_off_is_not_taken_for_a_shorter_list(desk, base):
    """What is not held in memory is not measured by the portal's own net; the field at its end is missing."""
    body = encode_multipart(BOUNDARY, form(file=csv_of(tenants(40_000))))
    assert len(body) > 1024 * 1024

    cut = {"CONTENT_LENGTH": str(len(body)), "wsgi.input": BytesIO(body[: len(body) // 2])}
    answer = desk.generic("POST", f"{base}uploads/new/", body, MULTIPART_CONTENT, **cut)

    assert answer.status_code == 422
    assert ListUpload.objects.count() == 0
    assert desk.generic("POST", f"{base}uploads/new/", body, MULTIPART_CONTENT).status_code == 302


def test_the_page_asks_again_until_the_upload_is_finished(desk, base, bring):
    upload = bring(ROWS, read=False)
    address = f"{base}uploads/{upload.pk}/"
    waiting = desk.get(address, headers={"HX-Request": "true"})
    uploads.read(upload.pk, now=datetime.now(UTC))
    finished = desk.get(address, headers={"HX-Request": "true"})

    assert 'data-hx-trigger="every 1s"' in waiting.content.decode()
    assert "<html" not in waiting.content.decode()
    assert "data-hx-trigger" not in finished.content.decode()
    assert "2 customer IDs added, 0 removed, 0 as before." in words(finished)
    assert "HX-Request" in finished["Vary"]


def test_a_long_report_shows_its_beginning_and_is_downloaded_whole(desk, base, bring, monkeypatch):
    monkeypatch.setattr(views, "SHOWN_AT_MOST", 3)
    monkeypatch.setattr(reading, "REPORTED_AT_MOST", 5)
    upload = bring([*ROWS, *[("Domain name", "=cmd|' /C calc'!A0")] * 7])

    answer = desk.get(f"{base}uploads/{upload.pk}/")

    advice = "This is a formula. Write the ID that it stands for."
    assert table(answer) == [[str(line), "=cmd|' /C calc'!A0", advice] for line in (4, 5, 6)]
    assert "7 of 9 rows have to be mended." in words(answer)
    assert "The first 3 of 7." in words(answer)
    report = content(desk.get(f"{base}uploads/{upload.pk}/bad-rows.csv")).splitlines()
    assert report[0] == "Row,Found,What to write instead"
    assert report[1:] == [f"{line},'=cmd|' /C calc'!A0,{advice}" for line in (4, 5, 6, 7, 8)]


def test_what_stood_in_the_file_is_shown_as_text(desk, base, bring):
    upload = bring([("Domain name", "<script>alert(1)</script>")])
    assert b"<script>alert" not in desk.get(f"{base}uploads/{upload.pk}/").content


def test_the_owner_cancels_until_it_is_too_late(desk, base, bring):
    upload = bring(ROWS, read=False)
    address = f"{base}uploads/{upload.pk}/"

    said = [words(desk.post(f"{address}cancellation/", follow=True)) for _ in range(2)]

    assert "The upload was cancelled. The list is as it was." in said[0]
    assert "This upload can no longer be cancelled." in said[1]
    assert ListUpload.objects.get().state == ListUpload.State.CANCELLED


@pytest.mark.parametrize("role", READERS)
def test_other_staff_see_the_list_and_change_nothing(signed_in, base, bring, role):
    upload = bring(ROWS, read=False)
    reader = signed_in(StaffFactory(vendor_role=role))

    seen = [base, f"{base}list.csv", f"{base}uploads/{upload.pk}/", f"{base}uploads/{upload.pk}/bad-rows.csv"]
    assert [reader.get(address).status_code for address in seen] == [200] * 4
    page = reader.get(base).content.decode() + reader.get(seen[2]).content.decode()
    assert "Upload list" not in page
    assert "Cancel upload" not in page
    assert reader.get(f"{base}uploads/new/").status_code == 403
    assert reader.post(f"{base}uploads/new/", form()).status_code == 403
    assert reader.post(f"{base}uploads/{upload.pk}/cancellation/").status_code == 403
    assert ListUpload.objects.get().state == ListUpload.State.QUEUED


def test_an_upload_is_found_at_its_own_engagement_only(desk, base, bring):
    upload = bring(ROWS, engagement=EngagementFactory())
    for name in ("", "bad-rows.csv"):
        assert desk.get(f"{base}uploads/{upload.pk}/{name}").status_code == 404
    assert desk.post(f"{base}uploads/{upload.pk}/cancellation/").status_code == 404


def test_what_is_only_listed_here_has_no_list(desk):
    other = EngagementFactory(partner_role="Transact", payout="", activity_type=None, id_types=[])
    assert desk.get(f"/desk/engagements/engagement/{other.pk}/customers/").status_code == 404
    assert "customers/" not in desk.get(f"/desk/engagements/engagement/{other.pk}/change/").content.decode()
