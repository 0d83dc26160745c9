"""Between the form and the catalogue stands a question; what changed meanwhile is never overwritten unseen (ENG-8)."""

import re

import pytest
from django.http import HttpResponse

from claims.states import Status
from engagements.models import Engagement, PrivateListEntry, RateCard, SolutionArea, Verdict
from tests.engagements.test_catalogue import stored
from tests.engagements.typing import NEW, card, confirmed, typed
from tests.factories import LocationFactory, claim_at, hold, make_customer
from tests.pages import table, words

pytestmark = pytest.mark.django_db


def effects(response: HttpResponse) -> list[str]:
    assert response.status_code == 200
    return [effect.text for effect in response.context["effects"]]


def test_the_question_shows_old_and_new_and_saves_nothing(send, offered):
    before = stored()

    response = send(
        "engagement", typed("engagement", offered, workload="Teams", limits__approved="2"), offered
    )

    assert "What would this change affect?" in words(response)
    assert table(response) == [["Workload", "–", "Teams"], ["Limits: Approved claims", "–", "2"]]
    assert stored() == before


def test_the_question_carries_every_entry_and_its_button_saves_them(send, offered):
    question = send("engagement", typed("engagement", offered, workload='Te"ams', id_types=["tpid"]), offered)
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', question.content.decode())
    fields: dict[str, list[str]] = {}
    for name, value in hidden:
        fields.setdefault(name, []).append(value.replace("&quot;", '"'))

    response = send("engagement", fields | {"confirmed": "yes"}, offered)

    assert response.status_code == 302
    offered.refresh_from_db()
    assert (offered.workload, offered.id_types) == ('Te"ams', ["tpid"])


def test_going_back_shows_the_form_with_what_was_typed(send, offered):
    fields = typed("engagement", offered, workload="Teams") | {"edit": "yes"}

    response = send("engagement", fields, offered)

    assert (response.status_code, 'value="Teams"' in response.content.decode()) == (200, True)
    assert not Engagement.objects.filter(workload="Teams").exists()


def test_a_form_that_changes_nothing_is_not_asked_about(send, offered):
    response = send("engagement", typed("engagement", offered), offered)

    assert response.status_code == 302


@pytest.mark.parametrize("button", [{}, {"confirmed": "yes"}])
def test_a_row_that_changed_meanwhile_is_not_overwritten_and_nothing_typed_is_lost(send, offered, button):
    mine = typed("engagement", offered, workload="Mine")
    Engagement.objects.filter(pk=offered.pk).update(delivery_hours=7)

    response = send("engagement", mine | button, offered)

    assert response.status_code == 409
    assert "Somebody else changed this meanwhile, so nothing was saved." in words(response)
    assert 'value="Mine"' in response.content.decode()
    offered.refresh_from_db()
    assert (offered.workload, offered.delivery_hours) == ("", 7)


def test_control_the_same_form_upon_the_present_row_is_saved(send, offered):
    Engagement.objects.filter(pk=offered.pk).update(delivery_hours=7)
    offered.refresh_from_db()

    assert send("engagement", confirmed("engagement", offered, workload="Mine"), offered).status_code == 302


def test_after_a_conflict_the_next_try_is_compared_with_what_stands_there_now(send, offered):
    mine = typed("engagement", offered, workload="Mine")
    Engagement.objects.filter(pk=offered.pk).update(delivery_hours=7)
    conflict = send("engagement", mine, offered)
    seen = re.search(r'name="seen" value="(\w+)"', conflict.content.decode())

    question = send("engagement", mine | {"seen": seen[1]}, offered)

    assert table(question) == [["Workload", "–", "Mine"], ["What is asked: Delivery hours", "7", "–"]]


def test_a_new_engagement_with_its_documents_and_a_rate_card_can_be_claimed(send, offered):
    assert send("engagement", confirmed("engagement") | NEW["engagement"]).status_code == 302
    engagement = Engagement.objects.get(code="QUA-1")
    assert [(slot.code, slot.name) for slot in engagement.evidence.all()] == [("report", "Report")]

    fields = card("QUA-1", **{"from": "2020-01-01", "to": ""})
    question = send("ratecard", typed("rate_card") | fields)
    LocationFactory()
    assert "No location becomes eligible, and none loses it" in effects(question)

    question = send("ratecard", typed("rate_card") | fields)
    assert "1 location becomes eligible" in effects(question)
    assert send("ratecard", typed("rate_card") | fields | {"confirmed": "yes"}).status_code == 302


def test_documents_stand_in_the_order_of_their_positions_and_an_empty_name_takes_one_away(send, offered):
    changes = {"evidence__0__position": "9", "evidence__2__name": "Plan", "evidence__2__kind": "poe"}
    send("engagement", confirmed("engagement", offered, **changes), offered)
    offered = Engagement.objects.get(pk=offered.pk)
    assert [slot.code for slot in offered.evidence.all()] == ["poe", "plan", "invoice"]

    send("engagement", confirmed("engagement", offered, evidence__1__name=None), offered)
    assert [slot.code for slot in Engagement.objects.get(pk=offered.pk).evidence.all()] == ["poe", "invoice"]


