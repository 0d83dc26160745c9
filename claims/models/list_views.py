"""How a person has the list of claims: the columns they chose, the views that they saved and shared (CLM-1, BEY-8)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from incentives.models import Partner, User


class ShownColumns(models.Model):
    """The columns of the list of claims that somebody chose; without it they see the usual ones."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="+")
    columns = ArrayField(models.CharField(max_length=20))

    def __str__(self) -> str:
        return ", ".join(self.columns)


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, user: User) -> "SavedViewQuerySet":
        """A person's own views, and those that colleagues share with their company."""
        return self.filter(Q(owner=user) | Q(shared_with__isnull=False, shared_with=user.partner_id))

    def kept_by(self, user: User) -> "SavedViewQuerySet":
        """The views that a person names, shares and removes: their own, but none left behind at another company."""
        return self.filter(Q(shared_with=None) | Q(shared_with=user.partner_id), owner=user)


class SavedView(models.Model):
    """The filters, order and columns of the list of claims under a name, as the query of an address."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=80)
    query = models.CharField(max_length=8000)
    shared_with = models.ForeignKey(
        Partner,
        null=True,
        db_index=False,
        on_delete=models.CASCADE,
        related_name="+",
        help_text=_("The company whose people see it; what they see in it are claims of their own roles."),
    )
    saved_at = models.DateTimeField()

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = [Lower("name"), "pk"]
        indexes = [
            models.Index(fields=["shared_with"], name="shared_views", condition=Q(shared_with__isnull=False))
        ]
        constraints = [
            models.UniqueConstraint("owner", Lower("name"), name="a_person_names_a_view_once"),
            models.CheckConstraint(condition=~Q(name=""), name="a_view_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name
