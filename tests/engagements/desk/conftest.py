from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from engagements.models import Engagement, MarketList, RateCard
from incentives.models import User
from tests.factories import EngagementFactory, StaffFactory


@pytest.fixture
def person(db) -> User:
    return StaffFactory(vendor_role=User.VendorRole.OWNER, full_name="Daniel Weiss")


@pytest.fixture
def owner(signed_in, person) -> Client:
    return signed_in(person)


@pytest.fixture
def offered(db) -> Engagement:
    """An engagement as the catalogue's own rules want it, with a rate card that ends in 2030."""
    engagement = EngagementFactory(name="Quokka workshop", name_source="A letter")
    RateCard.objects.update(ends_on=date(2030, 12, 31), source="A letter")
    MarketList.objects.update(source="A letter")
    return Engagement.objects.get(pk=engagement.pk)


@pytest.fixture
def send(owner) -> Callable[..., HttpResponse]:
    """Sends a form to the page that adds a record of a model, or to that of one row."""

    def send(model: str, fields: dict[str, Any], row: Any = None) -> HttpResponse:
        where = f"{row.pk}/change" if row is not None else "add"
        return owner.post(f"/desk/engagements/{model}/{where}/", fields)

    return send
