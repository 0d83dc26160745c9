"""Who changed what from what to what: written by the database, whoever did it, and never rewritten (ENG-8, S11)."""

import json

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from engagements.export import catalogue_lines
from engagements.models import Engagement, PrivateListEntry
from incentives.models import User
from tests.engagements.typing import NEW, confirmed
from tests.factories import LocationFactory, StaffFactory
from tests.pages import table

pytestmark = pytest.mark.django_db
# A test is one transaction, in which all events happen at the same instant.
FIELD, FROM, TO, PERSON = range(4)


@pytest.fixture
def past(signed_in):
    """The history of an engagement, as an auditor reads it."""
    auditor = signed_in(StaffFactory(vendor_role=User.VendorRole.AUDITOR))

    def past(engagement: Engagement) -> list[list[str]]:
        response = auditor.get(f"/desk/engagements/engagement/{engagement.pk}/history/")
        assert response.status_code == 200
        return [row[:4] for row in table(response)]

    return past


def test_an_edit_at_the_desk_is_told_field_by_field(send, offered, past):
    send("engagement", confirmed("engagement", offered, workload="Teams", limits__approved="3"), offered)

    assert past(offered)[:2] == [
        ["Workload", "–", "Teams", "Daniel Weiss, at the desk"],
        ["Limits: Approved claims", "–", "3", "Daniel Weiss, at the desk"],
    ]


def test_slots_rate_cards_and_private_lists_belong_to_the_history_of_their_engagement(send, offered, past):
    Engagement.objects.update(private_list=True)
    offered.refresh_from_db()
    send("engagement", confirmed("engagement", offered, evidence__1__name="Another name"), offered)
    card = offered.rate_cards.get()
    send("ratecard", confirmed("rate_card", card, A="4000"), card)
    for location in (LocationFactory(partner_number=7000001), LocationFactory(partner_number=7000002)):
        PrivateListEntry.objects.create(engagement=offered, location=location)

    told = {tuple(row[:3]) for row in past(offered)}

    assert {
        (
            "Document",
            "Findings and recommendations document (POE document), position 2",
            "Another name (POE document), position 2",
        ),
        ("Rate card from 2020-01-01: Rates in US dollars, before tax: Market A", "$5,000.00", "$4,000.00"),
    } <= told
    assert any(row[0] == "Private list: added" and "7000001" in row[2] for row in told)


def test_an_import_is_told_with_its_occasion(offered, past, tmp_path):
    lines = [json.loads(line) for line in catalogue_lines()]
    for record in lines:
        if record.get("code") == offered.code:
            record["delivery_hours"] = 12
    file = tmp_path / "catalogue.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)))
    call_command("import_catalogue", str(file), verbosity=0)

    assert past(offered)[0] == [
        "What is asked: Delivery hours",
        "–",
        "12",
        "The operator, by import_catalogue",
    ]


def test_even_raw_sql_is_written_down(offered, past):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE engagements_engagement SET workload = 'Raw' WHERE id = %s", [offered.pk])

    assert ["Workload", "–", "Raw"] in [row[:3] for row in past(offered)]


@pytest.mark.parametrize(
    "model",
    ["engagement", "ratecard", "marketlist", "activitytype", "solutionarea", "evidenceslot",
     "privatelistentry", "cannedcomment"],
)  # fmt: skip
def test_nobody_rewrites_the_history(send, offered, model):
    PrivateListEntry.objects.create(engagement=offered, location=LocationFactory())
    send("cannedcomment", confirmed("canned_comment") | NEW["canned_comment"] | {"engagement": offered.code})
    table_name = f"engagements_{model}event"
    for sql in (f"UPDATE {table_name} SET pgh_label = 'x'", f"DELETE FROM {table_name}"):  # noqa: S608
        refused = pytest.raises(DatabaseError, match="Cannot update or delete rows")
        with refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


@pytest.mark.parametrize("edits", [1, 20])
def test_a_long_history_asks_no_more_questions(owner, offered, edits, django_assert_num_queries):
    for number in range(edits):
        Engagement.objects.filter(pk=offered.pk).update(workload=f"Edit {number}")

    with django_assert_num_queries(15):
        owner.get(f"/desk/engagements/engagement/{offered.pk}/history/")


def test_no_page_of_the_catalogue_shows_a_key_of_its_own(owner, offered):
    """What a form carries to tell one state from another stands in a hidden field only."""
    response = owner.get(f"/desk/engagements/engagement/{offered.pk}/change/")
    seen = response.context["seen"]

    assert response.content.decode().count(seen) == 1
    assert f'<input type="hidden" name="seen" value="{seen}">' in response.content.decode()
