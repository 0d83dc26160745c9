"""The outbox: every mail is a row first, written in the transaction of the deed it tells of."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Window
from django.db.models.functions import Lower, RowNumber
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ..redaction import ANSWER_LENGTH
from .caps import WINDOW, SendCap
from .links import Link
from .outages import Outage
from .stops import Stop
from .wishes import ReminderWish, key_to


class MessageQuerySet(models.QuerySet["Message"]):
    def due(self, now: datetime, *, probing: bool = False) -> "MessageQuerySet":
        """What may leave now, asked in the very statement that takes a message.

        Nothing leaves while delivery is stopped, and nothing but a probe while the server is out of reach.
        """
        reached = self if probing else self.filter(~Exists(Outage.objects.all()))
        return reached.filter(
            ~Exists(Stop.objects.all()), state=Message.State.QUEUED, next_attempt_at__lte=now
        )

    def in_turn(self) -> "MessageQuerySet":
        """The oldest of each company, then the second of each: a thousand mails of one keep nobody else waiting."""
        oldest_first = [F("next_attempt_at"), F("pk")]
        turn = Window(RowNumber(), partition_by=F("on_behalf_of"), order_by=oldest_first)
        return self.annotate(turn=turn).order_by("turn", "next_attempt_at", "pk")

    def stranded(self, now: datetime) -> "MessageQuerySet":
        return self.filter(state=Message.State.SENDING, lease_until__lte=now)

    def left_by(self, holder: str) -> "MessageQuerySet":
        """What this holder had in its hands when it died."""
        return self.filter(state=Message.State.SENDING, taken_by=holder)

    def retriable(self, now: datetime) -> "MessageQuerySet":
        """What failed and is worth another try: not where its link would open nothing any more."""
        dead = Link.dead(now).filter(pk=OuterRef("link_id"))
        return self.filter(~Exists(dead), state=Message.State.FAILED)

    def newest_of_each_kind(self, about: int) -> "MessageQuerySet":
        """The last mail of each kind that a claim's partner has sent about it."""
        sent = self.filter(about=about, kind__in=Message.CAPPED)
        return sent.order_by("kind", "-created_at", "-pk").distinct("kind").defer("context")

    def lost_requests(self) -> "MessageQuerySet":
        """The requests for consent that reached nobody and that no newer one has followed."""
        newer = Message.objects.filter(
            about=OuterRef("about"), kind=Message.Kind.CONSENT_REQUEST, pk__gt=OuterRef("pk")
        )
        return self.filter(~Exists(newer), kind=Message.Kind.CONSENT_REQUEST, state=Message.State.FAILED)

    def dead_addresses(self, about: Iterable[int]) -> set[tuple[int | None, str]]:
        """Each of these claims with the addresses, in small letters, whose newest mail about it came back or was
        refused for good.
        """
        of_claims = self.filter(about__in=about).annotate(address=Lower("to"))
        newest = of_claims.order_by("about", "address", "-created_at", "-pk").distinct("about", "address")
        return {(mail.about, mail.to.lower()) for mail in newest.defer("context") if mail.reached_nobody}

    def lost(self, addresses: Iterable[str]) -> dict[str, datetime]:
        """Those of these addresses whose newest mail reached nobody, in small letters, and when it was written."""
        there = self.annotate(address=Lower("to")).filter(address__in=list(addresses))
        newest = there.order_by("address", "-created_at", "-pk").distinct("address")
        return {mail.to.lower(): mail.created_at for mail in newest.defer("context") if mail.reached_nobody}

    def to_address(self, beginning: str) -> "MessageQuerySet":
        """The mails to addresses that begin so, capitals aside."""
        return self.alias(address=Lower("to")).filter(address__startswith=beginning.lower())


