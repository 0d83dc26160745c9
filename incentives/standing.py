"""Telling the room above that a location stands differently in the programme; a setting says who listens."""

from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string

from .models import Location


def changed(*locations: Location, now: datetime) -> None:
    """Call it in the transaction that changed an enrolment, so that what is kept of it is right at once (ENG-7).

    Imports point down, so this room cannot name who keeps something; like Django's own hooks, that is a setting.
    """
    keep_up = import_string(settings.STANDING_CHANGED)
    keep_up([location.pk for location in locations], now=now)
