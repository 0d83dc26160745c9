"""Templates and delivery material: what partners may download, and how the owner publishes it (ENG-4, DL-7)."""

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from incentives import uploads
from incentives.filekinds import FileKind
from incentives.models import User

from .models import Engagement, EvidenceSlot, Material, MaterialVersion


class PublicationRefused(Exception):
    """A version is not published; says at which field of the form, why, and what to do."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True)
class Download:
    """What partners see of one material: the version in effect, and the next one that is announced."""

    title: str
    material: Material
    current: MaterialVersion | None
    coming: MaterialVersion | None

    @property
    def versions(self) -> list[MaterialVersion]:
        return [version for version in (self.current, self.coming) if version]


@dataclass(frozen=True)
class Shelved:
    """One line of an engagement at the desk: a slot with its template, if it has one, or delivery material."""

    title: str
    slot: str
    download: Download | None


@dataclass(frozen=True)
class Place:
    """A document slot of an engagement for which there can be a template."""

    code: str
    name: str


def places(engagement: Engagement) -> list[Place]:
    """The slots with templates: every POE document, and the public sector disclosure.

    An invoice has none, because each claim fills in its own (POE-3).
    """
    slots = [s for s in engagement.evidence.all() if s.kind != EvidenceSlot.Kind.INVOICE]
    psd = EvidenceSlot.Kind.PSD
    return [*(Place(slot.code, slot.name) for slot in slots), Place(psd.value, str(psd.label))]


def materials_of(engagement: Engagement) -> list[Material]:
    """Every material with all its versions: templates in the order of the slots, then delivery material by title."""
    order = {place.code: number for number, place in enumerate(places(engagement))}
    found = engagement.materials.prefetch_related("versions__uploaded_by")
    return sorted(found, key=lambda material: (not material.slot, order.get(material.slot, len(order))))


def downloads(engagement: Engagement, *, now: datetime) -> list[Download]:
    """What partners may download now: never an older version, nor the template of a slot that is gone."""
    names = {place.code: place.name for place in places(engagement)}
    offered = [
        download_of(material, now, title=names.get(material.slot, material.title))
        for material in materials_of(engagement)
        if not material.slot or material.slot in names
    ]
    return [download for download in offered if download.versions]


def download_of(material: Material, now: datetime, *, title: str) -> Download:
    return Download(title, material, material.in_effect(now), material.to_come(now))


def shelf(engagement: Engagement, *, now: datetime) -> list[Shelved]:
    """Everything that the desk keeps for an engagement, with the slots that have no template yet."""
    names = {place.code: place.name for place in places(engagement)}
    kept = [(m, names.pop(m.slot, m.title)) for m in materials_of(engagement)]
    lines = [Shelved(title, m.slot, download_of(m, now, title=title)) for m, title in kept]
    empty = [Shelved(name, code, None) for code, name in names.items()]
    return sorted([*lines, *empty], key=lambda line: not line.slot)


@dataclass(frozen=True)
class Publication:
    """What the programme owner fills in for one version."""

    file: UploadedFile
    effective_on: date
    changes: str = ""
    form_key: uuid.UUID | None = None


def begin(
    engagement: Engagement,
    publication: Publication,
    *,
    slot: str = "",
    title: str = "",
    by: User,
    now: datetime,
) -> MaterialVersion:
    """Publish the first version of a slot's template or, without a slot, of delivery material under its own title.

    Raises UploadRefused or PublicationRefused, and then nothing is kept.
    """
    kind = uploads.check(publication.file)
    if slot:
        named, title = {"slot": slot}, {place.code: place.name for place in places(engagement)}[slot]
    else:
        named = {"slot": "", "title__iexact": title}
    with transaction.atomic():
        material, is_new = Material.objects.get_or_create(
            engagement=engagement, **named, defaults={"title": title}
        )
        if not is_new and not sent_before(material, publication):
            text = _("“%(title)s” is there already. Open it, and add a version to it.")
            raise PublicationRefused("title", text % {"title": material})
        return add(material, publication, kind, by=by, now=now)


def publish(material: Material, publication: Publication, *, by: User, now: datetime) -> MaterialVersion:
    """Add the next version; the older ones stay for audit and for claims that were submitted under them (DL-7).

    Raises UploadRefused or PublicationRefused, and then nothing is kept. A form that is sent twice counts once (R06).
    """
    kind = uploads.check(publication.file)
    with transaction.atomic():
        Material.objects.select_for_update(no_key=True).get(pk=material.pk)
        return add(material, publication, kind, by=by, now=now)


def sent_before(material: Material, publication: Publication) -> MaterialVersion | None:
    """The version that this very form has made already, if it is sent again."""
    key = publication.form_key
    return material.versions.filter(form_key=key).first() if key else None


def add(
    material: Material, publication: Publication, kind: FileKind, *, by: User, now: datetime
) -> MaterialVersion:
    """Number, store and record a version; the caller holds the material's row."""
    if sent := sent_before(material, publication):
        return sent
    newest = material.versions.first()
    facts = uploads.facts_of(publication.file, kind)
    if publication.effective_on < now.date():
        raise PublicationRefused(
            "effective_on", _("A version cannot take effect in the past. Choose today or later.")
        )
    if newest and newest.sha256 == facts["sha256"]:
        text = _("This file is the same as version %(number)s. Choose the new file.")
        raise PublicationRefused("file", text % {"number": newest.number})
    version = MaterialVersion(
        material=material,
        number=newest.number + 1 if newest else 1,
        effective_at=max(now, datetime.combine(publication.effective_on, time.min, UTC)),
        changes=publication.changes,
        form_key=publication.form_key,
        uploaded_by=by,
        uploaded_at=now,
        **facts,
    )
    version.file.save(version.name, publication.file, save=False)
    try:
        version.save()
    except BaseException:
        version.file.delete(save=False)
        raise
    return version
