"""What holds for every page, whoever opens it: nothing wrong in console, network, layout, names or contrast."""

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import ClassVar, Literal
from urllib.parse import urljoin
from zlib import crc32

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, Response

from tests.breadth import in_full

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
MOST_BYTES = 60_000  # of a page's HTML, as gzip sends it
# How browser and htmx tell of a refusal; its status is compared with what was expected.
REFUSAL = ("Failed to load resource: the server responded", "Response Status Error Code")


@dataclass(frozen=True)
class Look:
    """A screen on which pages are looked at."""

    scheme: Literal["light", "dark"]
    width: int

    def __str__(self) -> str:
        return f"{self.scheme} {self.width}"


LOOKS = (Look("light", 1440), Look("dark", 390))


def in_turn(name: str) -> Sequence[Look]:
    """The screens for a page: with every change one, always the same; the long way both."""
    return LOOKS if in_full() else LOOKS[crc32(name.encode()) % 2 :][:1]


# Whatever a person would have to scroll the whole page sideways for, or could not reach at all.
CUT_OFF = """() => {
  const edge = document.documentElement.clientWidth + 1;
  const scrolls = (part) => part && (/auto|scroll|hidden|clip/.test(getComputedStyle(part).overflowX)
    || scrolls(part.parentElement));
  const cut = [...document.body.querySelectorAll("*")].filter((part) => part.checkVisibility()
    && part.getBoundingClientRect().right > edge && !scrolls(part.parentElement));
  const wide = document.documentElement.scrollWidth > edge ? ["the page itself"] : [];
  const end = document.body.getBoundingClientRect().bottom + scrollY + 1;
  const below = document.documentElement.scrollHeight > Math.max(end, innerHeight);
  const sunk = [...document.body.querySelectorAll("*")]
    .filter((part) => below && part.checkVisibility() && part.getBoundingClientRect().bottom + scrollY > end);
  const long = below ? [`nothing below the page's end ${sunk.map((part) => part.outerHTML.slice(0, 80))}`] : [];
  const phone = innerWidth < 600 ? [...document.querySelectorAll("tbody tr")] : [];
  const rows = phone.filter((row) => row.checkVisibility() && row.scrollWidth > row.clientWidth + 1).slice(0, 1);
  return [...wide, ...long, ...[...rows, ...cut].map((part) => part.outerHTML.slice(0, 120))];
}"""
UNFOLD = "document.querySelectorAll('details').forEach((part) => { part.open = true; })"
# How an element is made, whether or not it can be seen, without its words and values.
MADE = r"""(part) => part.outerHTML.replace(/>[^<]+/g, ">")
  .replace(/ (id|for|name|value|href|action|datetime|aria-label|data-[a-z-]+)="[^"]*"/g, " $1")"""
SHEETS = f"""() => [...document.querySelectorAll("button[popovertarget]")]
  .filter((button) => button.checkVisibility() && !document.querySelector(":popover-open, :modal"))
  .map((button) => [`#${{button.popoverTargetElement.id}}`, ({MADE})(button.popoverTargetElement)])"""
# The shape of each part, down to its last child, and its place: of parts that are the same in both axe says the same,
# and it is slow. Words and numbers do not count. Gives [shape and place, where its parent stands in this list] of each
# part, parents first.
SHAPES = (
    f"const made = {MADE};"
    + """(root) => {
  const shapes = new Map(), parts = [], keys = [];
  const valued = ["class", "role", "type", "style", "aria-hidden", "aria-current"];
  const brief = (text) => {
    let [one, two] = [5381, 52711];
    for (let at = 0; at < text.length; at++) {
      one = Math.imul(one, 33) ^ text.charCodeAt(at);
      two = Math.imul(two, 31) + text.charCodeAt(at);
    }
    return (one >>> 0).toString(36) + (two >>> 0).toString(36);
  };
  const own = (part) => [part.tagName, ...part.getAttributeNames(), ...valued.map((name) => part.getAttribute(name)),
    [...part.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim())].join("|");
  const within = (part) => part ? brief(within(part.parentElement) + own(part)) : "";
  const shape = (part) => {
    const inside = part.checkVisibility() ? [...part.children].map(shape) : ["hidden", made(part)];
    shapes.set(part, brief([own(part), ...inside].join()));
    return shapes.get(part);
  };
  const tell = (part, place, parent) => {
    const inside = brief(place + own(part));
    const at = keys.push([brief(place + shapes.get(part)), parent]) - 1;
    parts.push(part);
    for (const child of part.children) if (shapes.has(child)) tell(child, inside, at);
  };
  const top = document.querySelector(root);
  shape(top);
  tell(top, within(top.parentElement), -1);
  window.inspected = parts;
  return keys;
}"""
)
MARK = """(judged) => {
  for (const part of document.querySelectorAll("[data-judged]")) part.removeAttribute("data-judged");
  for (const at of judged) window.inspected[at].setAttribute("data-judged", "");
}"""
AXE = "([context, options]) => axe.run(context, options).then((found) => found.violations)"
# Without «preload» axe does not fetch style sheets by itself, which our policy refuses, and no rule here needs.
OPTIONS = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"], "preload": False}


