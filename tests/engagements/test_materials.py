"""Templates and delivery material: which version counts when, and how the owner publishes one (ENG-4, DL-7)."""

import threading
import uuid
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path

import pgtrigger
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import QuerySet
from hypothesis import given
from hypothesis import strategies as st

from engagements import materials
from engagements.materials import Publication, PublicationRefused, begin, downloads, publish
from engagements.models import EvidenceSlot, Material, MaterialVersion
from incentives import uploads
from incentives.management.papers import letter
from incentives.management.walk import sheet
from incentives.models import User
from tests.factories import EngagementFactory, StaffFactory, a_file, make_version
from tests.incentives.documents import word_document
from tests.together import at_once, won

DAY = timedelta(days=1)
EICAR = r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
database = pytest.mark.django_db


@pytest.fixture
def owner(db):
    return StaffFactory(vendor_role=User.VendorRole.OWNER)


def issue(file=None, on: date | None = None, **more) -> Publication:
    return Publication(file or a_file(), on or datetime.now(UTC).date(), **more)


def stored(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "media").rglob("*") if path.is_file()]


# --- which version counts ---


@database
def test_versions_are_numbered_and_the_newest_that_has_taken_effect_counts(engagement, now):
    first, second = (make_version(engagement, now=now - age * DAY) for age in (9, 3))

    material = first.material
    assert [(first.number, first.effective_at), (second.number, second.effective_at)] == [
        (1, now - 9 * DAY),
        (2, now - 3 * DAY),
    ]
    assert [material.in_effect(now - age * DAY) for age in (10, 9, 4, 3, 0)] == [
        None,
        first,
        first,
        second,
        second,
    ]


@database
def test_an_announced_version_takes_effect_at_the_first_instant_of_its_day_in_utc(engagement, now):
    first = make_version(engagement, now=now - DAY)
    day = (now + 5 * DAY).date()
    midnight = datetime.combine(day, time.min, UTC)

    announced = make_version(engagement, now=now, effective_on=day)

    material = first.material
    assert announced.effective_at == midnight
    assert (material.in_effect(midnight - timedelta(microseconds=1)), material.in_effect(midnight)) == (
        first,
        announced,
    )
    assert (material.to_come(now), material.to_come(midnight)) == (announced, None)


@database
def test_an_announced_version_that_is_replaced_before_its_day_never_counts(engagement, now):
    make_version(engagement, now=now - DAY)
    wrong = make_version(engagement, now=now, effective_on=(now + 9 * DAY).date())
    corrected = make_version(engagement, now=now, effective_on=(now + 5 * DAY).date())

    material = wrong.material
    assert material.to_come(now) == corrected
    assert material.in_effect(now + 30 * DAY) == corrected


def changes(versions: list[MaterialVersion]) -> list[tuple[datetime, MaterialVersion]]:
    """When which version begins to count: a walk through time, in which a newer one is never replaced by an older."""
    found: list[tuple[datetime, MaterialVersion]] = []
    for version in sorted(versions, key=lambda v: (v.effective_at, v.number)):
        if not found or version.number > found[-1][1].number:
            found.append((version.effective_at, version))
    return found


