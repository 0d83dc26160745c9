"""The catalogue leaves as the file that it came from: export, import and export again are byte for byte the same."""

from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from engagements.models import CannedComment, Engagement, PrivateListEntry, RateCard
from tests.factories import LocationFactory

from .test_catalogue import CATALOGUE, stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def shipped() -> None:
    call_command("import_catalogue", str(CATALOGUE), verbosity=0)


def exported(folder: Path) -> bytes:
    call_command("export_catalogue", str(folder / "exported.jsonl"))
    return (folder / "exported.jsonl").read_bytes()


def test_the_shipped_catalogue_comes_out_as_it_went_in(shipped, tmp_path):
    assert exported(tmp_path) == CATALOGUE.read_bytes()


def test_what_was_made_at_the_desk_survives_the_way_out_and_in(shipped, tmp_path):
    engagement = Engagement.objects.get(code="MWS-01")
    private = Engagement.objects.filter(private_list=True).first()
    for _ in range(3):
        PrivateListEntry.objects.create(engagement=private, location=LocationFactory())
    for code, words in (("b", "Bitte «kürzer» – \u2028 日本語"), ("a", 'A "quoted"\nline')):
        texts = {"english": words, "french": words, "japanese": words}
        CannedComment.objects.create(engagement=engagement, code=code, title=words[:5], **texts)
    Engagement.objects.filter(pk=private.pk).update(customer_list=True, closes_on=date(9999, 12, 31))
    first, before = exported(tmp_path), contents()

    PrivateListEntry.objects.all().delete()
    CannedComment.objects.all().delete()
    RateCard.objects.all().delete()
    call_command("import_catalogue", str(tmp_path / "exported.jsonl"))

    assert exported(tmp_path) == first
    assert contents() == before


def contents() -> list[object]:
    """All rows without their numbers, which a new portal gives anew."""
    rows = [row for table in stored() for row in table]
    return sorted(str({k: v for k, v in row.items() if k != "id"}) for row in rows)


def test_control_a_changed_row_changes_the_file(shipped, tmp_path):
    Engagement.objects.filter(code="MWS-01").update(delivery_hours=25)

    assert exported(tmp_path) != CATALOGUE.read_bytes()


@pytest.mark.parametrize("rows", [1, 30])
def test_an_export_asks_the_same_number_of_questions_however_much_there_is(
    rows, engagement, django_assert_num_queries
):
    from engagements.export import catalogue_lines

    for number in range(rows):
        texts = {"english": "x", "french": "x", "japanese": "x"}
        CannedComment.objects.create(engagement=engagement, code=f"c{number}", title="x", **texts)
        PrivateListEntry.objects.create(engagement=engagement, location=LocationFactory())

    with django_assert_num_queries(9):
        assert len(list(catalogue_lines())) == 6 + rows


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(CommandError, match="cannot be written: No such file or directory"):
        call_command("export_catalogue", str(tmp_path / "no" / "such.jsonl"))
