"""A part of a page has an address of its own; whoever opens that gets a whole page (I11)."""

import re
from urllib.parse import unquote, urlsplit

import pytest
from django.test import Client

from tests.breadth import everybody

from .knocking import content, knock
from .walking import walk

pytestmark = pytest.mark.django_db
WHO = ("user", "admin", "owner", "reviewer")
WHOLE = re.compile(rb"\s*<!doctype html", re.IGNORECASE)


def wrong_parts(browser: Client) -> list[str]:
    """What is not as it should be when every page is asked for as a whole and as a part."""
    trouble = []
    for address, answer in walk(browser).items():
        if answer.status_code != 200 or not answer.get("Content-Type", "").startswith("text/html"):
            continue
        page = urlsplit(address)
        part = knock(browser, "GET", unquote(page.path), query=page.query, headers={"HX-Request": "true"})
        if not WHOLE.match(content(answer)):
            trouble.append(f"{address} is no page")
        if not WHOLE.match(content(part)) and "HX-Request" not in part.get("Vary", ""):
            trouble.append(f"{address}: a cache takes the part for the page")
        if part.status_code != 200:
            trouble.append(f"{address}: {part.status_code} as a part")
    return trouble


@pytest.mark.parametrize("who", everybody(WHO, first={"user"}))
def test_every_address_opens_as_a_whole_page(scene, who):
    assert wrong_parts(scene.browser(who)) == []
