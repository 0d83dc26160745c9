import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

import engagements
from engagements.catalogue_records import KINDS
from engagements.models import (
    ActivityType,
    Designation,
    Engagement,
    EvidenceSlot,
    IdKind,
    MarketList,
    RateCard,
    SolutionArea,
    Verdict,
)

pytestmark = pytest.mark.django_db
CATALOGUE = Path(engagements.__file__).parent / "data" / "catalogue.jsonl"

AREA = {"record": "solution_area", "code": "azure", "name": "Azure", "position": 2, "open_claims_limit": 10}
SECURITY = {
    "record": "designation",
    "code": "SP Security",
    "name": "Solutions Partner for Security",
    "kind": "designation",
}
KIND = {
    "record": "activity_type",
    "code": "standard",
    "name": "Standard",
    "consent_days": 30,
    "submit_days": 90,
    "review_days": 120,
    "dispute_days": 30,
}
MARKETS = {
    "record": "market_list",
    "code": "all",
    "name": "All",
    "source": "sample",
    "A": ["US"],
    "B": [],
    "C": "*",
}
ENGAGEMENT = {
    "record": "engagement",
    "code": "AZU-1",
    "name": "A workshop",
    "solution_area": "azure",
    "workload": "Azure",
    "partner_role": "Partner activities",
    "payout": "fixed",
    "activity_type": "standard",
    "opens_on": "2026-01-01",
    "closes_on": None,
    "description": "What it is.",
    "requirements": ["Do it."],
    "partner_criteria": [],
    "partner_criteria_any": [],
    "customer_criteria": [],
    "private_list": False,
    "customer_list": False,
    "id_types": ["tpid"],
    "customer_survey": True,
    "partner_survey": True,
    "evidence": [{"code": "invoice", "name": "Invoice", "kind": "invoice"}],
    "limits": {"consents": 5, "unique_customers": None, "approved": 1, "concurrent": 1, "scope": "tpid"},
    "delivery_hours": None,
    "referral": None,
    "name_source": "sample",
}
CARD = {
    "record": "rate_card",
    "engagement": "AZU-1",
    "from": "2026-01-01",
    "to": None,
    "market_list": "all",
    "A": "5000.00",
    "B": None,
    "C": "1000.00",
    "unit": "claim",
    "cap": None,
    "source": "sample rate",
    "sample_markets": ["A", "C"],
}
GOOD = [AREA, KIND, MARKETS, ENGAGEMENT, CARD]
NO_SCOPE = {"consents": 1, "unique_customers": 1, "approved": 1, "concurrent": None}
UNKNOWN = "is not known. Check the code, or add its record."


@pytest.fixture
def load(tmp_path, capsys):
    """Imports lines, given as records or as raw text, and returns what the command printed."""

    def load(*lines: dict[str, Any] | str | bytes) -> str:
        raw = [
            line
            if isinstance(line, bytes)
            else (line if isinstance(line, str) else json.dumps(line)).encode()
            for line in lines
        ]
        file = tmp_path / "catalogue.jsonl"
        file.write_bytes(b"\n".join(raw))
        call_command("import_catalogue", str(file))
        return capsys.readouterr().out

    return load


@pytest.fixture
def problems(load):
    """The problems that the import reports, one a line, after making sure that nothing was loaded."""

    def problems(*lines: dict[str, Any] | str | bytes) -> list[str]:
        before = stored()
        with pytest.raises(CommandError) as refusal:
            load(*lines)
        assert stored() == before
        *found, end = str(refusal.value).splitlines()
        assert end.startswith("Nothing was loaded.") and end.endswith(f": {len(found)}.")
        assert refusal.value.returncode != 0
        return found

    return problems


def stored() -> list[list[Any]]:
    return [
        list(model.objects.order_by("pk").values())
        for model in (SolutionArea, ActivityType, Designation, MarketList, Engagement, EvidenceSlot, RateCard)
    ]


