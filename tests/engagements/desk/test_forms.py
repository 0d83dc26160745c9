"""What the programme owner may not type: refused with the place named, and nothing changed (I10, A07)."""

import re
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.http import HttpResponse

from engagements.models import Engagement, MarketList, PrivateListEntry, RateCard
from tests.engagements.test_catalogue import stored
from tests.engagements.typing import NEW, card, confirmed, typed
from tests.factories import LocationFactory
from tests.pages import words

pytestmark = pytest.mark.django_db
NO_CHOICE = "Select a valid choice. %s is not one of the available choices."
USD = 'Must be an amount in US dollars and cents like "1500.00".'
STRANGE_NUMBERS = [
    "1e309",
    "NaN",
    "-0",
    "-5",
    "1,000",
    "1.000,00",
    "５００",
    "٣",
    "Infinity",
    "0x10",
    "1 000",
    "+5",
]


def complaints(response: HttpResponse) -> list[str]:
    """What the summary at the top of a refused form says, each time "field: fault"."""
    found = re.search(r'<div class="errors".*?</div>', response.content.decode(), re.S)
    assert response.status_code == 422 and found
    texts = re.findall(r"<li>(.*?)</li>", found[0], re.S)
    plain = [re.sub(r"<[^>]*>", "", text.replace("</a> – ", ": ")) for text in texts]
    return [re.sub(r"\s+", " ", unescape(text)).strip() for text in plain]


@pytest.fixture
def refused(send):
    """What is complained about, after making sure that nothing was written."""

    def refused(model: str, fields: dict[str, Any], row: Any = None) -> list[str]:
        before = stored()
        found = complaints(send(model, fields | {"confirmed": "yes"}, row))
        assert stored() == before
        return found

    return refused


@pytest.mark.parametrize("number", [*STRANGE_NUMBERS, "999999999", "1.234", "12345678901"])
def test_a_rate_is_dollars_and_cents_in_plain_digits(refused, offered, number):
    assert refused("ratecard", typed("rate_card") | card(offered.code, A=number)) == [f"Market A: {USD}"]


@pytest.mark.parametrize(
    ("typed_in", "kept"), [("99999999.99", "99999999.99"), ("7", "7.00"), ("0.5", "0.50")]
)
def test_a_rate_that_is_taken_is_kept_exactly(send, offered, typed_in, kept):
    send("ratecard", confirmed("rate_card") | card(offered.code, A=typed_in))

    assert str(RateCard.objects.get(starts_on=date(2031, 1, 1)).rate_a) == kept


@pytest.mark.parametrize("number", [*STRANGE_NUMBERS, "999999999999", "1.5", "2147483648"])
def test_a_limit_is_a_whole_number(refused, offered, number):
    found = refused("engagement", typed("engagement", offered, limits__approved=number), offered)

    assert found == ["Approved claims: Must be a whole number from 0 to 2147483647."]


def test_control_a_field_that_takes_the_digits_of_any_script_lets_them_in(send, offered, monkeypatch):
    monkeypatch.setattr("engagements.desk.fields.number", int)

    send("engagement", confirmed("engagement", offered, limits__approved="５００"), offered)

    assert Engagement.objects.get(pk=offered.pk).limit_approved == 500


@pytest.mark.parametrize("number", [*STRANGE_NUMBERS, "0", "3651", "9" * 400, ""])
def test_a_clock_is_a_number_of_days(refused, offered, number):
    found = refused(
        "activitytype",
        typed("activity_type", offered.activity_type, dispute_days=number),
        offered.activity_type,
    )

    wanted = "Must be a whole number from 1 to 3650." if number else "This field is required."
    assert found == [f"Dispute: {wanted}"]


def test_the_review_cannot_end_before_the_submission(refused, offered):
    fields = typed("activity_type", offered.activity_type, review_days="89")

    assert refused("activitytype", fields, offered.activity_type) == [
        "Review: “Review” must not be less than “Submission”."
    ]


