"""Every letter the portal writes: its exact subject, what it names, and how the demo mailbox shows it."""

import re

import css_inline
import pytest
from django.urls import include, path

import incentives.urls
from claims.notices import facts
from mail import outbox
from mail.delivery import render
from mail.models import Link, Message
from tests.factories import EngagementFactory, make_claim

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
urlpatterns = [*incentives.urls.urlpatterns, path("demo/mailbox/", include("mail.urls"))]

SUBJECTS = {
    "consent_request": "Action required: Confirm participation in the R&D <Pilot> Workshop",
    "customer_survey": "Action required: Complete customer survey for the R&D <Pilot> Workshop",
    "partner_survey": (
        "Action required: Complete post-engagement partner survey for the R&D <Pilot> Workshop with {customer}"
    ),
    "claim_action_required": "Additional proof of execution details needed for R&D <Pilot> Workshop",
    "claim_approved": "Notice: Claim for the engagement was approved",
    "claim_rejected": "Claim for R&D <Pilot> Workshop engagement was rejected",
    "reminder": "Reminder: 3 days left for claim {number} (Customer claimed)",
    "reminder_customer": "Reminder: Confirm participation in the R&D <Pilot> Workshop",
}
BY_LINK = {"consent_request", "customer_survey", "partner_survey"}


@pytest.fixture
def claim(now):
    return make_claim(now=now, engagement=EngagementFactory(name="R&D <Pilot> Workshop"))


def post(kind: str, claim, now) -> Message:
    link = (
        Link.mint(kind.removesuffix("_request"), claim.pk, address="a@b.example", now=now)
        if kind in BY_LINK
        else None
    )
    more = {"contact": "Zoë O'Brien", "status": claim.get_status_display(), "days": 3}
    outbox.post(kind, to="a@b.example", now=now, link=link, about=claim.pk, **facts(claim) | more)
    return Message.objects.get()


@pytest.mark.parametrize("kind", SUBJECTS)
def test_subject_is_exact_and_text_is_plain(claim, now, kind):
    message = post(kind, claim, now)

    letter = render(message)

    assert letter.subject == SUBJECTS[kind].format(customer=claim.customer.organization.name, number=claim.pk)
    assert "R&D <Pilot> Workshop" in letter.text
    assert not re.search(r"&[a-z]+;|&#|\{\{|\{%", letter.text)
    assert "R&amp;D &lt;Pilot&gt; Workshop" in letter.html
    assert "<Pilot>" not in letter.html


@pytest.mark.parametrize("kind", sorted(BY_LINK))
def test_link_stands_in_both_forms_of_the_letter_and_nothing_else_is_fetched(claim, now, kind):
    message = post(kind, claim, now)

    letter = render(message)

    assert f'href="{message.link.url}"' in letter.html
    assert message.link.url in letter.text
    assert "src=" not in letter.html
    assert "<style>" not in css_inline.inline(letter.html, load_remote_stylesheets=False)


def test_letter_to_the_customer_names_partner_engagement_and_deadline_only(claim, now):
    text = render(post("consent_request", claim, now)).text

    assert claim.location.name in text
    assert f"{claim.expires_at:%Y-%m-%d %H:%M} UTC" in text
    assert f"/claims/{claim.pk}/" not in text


def test_rejection_says_whether_it_can_be_disputed(claim, now):
    letter = render(post("claim_rejected", claim, now)).text
    Message.objects.all().delete()
    claim.expires_at = None
    final = render(post("claim_rejected", claim, now)).text

    assert "select Dispute claim" in letter
    assert "final and cannot be disputed" in final


def test_mailbox_shows_the_letter_with_its_working_link(client, claim, now):
    message = post("consent_request", claim, now)

    inbox, page = client.get("/demo/mailbox/"), client.get(f"/demo/mailbox/{message.pk}/")

    assert (
        "Action required: Confirm participation in the R&amp;D &lt;Pilot&gt; Workshop"
        in inbox.content.decode()
    )
    assert f'href="{message.link.url}"' in page.content.decode()
    assert "style" not in re.sub(r'rel="stylesheet"', "", page.content.decode())
    assert page.content.decode().count("<html") == 1


def test_mailbox_shows_the_letter_with_what_stands_around_it(client, claim, now, settings):
    message = post("reminder_customer", claim, now)

    page = client.get(f"/demo/mailbox/{message.pk}/").content.decode()

    assert "because you are named in a claim for an engagement" in page
    assert f'href="{message.quiet_url}"' in page
    assert settings.DEFAULT_FROM_EMAIL in page


def test_mailbox_finds_the_mails_of_one_person_and_is_empty_with_words(client, claim, now):
    post("consent_request", claim, now)

    assert "Confirm participation" in client.get("/demo/mailbox/", {"to": "A@B.example"}).content.decode()
    assert "No messages" in client.get("/demo/mailbox/", {"to": "nobody@b.example"}).content.decode()
