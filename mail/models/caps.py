"""The cap on contractual mails: one of a kind per claim in any rolling 24 hours (CON-2, SUR-2, SUR-3)."""

from datetime import datetime, timedelta

from django.db import connection, models

WINDOW = timedelta(hours=24)


class SendCap(models.Model):
    """When the next mail of this kind about this subject may leave; kept in the database because a cache fails open."""

    kind = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    open_from = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject_id"], name="one_cap_per_kind_and_subject")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}: open from {self.open_from:%Y-%m-%d %H:%M:%S}"

    @classmethod
    def take(cls, kind: str, subject_id: int, *, now: datetime, mine: datetime | None = None) -> bool:
        """Use up the right to send once; true for exactly one caller in any 24 hours. Rolled back with the caller.

        Whoever took the right until `mine` and did not use it up takes it anew, unless somebody else has meanwhile.
        """
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO mail_sendcap (kind, subject_id, open_from) VALUES (%s, %s, %s)"
                " ON CONFLICT (kind, subject_id) DO UPDATE SET open_from = excluded.open_from"
                " WHERE mail_sendcap.open_from = %s OR mail_sendcap.open_from <= %s RETURNING id",
                [kind, subject_id, now + WINDOW, mine, now],
            )
            return cursor.fetchone() is not None

    @classmethod
    def give_back(cls, kind: str, subject_id: int, *, until: datetime) -> bool:
        """Undo the `take` that kept others out until then; false where somebody has taken the right anew meanwhile."""
        return bool(cls.objects.filter(kind=kind, subject_id=subject_id, open_from=until).delete()[0])

    @classmethod
    def keep(cls, kind: str, subject_id: int, *, until: datetime, now: datetime) -> None:
        """Let the 24 hours of the `take` that kept others out until then begin now."""
        cls.objects.filter(kind=kind, subject_id=subject_id, open_from=until).update(open_from=now + WINDOW)

    @classmethod
    def next_possible(cls, kind: str, subject_id: int, *, now: datetime) -> datetime | None:
        """The instant from which the mail may be sent again, or None when it may be sent now."""
        return (
            cls.objects.filter(kind=kind, subject_id=subject_id, open_from__gt=now)
            .values_list("open_from", flat=True)
            .first()
        )
