from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engagements import tasks, verdicts
from engagements.models import Attainment, Engagement, Evaluation, PrivateListEntry, Verdict
from incentives.enrolment import enrol, validate_all
from incentives.models import Enrolment, Location, LocationRole
from tests.factories import EngagementFactory, LocationFactory, TermsFactory, UserFactory, give_role, hold

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def said(location: Location, engagement: Engagement) -> dict[str, bool] | None:
    return (
        Verdict.objects.filter(location=location, engagement=engagement)
        .values_list("criteria", flat=True)
        .first()
    )


def is_eligible(location: Location, engagement: Engagement) -> bool:
    return Verdict.objects.get(location=location, engagement=engagement).eligible


def test_each_criterion_is_kept_met_or_not(location, now):
    hold(location, "SP Security")
    plain = EngagementFactory()
    asking = EngagementFactory(partner_criteria_any=["SP Security", "Co-sell Ready"])
    other = EngagementFactory(partner_criteria_any=["Co-sell Ready"], private_list=True)
    unpaid = EngagementFactory(partner_role="Transact", payout="", activity_type=None)

    run = verdicts.evaluate(now=now)

    assert said(location, plain) == {"enrolled": True, "country": True}
    assert said(location, asking) == {"enrolled": True, "country": True, "designation": True}
    assert said(location, other) == {"enrolled": True, "country": True, "designation": False, "list": False}
    assert said(location, unpaid) == {"enrolled": True}
    assert [is_eligible(location, each) for each in (plain, asking, other, unpaid)] == [
        True,
        True,
        False,
        True,
    ]
    assert (run.judged, run.changed) == (4, 4)
    run.refresh_from_db()
    assert Evaluation.last() == run and run.finished_at >= run.started_at


def test_only_differences_are_written(location, now):
    engagement, other = EngagementFactory(partner_criteria_any=["SP Security"]), EngagementFactory()
    verdicts.evaluate(now=now - DAY)
    hold(location, "SP Security")

    run = verdicts.evaluate(now=now)

    assert (run.judged, run.changed) == (2, 1)
    changed, kept = (Verdict.objects.get(engagement=each) for each in (engagement, other))
    assert (changed.eligible, changed.evaluated_at) == (True, now)
    assert kept.evaluated_at == now - DAY
    assert verdicts.evaluate(now=now).changed == 0


def test_an_attainment_that_expires_today_flips_with_the_run_of_today(location, now):
    engagement = EngagementFactory(partner_criteria_any=["SP Security"])
    today = now.date()
    hold(location, "SP Security", since=today - 5 * DAY, until=today)

    eligible = []
    for days in (-6, -5, -1, 0, 1):
        verdicts.evaluate(now=now + days * DAY)
        eligible.append(is_eligible(location, engagement))

    assert eligible == [False, True, True, False, False]


def test_a_rate_card_counts_on_the_days_on_which_it_is_in_force(location, now):
    engagement = EngagementFactory()
    old = engagement.rate_cards.get()
    old.ends_on = now.date()
    old.save()
    old.pk, old.starts_on, old.ends_on, old.rate_a = None, now.date() + DAY, None, None
    old.save()

    eligible = []
    for days in (0, 1):
        verdicts.evaluate(now=now + days * DAY)
        eligible.append(is_eligible(location, engagement))

    assert eligible == [True, False]


@pytest.mark.parametrize(("opens", "closes", "paid_on"), [(10, 20, 10), (-20, -10, -10), (-5, 5, 0)])
def test_a_closed_or_upcoming_engagement_is_judged_by_the_nearest_day_on_which_it_takes_claims(
    location, now, opens, closes, paid_on
):
    today = now.date()
    engagement = EngagementFactory(opens_on=today + opens * DAY, closes_on=today + closes * DAY)
    engagement.rate_cards.update(starts_on=today + paid_on * DAY, ends_on=today + paid_on * DAY)

    verdicts.evaluate(now=now)
    assert is_eligible(location, engagement)

    engagement.rate_cards.update(rate_a=None, rate_b=Decimal(1))
    verdicts.evaluate(now=now)
    assert not is_eligible(location, engagement)


def test_nothing_is_kept_of_a_location_that_is_not_on_its_way(location, now):
    EngagementFactory()
    verdicts.evaluate(now=now)
    assert Verdict.objects.count() == 1

    Enrolment.objects.filter(location=location).update(status="discontinued")
    run = verdicts.evaluate(now=now)

    assert (run.judged, run.changed, Verdict.objects.count()) == (0, 1, 0)


