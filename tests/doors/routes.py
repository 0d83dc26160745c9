"""Every address of the portal, read from the URLconf itself, so that no list of addresses can be out of date."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.regex_helper import normalize


@dataclass(frozen=True)
class Route:
    """One address: its name (its shape where it has none), and how it is written, with a place for each parameter."""

    name: str
    shape: str
    parameters: tuple[str, ...]

    def path(self, arguments: dict[str, Any]) -> str:
        return self.shape % arguments


def routes(urlconf: str | None = None) -> list[Route]:
    return list(walk(get_resolver(urlconf).url_patterns))


def walk(
    patterns: list[URLPattern | URLResolver],
    shape: str = "/",
    names: tuple[str, ...] = (),
    spaces: tuple[str, ...] = (),
) -> Iterator[Route]:
    for pattern in patterns:
        segment, parameters = normalize(pattern.pattern.regex.pattern)[0]
        here, known = shape + segment, (*names, *parameters)
        if isinstance(pattern, URLResolver):
            inner = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from walk(pattern.url_patterns, here, known, inner)
        else:
            yield Route(":".join((*spaces, pattern.name)) if pattern.name else here, here, known)
