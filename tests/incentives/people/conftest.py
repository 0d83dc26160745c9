"""Words that tests about a company's people speak in: its Account Admin, a colleague, a link and its visitor."""

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from incentives.models import AuditEntry, Location, PartnerRole, User
from incentives.people import invitations, passwords
from incentives.people.grants import Roles
from mail.models import Link
from tests.factories import UserFactory

NEW = "quite another long password"
CHOSEN = {"new_password": NEW, "again": NEW}


def make_admin(location: Location, **facts: object) -> User:
    person = UserFactory(partner=location.partner, **facts)
    role = PartnerRole.Role.ACCOUNT_ADMIN
    PartnerRole.objects.create(user=person, partner=location.partner, role=role)
    return person


@pytest.fixture
def admin(location) -> User:
    return make_admin(location, full_name="Priya Kaur", email="priya@fridayinc.example")


@pytest.fixture
def colleague(location) -> User:
    return UserFactory(partner=location.partner, full_name="Noah Reyes", email="noah@fridayinc.example")


def told(person: User | None = None) -> list[tuple[str, str, str]]:
    """The audit in short, the oldest first."""
    entries = AuditEntry.objects.filter(person=person) if person else AuditEntry.objects.all()
    return list(entries.order_by("pk").values_list("action", "before", "after"))


def invited(
    admin: User, *, now: datetime, roles: Roles | None = None, email: str = "guest@fridayinc.example"
) -> User:
    return invitations.invite(email, "Gerda Guest", roles or Roles(), by=admin, now=now)


def link_of(person: User, purpose: str = Link.Purpose.INVITATION) -> Link:
    return Link.objects.filter(purpose=purpose, subject_id=person.pk).latest("pk")


def reset_link(person: User, *, now: datetime) -> Link:
    """The link that the person gets who forgot the password, by the real way."""
    passwords.ask_for_reset(person.email, now=now)
    passwords.answer_reset_requests(now=now)
    return link_of(person, Link.Purpose.PASSWORD_RESET)


def key_of(link: Link) -> str:
    return link.url.rstrip("/").rpartition("/")[2]


def open_link(client: Client, link: Link) -> str:
    """Open the link as its reader does; the clean address they land on."""
    response = client.get(reverse(f"door:{link.purpose}", args=[key_of(link)]))
    assert response.status_code == 302, response.content.decode()
    return response.headers["Location"]