def test_enrolling_judges_the_location_at_once_and_so_does_its_validation(now):
    place, terms = LocationFactory(enrolled=False), TermsFactory()
    admin = give_role(UserFactory(partner=place.partner), place, role=LocationRole.Role.ADMIN)
    engagement = EngagementFactory()
    verdicts.evaluate(now=now)
    assert said(place, engagement) is None

    enrol(place, by=admin, terms=terms.pk, now=now)
    assert said(place, engagement) == {"enrolled": False, "country": True}

    validate_all(now=now)
    assert is_eligible(place, engagement)


def test_a_list_or_criterion_that_changed_is_judged_for_its_engagement_alone(location, now):
    listed, other = EngagementFactory(private_list=True), EngagementFactory()
    verdicts.evaluate(now=now)
    PrivateListEntry.objects.create(engagement=listed, location=location)
    Engagement.objects.filter(pk=other.pk).update(partner_criteria_any=["Co-sell Ready"])

    tally = verdicts.judge_all(now=now, engagements=[listed])

    assert (tally.judged, tally.changed) == (1, 1)
    assert is_eligible(location, listed)
    assert is_eligible(location, other)


def test_the_scheduled_job_runs_once_a_day_and_after_days_of_outage(location, now):
    noon = now.replace(hour=12)
    EngagementFactory()

    ran = [
        verdicts.evaluate_daily(now=noon + hours * timedelta(hours=1))
        for hours in (0, 1, 11, 12, 13, 12 + 96)
    ]

    assert [run is not None for run in ran] == [True, False, False, True, False, True]


def test_a_run_that_was_cut_off_is_done_again(location, now, monkeypatch):
    places = [location, *(LocationFactory(partner=location.partner) for _ in range(3))]
    EngagementFactory()
    monkeypatch.setattr(verdicts, "PAIRS", 1)
    judge, seen = verdicts.judge, []

    def judge_two(*args, **kwargs):
        if len(seen) == 2:
            raise KeyboardInterrupt
        seen.append(args)
        return judge(*args, **kwargs)

    monkeypatch.setattr(verdicts, "judge", judge_two)
    with pytest.raises(KeyboardInterrupt):
        verdicts.evaluate_daily(now=now)
    assert (Verdict.objects.count(), Evaluation.last()) == (2, None)

    monkeypatch.setattr(verdicts, "judge", judge)
    run = verdicts.evaluate_daily(now=now)

    assert (run.judged, run.changed, Verdict.objects.count()) == (4, 2, len(places))


def test_the_task_is_the_daily_run(location):
    EngagementFactory()

    tasks.evaluate_eligibility()
    tasks.evaluate_eligibility()

    assert list(Evaluation.objects.values_list("judged", "changed")) == [(1, 1)]


def test_the_command_says_what_it_did(location, now, capsys):
    engagement = EngagementFactory(partner_criteria_any=["SP Security"])
    hold(location, "SP Security", until=now.date() + 5 * DAY)

    call_command("evaluate_eligibility")
    call_command("evaluate_eligibility", now=(now + 5 * DAY).isoformat())

    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("1 pairs of location and engagement judged as of ") and first.endswith(
        ", 1 changed."
    )
    assert second == (
        f"1 pairs of location and engagement judged as of {(now + 5 * DAY).isoformat()}, 1 changed."
    )
    assert not is_eligible(location, engagement)
    with pytest.raises(CommandError, match="is not an instant"):
        call_command("evaluate_eligibility", now="tomorrow")


def test_queries_do_not_grow_with_locations_of_a_batch(location, now):
    for _n in range(3):
        EngagementFactory(partner_criteria_any=["SP Security"], private_list=True)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            verdicts.evaluate(now=now)
        return len(seen)

    verdicts.evaluate(now=now)
    few = queries()
    for _n in range(29):
        hold(LocationFactory(partner=location.partner), "SP Security")
    verdicts.evaluate(now=now)

    assert queries() == few


def test_the_database_refuses_an_attainment_that_ends_before_it_starts(location, now):
    with pytest.raises(Exception, match="an_attainment_ends_after_it_starts"):
        hold(location, "SP Security", since=now.date(), until=now.date() - DAY)


def test_held_on_a_day_is_the_same_in_the_database_and_in_python(location, now):
    hold(location, "SP Security", since=now.date(), until=now.date() + 2 * DAY)
    hold(location, "Co-sell Ready", since=now.date() + DAY)

    for days in range(-1, 4):
        day = now.date() + days * DAY
        held = {each.pk for each in Attainment.objects.all() if each.is_held_on(day)}
        assert held == set(Attainment.objects.held_on(day).values_list("pk", flat=True))