@given(st.lists(st.integers(0, 12), max_size=7), st.integers(-1, 13))
def test_what_counts_and_what_comes_next_are_what_a_walk_through_time_finds(days, today):
    """Any number of versions with any days, in the order of their upload."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    material, now = Material(pk=1), start + today * DAY
    versions = [
        MaterialVersion(pk=number, number=number, effective_at=start + day * DAY)
        for number, day in enumerate(days, 1)
    ]
    material._prefetched_objects_cache = {"versions": versions}

    walked = changes(versions)

    assert material.in_effect(now) == next((v for at, v in reversed(walked) if at <= now), None)
    # Of those that begin at one instant, the last one counts.
    later = [at for at, _version in walked if at > now]
    assert material.to_come(now) == ([v for at, v in walked if at == later[0]][-1] if later else None)


@database
def test_partners_are_offered_what_counts_and_what_comes_and_nothing_older(engagement, now):
    make_version(engagement, now=now - 9 * DAY)
    current = make_version(engagement, now=now - 3 * DAY)
    coming = make_version(engagement, now=now, effective_on=(now + DAY).date())
    guide = make_version(engagement, title="Delivery guide", now=now)
    make_version(EngagementFactory(), now=now)

    offered = downloads(engagement, now=now)

    assert [download.versions for download in offered] == [[current, coming], [guide]]


@database
def test_templates_stand_in_the_order_of_the_slots_then_material_by_its_title(engagement, now):
    EvidenceSlot.objects.create(engagement=engagement, code="plan", name="A plan", kind="poe", position=3)
    for title in ("Zebra guide", "Ant guide"):
        make_version(engagement, title=title, now=now)
    for slot in ("psd", "plan", "poe"):
        make_version(engagement, slot=slot, now=now)

    titles = [download.title for download in downloads(engagement, now=now)]

    assert titles == [
        "Findings and recommendations document",
        "A plan",
        "Public sector disclosure",
        "Ant guide",
        "Zebra guide",
    ]


@database
def test_a_template_is_offered_under_the_present_name_of_its_slot(engagement, now):
    make_version(engagement, now=now)
    engagement.evidence.filter(code="poe").update(name="Workshop report")

    assert [download.title for download in downloads(engagement, now=now)] == ["Workshop report"]


@database
def test_the_template_of_a_slot_that_is_gone_is_no_longer_offered_but_kept(engagement, now):
    version = make_version(engagement, now=now)
    engagement.evidence.filter(code="poe").delete()

    assert downloads(engagement, now=now) == []
    assert MaterialVersion.objects.get() == version


# --- publishing ---


@database
def test_who_published_what_and_when_is_recorded(engagement, owner, now, tmp_path):
    file = SimpleUploadedFile("../Vorlage für Zürich.docx", word_document())

    version = begin(engagement, issue(file, changes="Shorter"), slot="poe", by=owner, now=now)

    assert (version.name, version.extension, version.size) == ("Vorlage für Zürich.docx", ".docx", file.size)
    assert (version.uploaded_by, version.uploaded_at, version.changes) == (owner, now, "Shorter")
    (kept,) = stored(tmp_path)
    assert kept.read_bytes() == word_document()
    assert "Vorlage" not in str(kept)


@database
@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (SimpleUploadedFile("guide.exe", sheet("x")), "Files of this type cannot be uploaded"),
        (SimpleUploadedFile("guide.docx", sheet("x")), "What is in this file is not what its name says"),
        (SimpleUploadedFile("guide.pdf", b""), "This file is empty"),
        (SimpleUploadedFile("guide.pdf", sheet(EICAR)), "The malware scan found a threat"),
        (SimpleUploadedFile("guide.docx", letter(EICAR, [])), "The malware scan found a threat"),
        (SimpleUploadedFile("guide.pdf", sheet("x")[:-30]), "This file is damaged or incomplete"),
    ],
    ids=["kind", "content", "empty", "infected", "infected inside", "cut off"],
)
def test_a_bad_file_is_refused_with_its_name_and_leaves_nothing(
    engagement, owner, now, tmp_path, file, sentence
):
    with pytest.raises(uploads.UploadRefused, match=sentence) as refusal:
        begin(engagement, issue(file), slot="poe", by=owner, now=now)

    assert str(refusal.value).startswith(file.name)
    assert (Material.objects.count(), MaterialVersion.objects.count(), stored(tmp_path)) == (0, 0, [])


@database
def test_a_file_of_one_byte_too_many_is_too_large(engagement, owner, now, settings, tmp_path):
    file = a_file()
    settings.UPLOAD_MAX_BYTES = file.size - 1

    with pytest.raises(uploads.TooLarge):
        begin(engagement, issue(file), slot="poe", by=owner, now=now)
    assert (Material.objects.count(), stored(tmp_path)) == (0, [])

    settings.UPLOAD_MAX_BYTES = file.size
    assert begin(engagement, issue(file), slot="poe", by=owner, now=now).number == 1


@database
def test_no_version_takes_effect_in_the_past(engagement, owner, now, tmp_path):
    with pytest.raises(PublicationRefused, match="in the past") as refusal:
        begin(engagement, issue(on=(now - DAY).date()), slot="poe", by=owner, now=now)

    assert refusal.value.field == "effective_on"
    assert (Material.objects.count(), stored(tmp_path)) == (0, [])


@database
def test_the_same_file_is_no_new_version(engagement, owner, now):
    first = begin(engagement, issue(SimpleUploadedFile("a.pdf", sheet("x"))), slot="poe", by=owner, now=now)

    with pytest.raises(PublicationRefused, match="the same as version 1") as refusal:
        publish(first.material, issue(SimpleUploadedFile("b.pdf", sheet("x"))), by=owner, now=now)

    assert refusal.value.field == "file"
    assert MaterialVersion.objects.get() == first


@database
@pytest.mark.parametrize("named", [{"slot": "poe"}, {"title": "Delivery GUIDE"}], ids=["slot", "title"])
def test_what_is_there_already_is_not_begun_again(engagement, owner, now, named, tmp_path):
    make_version(engagement, now=now)
    make_version(engagement, title="Delivery guide", now=now)

    with pytest.raises(PublicationRefused, match="is there already"):
        begin(engagement, issue(), **named, by=owner, now=now)

    assert (MaterialVersion.objects.count(), len(stored(tmp_path))) == (2, 2)


@database
def test_a_form_that_is_sent_twice_counts_once(engagement, owner, now, tmp_path):
    key = uuid.uuid4()
    first, again = (
        begin(engagement, issue(form_key=key), title="Guide", by=owner, now=now) for _time in range(2)
    )
    key = uuid.uuid4()
    second, once_more = (
        publish(first.material, issue(form_key=key), by=owner, now=now) for _time in range(2)
    )

    assert (first, second) == (again, once_more)
    assert (MaterialVersion.objects.count(), len(stored(tmp_path))) == (2, 2)


@database
def test_a_version_that_cannot_be_recorded_leaves_no_file(engagement, owner, now, tmp_path, monkeypatch):
    def out_of_reach(*_args, **_facts):
        raise DatabaseError

    monkeypatch.setattr(MaterialVersion, "save", out_of_reach)

    with pytest.raises(DatabaseError):
        begin(engagement, issue(), slot="poe", by=owner, now=now)

    assert (Material.objects.count(), stored(tmp_path)) == (0, [])


# --- kept for good ---

REWRITINGS = (
    "UPDATE engagements_materialversion SET effective_at = now() + interval '1 day'",
    "UPDATE engagements_materialversion SET file = 'another'",
    "DELETE FROM engagements_materialversion",
)


def execute(sql: str) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.rowcount


@database
@pytest.mark.parametrize("sql", REWRITINGS)
def test_nobody_changes_or_deletes_a_version(engagement, now, sql):
    make_version(engagement, now=now)

    with pytest.raises(DatabaseError, match=r"Cannot (update|delete)"):
        execute(sql)


@database
@pytest.mark.parametrize("sql", REWRITINGS)
def test_control_without_its_trigger_a_version_can_be_rewritten(engagement, now, sql):
    make_version(engagement, now=now)

    with pgtrigger.ignore("engagements.MaterialVersion:versions_are_kept"):
        assert execute(sql) == 1


# --- several at once ---


def publishers(material: Material, owner: User, number: int) -> list[partial]:
    now = datetime.now(UTC)
    return [partial(publish, material, issue(), by=owner, now=now) for _person in range(number)]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_versions_published_at_the_same_instant_get_a_number_each(now):
    owner = StaffFactory(vendor_role=User.VendorRole.OWNER)
    material = make_version(EngagementFactory(), now=now).material

    results = at_once(*publishers(material, owner, 8))

    assert sorted(version.number for version in won(results)) == [2, 3, 4, 5, 6, 7, 8, 9]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_only_the_constraint_is_left(now, monkeypatch):
    owner = StaffFactory(vendor_role=User.VendorRole.OWNER)
    material = make_version(EngagementFactory(), now=now).material
    together = threading.Barrier(4)

    def after_everybody_has_counted(*facts):
        together.wait(timeout=20)
        return uploads_facts(*facts)

    uploads_facts = uploads.facts_of
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_options: rows)
    monkeypatch.setattr(materials.uploads, "facts_of", after_everybody_has_counted)

    results = at_once(*publishers(material, owner, 4))

    assert [version.number for version in won(results)] == [2]
    assert {type(result) for result in results if result not in won(results)} == {IntegrityError}


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_first_versions_at_the_same_instant_leave_one(now, tmp_path):
    owner, engagement = StaffFactory(vendor_role=User.VendorRole.OWNER), EngagementFactory()

    results = at_once(*[partial(begin, engagement, issue(), slot="poe", by=owner, now=now) for _ in range(6)])

    assert [version.number for version in won(results)] == [1]
    assert {type(result) for result in results if result not in won(results)} == {PublicationRefused}
    assert len(stored(tmp_path)) == 1