def test_the_question_counts_what_the_change_touches(send, offered, now):
    with_designation = hold(LocationFactory(), "SP Azure")
    for status in (Status.CUSTOMER_CLAIMED, Status.AWAITING_CONSENT, Status.SUBMITTED, Status.APPROVED):
        claim_at(status, now=now, engagement=offered)
    changes = {
        "partner_criteria_any": ["SP Azure"],
        "limits__approved": "1",
        "limits__concurrent": "9",
        "limits__consents": "2",
        "id_types": ["domain"],
    }

    question = send("engagement", typed("engagement", offered, **changes), offered)

    assert effects(question) == [
        "4 locations are no longer eligible",
        "3 open claims keep the terms they were created under",
        "2 of them wait for the customer's consent",
        "3 open claims name their customers by an ID type that is no longer offered",
        "2 consents were given, and the limit is 2",
        "1 customer has reached the new limit: approved claims",
    ]
    assert "Customer claimed: 1, Awaiting customer consent: 1, Submitted: 1" in words(question)
    assert str(with_designation) not in words(question)


def test_a_saved_change_judges_the_locations_for_its_engagement_once_it_is_committed(
    send, offered, now, django_capture_on_commit_callbacks
):
    holder, other = hold(LocationFactory(), "SP Azure"), LocationFactory()
    asks = typed("engagement", offered, partner_criteria_any=["SP Azure"])
    with django_capture_on_commit_callbacks(execute=True) as asked:
        assert "1 location is no longer eligible" in effects(send("engagement", asks, offered))
    assert (asked, Verdict.objects.count()) == ([], 0)

    with django_capture_on_commit_callbacks(execute=True):
        send("engagement", asks | {"confirmed": "yes"}, offered)

    verdicts = Verdict.objects.filter(engagement=offered).values_list("location", "eligible")
    assert dict(verdicts) == {holder.pk: True, other.pk: False}


def test_only_designations_that_are_known_can_be_asked_for(send, offered):
    response = send("engagement", typed("engagement", offered, partner_criteria_any=["SP Azur"]), offered)

    assert response.status_code == 422
    assert "SP Azur is not one of the available choices." in words(response)


def test_designations_keep_the_order_in_which_they_are_asked_for(send, offered):
    hold(LocationFactory(), "SP Azure", "SP Security")
    Engagement.objects.filter(pk=offered.pk).update(partner_criteria_any=["SP Security", "SP Azure"])
    row = Engagement.objects.get(pk=offered.pk)

    send("engagement", confirmed("engagement", row, workload="Another"), row)

    row.refresh_from_db()
    assert (row.workload, row.partner_criteria_any) == ("Another", ["SP Security", "SP Azure"])


def test_a_lower_limit_of_an_area_names_the_customers_who_have_reached_it(send, offered, now):
    customer = make_customer()
    place = LocationFactory()
    for _ in range(2):
        claim_at(Status.CUSTOMER_CLAIMED, now=now, engagement=offered, customer=customer, location=place)
    area = SolutionArea.objects.get()

    question = send("solutionarea", typed("solution_area", area, open_claims_limit="2"), area)

    assert "1 customer has reached the new limit: open claims in the solution area" in effects(question)


def test_open_claims_keep_their_clocks_when_the_activity_type_changes(send, offered, now):
    claim = claim_at(Status.CONSENT_RECEIVED, now=now, engagement=offered)
    before = (claim.submit_days, claim.expires_at)

    kind = offered.activity_type
    send("activitytype", confirmed("activity_type", kind, submit_days="10", review_days="20"), kind)

    kind.refresh_from_db()
    claim.refresh_from_db()
    assert (kind.submit_days, (claim.submit_days, claim.expires_at)) == (10, before)


def test_another_market_is_told(send, offered):
    LocationFactory(country="HU")
    markets = offered.rate_cards.get().market_list

    question = send("marketlist", typed("market_list", markets, A="US, HU", B="SE"), markets)

    assert "1 location is in another market" in effects(question)


def test_locations_on_a_private_list_gain_and_lose(send, offered):
    Engagement.objects.update(private_list=True)
    gone, new = LocationFactory(), LocationFactory()
    PrivateListEntry.objects.create(engagement=offered, location=gone)
    asked = {"engagement": offered.code, "locations": str(new.partner_number), "deed": "add"}

    assert "1 location becomes eligible" in effects(send("privatelistentry", asked))
    asked |= {"locations": str(gone.partner_number), "deed": "remove"}
    assert "1 location is no longer eligible" in effects(send("privatelistentry", asked))
    assert PrivateListEntry.objects.count() == 1


@pytest.mark.parametrize("rows", [1, 12])
def test_the_question_asks_the_same_number_of_questions_however_much_there_is(
    send, offered, now, rows, django_assert_num_queries
):
    for _ in range(rows):
        claim_at(Status.CUSTOMER_CLAIMED, now=now, engagement=offered)
    fields = typed("engagement", offered, limits__approved="1", limits__consents="1", id_types=["tpid"])

    with django_assert_num_queries(58):
        send("engagement", fields, offered)


def test_what_claims_refer_to_has_no_door_to_be_deleted_by(owner, offered):
    for model, pk in (("engagement", offered.pk), ("ratecard", RateCard.objects.get().pk)):
        assert owner.post(f"/desk/engagements/{model}/{pk}/delete/", {"post": "yes"}).status_code == 404
    assert Engagement.objects.filter(pk=offered.pk).exists()
