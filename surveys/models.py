"""Questionnaires, and what was answered to them: every response keeps the version it was given to (SUR-1, SUR-5)."""

from typing import Self

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from claims.models import Claim
from engagements.models import Engagement
from mail.models import Link


class Audience(models.TextChoices):
    CUSTOMER = "customer", _("Customer")
    PARTNER = "partner", _("Partner")

    @property
    def purpose(self) -> str:
        """Of the links and the cap on mails: the three words are the same in every table."""
        return f"{self.value}_survey"


class QuestionnaireQuerySet(models.QuerySet):
    def open_to(self, claim: Claim, audience: str) -> Self:
        """Every version that a form for this claim may have been made from, the engagement's own and newest first."""
        versions = self.filter(Q(engagement=None) | Q(engagement=claim.engagement_id), audience=audience)
        return versions.order_by("-is_current", F("engagement").desc(nulls_last=True), "-version")


class Questionnaire(models.Model):
    """One version of the questions to one audience: an engagement's own, or the default of all others."""

    engagement = models.ForeignKey(
        Engagement, null=True, blank=True, on_delete=models.PROTECT, related_name="questionnaires"
    )
    audience = models.CharField(max_length=10, choices=Audience)
    version = models.PositiveSmallIntegerField(default=1)
    is_current = models.BooleanField(default=True)

    objects = QuestionnaireQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["engagement", "audience"],
                condition=Q(is_current=True),
                name="one_current_questionnaire_per_engagement",
            ),
            models.UniqueConstraint(
                fields=["audience"],
                condition=Q(is_current=True, engagement=None),
                name="one_current_default_questionnaire",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_audience_display()}: {self.engagement or _('default')}, {self.version}"


class Question(models.Model):
    """One question; its options are choices, or the ends of a scale, or the limits of a number."""

    class Kind(models.TextChoices):
        SINGLE = "single", _("Single choice")
        MULTIPLE = "multiple", _("Multiple choice")
        SCALE = "scale", _("Scale")
        NUMBER = "number", _("Number")
        TEXT = "text", _("Text")
        SIGNATURE = "signature", _("Electronic signature")

    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="questions")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    text = models.CharField(max_length=500)
    options = models.JSONField(default=dict, blank=True)
    required = models.BooleanField(default=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["questionnaire", "position"], name="a_place_holds_one_question")
        ]

    def __str__(self) -> str:
        return self.text


class ResponseQuerySet(models.QuerySet):
    def counting(self, claim: Claim) -> Self:
        """The responses that count for a claim: the latest of each audience."""
        return self.filter(claim=claim).order_by("audience", "-at", "-pk").distinct("audience")


class Response(models.Model):
    """One filled-in survey with its electronic signature; for the vendor only (SUR-5)."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="survey_responses")
    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="responses")
    audience = models.CharField(max_length=10, choices=Audience)
    link = models.ForeignKey(Link, null=True, on_delete=models.PROTECT, related_name="survey_responses")
    full_name = models.CharField(_("full name"), max_length=150)
    company = models.CharField(_("company name"), max_length=150)
    title = models.CharField(_("job title"), max_length=150)
    at = models.DateTimeField()
    form_key = models.UUIDField(null=True)
    language = models.CharField(
        max_length=10, default="en", db_default="en", help_text=_("In which the questions were read.")
    )

    objects = ResponseQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["claim", "audience", "-at"], name="responses_of_a_claim")]
        constraints = [
            models.UniqueConstraint(
                fields=["claim"], condition=Q(audience="customer"), name="a_customer_answers_once"
            ),
            models.UniqueConstraint(fields=["claim", "form_key"], name="a_survey_form_is_saved_once"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="responses_are_kept_as_given", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"{self.claim_id}: {self.get_audience_display()}, {self.at:%Y-%m-%d %H:%M}"


class Answer(models.Model):
    """What was answered to one question: a text, a number or a list of choices."""

    response = models.ForeignKey(Response, on_delete=models.PROTECT, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="answers")
    value = models.JSONField()

    class Meta:
        ordering = ["question__position"]
        constraints = [
            models.UniqueConstraint(fields=["response", "question"], name="a_question_is_answered_once")
        ]
        triggers = [
            pgtrigger.Protect(
                name="survey_answers_are_kept_as_given", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return str(self.value)
