"""The browser of the tests: Debian's headless Chromium, driven by Playwright."""

import ctypes
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from dev.debian import Unpacked
from dev.packages import VENV

PACKAGES = ("chromium-headless-shell", "fonts-dejavu-core")
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Playwright's own node needs it, and without it dies with no word about the reason.
NODE_PACKAGE = "libatomic1"
NODE_LIBRARY = "libatomic.so.1"


def find(unpacked: Unpacked) -> Path | None:
    """CHROMIUM, else a browser on the PATH, else the unpacked one."""
    if given := os.environ.get("CHROMIUM"):
        return Path(given)
    for program in filter(None, map(shutil.which, NAMES)):
        return Path(program)
    inside = unpacked.find("usr/lib/chromium/chromium-headless-shell", "usr/bin/chromium-headless-shell")
    return unpacked.wrapper(inside) if inside else None


def node_can_start(unpacked: Unpacked) -> bool:
    return library_in_system() or any(unpacked.root.glob(f"**/{NODE_LIBRARY}"))


def library_in_system() -> bool:
    try:
        ctypes.CDLL(NODE_LIBRARY)
    except OSError:
        return False
    return True


def environment(unpacked: Unpacked) -> Iterator[tuple[str, str]]:
    """What lets the tests start the browser and its driver."""
    if browser := find(unpacked):
        yield "CHROMIUM", str(browser)
    node = next(VENV.glob("lib/python3.*/site-packages/playwright/driver/node"), None)
    if node and not library_in_system():
        yield "PLAYWRIGHT_NODEJS_PATH", str(unpacked.wrapper(node))