class Message(models.Model):
    """One mail to one person; its text is rendered at delivery, so no link key is ever stored."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SENDING = "sending", _("Sending")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")

    class Kind(models.TextChoices):
        CONSENT_REQUEST = "consent_request", _("Consent request")
        CUSTOMER_SURVEY = "customer_survey", _("Customer survey")
        PARTNER_SURVEY = "partner_survey", _("Partner survey")
        REMINDER = "reminder", _("Reminder to the partner")
        REMINDER_CUSTOMER = "reminder_customer", _("Reminder to the customer")
        REMINDER_DIGEST = "reminder_digest", _("Reminders of a day")
        CLAIM_ACTION_REQUIRED = "claim_action_required", _("Action required")
        CLAIM_APPROVED = "claim_approved", _("Claim approved")
        CLAIM_REJECTED = "claim_rejected", _("Claim rejected")
        INVITATION = "invitation", _("Invitation")
        PASSWORD_RESET = "password_reset", _("Password reset")
        PASSWORD_CHANGED = "password_changed", _("Password changed")
        PAYEE_CHANGED = "payee_changed", _("Bank or tax details changed")

    class Standing(models.TextChoices):
        """The state as people need to know it."""

        QUEUED = "queued", _("Queued")
        SENDING = "sending", _("Sending")
        DEFERRED = "deferred", _("Deferred")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        BOUNCED = "bounced", _("Came back")

    kind = models.CharField(max_length=40, choices=Kind)
    to = models.EmailField(max_length=254)
    subject = models.CharField(max_length=400)
    context = models.JSONField(default=dict)
    link = models.ForeignKey(Link, null=True, on_delete=models.PROTECT)
    about = models.BigIntegerField(null=True, help_text=_("The Claim ID this mail is about."))
    on_behalf_of = models.BigIntegerField(
        default=0, db_default=0, help_text=_("The company whose mail it is, or 0 if it is nobody's.")
    )
    dedupe_key = models.CharField(max_length=200, null=True, unique=True)  # noqa: DJ001 (no key, no duplicate)
    message_id = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    refusals = models.PositiveSmallIntegerField(
        default=0,
        db_default=0,
        help_text=_("Attempts after which it is certain that no server took the mail."),
    )
    created_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    retried_at = models.DateTimeField(null=True, help_text=_("When somebody had a failed mail tried again."))
    paced = models.BooleanField(
        default=False,
        db_default=False,
        help_text=_("Whether its next attempt is its turn among those to its domain."),
    )
    lease_until = models.DateTimeField(null=True)
    taken_by = models.CharField(
        max_length=40,
        default="",
        db_default="",
        blank=True,
        help_text=_("The task that has or had it in hand."),
    )
    sent_at = models.DateTimeField(null=True)
    bounced_at = models.DateTimeField(
        null=True, help_text=_("When we learned that a mail that was sent came back.")
    )
    answer = models.CharField(
        max_length=ANSWER_LENGTH, blank=True, help_text=_("What the mail server said last.")
    )

    objects = MessageQuerySet.as_manager()

    # Those that a claim's partner has sent, at most one of a kind in 24 hours.
    CAPPED = (Kind.CONSENT_REQUEST, Kind.CUSTOMER_SURVEY, Kind.PARTNER_SURVEY)

    # Those that nobody has to receive who does not want them; every other kind is part of what was agreed.
    REMINDERS = (Kind.REMINDER, Kind.REMINDER_CUSTOMER, Kind.REMINDER_DIGEST)

    class Meta:
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(state="queued"), name="mail_due"),
            models.Index(
                fields=["on_behalf_of", "next_attempt_at", "id"],
                condition=Q(state="queued"),
                name="mail_in_turn",
            ),
            models.Index(fields=["lease_until"], condition=Q(state="sending"), name="mail_in_flight"),
            models.Index(fields=["about", "kind", "-created_at"], name="mail_about"),
            models.Index(
                fields=["about"],
                condition=Q(kind="consent_request", state="failed"),
                name="mail_lost_requests",
            ),
            models.Index(fields=["-created_at"], name="mail_newest"),
            models.Index(fields=["state", "-created_at", "-id"], name="mail_by_state"),
            models.Index(fields=["kind", "-created_at", "-id"], name="mail_by_kind"),
            models.Index(OpClass(Lower("to"), name="text_pattern_ops"), name="mail_by_address"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.to}"

    RETRY_AFTER = [timedelta(minutes=m) for m in (1, 2, 5, 10, 20, 30, 60)]
    GIVE_UP_AFTER = timedelta(hours=72)

    @property
    def standing(self) -> Standing:
        """What became of the mail so far; deferred is what a server put off and waits for its next try."""
        if self.state == self.State.QUEUED and self.attempts:
            return self.Standing.DEFERRED
        if self.state == self.State.FAILED and self.bounced_at:
            return self.Standing.BOUNCED
        return self.Standing(self.state)

    @property
    def reached_nobody(self) -> bool:
        """Whether it came back or was refused for good, so that it is no use to write there again."""
        return self.state == self.State.FAILED and bool(self.bounced_at or self.answer.startswith("5"))

    @property
    def tone(self) -> str:
        """In which colour its standing is shown."""
        return TONES[self.standing]

    @property
    def cap_until(self) -> datetime:
        """Until when the right that this mail took keeps the next one of its kind back."""
        return (self.retried_at or self.created_at) + WINDOW

    def give_cap_back(self) -> bool:
        """Let the next one leave at once, where it is certain that no server took this one."""
        if self.about is None or self.kind not in self.CAPPED or self.refusals < self.attempts:
            return False
        return SendCap.give_back(self.kind, self.about, until=self.cap_until)

    def keep_cap(self, now: datetime) -> None:
        """Keep the next one back for 24 hours from now, where this mail was put off and has left only now."""
        if self.about is not None and self.kind in self.CAPPED:
            SendCap.keep(self.kind, self.about, until=self.cap_until, now=now)

    def take_cap_again(self, now: datetime) -> bool:
        """The right to leave once more; false where another of its kind has left meanwhile."""
        if self.about is None or self.kind not in self.CAPPED:
            return True
        mine = None if self.sent_at else self.cap_until
        return SendCap.take(self.kind, self.about, now=now, mine=mine)

    @property
    def quiet_url(self) -> str:
        """Where the recipient of a reminder stops all of them; empty for every other kind of mail."""
        if self.kind not in self.REMINDERS:
            return ""
        return settings.PORTAL_URL + reverse("door:reminders", args=[self.pk, key_to(self.to)])

    @property
    def is_unwanted(self) -> bool:
        """Whether it is a reminder to somebody who has meanwhile asked for no more."""
        return self.kind in self.REMINDERS and ReminderWish.of(self.to) == ReminderWish.How.NONE

    @property
    def domain(self) -> str:
        return self.to.rpartition("@")[2].lower()

    def gives_up(self, now: datetime) -> bool:
        """Whether it has been tried for 72 hours, since it was written or somebody had it tried again."""
        return now - (self.retried_at or self.created_at) >= self.GIVE_UP_AFTER

    def retry_at(self, now: datetime) -> datetime:
        """When to try again after a passing failure: soon at first, then each hour."""
        return now + self.RETRY_AFTER[min(self.attempts, len(self.RETRY_AFTER)) - 1]


_Standing = Message.Standing
TONES = {
    _Standing.QUEUED: "waiting",
    _Standing.SENDING: "waiting",
    _Standing.DEFERRED: "warn",
    _Standing.SENT: "good",
    _Standing.FAILED: "bad",
    _Standing.BOUNCED: "bad",
}
