"""What partners download on the Summary page, and how the owner publishes it at the desk (ENG-4, ENG-8, A05)."""

import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from engagements.models import Material, MaterialVersion, PrivateListEntry
from incentives.management.walk import sheet
from incentives.models import User
from tests.factories import EngagementFactory, StaffFactory, UserFactory, a_file, make_version
from tests.pages import links, table, words

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
EICAR = r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@pytest.fixture
def client(partner_user, signed_in):
    return signed_in(partner_user)


@pytest.fixture
def owner(db):
    return StaffFactory(vendor_role=User.VendorRole.OWNER, full_name="Daniel Weiss")


@pytest.fixture
def desk(owner, signed_in):
    return signed_in(owner)


def downloads(response) -> list[list[str]]:
    """The rows of the table of files: the last of the page."""
    return [row for row in table(response) if len(row) == 4]


def address(version: MaterialVersion) -> str:
    return reverse("engagements:material", args=[version.material.engagement.code, version.pk])


# --- partners ---


def test_the_summary_lists_the_versions_in_effect_and_to_come_with_date_and_size(client, engagement, now):
    make_version(engagement, now=now - 300 * DAY)
    current = make_version(engagement, now=now - 3 * DAY, changes="Shorter")
    coming = make_version(engagement, now=now, effective_on=(now + 20 * DAY).date())
    guide = make_version(engagement, title="Delivery guide", now=now - 9 * DAY)

    response = client.get(f"/engagements/{engagement.code}/")

    name, size = "Findings and recommendations document POE template", f".pdf, {current.size}\xa0bytes"
    date = {
        v: f"{v.effective_at:%b} {v.effective_at.day}, {v.effective_at.year}"
        for v in (current, coming, guide)
    }
    assert downloads(response) == [
        [name, "2 Shorter", date[current], f"Download {size}".replace("\xa0", " ")],
        [name, "3 to come", date[coming], f"Download .pdf, {coming.size} bytes"],
        ["Delivery guide Delivery material", "1", date[guide], f"Download .pdf, {guide.size} bytes"],
    ]
    assert [address(v) for v in (current, coming, guide)] == [
        link for row in links(response) for link in row if "/materials/" in link
    ]


def test_the_summary_says_so_where_there_is_nothing_to_download(client, engagement):
    assert "There is no template for this engagement yet." in words(
        client.get(f"/engagements/{engagement.code}/")
    )


def test_a_download_is_an_attachment_that_no_browser_runs(client, engagement, now):
    version = make_version(engagement, now=now)

    answer = client.get(address(version))

    with version.file.open("rb") as file:
        assert b"".join(answer.streaming_content) == file.read()
    assert answer["Content-Disposition"] == f'attachment; filename="{version.name}"'
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("application/pdf", "nosniff")
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"] == "private, no-store"


