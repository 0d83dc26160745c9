"""How fast mails leave to the people of one domain, so that its servers do not take them for a flood."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, models

BURST = timedelta(minutes=1)  # what would leave in this time may leave at once


class Pace(models.Model):
    """The mails to one domain: until which instant its minutes are given away."""

    domain = models.CharField(primary_key=True, max_length=254)
    given_until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.domain}: {self.given_until:%Y-%m-%d %H:%M:%S}"

    @classmethod
    def slot(cls, domain: str, *, per_minute: int, now: datetime) -> datetime:
        """The instant from which one more mail may leave to this domain; every caller is given another."""
        step = timedelta(minutes=1) / per_minute
        given: list[Any] = [domain, now + step, now, step]
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO mail_pace AS pace (domain, given_until) VALUES (%s, %s) ON CONFLICT (domain) DO UPDATE"
                " SET given_until = GREATEST(pace.given_until, %s) + %s RETURNING given_until",
                given,
            )
            return cursor.fetchone()[0] - step - BURST
