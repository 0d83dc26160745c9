"""The browser of the tests: Debian's headless Chromium, driven by Playwright.

A whole Chromium draws a window with its own pages for every context, which costs twelve times as much as the context.
"""

import ctypes
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from dev.debian import Unpacked
from dev.packages import VENV

SHELL = "chromium-headless-shell"
PACKAGES = (SHELL, "fonts-dejavu-core")
WHOLE = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Playwright's own node needs it, and without it dies with no word about the reason.
NODE_PACKAGE = "libatomic1"
NODE_LIBRARY = "libatomic.so.1"


def find(unpacked: Unpacked) -> Path | None:
    """The best there is: that of `find_shell`, else a whole browser on the PATH."""
    if browser := find_shell(unpacked):
        return browser
    return next((Path(program) for program in map(shutil.which, WHOLE) if program), None)


def find_shell(unpacked: Unpacked) -> Path | None:
    """CHROMIUM, else the headless one on the PATH, else the unpacked one."""
    if given := os.environ.get("CHROMIUM") or shutil.which(SHELL):
        return Path(given)
    inside = unpacked.find(f"usr/lib/chromium/{SHELL}", f"usr/bin/{SHELL}")
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