WAYS = (
    {},
    {"Range": "bytes=0-9"},
    {"If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
    {"HX-Request": "true"},
)


def refusals(client, path: str) -> set[int]:
    """How a download answers, in every way in which a browser or a program asks for it (A05)."""
    return {client.get(path, headers=way).status_code for way in WAYS} | {client.head(path).status_code}


def test_older_versions_and_those_of_other_engagements_are_not_found(client, engagement, now):
    older, current = (make_version(engagement, now=now - age * DAY) for age in (2, 1))
    other = make_version(EngagementFactory(), now=now)
    strange = reverse("engagements:material", args=[engagement.code, other.pk])

    assert refusals(client, address(current)) == {200}
    assert refusals(client, address(older)) == {404}
    assert refusals(client, strange) == {404}


def test_the_files_of_a_private_engagement_exist_only_for_those_on_its_list(
    client, signed_in, stranger, engagement, location, now
):
    version = make_version(engagement, now=now)
    engagement.private_list = True
    engagement.save()
    PrivateListEntry.objects.create(engagement=engagement, location=location)

    assert refusals(client, address(version)) == {200}
    assert refusals(signed_in(stranger), address(version)) == {404}
    assert refusals(signed_in(StaffFactory(vendor_role=User.VendorRole.OWNER)), address(version)) == {404}


def test_people_without_a_role_get_no_file_but_learn_which_role_is_missing(
    signed_in, location, engagement, now
):
    version = make_version(engagement, now=now)

    answer = signed_in(UserFactory(partner=location.partner)).get(address(version))

    assert not answer.streaming
    assert "role" in words(answer)


def test_a_file_that_is_lost_is_not_found(client, engagement, now):
    version = make_version(engagement, now=now)
    version.file.storage.delete(version.file.name)

    assert client.get(address(version)).status_code == 404


def test_the_summary_needs_as_many_queries_for_many_versions_as_for_few(client, engagement, now):
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(f"/engagements/{engagement.code}/")
        return len(seen)

    make_version(engagement, now=now)
    few = queries()
    for title in ("One", "Two", "Three"):
        for _version in range(3):
            make_version(engagement, title=title, now=now)

    assert queries() == few


# --- the programme owner ---


def form(**changes) -> dict[str, object]:
    usual = {
        "file": a_file("template.pdf"),
        "effective_on": "2099-12-31",
        "changes": "",
        "form_key": uuid.uuid4(),
    }
    return usual | changes


def stored(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "media").rglob("*") if path.is_file()]


@pytest.fixture
def shelf(engagement) -> str:
    return reverse("admin:engagements_material_shelf", args=[engagement.code])


def test_the_shelf_shows_every_slot_with_or_without_a_template(desk, shelf, engagement, now):
    make_version(engagement, now=now)
    make_version(engagement, title="Delivery guide", now=now)

    rows = [[row[0], row[1], row[4]] for row in table(desk.get(shelf))]

    assert rows == [
        ["Findings and recommendations document", "POE template", "All versions"],
        ["Public sector disclosure", "POE template", "Upload template"],
        ["Delivery guide", "Delivery material", "All versions"],
    ]


def test_the_owner_publishes_a_first_template_and_a_next_version(desk, shelf, engagement, owner, now):
    first = desk.post(f"{shelf}add/?slot=poe", form(effective_on=f"{now:%Y-%m-%d}"))
    material = Material.objects.get()
    page = reverse("admin:engagements_material_change", args=[material.pk])
    second = desk.post(
        reverse("admin:engagements_material_versions", args=[material.pk]), form(changes="Shorter")
    )

    assert (first.status_code, first["Location"], second["Location"]) == (302, page, page)
    versions = material.versions.values_list("number", "uploaded_by", "changes")
    assert list(versions) == [(2, owner.pk, "Shorter"), (1, owner.pk, "")]
    shown = desk.get(page)
    newest, oldest = table(shown)
    assert "Version 2 is published." in words(shown)
    assert newest[0] == "2 to come"
    assert newest[4].startswith("Daniel Weiss")
    assert oldest[0] == "1 in effect"


def test_the_owner_publishes_delivery_material_under_a_title(desk, shelf):
    assert desk.post(f"{shelf}add/", form(title="Delivery guide")).status_code == 302

    material = Material.objects.get()
    assert (material.slot, material.title, material.versions.count()) == ("", "Delivery guide", 1)


BAD = {
    "kind": ({"file": SimpleUploadedFile("t.exe", sheet("x"))}, 422, "File", "Files of this type"),
    "content": ({"file": SimpleUploadedFile("t.docx", sheet("x"))}, 422, "File", "not what its name says"),
    "empty": ({"file": SimpleUploadedFile("t.pdf", b"")}, 422, "File", "This file is empty"),
    "infected": (
        {"file": SimpleUploadedFile("t.pdf", sheet(EICAR))},
        422,
        "File",
        "malware scan found a threat",
    ),
    "no file": ({"file": ""}, 422, "File", "Choose the file to publish."),
    "too large": (
        {"file": SimpleUploadedFile("t.pdf", b"%PDF-" + b"x" * 5000)},
        413,
        "File",
        "is larger than",
    ),
    "a day gone by": (
        {"effective_on": "2020-01-01"},
        422,
        "In effect from",
        "cannot take effect in the past",
    ),
    "no day": ({"effective_on": "soon"}, 422, "In effect from", "Enter a valid date."),
    "a long text": ({"changes": "x" * 301}, 422, "What is new", "at most 300 characters"),
}


