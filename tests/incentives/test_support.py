"""Wherever a page says to contact support, it says where, if the portal was told."""

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory
from environs import ValidationError

from claims.states import Status
from incentives.branding import way_to
from incentives.origins import check_support
from tests.browsers import Browser
from tests.factories import claim_at
from tests.pages import words

pytestmark = pytest.mark.django_db
OPEN = ("/consent/process/", f"/survey/customer/{'0' * 32}/", f"/consent/{'0' * 32}/")
ADDRESS, LINK = "help@vendor.example", '<a href="mailto:help@vendor.example">help@vendor.example</a>'


@pytest.fixture
def supported(settings):
    settings.SUPPORT_ADDRESS = ADDRESS


@pytest.mark.parametrize("page", OPEN)
def test_pages_without_an_account_lead_to_support(supported, page):
    assert Browser().get(page).content.decode().count(LINK) == 1


@pytest.mark.parametrize("page", OPEN)
def test_without_an_address_nothing_leads_nowhere(page):
    shown = Browser().get(page)

    assert "Support:" not in words(shown)
    assert 'href=""' not in shown.content.decode()
    assert "mailto:" not in shown.content.decode()


@pytest.mark.parametrize("template", ["400.html", "500.html"])
def test_pages_of_trouble_lead_to_support(supported, template):
    assert LINK in render_to_string(template, request=RequestFactory().get("/"))


def test_partners_are_led_to_support_where_nobody_reads_comments(supported, signed_in, now):
    for status, led in ((Status.CONSENT_RECEIVED, 1), (Status.SUBMITTED, 0)):
        claim = claim_at(status, now=now)
        page = signed_in(claim.created_by).get(f"/claims/{claim.pk}/").content.decode()
        assert page.count(LINK) == led


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("a.b+c@vendor.example", "mailto:a.b+c@vendor.example"),
        ("https://vendor.example/help?x=1&y=@z", "https://vendor.example/help?x=1&y=@z"),
        ("http://intranet:8080", "http://intranet:8080"),
    ],
)
def test_an_address_is_written_to_and_a_page_is_opened(address, url):
    check_support(address)
    assert way_to(address) == url


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "help", "a@b", "//x.example", "a b@x.example", "ftp://x.example"]
)
def test_what_leads_nowhere_is_refused_as_the_portal_starts(address):
    with pytest.raises(ValidationError):
        check_support(address)
