"""Opens the catalogue's pages on the desk, and tells them what a change means for claims (ENG-8)."""

from collections.abc import Iterable

from django.contrib import admin

from engagements import admin as catalogue
from engagements import models
from engagements.desk.page import CataloguePage
from engagements.eligibility_desk import AttainmentPage, EvaluationPage
from engagements.material_page import MaterialPage
from engagements.models import Engagement
from incentives.effects import Effect
from mail import clock

from . import touched


class TellsOfClaims(CataloguePage):
    """A page of the catalogue whose question before saving counts claims."""

    def told(self, engagements: list[Engagement], changed: set[str]) -> Iterable[Effect]:
        return touched.effects(engagements, changed, now=clock.now())


@admin.register(models.Engagement)
class EngagementPage(TellsOfClaims, catalogue.EngagementPage):
    pass


@admin.register(models.RateCard)
class RateCardPage(TellsOfClaims, catalogue.RateCardPage):
    pass


@admin.register(models.MarketList)
class MarketListPage(TellsOfClaims, catalogue.MarketListPage):
    pass


@admin.register(models.SolutionArea)
class SolutionAreaPage(TellsOfClaims, catalogue.SolutionAreaPage):
    pass


@admin.register(models.ActivityType)
class ActivityTypePage(TellsOfClaims, catalogue.ActivityTypePage):
    pass


@admin.register(models.Designation)
class DesignationPage(catalogue.DesignationPage):
    pass


@admin.register(models.PrivateListEntry)
class PrivateListPage(TellsOfClaims, catalogue.PrivateListPage):
    pass


@admin.register(models.CannedComment)
class CannedCommentPage(catalogue.CannedCommentPage):
    pass


admin.site.register(models.Material, MaterialPage)
admin.site.register(models.Attainment, AttainmentPage)
admin.site.register(models.Evaluation, EvaluationPage)
