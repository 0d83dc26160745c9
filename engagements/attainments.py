"""What a location attains: recorded by the programme owner, told in the audit, judged at once (ENG-7, ENG-8)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from incentives.models import AuditEntry, User

from .models import Attainment
from .verdicts import judge_locations


@transaction.atomic
def keep(attainment: Attainment, *, by: User, now: datetime) -> None:
    """Save what was typed of a new or a known attainment, with who changed it from what to what."""
    before = Attainment.objects.select_for_update().filter(pk=attainment.pk).first()
    attainment.save()
    AuditEntry.write(
        AuditEntry.Action.ATTAINMENT,
        by=by,
        now=now,
        location=attainment.location,
        before=told(before) if before else "",
        after=told(attainment),
    )
    judge_locations([attainment.location_id], now=now)


def told(attainment: Attainment) -> str:
    """An attainment in words, for the audit."""
    words = {
        "designation": attainment.designation,
        "since": attainment.held_from,
        "until": attainment.expires_on or _("further notice"),
    }
    return _("%(designation)s, from %(since)s until %(until)s") % words
