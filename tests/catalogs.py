"""What the customer's pages say, as it is written in templates and in code, and as the catalogs translate it."""

import ast
import inspect
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.http import HttpResponse
from django.template.loader import get_template
from django.utils.translation.template import templatize

TRANSLATED = ("fr", "ja")


def catalog(language: str) -> polib.POFile:
    return polib.pofile(str(Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"))


def missing(sentences: set[str], language: str) -> set[str]:
    """The sentences that the catalog does not know."""
    return sentences - {entry.msgid for entry in catalog(language)}


def written_in_templates(*names: str) -> Iterator[str]:
    for name in names:
        code = templatize(get_template(name).template.source)
        for pair in re.findall(r"""gettext\(u(?:'([^']*)'|"([^"]*)")""", code):
            yield "".join(pair)


def written_in_code(*parts: Any) -> Iterator[str]:
    """What these modules, classes and functions mark as to be translated."""
    for part in parts:
        for node in ast.walk(ast.parse(inspect.getsource(part))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_":
                yield ast.literal_eval(node.args[0])


def english(page: HttpResponse, sentences: set[str]) -> list[str]:
    """Which of these sentences are read in English on this page; single words are too short to be looked for."""
    shown = unescape(re.sub(r' value="[^"]*"', "", page.content.decode()))
    return sorted(
        said for said in sentences if " " in said and not re.search(r"%\(|{", said) and said in shown
    )
