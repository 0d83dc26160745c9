"""The gate through which every change of a claim's status goes, and the verbs that use it."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from engagements.models import Engagement
from engagements.rates import payable
from incentives.models import LedgerEntry, User
from incentives.roles import hold_role

from . import deadlines, notices, poe_templates
from .models import Claim, ClaimEvent, Comment, Organization
from .states import OPEN, PRE_CONSENT, Party, Status
from .transitions import BY_ACTION

Params = ParamSpec("Params")
Result = TypeVar("Result")


class Refused(Exception):
    """The law does not allow this now; the message is the sentence the person reads."""


class NotAllowed(Refused):
    """The table of allowed actions gives this party no such action in the claim's present status."""

    @classmethod
    def because(cls, claim: Claim) -> "NotAllowed":
        return cls(
            _("This is not possible while the claim has the status “%(status)s”.")
            % {"status": claim.get_status_display()}
        )


class DeadlinePassed(Refused):
    """The claim's deadline has passed: whatever was asked, the claim expires instead (DL-4)."""


class ChangedMeanwhile(Refused):
    """Somebody changed the claim after this page was shown; nothing is overwritten."""


class ConsentUnavailable(Refused):
    """The yes cannot be recorded: a rival's was, or the engagement's consent limit is reached (CON-5, CON-8)."""


def deed(verb: Callable[Concatenate[Claim, Params], Result]) -> Callable[Concatenate[Claim, Params], Result]:
    """One transaction around a verb; one that meets a deadline is undone, and the claim expires at once (DL-4).

    It begins by holding the role of whoever acts, so that nothing is written once their role is gone (R12).
    """

    @wraps(verb)
    def run(claim: Claim, *args: Params.args, **facts: Params.kwargs) -> Result:
        try:
            with transaction.atomic():
                if by := facts.get("by"):
                    hold_role(by, claim.location_id)  # type: ignore[arg-type]  # every deed's `by` is a person
                return verb(claim, *args, **facts)
        except DeadlinePassed:
            expire(claim, now=facts["now"])  # type: ignore[arg-type]  # every deed takes now
            raise

    return run


def lock(claim: Claim, *, now: datetime, revision: int | None = None) -> None:
    """Lock the claim's row and read it afresh; refuse when its deadline has passed or the shown page is out of date."""
    claim.refresh_from_db(from_queryset=Claim.objects.select_for_update(of=("self",), no_key=True))
    if claim.is_overdue(now):
        raise DeadlinePassed(
            _("The deadline of this claim passed on %(at)s, so it has expired.")
            % {"at": f"{claim.expires_at:%Y-%m-%d %H:%M:%S} UTC"}
        )
    if revision is not None and revision != claim.revision:
        raise ChangedMeanwhile(
            _("This claim was changed meanwhile. Nothing was saved: look at it again, then decide.")
        )


def ask(claim: Claim, action: str, party: Party, *, now: datetime) -> None:
    """Refuse unless the table of allowed actions gives this party that action now."""
    if action not in claim.allowed(party, now):
        raise NotAllowed.because(claim)


@transaction.atomic
def move(
    claim: Claim,
    action: str,
    *,
    party: Party,
    now: datetime,
    by: User | None = None,
    revision: int | None = None,
    **facts: Any,
) -> Claim:
    """Make one move from the table: lock, check party, guards and deadline, set the facts, write history."""
    if party == Party.SYSTEM:
        claim.refresh_from_db(from_queryset=Claim.objects.select_for_update(of=("self",), no_key=True))
    else:
        lock(claim, now=now, revision=revision)
    row = BY_ACTION.get((action, claim.status))
    if row is None or row.by != party:
        raise NotAllowed.because(claim)
    if reasons := [reason for guard in row.needs if (reason := guard(claim, now))]:
        raise Refused(" ".join(reasons))
    for name, value in facts.items():
        setattr(claim, name, value)
    source, claim.status = claim.status, row.target
    claim.expires_at, claim.updated_at, claim.revision = deadlines.deadline(claim), now, claim.revision + 1
    claim.save(update_fields=["status", "expires_at", "updated_at", "revision", *facts])
    record(claim, action, party=party, by=by, now=now, from_status=source, to_status=row.target)
    return claim


