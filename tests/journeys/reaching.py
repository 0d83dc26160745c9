"""Everything that the links of somebody's pages lead to: pages, their fragments, and files of every kind, as text."""

from collections import deque
from collections.abc import Iterator
from email.message import Message
from io import BytesIO
from urllib.parse import parse_qsl, urlsplit
from zipfile import ZipFile

from tests.doors.walking import links

from .calling import Caller, Page, name_of, step_of

# Of every other parameter one value shows what there is to see, one parameter at a time, and on the page.
TOLD_APART = {"area", "tab", "format"}


def reach(caller: Caller, starts: list[str], numbers: set[str]) -> Iterator[tuple[str, str]]:
    """The name of each door within reach, with what it says; the claims of these numbers are looked at one by one."""
    queue, seen = deque(starts), {None}
    while queue:
        address = queue.popleft()
        kind = kind_of(address, numbers)
        if kind in seen:
            continue
        seen.add(kind)
        page = caller.get(address)
        assert page.status < 500, address
        yield kind[0], said(page)
        if not page.is_html:
            continue
        if "HX-Request" in page.headers.get("Vary", "") and "?" not in address:
            yield f"{kind[0]} as a fragment", said(caller.get(address, **{"HX-Request": "true"}))
        queue.extend(links(page.path, page.text))


def kind_of(address: str, numbers: set[str]) -> tuple[str, ...] | None:
    """The door that an address knocks on, and all by which what is behind it differs; None if nobody needs to look."""
    parts = urlsplit(address)
    door, asked = name_of(parts.path), dict(parse_qsl(parts.query))
    if not door or len(set(asked) - TOLD_APART) > ("format" not in asked):
        return None
    own = [parts.path] if door == "claims:export_file" else sorted(numbers & set(parts.path.split("/")))
    shown = sorted(f"{name}={value if name in TOLD_APART else ''}" for name, value in asked.items())
    return door, *step_of(parts.path), *own, *shown


def said(page: Page) -> str:
    """Headers and body; of a workbook, its parts unpacked."""
    return f"{page.headers}{unpacked(page.body)}"


def unpacked(body: bytes) -> str:
    if not body.startswith(b"PK"):
        return body.decode(errors="replace")
    with ZipFile(BytesIO(body)) as parts:
        return " ".join(parts.read(name).decode(errors="replace") for name in parts.namelist())


def written_in(letter: Message) -> str:
    """Everything in a mail: its headers, and each of its parts decoded."""
    parts = [part for part in letter.walk() if not part.is_multipart()]
    bodies = [part.get_payload(decode=True).decode(errors="replace") for part in parts]
    return "\n".join([*map(str, letter.items()), *bodies])
