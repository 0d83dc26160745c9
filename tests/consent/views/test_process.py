"""The page that explains how consent is asked for: open to everybody, knowing nothing of any claim (CON-3, CON-5)."""

import pytest

from mail.delivery import render
from mail.models import Message
from tests.factories import make_claim
from tests.pages import words

from ..conftest import ask, key_of, open_link

pytestmark = pytest.mark.django_db
PAGE = "/consent/process/"
ABOUT_THIS = (
    "opening it answers nothing",
    "only Microsoft learns it",
    "30 days",
    "at most once in 24 hours",
    "If you did not expect the email",
    "contact the support of Microsoft",
    "microsoft-noreply@microsoft.example",
)


def test_it_says_what_a_customer_asks(visitor):
    page = visitor.get(PAGE)

    assert page.status_code == 200
    assert [text for text in ABOUT_THIS if text.lower() not in words(page).lower()] == []
    assert "noindex" in page["X-Robots-Tag"]


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_there_is_nothing_to_send(visitor, method):
    assert getattr(visitor, method)(PAGE).status_code == 405


def test_form_dead_link_and_both_letters_lead_there_without_the_key(visitor, now, settings):
    claim = make_claim(now=now)
    link = ask(claim, now=now)
    form, dead = visitor.get(open_link(visitor, link)), visitor.get(f"/consent/{'0' * 32}/")

    assert f'href="{PAGE}"' in form.text
    assert f'href="{PAGE}"' in dead.text
    letter = render(Message.objects.get())
    for text in (letter.text, letter.html):
        assert f"{settings.PORTAL_URL}{PAGE}" in text
        assert f"{PAGE}{key_of(link)}" not in text


def test_who_opened_no_link_reads_it_as_well(visitor, now):
    ask(make_claim(now=now), now=now)

    assert "FridayINC" not in words(visitor.get(PAGE))
    assert not visitor.session.get("opened_links")
