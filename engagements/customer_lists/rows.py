"""What stands in a row of a list: a type of customer ID and an ID, judged by the rules of the wizard (WIZ-3)."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from incentives.cells import as_typed
from incentives.tables.refusals import UNREADABLE, RowRefused, TableRefused, shown
from incentives.tables.rows import trimmed

from .. import customer_ids
from ..models import IdKind

COLUMNS = ("Customer ID type", "Customer ID")


def check_header(cells: Sequence[str]) -> None:
    """The first row names the two columns; whatever else it says, the rows below may mean something else."""
    names = trimmed(cells)
    if [name.casefold() for name in names] != [name.casefold() for name in COLUMNS]:
        text = _(
            "The first row must name the two columns “%(kind)s” and “%(value)s”, in this order and no others."
            " It says: %(found)s. Download the template and paste your list into it."
        )
        found = shown(", ".join(f"“{name}”" for name in names)) or _("nothing")
        raise TableRefused(text % {"kind": COLUMNS[0], "value": COLUMNS[1], "found": found})


class RowCheck:
    """Turns the rows of one engagement's list into what is stored, or says what to write instead."""

    def __init__(self, id_types: Iterable[str]) -> None:
        self.allowed = [IdKind(kind) for kind in id_types]
        # Almost every row is written like this: its type by its name or code, its ID in the one stored spelling.
        self.usual: dict[str, tuple[str, Callable[[str], Any]]] = {
            spelling: (f"{kind.value}\t", customer_ids.STORED[kind].fullmatch)
            for kind in self.allowed
            for spelling in (str(kind.label), kind.value)
        }
        self.kinds = {
            spelling.casefold(): kind for kind in IdKind for spelling in (str(kind.label), kind.value)
        }

    def stored(self, cells: list[str]) -> str:
        """The row as it goes into the database, kind and ID with a tab between; nothing for an empty row.

        Raises RowRefused with what to write instead.
        """
        if len(cells) == 2 and (usual := self.usual.get(cells[0])):
            start, matches = usual
            if matches(cells[1]):
                return start + cells[1]
        return self.read_closely(trimmed(cells))

    def read_closely(self, cells: list[str]) -> str:
        if not cells:
            return ""
        for cell in cells:
            if UNREADABLE.search(cell):
                raise RowRefused(
                    cell,
                    _("This cannot be read: the file mixes encodings. Save it as “CSV UTF-8”."),
                )
        if len(cells) > 2:
            text = _("This row has %(count)s cells instead of two. Keep the type and the ID only.")
            raise RowRefused(" | ".join(cells), text % {"count": len(cells)})
        if len(cells) < 2:
            raise RowRefused(cells[0], _("The customer ID is missing. Write it into the second column."))
        kind = self.kind(cells[0])
        return f"{kind.value}\t{self.value(kind, cells[1])}"

    def kind(self, name: str) -> IdKind:
        known = self.kinds.get(name.casefold())
        if known in self.allowed:
            return self.kinds[name.casefold()]
        if known:
            text = _("This engagement does not take this type of ID. Write one of: %(allowed)s.")
        else:
            text = _("This is not a type of customer ID. Write one of: %(allowed)s.")
        allowed = ", ".join(str(kind.label) for kind in self.allowed)
        raise RowRefused(name, text % {"allowed": allowed})

    def value(self, kind: IdKind, text: str) -> str:
        if text.startswith("="):
            raise RowRefused(text, _("This is a formula. Write the ID that it stands for."))
        try:
            return customer_ids.normalize(kind, as_typed(text))
        except ValidationError as wrong:
            raise RowRefused(text, wrong.messages[0]) from wrong
