"""Loading what locations hold: every problem named with its line, all of it or nothing (ENG-7)."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from incentives.models import Location

from .merge import BATCH, Key, Outcome, merge
from .models import Attainment, Designation
from .recordfile import Fields, FileRefused, Problem, Record, day, optional, read, text, whole
from .verdicts import judge_locations

KINDS: dict[str, Fields] = {
    "attainment": {
        "partner_id": whole(1, 2_147_483_647),
        "designation": text(100),
        "held_from": day,
        "expires_on": optional(day),
    }
}


def load(path: Path, *, now: datetime) -> dict[str, Outcome]:
    """Write what the file says and judge its locations; raises FileRefused with every problem, and nothing was loaded.

    A file may be long: it is read once, in batches, and only its keys are kept.
    """
    loading = Loading()
    with transaction.atomic():
        loading.write_all(path)
    judge_locations({location for location, _designation in loading.lines}, now=now)
    return {"attainments": loading.outcome}


class Loading:
    """One pass over a file: what came of it, what was wrong, and on which line each attainment stood."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.outcome = Outcome()
        self.lines: dict[Key, int] = {}
        self.designations = set(Designation.objects.values_list("code", flat=True))

    def write_all(self, path: Path) -> None:
        records = read(path, KINDS, self.problems)
        while batch := list(islice(records, BATCH)):
            self.write([record for record in batch if record.sound])
        if self.problems:
            raise FileRefused(self.problems)

    def write(self, batch: list[Record]) -> None:
        numbers = {record.values["partner_id"] for record in batch}
        places = dict(Location.objects.filter(partner_number__in=numbers).values_list("partner_number", "pk"))
        wanted = {}
        for record in batch:
            values = record.values
            wrong = list(self.wrong(record, places))
            self.problems += [Problem(record.line, sentence) for sentence in wrong]
            if not wrong:
                key = places[values["partner_id"]], values["designation"]
                self.lines[key] = record.line
                wanted[key] = {"held_from": values["held_from"], "expires_on": values["expires_on"]}
        self.outcome.count(merge(Attainment, ["location_id", "designation_id"], wanted))

    def wrong(self, record: Record, places: dict[int, int]) -> Iterator[str]:
        values = record.values
        place, code = places.get(values["partner_id"]), values["designation"]
        if place is None:
            yield _("“partner_id”: no location has the PartnerID %(number)s.") % {
                "number": values["partner_id"]
            }
        if code not in self.designations:
            yield _("“designation”: “%(code)s” is not known. Check the code.") % {"code": code}
        if values["expires_on"] and values["expires_on"] < values["held_from"]:
            yield _("“expires_on” is before “held_from”.")
        if first := self.lines.get((place, code)):
            yield _("This attainment stands on line %(line)s already. Keep one of them.") % {"line": first}
