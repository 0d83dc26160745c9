import pytest
from cryptography.fernet import Fernet

from incentives.models import LocationRole, PayeeProfile
from tests.factories import UserFactory, give_role

ADMIN = LocationRole.Role.ADMIN


@pytest.fixture
def admin(location):
    return give_role(UserFactory(partner=location.partner, full_name="Priya Kaur"), location, role=ADMIN)


@pytest.fixture
def colleague(location):
    """A second Incentive Admin of the location, who is told of what the first one changes."""
    return give_role(UserFactory(partner=location.partner, full_name="Ingrid Solberg"), location, role=ADMIN)


@pytest.fixture
def unknown(location):
    """The location as it was before anybody entered details."""
    PayeeProfile.objects.all().delete()
    return location


@pytest.fixture
def address(location):
    return f"/incentives/payee/{location.pk}/"


def new_key() -> Fernet:
    return Fernet(Fernet.generate_key())
