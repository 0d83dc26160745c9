from collections.abc import Iterator

import pytest

from .authority import Authority, serving


@pytest.fixture
def authority(settings) -> Iterator[Authority]:
    """The authority that the portal asks in this test; patient, so that a busy machine makes nobody seem down."""
    with serving() as authority:
        settings.DIRECTORY_AUTHORITY = authority.url
        settings.DIRECTORY_TIMEOUT = 20
        yield authority