def test_shipped_catalogue_loads_and_a_second_import_changes_nothing(capsys):
    call_command("import_catalogue", str(CATALOGUE))
    first, loaded = capsys.readouterr().out, stored()

    call_command("import_catalogue", str(CATALOGUE))

    assert "engagements: 76 added, 0 changed, 0 unchanged" in first
    assert capsys.readouterr().out.splitlines() == [
        "solution areas: 0 added, 0 changed, 4 unchanged",
        "activity types: 0 added, 0 changed, 8 unchanged",
        "designations: 0 added, 0 changed, 34 unchanged",
        "market lists: 0 added, 0 changed, 3 unchanged",
        "engagements: 0 added, 0 changed, 76 unchanged",
        "evidence slots: 0 added, 0 changed, 134 unchanged",
        "rate cards: 0 added, 0 changed, 67 unchanged",
        "private lists: 0 added, 0 changed, 0 unchanged",
        "canned comments: 0 added, 0 changed, 0 unchanged",
    ]
    assert stored() == loaded


def test_every_field_reaches_its_column(load):
    load(*GOOD)

    engagement = Engagement.objects.get(code="AZU-1")
    assert (
        engagement.payout,
        engagement.solution_area_id,
        engagement.limit_consents,
        engagement.limit_scope,
    ) == ("fixed", "azure", 5, "tpid")
    assert (engagement.opens_on, engagement.closes_on, engagement.id_types) == (
        date(2026, 1, 1),
        None,
        ["tpid"],
    )
    assert [(slot.code, slot.kind, slot.position) for slot in engagement.evidence.all()] == [
        ("invoice", "invoice", 1)
    ]
    card = engagement.rate_cards.get()
    assert (str(card.rate_a), card.rate_b, str(card.rate_c), card.sample_markets) == (
        "5000.00",
        None,
        "1000.00",
        ["A", "C"],
    )
    assert card.market_list.countries == {"A": ["US"], "B": [], "C": "*"}


def test_what_differs_is_changed_and_what_is_not_named_stays(load):
    load(*GOOD)

    slots = [{"code": "poe", "name": "Report", "kind": "poe"}]
    out = load(
        AREA | {"open_claims_limit": None},
        ENGAGEMENT | {"name": "Another name", "referral": None, "evidence": slots},
    )

    assert out.splitlines()[0] == "solution areas: 0 added, 1 changed, 0 unchanged"
    assert "engagements: 0 added, 1 changed, 0 unchanged" in out
    assert SolutionArea.objects.get().open_claims_limit is None
    engagement = Engagement.objects.get(name="Another name", referral__isnull=True)
    assert [slot.name for slot in engagement.evidence.all()] == ["Report"]
    assert RateCard.objects.count() == 1