class Parts(HTMLParser):
    """The tags of a page, each with what it looks like but without words and values, and the links a crawl follows."""

    LOOKS_LIKE = frozenset({"class", "role", "type", "style", "aria-hidden", "aria-current", "rel", "scope"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(" ".join([tag, *(f"{n}={v}" if n in self.LOOKS_LIKE else n for n, v in attrs)]))
        named = dict(attrs)
        if tag == "a" and (link := named.get("href")) and "download" not in named:
            self.links.append(link)


def weight(html: bytes) -> list[str]:
    """What is wrong with the weight of a page as gzip sends it."""
    size = len(gzip.compress(html, 6)) if html else 0
    return [f"{size} bytes of compressed HTML"] if not 0 < size < MOST_BYTES else []


class Inspection:
    """Looks at one browser page on every screen and keeps what is wrong with it."""

    # What axe has judged on each screen, whoever was signed in.
    judged: ClassVar[dict[Look, set[str]]] = {look: set() for look in LOOKS}
    opened: ClassVar[set[tuple[Look, str]]] = set()
    # The tags of the pages of a kind that stood on a screen, whoever was signed in.
    drawn: ClassVar[dict[str, set[str]]] = {}

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        self.looked_at: list[str] = []
        self.addresses: list[str] = []
        self._heard: list[str] = []
        self._shown: Look | None = None
        self._refusals: list[int] = []
        self._document: Response | None = None
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self._heard.append(f"script error: {error}"))
        page.on("response", self._receive)

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning") and not said.text.startswith(REFUSAL):
            self._heard.append(f"console: {said.text}")

    def _receive(self, response: Response) -> None:
        request = response.request
        if request.is_navigation_request() and request.frame == self.page.main_frame:
            self._document = response
        if response.status >= 400:
            self._refusals.append(response.status)

    def visit(self, address: str, *, refused: int | None = None, kind: str = "") -> None:
        self.page.goto(address)
        self.look(kind or address, refused=refused)

    def pass_by(self, address: str, *, kind: str) -> list[str]:
        """Visit a page unless it is made of nothing but what stood on the screen in others of its kind; its links.

        What is not drawn is asked for all the same: it must answer, and be light. With every change, pages of one
        pattern are of one kind: a claim is drawn in another status only where something is new.
        """
        drawn = self.drawn.setdefault(kind if in_full() else kind.split()[0], set())
        # A kept connection that the server has closed meanwhile is opened anew, as the browser itself does.
        response = self.page.request.get(address, max_retries=1) if drawn else self.page.goto(address)
        assert response
        parts = Parts(response.text())
        if parts.tags <= drawn:
            self.looked_at.append(kind)
            self.addresses.append(response.url)
            faults = [] if response.ok else [f"answers [{response.status}], expected []"]
            self.faults += [f"{kind}: {fault}" for fault in (*faults, *weight(response.body()))]
        elif drawn:
            self.visit(address, kind=kind)
        else:
            self.look(kind)
        drawn |= parts.tags
        return [urljoin(response.url, link) for link in parts.links]

    def look(self, name: str, *, refused: int | None = None) -> None:
        """Judge what stands on the screen now; `refused` is the one status of refusal that belongs to it."""
        self.page.wait_for_load_state()
        self.looked_at.append(name)
        self.addresses.append(self.page.url)
        faults = [*self._heard, *self._unexpected(refused), *self._weight()]
        self.page.evaluate(UNFOLD)
        for look in in_turn(name):
            self._appear(look)
            faults += [f"{look}: {fault}" for fault in self._layout()]
            if (rules := self._axe("html", look)) is None:
                break
            faults += [f"{look}: {fault}" for fault in (*rules, *self._sheets(look))]
        self._appear(LOOKS[0])
        self.faults += [f"{name}: {fault}" for fault in faults]
        self._heard.clear()
        self._refusals.clear()

    def _appear(self, look: Look) -> None:
        if look != self._shown:
            self.page.emulate_media(color_scheme=look.scheme, reduced_motion="reduce")
            self.page.set_viewport_size({"width": look.width, "height": 900})
        self._shown = look

    def _unexpected(self, refused: int | None) -> list[str]:
        expected = [] if refused is None else [refused]
        return [] if self._refusals == expected else [f"answers {self._refusals}, expected {expected}"]

    def _weight(self) -> list[str]:
        return weight(self._document.body() if self._document else b"")

    def _layout(self) -> list[str]:
        return [f"cut off: {part}" for part in self.page.evaluate(CUT_OFF)]

    def _sheets(self, look: Look) -> list[str]:
        """What opens over the page without an address of its own: menus, filters, the navigation of a phone."""
        faults = []
        for sheet, made in self.page.evaluate(SHEETS):
            if (look, made) not in self.opened:
                self.opened.add((look, made))
                self.page.locator(f"button[popovertarget={sheet[1:]}]:visible").first.click()
                rules = self._axe(sheet, look) or []
                faults += [f"{sheet} open: {fault}" for fault in (*self._layout(), *rules)]
                self.page.keyboard.press("Escape")
        return faults

    def _axe(self, part: str, look: Look) -> list[str] | None:
        """What axe finds in what it has not judged yet; None where there is nothing of that kind."""

        judged, new, old = self.judged[look], set(), []
        for at, (key, parent) in enumerate(self.page.evaluate(SHAPES, part)):
            if parent >= 0 and parent not in new:
                continue
            if key in judged:
                old.append(at)
            else:
                judged.add(key)
                new.add(at)
        if not new:
            return None
        self.page.evaluate(MARK, old)
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(Axe().axe_script)
        found = self.page.evaluate(AXE, [{"include": [[part]], "exclude": [["[data-judged]"]]}, OPTIONS])
        return [
            f"{rule['id']} ({rule['help']}): {node['html'][:160]} {node['failureSummary'].splitlines()[1:2]}"
            for rule in found
            for node in rule["nodes"]
        ]
