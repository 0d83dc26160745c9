"""Loading the customer directory: organizations, their IDs, and the tenant of each domain (WIZ-3).

A file has two kinds of records, one a line, an organization before its IDs: `organization` (`code`, `name`,
`country`, `sector`, `segment`, `tpid`) and `identity` (`organization`, `kind`, `value`, and for a domain its
`tenant`, null where none is found). It may be long: it is read once, in batches, and only its keys are kept.
"""

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.utils.translation import gettext as _

from engagements import customer_ids
from engagements.merge import BATCH, Outcome, merge
from engagements.models import IdKind
from engagements.recordfile import (
    Fields,
    FileRefused,
    Problem,
    Record,
    code,
    country,
    one_of,
    optional,
    read,
    text,
)

from ..models import CustomerIdentity, Organization
from .answers import stop_learning

KINDS: dict[str, Fields] = {
    "organization": {
        "code": code(60),
        "name": text(200),
        "country": country,
        "sector": one_of(Organization.Sector.COMMERCIAL, Organization.Sector.PUBLIC),
        "segment": text(40, empty=True),
        "tpid": text(12),
    },
    "identity": {
        "organization": code(60),
        "kind": one_of(*IdKind.values),
        "value": text(255),
        "tenant?": optional(text(40)),
    },
}
Key = tuple[str, str]


@transaction.atomic
def load(path: Path) -> dict[str, Outcome]:
    """Write what the file says; raises FileRefused with every problem, and then nothing was loaded."""
    stop_learning()
    loading = Loading()
    records = read(path, KINDS, loading.problems)
    while batch := list(islice(records, BATCH)):
        loading.write(batch)
    loading.write_tenants()
    loading.check_tpids()
    follow_tenants()
    if loading.problems:
        raise FileRefused(loading.problems)
    return loading.outcomes


class Loading:
    """One pass over a file: what came of it, what was wrong, and on which line each key stood first."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.outcomes = {name: Outcome() for name in ("organizations", "customer IDs", "tenants of domains")}
        self.lines: dict[Key, int] = {}
        self.unsound: set[str | None] = set()
        self.tpids: dict[str, str] = {}
        self.tenants: dict[Key, str | None] = {}

    def complain(self, line: int, text: str) -> None:
        self.problems.append(Problem(line, text))

    def is_new(self, key: Key, line: int) -> bool:
        """Whether this key stands here for the first time; the second time is a problem."""
        first = self.lines.setdefault(key, line)
        if first != line:
            self.complain(
                line, _("This record stands on line %(line)s already. Keep one of them.") % {"line": first}
            )
        return first == line

    def write(self, batch: list[Record]) -> None:
        """Organizations first, so that the IDs of the same batch find theirs."""
        self.unsound |= {record.values.get("code") for record in batch if not record.sound}
        sound = [record for record in batch if record.sound]
        self.write_organizations([record for record in sound if record.kind == "organization"])
        self.write_identities([record for record in sound if record.kind == "identity"])

    def write_organizations(self, records: list[Record]) -> None:
        rows = {}
        for record in records:
            name = record.values.pop("code")
            if self.is_new(("organization", name), record.line):
                self.tpids[name] = record.values.pop("tpid")
                rows[(name,)] = record.values
        self.outcomes["organizations"].count(merge(Organization, ["code"], rows))

    def write_identities(self, records: list[Record]) -> None:
        named = {record.values["organization"] for record in records}
        known = dict(Organization.objects.filter(code__in=named).values_list("code", "pk"))
        rows = {}
        for record in records:
            owner = record.values["organization"]
            if owner not in known and owner not in self.unsound:
                text = _("The organization “%(code)s” is not known. Write its record before its IDs.")
                self.complain(record.line, text % {"code": owner})
            elif (key := self.key(record)) and owner in known:
                rows[key] = {"organization_id": known[owner]}
        self.outcomes["customer IDs"].count(merge(CustomerIdentity, ["kind", "value"], rows))

    def key(self, record: Record) -> Key | None:
        """The ID in the spelling in which it is stored, or None where it is wrong or stands there already."""
        kind, values = record.values["kind"], record.values
        if ("tenant" in values) != (kind == IdKind.DOMAIN):
            self.complain(
                record.line, _("“tenant” belongs to a domain, and every domain has it (null: none is found).")
            )
            return None
        try:
            key = (kind, customer_ids.normalize(kind, values["value"]))
            tenant = values.get("tenant") and customer_ids.normalize(IdKind.TENANT, values["tenant"])
        except ValidationError as error:
            self.complain(record.line, " ".join(error.messages))
            return None
        if kind == IdKind.DOMAIN:
            self.tenants[key] = tenant
        return key if self.is_new(key, record.line) else None

    def write_tenants(self) -> None:
        """Last, because a domain may stand before its tenant; both must belong to one organization."""
        domains = iter(self.tenants)
        while batch := list(islice(domains, BATCH)):
            owners = owners_of(IdKind.DOMAIN, [value for _kind, value in batch])
            found = owners_of(IdKind.TENANT, filter(None, (self.tenants[key] for key in batch)))
            rows = {}
            for key in batch:
                tenant = self.tenants[key]
                pk, owner = found.get(tenant, (None, None))
                if tenant and key[1] in owners and owner != owners[key[1]][1]:
                    self.complain(self.lines[key], _("“tenant”: this organization has no such tenant ID."))
                elif key[1] in owners:
                    rows[key] = {"tenant_id": pk}
            self.outcomes["tenants of domains"].count(merge(CustomerIdentity, ["kind", "value"], rows))

    def check_tpids(self) -> None:
        """The TPID that an organization is known by must be among its IDs."""
        names = iter(self.tpids)
        while batch := list(islice(names, BATCH)):
            tpids = CustomerIdentity.objects.filter(kind=IdKind.TPID, organization__code__in=batch)
            stored = set(tpids.values_list("organization__code", "value"))
            for name in batch:
                if (name, self.tpids[name]) not in stored:
                    self.complain(
                        self.lines["organization", name],
                        _("“tpid”: no identity record of this organization has it."),
                    )


def follow_tenants() -> None:
    """Domains that the authority told of, former ones too, go with their tenant to whom a file gives it."""
    tenants = CustomerIdentity.objects.filter(pk=OuterRef("tenant"))
    left_behind = CustomerIdentity._base_manager.filter(tenant__isnull=False).exclude(
        organization=F("tenant__organization")
    )
    left_behind.update(organization=Subquery(tenants.values("organization")))


def owners_of(kind: str, values: Iterable[str]) -> dict[str | None, tuple[int | None, int | None]]:
    """Primary key and organization of each of these IDs."""
    found = CustomerIdentity.objects.filter(kind=kind, value__in=list(values))
    return {value: (pk, owner) for value, pk, owner in found.values_list("value", "pk", "organization")}
