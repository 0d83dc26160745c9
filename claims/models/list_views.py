"""How a person has the list of claims: the columns they chose, the views that they saved and shared (CLM-1, BEY-8)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from incentives.models import User


class ShownColumns(models.Model):
    """The columns of the list of claims that somebody chose; without it they see the usual ones."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="+")
    columns = ArrayField(models.CharField(max_length=20))

    def __str__(self) -> str:
        return ", ".join(self.columns)
