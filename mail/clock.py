"""The clock that deadlines, caps and jobs go by: the database's, so a host with a wrong one expires nothing early."""

from datetime import datetime

from django.db import connection
from django.http import HttpRequest


class TimedRequest(HttpRequest):
    """A request whose instant was read once, at the edge; every page and deed behind it goes by that `now`."""

    now: datetime


def now() -> datetime:
    """The current instant in UTC by the database's clock; read at the edges only, then passed down as `now`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]
