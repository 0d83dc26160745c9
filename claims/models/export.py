"""Exports that are made in the background: who asked for which list, how far it is, and the file for a day (CLM-2)."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from incentives.cells import CSV_TYPE
from incentives.long_work import LongWork, LongWorkQuerySet, percent
from incentives.models import User
from incentives.uploads import random_name
from incentives.workbooks import XLSX_TYPE

FOLDER = "exports"


def storage_name(export: "Export", name: str) -> str:
    """A name that nobody can guess and that says nothing about the list."""
    return random_name(FOLDER)


class ExportQuerySet(LongWorkQuerySet["Export"]):
    def past_their_time(self, now: datetime) -> "ExportQuerySet":
        return self.filter(state=Export.State.DONE, expires_at__lte=now)


class Export(LongWork):
    """One file that somebody asked for. It has a file only once that is whole, and until it expires."""

    class Format(models.TextChoices):
        CSV = "csv", _("CSV")
        XLSX = "xlsx", _("Excel workbook")

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        MAKING = "making", _("Being made")
        DONE = "done", _("Ready")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")
        EXPIRED = "expired", _("Expired")

    TONES = {
        State.QUEUED: "neutral",
        State.MAKING: "waiting",
        State.DONE: "good",
        State.FAILED: "bad",
        State.CANCELLED: "off",
        State.EXPIRED: "off",
    }
    CONTENT_TYPES = {
        Format.CSV: CSV_TYPE,
        Format.XLSX: XLSX_TYPE,
    }
    AT_WORK = (State.MAKING,)
    UNFINISHED = (State.QUEUED, *AT_WORK)

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    format = models.CharField(max_length=4, choices=Format)
    query = models.CharField(max_length=8000)
    form_key = models.UUIDField()
    requested_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    total = models.PositiveIntegerField(default=0)
    rows = models.PositiveIntegerField(default=0)
    locations = ArrayField(
        models.BigIntegerField(),
        default=list,
        help_text=_("The locations whose claims the file was made from."),
    )
    name = models.CharField(max_length=60, blank=True)
    file = models.FileField(upload_to=storage_name, max_length=100, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    expires_at = models.DateTimeField(null=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ["-requested_at", "-id"]
        indexes = [
            models.Index(fields=["user", "-requested_at", "-id"], name="exports_of_a_person"),
            models.Index(fields=["id"], condition=Q(state__in=("queued", "making")), name="exports_to_do"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["user", "form_key"], name="an_export_form_is_sent_once"),
            models.CheckConstraint(
                condition=Q(state="done") & ~Q(file="") & Q(expires_at__isnull=False)
                | ~Q(state="done") & Q(file=""),
                name="an_export_has_a_file_while_it_is_ready",
            ),
        ]

    def __str__(self) -> str:
        return self.name or f"{self.format} {self.requested_at:%Y-%m-%d %H:%M}"

    @property
    def is_ready(self) -> bool:
        return self.state == self.State.DONE

    @property
    def content_type(self) -> str:
        return self.CONTENT_TYPES[self.Format(self.format)]

    @property
    def percent(self) -> int:
        return percent(self.rows, self.total)
