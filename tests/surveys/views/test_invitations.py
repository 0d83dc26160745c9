import pytest

from claims.models import QueuedSend
from claims.states import Status
from tests.factories import claim_at

from ..conftest import mails

pytestmark = pytest.mark.django_db


def test_partner_sends_a_survey(signed_in, consented):
    partner = signed_in(consented.created_by)

    response = partner.post(f"/claims/{consented.pk}/surveys/customer/")

    assert response.headers["Location"] == f"/claims/{consented.pk}/"
    assert mails().get().kind == "customer_survey"


def test_second_send_within_24_hours_is_refused_with_the_reason(signed_in, consented):
    partner = signed_in(consented.created_by)
    partner.post(f"/claims/{consented.pk}/surveys/partner/")

    response = partner.post(f"/claims/{consented.pk}/surveys/partner/")

    assert response.status_code == 422
    assert "It can be sent again from" in response.content.decode()
    assert mails().count() == 1


def test_survey_that_was_sent_too_soon_is_queued_shown_and_taken_back(signed_in, consented):
    partner, at = signed_in(consented.created_by), f"/claims/{consented.pk}"
    partner.post(f"{at}/surveys/partner/")
    assert "Send it then</button>" in partner.get(f"{at}/").content.decode()

    queued = partner.post(f"{at}/surveys/partner/", {"later": "1"}, follow=True).content.decode()

    row = QueuedSend.objects.get()
    assert f"Survey email queued for {row.send_at:%Y-%m-%d %H:%M:%S} UTC" in queued
    assert f"asked by {consented.created_by}" in queued
    assert "Send it then</button>" not in queued
    assert f'action="{at}/queued/partner_survey/removal/"' in queued

    back = partner.post(f"{at}/queued/partner_survey/removal/", follow=True).content.decode()

    assert "Partner survey email taken back: it will not be sent" in back
    assert (QueuedSend.objects.count(), mails().count()) == (0, 1)


def test_survey_that_can_leave_now_is_sent_by_the_same_button(signed_in, consented):
    partner = signed_in(consented.created_by)

    answer = partner.post(f"/claims/{consented.pk}/surveys/partner/", {"later": "1"}, follow=True)

    assert "Survey email successfully sent to" in answer.content.decode()
    assert (QueuedSend.objects.count(), mails().count()) == (0, 1)


def test_unknown_audience_is_not_found_and_get_sends_nothing(signed_in, consented):
    partner = signed_in(consented.created_by)

    assert partner.post(f"/claims/{consented.pk}/surveys/everybody/").status_code == 404
    assert partner.get(f"/claims/{consented.pk}/surveys/customer/").status_code == 405
    assert mails().count() == 0


def test_stranger_finds_no_such_claim_and_a_wrong_status_refuses(signed_in, stranger, consented, now):
    submitted = claim_at(Status.SUBMITTED, now=now)
    before = mails().count()

    assert signed_in(stranger).post(f"/claims/{consented.pk}/surveys/customer/").status_code == 404
    assert (
        signed_in(submitted.created_by).post(f"/claims/{submitted.pk}/surveys/customer/").status_code == 403
    )
    assert mails().count() == before
