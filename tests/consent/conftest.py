"""Words that tests of the consent door speak in: a request that was sent, its key, a visitor who opened it."""

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from claims.contacts import CUSTOMER_FIELDS, PARTNER_FIELDS
from claims.creation import Contacts
from claims.models import Claim
from consent.requests import request
from mail.models import Link
from tests.browsers import Browser


def contacts_of(claim: Claim) -> dict[str, str]:
    return {name: getattr(claim, name) for name in CUSTOMER_FIELDS + PARTNER_FIELDS}


def ask(claim: Claim, *, now: datetime, **changed: str) -> Link:
    """Send the request for consent with the real verb; the link that the customer gets."""
    typed = Contacts(**contacts_of(claim) | changed)
    request(claim, by=claim.created_by, now=now, typed=typed, deal_size_usd=5000)
    return Link.objects.filter(purpose=Link.Purpose.CONSENT, subject_id=claim.pk).latest("pk")


def key_of(link: Link) -> str:
    return link.url.rstrip("/").rpartition("/")[2]


def open_link(client: Client, link: Link) -> str:
    """Open the link as a customer does; the clean address they land on."""
    response = client.get(reverse(f"door:{link.purpose}", args=[key_of(link)]))
    assert response.status_code == 302, response.content.decode()
    return response.headers["Location"]


@pytest.fixture
def visitor() -> Client:
    """Somebody without an account."""
    return Browser()
