from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client

from engagements import verdicts


@pytest.fixture
def look(now) -> Callable[[Client, str], HttpResponse]:
    """Opens a page after the daily run."""

    def look(client: Client, address: str) -> HttpResponse:
        verdicts.evaluate(now=now)
        return client.get(address)

    return look
