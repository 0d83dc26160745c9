"""The history of what stands in the catalogue: who changed what, from what to what, on which occasion (ENG-8)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from incentives.models import User

from ..changes import Deed
from ..export import values_of
from ..models import Engagement, EvidenceSlot
from .differences import Difference, differences
from .fields import NOTHING
from .forms import FORMS
from .record_form import RecordForm

# The tables whose rows belong to an engagement, with the kind of record where a form knows their fields.
PARTS = (
    ("EvidenceSlot", ""),
    ("RateCard", "rate_card"),
    ("CannedComment", "canned_comment"),
    ("PrivateListEntry", ""),
)


@dataclass
class Event:
    """One person's change at one instant: what it was made on, and every field that it changed."""

    at: datetime
    by: str
    occasion: str | Promise
    lines: list[Difference] = field(default_factory=list)


def history(kind: str, row: Any) -> list[Event]:
    """Every change of this row and of what belongs to it, the newest first, in a constant number of queries."""
    sources = [lines_of(kind, events(type(row).__name__, Q(pgh_obj=row.pk)), FORMS[kind]())]
    if isinstance(row, Engagement):
        sources += [of_part(model, part, row) for model, part in PARTS]
    return grouped([line for source in sources for line in source])


def events(model: str, where: Q) -> Any:
    found = apps.get_model("engagements", f"{model}Event")._default_manager.filter(where).order_by("pgh_id")
    if model in {"RateCard", "CannedComment"}:
        return found.select_related("engagement")
    return found.select_related("location") if model == "PrivateListEntry" else found


def of_part(model: str, kind: str, engagement: Engagement) -> Iterator[tuple[Any, Difference]]:
    found = events(model, Q(engagement=engagement))
    if kind:
        return lines_of(kind, found, FORMS[kind](), named=True)
    return slots(found) if model == "EvidenceSlot" else entries(found)


def lines_of(
    kind: str, found: Iterable[Any], form: RecordForm, *, named: bool = False
) -> Iterator[tuple[Any, Difference]]:
    """The events of rows that have a form, each with the fields that it changed."""
    before: dict[Any, Any] = {}
    for event in found:
        values = values_of(kind, event)
        name = title(kind, values) if named else ""
        if event.pgh_label == "update" and event.pgh_obj_id in before:
            for line in differences(before[event.pgh_obj_id], values, form):
                label = f"{name}: {line.label}" if name else line.label
                yield event, Difference(label, line.old, line.new)
        else:
            yield event, whole(name or title(kind, values), event)
        before[event.pgh_obj_id] = values


def title(kind: str, values: dict[str, Any]) -> str:
    if kind == "rate_card":
        return _("Rate card from %(day)s") % {"day": values["from"]}
    if kind == "canned_comment":
        return _("Canned comment “%(title)s”") % {"title": values["title"]}
    return str(values["name"])


def whole(name: str, event: Any) -> Difference:
    """A row that came or went as a whole."""
    return {
        "insert": Difference(name, [NOTHING], [_("added")]),
        "delete": Difference(name, [_("there")], [_("removed")]),
    }.get(event.pgh_label, Difference(name, [NOTHING], [_("changed")]))


def slots(found: Iterable[Any]) -> Iterator[tuple[Any, Difference]]:
    before: dict[int, list[str]] = {}
    for event in found:
        kind = EvidenceSlot.Kind(event.kind).label
        now = [f"{event.name} ({kind}), {_('position')} {event.position}"]
        old = before.get(event.pgh_obj_id, [NOTHING])
        yield event, Difference(_("Document"), old, [_("removed")] if event.pgh_label == "delete" else now)
        before[event.pgh_obj_id] = now


def entries(found: Iterable[Any]) -> Iterator[tuple[Any, Difference]]:
    """Locations that came on a private list or went from it, however many at once: one line for each."""
    together: dict[Any, tuple[Any, list[str]]] = {}
    for event in found:
        key = (group_of(event), event.pgh_label)
        together.setdefault(key, (event, []))[1].append(str(event.location.partner_number))
    for event, numbers in together.values():
        added = event.pgh_label == "insert"
        label = _("Private list: added") if added else _("Private list: removed")
        yield event, Difference(label, [NOTHING], [", ".join(sorted(numbers))])


def grouped(lines: list[tuple[Any, Difference]]) -> list[Event]:
    """What was changed in one transaction by one person stands together."""
    people = {event.pgh_context.get("by") for event, _line in lines if event.pgh_context}
    names = {user.pk: str(user) for user in User.objects.filter(pk__in=people - {None})}
    found: dict[Any, Event] = {}
    for event, line in sorted(lines, key=lambda pair: pair[0].pgh_created_at):
        context = event.pgh_context or {}
        occasion = dict(Deed.choices).get(context.get("deed", ""), _("by the portal"))
        by = names.get(context.get("by", 0), _("The operator"))
        found.setdefault(group_of(event), Event(event.pgh_created_at, by, occasion)).lines.append(line)
    return list(found.values())[::-1]


def group_of(event: Any) -> Any:
    return event.pgh_context_id or event.pgh_created_at
