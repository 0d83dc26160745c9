import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from engagements.attainments import keep
from engagements.models import Attainment, Designation, Verdict
from incentives.models import AuditEntry
from tests.factories import EngagementFactory, LocationFactory, StaffFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def security(db) -> Designation:
    return Designation.objects.create(
        code="SP Security", name="Solutions Partner for Security", kind="designation"
    )


@pytest.fixture
def owner():
    return StaffFactory(vendor_role="owner")


def record(number: int, **more: Any) -> dict[str, Any]:
    facts = {"designation": "SP Security", "held_from": "2026-01-01", "expires_on": None}
    return {"record": "attainment", "partner_id": number} | facts | more


@pytest.fixture
def load(tmp_path: Path, capsys):
    def load(*lines: dict[str, Any] | str) -> str:
        file = tmp_path / "attainments.jsonl"
        file.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
        call_command("import_attainments", str(file))
        return capsys.readouterr().out

    return load


@pytest.fixture
def problems(load):
    """The problems that the import reports, after making sure that nothing was loaded."""

    def problems(*lines: dict[str, Any] | str) -> list[str]:
        before = list(Attainment.objects.values())
        with pytest.raises(CommandError) as refusal:
            load(*lines)
        assert list(Attainment.objects.values()) == before
        return str(refusal.value).splitlines()[:-1]

    return problems


def test_a_file_is_loaded_and_its_locations_are_judged_at_once(load, location):
    engagement = EngagementFactory(partner_criteria_any=["SP Security"])
    number = location.partner_number

    assert load(record(number)) == "attainments: 1 added, 0 changed, 0 unchanged\n"
    assert Verdict.objects.get(engagement=engagement).eligible

    assert load(record(number)) == "attainments: 0 added, 0 changed, 1 unchanged\n"
    assert load(record(number, expires_on="2026-01-02")) == "attainments: 0 added, 1 changed, 0 unchanged\n"
    assert Attainment.objects.get().expires_on == date(2026, 1, 2)
    assert not Verdict.objects.get(engagement=engagement).eligible


def test_every_bad_row_is_named_and_nothing_is_loaded(problems, location):
    good, number = record(location.partner_number), location.partner_number

    assert problems(
        good,
        record(1),
        record(number, designation="SP Securty"),
        record(number, held_from="2026-02-30"),
        record(number, partner_id="5000001"),
        record(LocationFactory().partner_number, expires_on="2025-12-31"),
        "no json",
        good,
    ) == [
        "Line 2: “partner_id”: no location has the PartnerID 1.",
        "Line 3: “designation”: “SP Securty” is not known. Check the code.",
        "Line 4: “held_from”: must be a date like 2026-11-21.",
        "Line 5: “partner_id”: must be a whole number from 1 to 2147483647.",
        "Line 6: “expires_on” is before “held_from”.",
        "Line 7: This is not a JSON object. Write one object on one line.",
        "Line 8: This attainment stands on line 1 already. Keep one of them.",
    ]


def test_rows_of_one_file_that_fall_into_different_batches_are_compared_too(problems, monkeypatch, location):
    monkeypatch.setattr("engagements.attainment_file.BATCH", 1)
    good = record(location.partner_number)

    assert problems(good, good) == ["Line 2: This attainment stands on line 1 already. Keep one of them."]


def test_what_is_kept_at_the_desk_is_told_in_the_audit_and_judged_at_once(location, owner, security, now):
    engagement = EngagementFactory(partner_criteria_any=["SP Security"])
    today = now.date()
    attainment = Attainment(location=location, designation=security, held_from=today)

    keep(attainment, by=owner, now=now)
    assert Verdict.objects.get(engagement=engagement).eligible
    attainment.expires_on = today
    keep(attainment, by=owner, now=now)

    assert not Verdict.objects.get(engagement=engagement).eligible
    first, second = AuditEntry.objects.order_by("pk")
    said = f"Solutions Partner for Security, from {today} until"
    assert (first.before, first.after, first.by) == ("", f"{said} further notice", owner)
    assert (second.before, second.after) == (f"{said} further notice", f"{said} {today}")
    assert (second.location, second.partner) == (location, location.partner)
