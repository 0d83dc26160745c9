"""Go to survey: the partner survey inside the portal (SUR-3)."""

import pytest

from claims.states import Status
from surveys.models import Response
from tests.factories import EngagementFactory, claim_at

from ..conftest import field, filled

pytestmark = pytest.mark.django_db
AGAIN = "This survey has already been submitted. Would you like to resubmit the survey?"
SECRET = "The customer was hard to reach"


@pytest.fixture
def partner(signed_in, consented):
    return signed_in(consented.created_by)


def test_survey_is_answered_in_the_portal(partner, consented):
    address = f"/claims/{consented.pk}/survey/"
    assert "Electronic signature" in partner.get(address).content.decode()

    response = partner.post(address, filled("partner"))

    assert response.headers["Location"] == f"/claims/{consented.pk}/"
    given = Response.objects.get()
    assert (given.link, given.full_name) == (None, "Susie Jones")
    assert consented.events.first().user == consented.created_by


def test_answered_survey_asks_before_it_starts_anew_and_shows_no_answer(partner, consented):
    address = f"/claims/{consented.pk}/survey/"
    partner.post(address, filled("partner", **{field("partner", "text"): SECRET}))

    asked, anew = (
        partner.get(address).content.decode(),
        partner.get(f"{address}?resubmit=yes").content.decode(),
    )

    assert AGAIN in asked
    assert "Electronic signature" not in asked
    assert "Electronic signature" in anew
    assert SECRET not in asked + anew + partner.get(f"/claims/{consented.pk}/").content.decode()
    assert partner.post(address, filled("partner")).status_code == 302
    assert Response.objects.count() == 2


def test_missing_answers_are_marked(partner, consented):
    response = partner.post(f"/claims/{consented.pk}/survey/", filled("partner", title=""))

    assert response.status_code == 422
    assert "Job title" in response.content.decode()
    assert Response.objects.count() == 0


def test_survey_that_is_not_asked_for_does_not_exist(signed_in, now):
    claim = claim_at(Status.CONSENT_RECEIVED, now=now, engagement=EngagementFactory(partner_survey=False))

    assert signed_in(claim.created_by).get(f"/claims/{claim.pk}/survey/").status_code == 404


def test_stranger_and_submitted_claim_are_turned_away(signed_in, stranger, consented, now):
    submitted = claim_at(Status.SUBMITTED, now=now)
    before = Response.objects.count()

    assert signed_in(stranger).get(f"/claims/{consented.pk}/survey/").status_code == 404
    assert (
        signed_in(submitted.created_by).post(f"/claims/{submitted.pk}/survey/", filled("partner")).status_code
        == 403
    )
    assert Response.objects.count() == before