def test_transact_rows_have_no_terms(load, problems):
    listed = {
        "partner_role": "Transact",
        "payout": None,
        "activity_type": None,
        "limits": None,
        "id_types": [],
        "evidence": [],
    }
    load(AREA, ENGAGEMENT | listed)

    assert Engagement.objects.get().payout == ""
    assert problems(AREA, KIND, MARKETS, ENGAGEMENT | listed, CARD) == [
        "Line 5: This engagement pays nothing, so it has no rate card."
    ]
    assert problems(AREA, KIND, ENGAGEMENT | {"partner_role": "Transact"}) == [
        f"Line 3: “{name}”: must be null (Transact)." for name in ("activity_type", "limits", "payout")
    ]


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        (AREA | {"colour": "blue"}, "Unknown field “colour”."),
        ({k: v for k, v in AREA.items() if k != "position"}, "The field “position” is missing."),
        (AREA | {"position": "2"}, "“position”: must be a whole number from 0 to 32767."),
        (AREA | {"position": True}, "“position”: must be a whole number from 0 to 32767."),
        (AREA | {"open_claims_limit": -1}, "“open_claims_limit”: must be a whole number from 0 to 32767."),
        (AREA | {"code": "no spaces"}, "“code”: must be a code of letters, digits, - and _, at most 40."),
        (AREA | {"name": ""}, "“name”: must be a text of at most 80 characters."),
        (AREA | {"name": "x" * 81}, "“name”: must be a text of at most 80 characters."),
        (AREA | {"name": "a\0b"}, "“name”: holds an invisible control character. Remove it."),
        (json.dumps(AREA | {"name": "\ud800"}), "“name”: holds an invisible control character. Remove it."),
        (AREA | {"record": "area"}, f"“record” must be one of {', '.join(KINDS)}."),
        (KIND | {"review_days": 60}, "“review_days” must not be less than “submit_days”."),
        (MARKETS | {"A": ["XX"]}, "“A”: must be the two-letter code of a country, like US."),
        (MARKETS | {"A": "US"}, "“A”: must be a list."),
        (MARKETS | {"B": ["US"]}, "US: in “A” and in “B”. Keep each in one."),
        (MARKETS | {"A": ["US", "US"]}, "“A”: names something twice."),
        (MARKETS | {"C": "all"}, "“C”: must be one of *."),
        (ENGAGEMENT | {"opens_on": "2026-02-30"}, "“opens_on”: must be a date like 2026-11-21."),
        (ENGAGEMENT | {"opens_on": 20260101}, "“opens_on”: must be a date like 2026-11-21."),
        (ENGAGEMENT | {"closes_on": "2025-12-31"}, "“closes_on” is before “opens_on”."),
        (ENGAGEMENT | {"payout": "both"}, "“payout”: must be one of fixed, variable."),
        (ENGAGEMENT | {"private_list": 1}, "“private_list”: must be true or false."),
        (ENGAGEMENT | {"id_types": []}, "“id_types” must name at least one kind of customer ID."),
        (ENGAGEMENT | {"id_types": ["phone"]}, f"“id_types”: must be one of {', '.join(IdKind.values)}."),
        (ENGAGEMENT | {"limits": None}, "“limits”: must not be null (Partner activities)."),
        (ENGAGEMENT | {"limits": NO_SCOPE}, "“limits”: The field “scope” is missing."),
        (ENGAGEMENT | {"evidence": [{"code": "a", "name": "A", "kind": "poe"}] * 2}, "“evidence” has a code twice."),
        (ENGAGEMENT | {"solution_area": "nowhere"}, f"“solution_area”: “nowhere” {UNKNOWN}"),
        (ENGAGEMENT | {"activity_type": "endless"}, f"“activity_type”: “endless” {UNKNOWN}"),
        (CARD | {"engagement": "AZU-2"}, f"“engagement”: “AZU-2” {UNKNOWN}"),
        (CARD | {"market_list": "moon"}, f"“market_list”: “moon” {UNKNOWN}"),
        (CARD | {"to": "2025-01-01"}, "“to” is before “from”."),
        (CARD | {"A": 5000}, "“A”: must be an amount in US dollars and cents like \"1500.00\"."),
        (CARD | {"A": "5,000.00"}, "“A”: must be an amount in US dollars and cents like \"1500.00\"."),
        (CARD | {"A": "٥٠٠٠.٠٠"}, "“A”: must be an amount in US dollars and cents like \"1500.00\"."),
        (CARD | {"A": None, "C": None, "sample_markets": []}, "No market has a rate."),
        (CARD | {"sample_markets": ["B"]}, "“sample_markets” names a market that has no rate."),
        (CARD | {"unit": "hour", "cap": "10.00"}, "“unit” must be “claim” here."),
        (CARD | {"cap": "10.00"}, "“cap” belongs to a rate per hour, and to no other."),
        ("[1]", "This is not a JSON object. Write one object on one line."),
        ('{"record": "solution_area"', "This is not a JSON object. Write one object on one line."),
        ("[" * 100_000, "This is not a JSON object. Write one object on one line."),
        ('{"record": "solution_area", "record": "x"}', "A field is written twice. Keep one of them."),
        ('{"record": "solution_area", "position": NaN}', "NaN is not a number that JSON knows."),
        ('{"record": "solution_area"}'.encode("utf-16"), "This is not UTF-8 text. Save the file in UTF-8."),
    ],
)  # fmt: skip
def test_a_bad_line_is_named_with_its_number_and_nothing_is_loaded(problems, bad, sentence):
    lines = [bad if isinstance(bad, dict) and bad["record"] == good["record"] else good for good in GOOD]
    line = lines.index(bad) + 1 if bad in lines else len(lines := [*GOOD, "", bad])

    found = problems(*lines)

    assert [text for text in found if text.startswith(f"Line {line}:")] == [f"Line {line}: {sentence}"]