@pytest.mark.parametrize(
    "day", ["2031-02-30", "01/02/2031", "2031-1-1", "٢٠٣١-٠١-٠١", "2031-01-01T00:00", "9" * 50]
)
def test_a_day_is_a_day(refused, offered, day):
    found = refused("ratecard", typed("rate_card") | card(offered.code, to=day))

    assert found == ["Last day: Must be a date like 2026-11-21."]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"to": "2030-01-01"}, ["Last day: “Last day” is before “First day”."]),
        (
            {"from": "2030-12-31"},
            [
                "First day: Overlaps the rate card from 2020-01-01 (already in the portal). "
                "Let one end before the other starts."
            ],
        ),
        ({"from": "2020-01-01"}, ["Engagement: This stands in the catalogue already. Open it to change it."]),
        ({"unit": "hour", "cap": "500"}, ["Unit: “Unit” must be “claim” here."]),
        ({"cap": "500"}, ["Cap: “Cap” belongs to a rate per hour, and to no other."]),
        ({"A": "", "B": ""}, ["Market A: No market has a rate."]),
        ({"sample_markets": ["C"]}, ["Sample rates: “Sample rates” names a market that has no rate."]),
        (
            {"sample_markets": ["D"]},
            [f"Sample rates: {NO_CHOICE % 'D'}"],
        ),
        (
            {"market_list": "moon"},
            [f"Market list: {NO_CHOICE % 'moon'}"],
        ),
        ({"source": " "}, ["Source: This field is required."]),
    ],
)
def test_a_rate_card_that_does_not_fit(refused, offered, changes, found):
    assert refused("ratecard", typed("rate_card") | card(offered.code, **changes)) == found


def test_a_rate_card_may_start_the_day_after_the_other_ends_and_may_move(send, offered):
    send("ratecard", confirmed("rate_card") | card(offered.code))
    later = RateCard.objects.get(starts_on=date(2031, 1, 1))

    moved = send(
        "ratecard", confirmed("rate_card", later, **{"from": "2031-06-01", "to": "2032-05-31"}), later
    )

    assert moved.status_code == 302
    later.refresh_from_db()
    assert (later.starts_on, later.ends_on) == (date(2031, 6, 1), date(2032, 5, 31))
    assert RateCard.objects.count() == 2


def test_a_rate_card_cannot_move_onto_another(refused, send, offered):
    send("ratecard", confirmed("rate_card") | card(offered.code))
    later = RateCard.objects.get(starts_on=date(2031, 1, 1))

    for day in ("2020-01-01", "2030-12-31"):
        (found,) = refused("ratecard", typed("rate_card", later, **{"from": day}), later)
        assert "Overlaps the rate card from" in found


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"closes_on": "2019-12-31"}, ["Last day: “Last day” is before “First day”."]),
        ({"id_types": []}, ["Customer ID types: “Customer ID types” must name at least one kind of customer ID."]),
        ({"id_types": ["phone"]}, [f"Customer ID types: {NO_CHOICE % 'phone'}"]),
        ({"payout": ""}, ["Payout: Must be given for Partner activities."]),
        (
            {"payout": "variable"},
            ["Payout: “Payout” does not fit the rate card from 2020-01-01, which is “claim”."],
        ),
        (
            {"partner_role": "Transact"},
            ["Payout: Must be empty for Transact.", "Activity type: Must be empty for Transact."],
        ),
        ({"evidence__2__name": "Third", "evidence__2__kind": ""}, ["Document 3: kind: Must be one of invoice, poe."]),
        ({"evidence__0__position": "first"}, ["Document 1: position: Must be a whole number from 1 to 99."]),
        ({"evidence__0__name": "x" * 121}, ["Document 1: name: Must be a text of at most 120 characters."]),
        ({"referral__segments": "SMB"}, ["Smallest deal: Must be a whole number from 0 to 1000000000000.",
            "Solution area of the deal: Must be a text of at most 80 characters.",
            "Solution play of the deal: Must be a text of at most 200 characters."]),
        ({"description": "a\x01b"}, ["Description: Holds an invisible control character. Remove it."]),
        ({"requirements": "Do it.\n" * 101}, ["Requirements and activities: Must not have more than 100 entries."]),
    ],
)  # fmt: skip
def test_an_engagement_that_does_not_fit(refused, offered, changes, found):
    assert refused("engagement", typed("engagement", offered, **changes), offered) == found


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"B": "US"}, ["Market B: US: in “Market A” and in “Market B”. Keep each in one."]),
        ({"A": "US, us"}, ["Market A: Names something twice."]),
        ({"A": "USA"}, ["Market A: Must be the two-letter code of a country, like US."]),
        ({"A": "", "B": "", "C": ""}, ["Market A: No market has a country."]),
    ],
)
def test_a_market_list_that_does_not_fit(refused, offered, changes, found):
    markets = MarketList.objects.get()
    assert refused("marketlist", typed("market_list", markets, **changes), markets) == found


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"locations": "1, 9999999"}, ["PartnerIDs: No location has this PartnerID: 1, 9999999."]),
        ({"locations": "５２７２３０２"}, ["PartnerIDs: Must be a whole number from 1 to 2147483647."]),
        (
            {"locations": " ,\n"},
            ["PartnerIDs: Enter at least one PartnerID."],
        ),
        ({"deed": "remove", "locations": "1"}, ["PartnerIDs: Not on the list: 1."]),
        ({"deed": "burn"}, [f"What to do: {NO_CHOICE % 'burn'}"]),
    ],
)
def test_a_private_list_takes_only_locations_that_exist(refused, offered, changes, found):
    Engagement.objects.update(private_list=True)
    fields = {"engagement": offered.code, "deed": "add", "locations": str(LocationFactory().partner_number)}

    assert refused("privatelistentry", fields | changes) == found


