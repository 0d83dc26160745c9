from datetime import datetime

from engagements import verdicts
from engagements.management.as_of import AsOf


class Command(AsOf):
    help = "Judge every location for every engagement, as the scheduled job does once a day."

    def do(self, *, now: datetime) -> str:
        run = verdicts.evaluate(now=now)
        return f"{run.judged} pairs of location and engagement judged as of {now.isoformat()}, {run.changed} changed."
