"""What the portal remembers of asking the directory's authority, for all its processes (WIZ-3)."""

from django.db import models


class DomainAnswer(models.Model):
    """When the authority last answered for a domain; what it said stands in the domain's identity, or its absence."""

    domain = models.CharField(primary_key=True, max_length=255)
    answered_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.domain


class Outage(models.Model):
    """The authority did not answer: until when nobody waits for it again."""

    authority = models.CharField(primary_key=True, max_length=300)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.authority}, {self.until:%Y-%m-%d %H:%M}"
