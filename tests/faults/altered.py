"""The portal's settings for processes from which one mechanism is taken away, or whose timetable runs faster."""

import os

from incentives.settings import *  # noqa: F403
from incentives.settings import CELERY_BEAT_SCHEDULE, INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.removals.Removal"]
if scheduler := os.environ.get("BEAT"):
    CELERY_BEAT_SCHEDULER = scheduler
TIMES = float(os.environ.get("TIMETABLE_RUNS_FASTER", "1"))
CELERY_BEAT_SCHEDULE = {
    name: entry | {"schedule": entry["schedule"] / TIMES} for name, entry in CELERY_BEAT_SCHEDULE.items()
}
