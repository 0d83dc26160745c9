"""Walking through the portal by its links, as one person: every page and fragment that their pages lead to."""

import re
from collections import Counter, deque
from html import unescape
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

from django.http import HttpResponse
from django.test import Client
from django.urls import Resolver404, resolve

from .knocking import content, knock

LINK = re.compile(r"""\b(?:href|action|data-hx-get)="([^"#]+)""")
OF_A_KIND = 1


def walk(browser: Client, start: str = "/") -> dict[str, HttpResponse]:
    """Every page within reach of a start by links, with its answer; nothing that acts is followed.

    Of each kind of page, and of what can be asked of it, the first shows what there is to see.
    """
    queue, kinds, seen = deque([start]), Counter[tuple[str, ...]](), {}
    while queue:
        address = queue.popleft()
        if address in seen or kinds[kind_of(address)] == OF_A_KIND:
            continue
        kinds[kind_of(address)] += 1
        seen[address] = answer = look(browser, address)
        if location := answer.get("Location"):
            queue.append(urljoin(address, location))
        elif answer.get("Content-Type", "").startswith("text/html"):
            queue.extend(links(address, content(answer).decode()))
    return seen


def kind_of(address: str) -> tuple[str, ...]:
    """The pattern of an address and what is asked of it."""
    parts = urlsplit(address)
    try:
        return resolve(unquote(parts.path)).view_name, *sorted(parse_qs(parts.query))
    except Resolver404:
        return (parts.path,)


def look(browser: Client, address: str) -> HttpResponse:
    parts = urlsplit(address)
    return knock(browser, "GET", unquote(parts.path), query=parts.query)


def links(address: str, page: str) -> list[str]:
    """Where the links of a page lead within the portal; of lists, one page in each order is enough."""
    found = (urljoin(address, unescape(link)) for link in LINK.findall(page))
    return [link for link in found if link.startswith("/") and not link.startswith(("/static/", "/demo/"))]
