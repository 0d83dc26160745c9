"""Reading the portal's pages as a person does: rows of the table, words, links."""

import re
from html import unescape
from html.parser import HTMLParser

from django.http import HttpResponse


class Table(HTMLParser):
    """The cells of the first table's body, row by row, and where their links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.links: list[list[str]] = []
        self.inside = self.cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = self.inside or tag == "tbody"
        if self.inside and tag == "tr":
            self.rows.append([])
            self.links.append([])
        elif self.inside and tag in {"td", "th"}:
            self.cell = True
            self.rows[-1].append("")
        elif self.cell:
            self.rows[-1][-1] += " "
            if tag == "a":
                self.links[-1].append(dict(attrs)["href"] or "")

    def handle_endtag(self, tag: str) -> None:
        self.cell = self.cell and tag not in {"td", "th"}
        self.inside = self.inside and tag != "tbody"

    def handle_data(self, data: str) -> None:
        if self.cell:
            self.rows[-1][-1] += data


def table(response: HttpResponse) -> list[list[str]]:
    return [[re.sub(r"\s+", " ", cell).strip() for cell in row] for row in parsed(response).rows]


def column(response: HttpResponse, number: int) -> list[str]:
    return [row[number] for row in table(response)]


def links(response: HttpResponse) -> list[list[str]]:
    return parsed(response).links


def parsed(response: HttpResponse) -> Table:
    found = Table()
    found.feed(response.content.decode())
    return found


def words(response: HttpResponse) -> str:
    page = response.content.decode().replace("<wbr>", "")
    text = re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", page, flags=re.S)
    return re.sub(r"\s+", " ", unescape(text))