def test_many_locations_come_on_a_private_list_at_once_and_go_one_by_one(send, offered):
    Engagement.objects.update(private_list=True)
    places = [LocationFactory() for _ in range(4)]
    pasted = ";\n".join(str(place.partner_number) for place in places[:3]) + f" {places[3].partner_number},"

    def sent(deed: str, numbers: str) -> None:
        fields = {"engagement": offered.code, "deed": deed, "locations": numbers}
        seen = re.search(r'name="seen" value="(\w+)"', send("privatelistentry", fields).content.decode())
        assert send("privatelistentry", fields | {"seen": seen[1], "confirmed": "yes"}).status_code == 302

    sent("add", pasted)
    assert PrivateListEntry.objects.count() == 4
    sent("remove", str(places[1].partner_number))
    assert set(PrivateListEntry.objects.values_list("location", flat=True)) == {
        place.pk for place in (places[0], *places[2:])
    }


def test_what_the_form_does_not_offer_changes_nothing(send, offered):
    """Neither the number of the row, nor its code, nor columns that no field is for (A07)."""
    other = Engagement.objects.create(
        code="OTHER", name="Other", solution_area=offered.solution_area, opens_on=date(2020, 1, 1)
    )
    more = {"id": other.pk, "pk": other.pk, "code": "OTHER", "limit_approved": "1", "vendor_role": "owner"}
    more |= {"evidence__0__code": "mine", "solution_area_id": "nowhere", "by": "1", "deed": "command"}

    response = send("engagement", confirmed("engagement", offered, workload="New", **more), offered)

    assert response.status_code == 302
    before = Engagement.objects.get(pk=offered.pk)
    assert (before.code, before.workload, before.limit_approved) == (offered.code, "New", None)
    assert [slot.code for slot in before.evidence.all()] == ["invoice", "poe"]
    other.refresh_from_db()
    assert (other.code, other.workload) == ("OTHER", "")


def test_a_new_record_cannot_take_the_code_of_another(refused, offered):
    fields = typed("engagement") | NEW["engagement"] | {"code": offered.code}

    assert refused("engagement", fields) == [
        "Code: This stands in the catalogue already. Open it to change it."
    ]


def test_a_refused_form_keeps_what_was_typed(send, offered):
    response = send("engagement", typed("engagement", offered, name="A new name", opens_on="x"), offered)

    assert 'value="A new name"' in response.content.decode()
    assert "Must be a date like 2026-11-21." in words(response)
