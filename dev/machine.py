"""What the tests need of the machine beyond Python: a browser and a Redis. Found, or fetched once."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dev import chromium, debian, redis
from dev.debian import Unpacked
from dev.terminal import Trouble, step


@dataclass(frozen=True)
class Need:
    """A program, how to tell that it is here, the packages that bring it, and the advice if they do not.

    Where they do not, what `will_do` finds is taken instead.
    """

    name: str
    present: Callable[[Unpacked], object]
    packages: tuple[str, ...]
    otherwise: str
    will_do: Callable[[Unpacked], object] = lambda _unpacked: None


BROWSER_ADVICE = "Install Chromium or Chrome, or set CHROMIUM to its path."
NEEDS = (
    Need("Chromium", chromium.find_shell, chromium.PACKAGES, BROWSER_ADVICE, will_do=chromium.find),
    Need("Redis", redis.find, (redis.PACKAGE,), "Install redis-server."),
    Need("Node's libatomic", chromium.node_can_start, (chromium.NODE_PACKAGE,), "Install it."),
)


def unpacked_in(data: Path) -> Unpacked:
    return Unpacked(data / "system")


def equip(unpacked: Unpacked, *more: Need) -> list[str]:
    """Fetches what is missing; returns a sentence for each thing that could not be had."""
    complaints = []
    for need in (*NEEDS, *more):
        if need.present(unpacked):
            continue
        reason = "its packages did not bring it"
        try:
            with step(need.name):
                debian.install(unpacked, *need.packages)
        except Trouble as trouble:
            reason = str(trouble)
        if not (need.present(unpacked) or need.will_do(unpacked)):
            complaints.append(f"{need.name} could not be installed: {reason}. {need.otherwise}")
    unpacked.tidy()
    return complaints