def record(
    claim: Claim,
    action: str,
    *,
    party: Party,
    now: datetime,
    by: User | None = None,
    detail: str = "",
    **statuses: str,
) -> None:
    """Write one line of the claim's history (ACT-4)."""
    ClaimEvent.objects.create(
        claim=claim, action=action, party=party, user=by, at=now, detail=detail[:300], **statuses
    )


def say(claim: Claim, text: str, *, party: Party, now: datetime, by: User | None = None) -> None:
    """Add a comment that belongs to a decision."""
    Comment.objects.create(claim=claim, party=party, author=by, text=text, at=now)


# --- the partner ---


@deed
def request_consent(claim: Claim, *, by: User, now: datetime, deal_size_usd: int) -> Claim:
    """The first consent request has been sent; the deal size is fixed from here on (CON-1)."""
    claim.deal_size_usd = deal_size_usd
    Claim.objects.filter(pk=claim.pk, deal_size_usd=None).update(deal_size_usd=deal_size_usd)
    return move(claim, "request_consent", party=Party.PARTNER, by=by, now=now, consent_requested_at=now)


@deed
def submit(claim: Claim, *, by: User, now: datetime) -> Claim:
    """Hand the complete claim to the reviewers.

    The first submission keeps the POE templates in effect (DL-7); that of a dispute sets the review clock anew, once
    (DL-3).
    """
    lock(claim, now=now)
    is_first = claim.first_submitted_at is None
    facts: dict[str, Any] = {"submitted_at": now, "first_submitted_at": claim.first_submitted_at or now}
    if claim.status == Status.DISPUTED:
        facts["dispute_submitted_at"] = now
    move(claim, "submit", party=Party.PARTNER, by=by, now=now, **facts)
    if is_first:
        poe_templates.keep(claim, now=now)
    return claim


@deed
def cancel(claim: Claim, *, by: User, now: datetime) -> Claim:
    """Give the claim up before its first submit; cannot be undone (ACT-2)."""
    return move(claim, "cancel", party=Party.PARTNER, by=by, now=now)


@deed
def dispute(claim: Claim, *, by: User, now: datetime) -> Claim:
    """Reopen a rejected claim; it must still be submitted before the same deadline (DL-3)."""
    return move(
        claim, "dispute", party=Party.PARTNER, by=by, now=now, disputed_at=now, only_open_of="", row_key=""
    )


# --- the customer ---


@deed
def give_consent(claim: Claim, *, now: datetime) -> Claim:
    """The customer says yes: freeze the rate, start the delivery clock, turn rivals' open claims away (CON-6)."""
    rivals = lock_with_rivals(claim)
    refuse_unless_consent_is_free(claim)
    due = payable(claim.engagement, claim.location.country.code, now.date(), hours=claim.requested_hours)
    facts: dict[str, Any] = {"payable_usd": due.amount_usd, "market": due.market} if due else {}
    move(claim, "give_consent", party=Party.CUSTOMER, now=now, consented_at=now, **facts)
    for rival in rivals:
        if not expire(rival, now=now):
            yield_to_rival(rival, now=now)
    return claim


@deed
def decline_consent(claim: Claim, *, now: datetime) -> Claim:
    """The customer says no; the reason is kept elsewhere, where only the vendor reaches it (CON-4)."""
    return move(claim, "decline_consent", party=Party.CUSTOMER, now=now)


def lock_limits(claim: Claim) -> None:
    """Lock what limits are counted under, in the order of all locks: the engagement, then the customer's family."""
    Engagement.objects.select_for_update(no_key=True).get(pk=claim.engagement_id)
    Organization.objects.select_for_update(no_key=True).get(pk=claim.counts_as.organization_id)


def lock_with_rivals(claim: Claim) -> list[Claim]:
    """Lock engagement, customer family, then this claim and its rivals by Claim ID: the one order of all locks."""
    lock_limits(claim)
    family = Claim.objects.filter(
        engagement=claim.engagement_id, counts_as=claim.counts_as_id, status__in=PRE_CONSENT
    )
    locked = family.select_for_update(of=("self",), no_key=True).order_by("pk")
    return [other for other in locked if other.partner_id != claim.partner_id]


