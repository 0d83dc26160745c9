"""Sheets from which claims are created: who uploaded which, how far it is, and what became of each row (BEY-4)."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from incentives.long_work import LongWork, LongWorkQuerySet, percent
from incentives.models import User

from .claim import Claim


class ClaimSheetQuerySet(LongWorkQuerySet["ClaimSheet"]):
    def of(self, user: User) -> "ClaimSheetQuerySet":
        """The sheets that this person uploaded; anybody else's do not exist for them."""
        return self.filter(user=user)

    def past_their_time(self, now: datetime) -> "ClaimSheetQuerySet":
        return self.filter(uploaded_at__lte=now).exclude(state__in=ClaimSheet.UNFINISHED)


class ClaimSheet(LongWork):
    """One uploaded sheet. Its rows are checked first; only when the person says so are claims created from them."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        CHECKING = "checking", _("Being checked")
        CHECKED = "checked", _("Checked")
        CREATING = "creating", _("Creating claims")
        DONE = "done", _("Done")
        FAILED = "failed", _("Broken off")
        CANCELLED = "cancelled", _("Cancelled")

    TONES = {
        State.QUEUED: "neutral",
        State.CHECKING: "waiting",
        State.CHECKED: "waiting",
        State.CREATING: "waiting",
        State.DONE: "good",
        State.FAILED: "bad",
        State.CANCELLED: "off",
    }
    AT_WORK = (State.CHECKING, State.CREATING)
    UNFINISHED = (State.QUEUED, *AT_WORK)
    FINISHED = (State.DONE, State.FAILED, State.CANCELLED)

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    name = models.CharField(max_length=200)
    size = models.PositiveIntegerField()
    form_key = models.UUIDField()
    uploaded_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(
        null=True, help_text=_("When the person said that the claims are to be created.")
    )
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    total = models.PositiveIntegerField(help_text=_("How many rows are to be checked, or made into claims."))
    passed = models.PositiveIntegerField(default=0, help_text=_("How many of them have been."))

    objects = ClaimSheetQuerySet.as_manager()

    class Meta:
        ordering = ["-uploaded_at", "-id"]
        indexes = [
            models.Index(fields=["user", "-uploaded_at", "-id"], name="sheets_of_a_person"),
            models.Index(
                fields=["id"],
                condition=Q(state__in=("queued", "checking", "creating")),
                name="sheets_to_do",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["user", "form_key"], name="a_sheet_form_is_sent_once"),
            models.CheckConstraint(
                condition=~Q(state__in=("creating", "done")) | Q(confirmed_at__isnull=False),
                name="nothing_is_created_unasked",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_finished(self) -> bool:
        return self.state in self.FINISHED

    @property
    def is_checked(self) -> bool:
        return self.state == self.State.CHECKED

    @property
    def percent(self) -> int:
        return percent(self.passed, self.total)


class SheetRow(models.Model):
    """One row of a sheet: its cells by column, what was found in them, and the claim that it became or already is.

    `trouble` is what is wrong with how the row was written, whatever its cells say.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Not checked yet")
        READY = "ready", _("Ready")
        WRONG = "wrong", _("To mend")
        REPEATED = "repeated", _("Repeated in the sheet")
        CLAIMED = "claimed", _("Already claimed")
        CREATED = "created", _("Created")
        REFUSED = "refused", _("Refused")

    TONES = {
        State.WAITING: "neutral",
        State.READY: "waiting",
        State.WRONG: "bad",
        State.REPEATED: "warn",
        State.CLAIMED: "off",
        State.CREATED: "good",
        State.REFUSED: "bad",
    }
    WITH_CLAIM = (State.CLAIMED, State.CREATED)

    sheet = models.ForeignKey(ClaimSheet, on_delete=models.CASCADE, related_name="rows", db_index=False)
    line = models.PositiveIntegerField()
    cells = models.JSONField(default=dict)
    trouble = models.CharField(max_length=400, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    findings = models.JSONField(default=dict)
    claim = models.ForeignKey(Claim, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        ordering = ["line"]
        indexes = [models.Index(fields=["sheet", "state", "line"], name="rows_of_a_sheet_by_state")]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "line"], name="a_sheet_has_each_line_once"),
            models.CheckConstraint(
                condition=Q(state__in=("claimed", "created"), claim__isnull=False)
                | ~Q(state__in=("claimed", "created")) & Q(claim__isnull=True),
                name="a_row_has_a_claim_once_it_is_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.label}"

    @property
    def label(self) -> str:
        """Its state in words; what was ready in a sheet that ended early was not created."""
        if self.state == self.State.READY and self.sheet.is_finished:
            return str(_("Not created"))
        return str(self.get_state_display())

    @property
    def tone(self) -> str:
        return self.TONES[self.State(self.state)]