def test_all_problems_are_reported_at_once_in_the_order_of_the_file(problems):
    assert problems(AREA | {"position": None}, KIND, MARKETS, ENGAGEMENT | {"payout": "x"}, CARD, CARD) == [
        "Line 1: “position”: must be a whole number from 0 to 32767.",
        "Line 4: “payout”: must be one of fixed, variable.",
        "Line 6: This record stands on line 5 already. Keep one of them.",
    ]


def test_a_code_stands_once(problems):
    assert problems(AREA, AREA | {"name": "Azure again"}) == [
        "Line 2: This record stands on line 1 already. Keep one of them."
    ]


def test_an_engagement_asks_for_designations_that_are_known(load, problems):
    asking = ENGAGEMENT | {"partner_criteria_any": ["SP Security", "SP Securty"]}
    unknown = "“partner_criteria_any”: “{}” is not known. Check the code, or add its record."

    assert problems(AREA, KIND, asking) == [
        f"Line 3: {unknown.format('SP Security')}",
        f"Line 3: {unknown.format('SP Securty')}",
    ]
    assert problems(AREA, KIND, SECURITY, asking) == [f"Line 4: {unknown.format('SP Securty')}"]
    assert problems(AREA, SECURITY | {"kind": "medal"}) == [
        "Line 2: “kind”: must be one of designation, specialization."
    ]

    load(AREA, KIND, SECURITY, ENGAGEMENT | {"partner_criteria_any": ["SP Security"]})
    assert "unchanged" in load(ENGAGEMENT | {"partner_criteria_any": ["SP Security"]})
    assert Engagement.objects.get().partner_criteria_any == ["SP Security"]
    assert str(Designation.objects.get()) == "Solutions Partner for Security"


def test_locations_are_judged_as_soon_as_a_change_is_committed(
    load, location, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        load(*GOOD)
    assert Verdict.objects.get(location=location).eligible

    with django_capture_on_commit_callbacks(execute=True):
        load(CARD | {"A": None, "sample_markets": ["C"]})

    assert Verdict.objects.get(location=location).criteria == {"enrolled": True, "country": False}


def test_rate_cards_of_one_engagement_never_overlap(load, problems):
    year = CARD | {"to": "2026-12-31"}
    clash = "Overlaps the rate card from {} ({}). Let one end before the other starts."

    assert problems(*GOOD[:4], year, CARD | {"from": "2026-12-31"}) == [
        f"Line 6: {clash.format('2026-01-01', 'line 5')}"
    ]
    assert problems(
        *GOOD[:4], CARD | {"from": "2026-03-01", "to": "2026-03-31"}, CARD, CARD | {"from": "2026-05-01"}
    ) == [
        f"Line 5: {clash.format('2026-01-01', 'line 6')}",
        f"Line 7: {clash.format('2026-01-01', 'line 6')}",
    ]

    load(*GOOD[:4], year, CARD | {"from": "2027-01-01"})
    june = {"from": "2026-06-01", "to": "2026-06-30"}
    assert problems(CARD | june) == [f"Line 1: {clash.format('2026-01-01', 'already in the portal')}"]
    assert problems(CARD | {"from": "2025-06-01"}) == [
        f"Line 1: {clash.format('2026-01-01', 'already in the portal')}",
        f"Line 1: {clash.format('2027-01-01', 'already in the portal')}",
    ]


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_catalogue", str(tmp_path / "nothing.jsonl"))
