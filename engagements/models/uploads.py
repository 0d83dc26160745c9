"""Uploaded lists of eligible customers: who brought which file when, how far it is, and what it changed (ENG-8)."""

import uuid

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from incentives.long_work import LongWork, LongWorkQuerySet
from incentives.models import User

from .engagement import Engagement

FOLDER = "customer-lists"


def storage_name(upload: "ListUpload", name: str) -> str:
    """A name that nobody can guess and that says nothing about the list."""
    return f"{FOLDER}/{uuid.uuid4().hex}"


class ListUploadQuerySet(LongWorkQuerySet["ListUpload"]):
    """The uploads, found by how far they are."""


class ListUpload(LongWork):
    """One file for an engagement's list of eligible customers. Once it is finished, nobody can rewrite its record."""

    class Mode(models.TextChoices):
        REPLACE = "replace", _("Replace the list")
        ADD = "add", _("Add to the list")

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        READING = "reading", _("Reading")
        WRITING = "writing", _("Writing")
        DONE = "done", _("Done")
        REFUSED = "refused", _("Refused")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Failed")

    TONES = {
        State.QUEUED: "neutral",
        State.READING: "waiting",
        State.WRITING: "waiting",
        State.DONE: "good",
        State.REFUSED: "bad",
        State.CANCELLED: "off",
        State.FAILED: "bad",
    }
    AT_WORK = (State.READING, State.WRITING)
    UNFINISHED = (State.QUEUED, *AT_WORK)
    CANCELLABLE = (State.QUEUED, State.READING)

    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="list_uploads")
    mode = models.CharField(max_length=10, choices=Mode)
    file = models.FileField(upload_to=storage_name, max_length=100)
    name = models.CharField(max_length=200)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    form_key = models.UUIDField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    percent = models.PositiveSmallIntegerField(default=0)
    rows = models.PositiveIntegerField(default=0)
    bad = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    cancelled_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ListUploadQuerySet.as_manager()

    class Meta:
        ordering = ["-uploaded_at", "-id"]
        indexes = [
            models.Index(fields=["engagement", "-uploaded_at", "-id"], name="uploads_of_an_engagement"),
            models.Index(
                fields=["id"], condition=Q(state__in=("queued", "reading", "writing")), name="uploads_to_do"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["engagement"],
                condition=Q(state__in=("reading", "writing")),
                name="one_upload_at_work_per_list",
            ),
            models.UniqueConstraint(
                fields=["engagement", "uploaded_by", "form_key"], name="a_list_form_is_sent_once"
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="finished_uploads_stay",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state__in=("done", "refused", "cancelled", "failed")),
            ),
            pgtrigger.Protect(name="uploads_are_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_done(self) -> bool:
        return self.state == self.State.DONE

    @property
    def can_be_cancelled(self) -> bool:
        return self.state in self.CANCELLABLE


class BadRow(models.Model):
    """A row that kept a file from being taken: where it stands, what was found there, what to write instead."""

    upload = models.ForeignKey(ListUpload, on_delete=models.CASCADE, related_name="bad_rows")
    line = models.PositiveIntegerField()
    found = models.CharField(max_length=120, blank=True)
    advice = models.CharField(max_length=400)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.line}: {self.advice}"
