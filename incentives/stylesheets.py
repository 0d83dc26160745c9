"""Stylesheets as browsers get them: each in one piece, though it is written in many small files.

A browser that meets an import asks for it, and meets the next: some sixty requests before the first page could be seen.
"""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

IMPORT = re.compile(r'@import url\("([^"]+)"\) layer\((\w+)\);')
PICTURE = re.compile(r'url\("([^"]+\.svg)"\)')
STYLESHEETS = ("css/app.css",)


def whole(sheet: Path) -> str:
    """The text of a stylesheet with all that it imports, layer by layer, and with its pictures, which are small."""
    folder = sheet.parent
    text = PICTURE.sub(lambda found: f'url("{in_line(folder / found[1])}")', sheet.read_text())
    return IMPORT.sub(lambda found: f"@layer {found[2]} {{\n{whole(folder / found[1])}}}", text)


def in_line(picture: Path) -> str:
    return f"data:image/svg+xml,{quote(picture.read_text().strip(), safe=' =:/()')}"


class StylesheetFinder(BaseFinder):
    """Finds the whole stylesheets before Django finds their first pieces; makes them anew when a process starts."""

    def __init__(self) -> None:
        self.storage = FileSystemStorage(location=settings.DATA_DIR / "stylesheets")

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        for name in STYLESHEETS:
            self.make(name)
            yield name, self.storage

    def find(self, path: str, find_all: bool = False) -> Any:
        if path not in STYLESHEETS:
            return []
        self.make(path)
        made = self.storage.path(path)
        return [made] if find_all else made

    def make(self, name: str) -> None:
        """Never seen half-written, though every web process makes it."""
        place = Path(self.storage.path(name))
        place.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=place.parent, delete=False) as file:
            file.write(whole(settings.STATICFILES_DIRS[0] / name))
        os.replace(file.name, place)
