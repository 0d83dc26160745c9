from datetime import datetime

from claims import expiry
from engagements.management.as_of import AsOf


class Command(AsOf):
    help = "Let every claim expire whose deadline has passed, as the scheduled job does."

    def do(self, *, now: datetime) -> str:
        expired = expiry.expire_due(now=now)
        return f"{expired} claim{'' if expired == 1 else 's'} expired as of {now.isoformat()}."