@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize("place", ["first", "next"])
def test_what_is_wrong_is_named_at_its_field_and_nothing_is_kept(
    desk, shelf, engagement, now, settings, tmp_path, case, place
):
    settings.UPLOAD_MAX_BYTES = 4000
    changes, status, label, sentence = BAD[case]
    path, before = f"{shelf}add/?slot=poe", (0, 0, 0)
    if place == "next":
        material = make_version(engagement, now=now).material
        path, before = reverse("admin:engagements_material_versions", args=[material.pk]), (1, 1, 1)
    if getattr(changes.get("file"), "seek", None):
        changes["file"].seek(0)

    answer = desk.post(path, form(**changes))

    assert answer.status_code == status
    sent = answer.context["form"]
    assert [sent.fields[name].label for name in sent.errors] == [label]
    assert sentence in words(answer)
    assert (Material.objects.count(), MaterialVersion.objects.count(), len(stored(tmp_path))) == before


def test_what_was_typed_is_kept_when_the_file_is_refused(desk, shelf):
    answer = desk.post(f"{shelf}add/", form(file="", title="Delivery guide", changes="Shorter"))

    text = answer.content.decode()
    assert 'value="Delivery guide"' in text
    assert 'value="Shorter"' in text
    assert 'value="2099-12-31"' in text
    assert "Choose the file again" in text


def test_a_template_for_a_slot_that_is_not_there_is_not_found(desk, shelf):
    assert desk.get(f"{shelf}add/?slot=nothing").status_code == 404
    assert desk.post(f"{shelf}add/?slot=invoice", form()).status_code == 404
    assert Material.objects.count() == 0


def test_who_may_only_read_sees_no_form_and_no_button(signed_in, shelf, engagement, now):
    material = make_version(engagement, now=now).material
    auditor = signed_in(StaffFactory(vendor_role=User.VendorRole.AUDITOR))

    page = words(auditor.get(reverse("admin:engagements_material_change", args=[material.pk])))

    assert "document-" in page
    assert "Publish version" not in page
    assert "Add delivery material" not in words(auditor.get(shelf))


def test_the_list_finds_and_filters_and_needs_constant_queries(desk, engagement, now):
    path = reverse("admin:engagements_material_changelist")
    make_version(engagement, now=now)

    def queries(query: str = "") -> int:
        with CaptureQueriesContext(connection) as seen:
            assert desk.get(path + query).status_code == 200
        return len(seen)

    few = queries()
    for title in ("Ant guide", "Bee guide", "Cat guide"):
        make_version(engagement, title=title, now=now)
        make_version(engagement, title=title, now=now)

    assert queries() == few
    assert [row[0] for row in table(desk.get(f"{path}?q=bee"))] == ["Bee guide"]
    assert len(table(desk.get(f"{path}?kind=delivery"))) == 3
    assert [row[2] for row in table(desk.get(f"{path}?kind=template"))] == ["POE template"]


def test_the_page_of_a_material_needs_constant_queries(desk, engagement, now):
    material = make_version(engagement, now=now).material
    path = reverse("admin:engagements_material_change", args=[material.pk])

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            desk.get(path)
        return len(seen)

    few = queries()
    for _version in range(4):
        make_version(engagement, now=now, by=StaffFactory(vendor_role=User.VendorRole.OWNER))

    assert queries() == few