def refuse_unless_consent_is_free(claim: Claim) -> None:
    """Look again under the locks: a rival's open consent, and the engagement's consent limit (LIM-2, CON-8)."""
    consented = Claim.objects.filter(engagement=claim.engagement_id, consented_at__isnull=False)
    rivals = consented.filter(counts_as=claim.counts_as_id, status__in=OPEN).exclude(partner=claim.partner_id)
    limit = claim.engagement.limit_consents
    if rivals.exists() or (limit is not None and consented.count() >= limit):
        raise ConsentUnavailable(_("This answer cannot be recorded."))


# --- the vendor's reviewers ---


@deed
def start_review(claim: Claim, *, by: User, now: datetime, revision: int | None = None) -> Claim:
    """A reviewer takes the claim up."""
    return move(claim, "start_review", party=Party.VENDOR, by=by, now=now, revision=revision, reviewed_at=now)


@deed
def request_action(
    claim: Claim, *, by: User, now: datetime, comment: str, revision: int | None = None
) -> Claim:
    """Send the claim back with a comment that says what is missing (REV-3)."""
    move(claim, "request_action", party=Party.VENDOR, by=by, now=now, revision=revision)
    say(claim, comment, party=Party.VENDOR, by=by, now=now)
    notices.action_required(claim, now=now)
    return claim


@deed
def approve(
    claim: Claim, *, by: User, now: datetime, comment: str = "", revision: int | None = None
) -> Claim:
    """Approve the claim and book its earning, in one transaction (PAY-1)."""
    move(claim, "approve", party=Party.VENDOR, by=by, now=now, revision=revision)
    if comment:
        say(claim, comment, party=Party.VENDOR, by=by, now=now)
    LedgerEntry.objects.create(
        location=claim.location,
        kind=LedgerEntry.Kind.EARNED,
        amount_usd=claim.payable_usd or 0,
        claim_number=claim.pk,
        text=claim.engagement.name,
        at=now,
    )
    notices.approved(claim, now=now)
    return claim


@deed
def reject(claim: Claim, *, by: User, now: datetime, comment: str, revision: int | None = None) -> Claim:
    """Reject the claim with the reason; the partner has 30 days to dispute and submit (DL-3)."""
    move(claim, "reject", party=Party.VENDOR, by=by, now=now, revision=revision, rejected_at=now)
    say(claim, comment, party=Party.VENDOR, by=by, now=now)
    notices.rejected(claim, now=now)
    return claim


@deed
def reject_finally(
    claim: Claim, *, by: User, now: datetime, comment: str, revision: int | None = None
) -> Claim:
    """Reject a disputed claim for good (ACT-2)."""
    move(claim, "reject_finally", party=Party.VENDOR, by=by, now=now, revision=revision)
    say(claim, comment, party=Party.VENDOR, by=by, now=now)
    notices.rejected(claim, now=now)
    return claim


# --- the portal itself ---


@transaction.atomic
def expire(claim: Claim, *, now: datetime) -> bool:
    """Let the claim expire if its deadline has passed; true when this caller did it. No e-mail is sent (DL-5)."""
    claim.refresh_from_db(from_queryset=Claim.objects.select_for_update(of=("self",), no_key=True))
    if claim.expires_at is None or not claim.is_overdue(now):
        return False
    move(claim, "expire", party=Party.SYSTEM, now=claim.expires_at)
    return True


def yield_to_rival(claim: Claim, *, now: datetime) -> Claim:
    """A rival got this customer's consent: rejected finally, with a comment that names nobody (CON-6, CON-8)."""
    move(claim, "yield_to_rival", party=Party.SYSTEM, now=now)
    text = _(
        "The customer chose to take part in this engagement through another claim. This decision cannot be disputed."
    )
    say(claim, text, party=Party.SYSTEM, now=now)
    notices.rejected(claim, now=now)
    return claim
