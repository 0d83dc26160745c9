from datetime import UTC, datetime

import pytest

from engagements.customer_lists import uploads
from engagements.models import ListedCustomer, ListUpload
from incentives.models import User
from tests.factories import EngagementFactory, StaffFactory

from .files import csv_of


@pytest.fixture
def owner(db) -> User:
    return StaffFactory(vendor_role=User.VendorRole.OWNER, full_name="Daniel Weiss")


@pytest.fixture
def listed(db):
    """An engagement for listed customers only."""
    return EngagementFactory(customer_list=True)


@pytest.fixture
def bring(listed, owner):
    """Upload rows, or a file, for the engagement; read at once unless told otherwise."""

    def bring(content, *, mode=ListUpload.Mode.REPLACE, read=True, engagement=None) -> ListUpload:
        now = datetime.now(UTC)
        file = content if hasattr(content, "read") else csv_of(content)
        upload = uploads.receive(engagement or listed, file, mode=mode, by=owner, now=now)
        if read:
            uploads.read(upload.pk, now=now)
            upload.refresh_from_db()
        return upload

    return bring


@pytest.fixture
def on_list(listed):
    return lambda: set(ListedCustomer.objects.filter(engagement=listed).values_list("kind", "value"))
