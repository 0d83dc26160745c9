"""The program terms at the desk: every version to read, and the form by which the owner publishes the next (ROLE-4)."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Case, Count, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_http_methods, require_safe
from django_countries import countries

from mail import clock

from ..desk import DeskPage, Figure, Group, desk_answer
from ..forms import Sentence
from ..models import ProgrammeTerms
from ..programme_terms import (
    Draft,
    Overtaken,
    Problem,
    TermsRefused,
    effects,
    names,
    newest,
    publish,
    why_not,
    written,
)
from ..requests import PortalRequest
from ..templatetags.portal import instant
from ..views.scope import desk_page, revision

READ, PUBLISH = "incentives.view_programmeterms", "incentives.publish_terms"
FORM = ("GET", "HEAD", "POST")
TEXT_LENGTH, CODES_LENGTH = 100_000, 2000
NAMED = 5


class TermsForm(forms.Form):
    """What the programme owner writes for one version."""

    version = Sentence(
        label=_l("Version"),
        max_length=20,
        widget=forms.TextInput,
        help_text=_l("What partners and the audit know it by: 2027-1."),
    )
    title = Sentence(label=_l("Title"), max_length=200, widget=forms.TextInput)
    in_force_from = forms.DateField(
        label=_l("In force from"),
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_l("The first day (UTC): today or later, and later than every other version's."),
    )
    not_offered_in = forms.CharField(
        label=_l("Not offered in"),
        required=False,
        max_length=CODES_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2, "autocapitalize": "characters", "spellcheck": "false"}),
        help_text=_l("Countries/regions by their two-letter codes, with commas or spaces between: BY, RU."),
    )
    text = forms.CharField(
        label=_l("Text"),
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 20}),
        help_text=_l("Plain text; an empty line begins a new paragraph."),
    )

    def clean_not_offered_in(self) -> list[str]:
        typed = {code for code in re.split(r"[\s,;]+", self.cleaned_data["not_offered_in"].upper()) if code}
        if unknown := sorted(typed - set(dict(countries))):
            shown = ", ".join(code[:20] for code in unknown[:NAMED])
            words = _("No country or region has this code: %(codes)s. Use two letters, such as US.")
            raise ValidationError(words % {"codes": shown})
        return sorted(typed)

    def clean_text(self) -> str:
        """Browsers end lines in their own way; the same text is the same wherever it was typed."""
        return self.cleaned_data["text"].replace("\r\n", "\n").replace("\r", "\n")

    def draft(self) -> Draft:
        return Draft(**self.cleaned_data)

    def complain(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            self.add_error(problem.field, problem.text)


@admin.register(ProgrammeTerms)
class ProgrammeTermsPage(DeskPage):
    """Every version, the latest first; what is published stays, so there is nothing to change or delete."""

    name = _l("Program terms")
    group = Group.PARTNERS
    list_display = ("version", "title", "state", "from_day", "closed_countries", "published", "accepted")
    list_select_related = ("published_by",)
    ordering = ("-in_force_from",)
    change_list_template = "incentives/desk/terms_list.html"

    def get_urls(self) -> list[URLPattern]:
        """The list, a version to read, and the form for the next."""
        view, name = self.admin_site.admin_view, "incentives_programmeterms"
        return [
            path("", view(self.changelist_view), name=f"{name}_changelist"),
            path("add/", view(add), name=f"{name}_add"),
            path("<int:object_id>/change/", view(show), name=f"{name}_change"),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return with_state(super().get_queryset(request), clock.now().date())

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        extra = {"may_publish": request.user.has_perm(PUBLISH)}
        return super().changelist_view(request, extra | (extra_context or {}))

    def figures(self, request: HttpRequest) -> Iterable[Figure]:
        terms = ProgrammeTerms.objects.in_force(clock.now().date())
        note = (
            _("in force since %(day)s") % {"day": written(terms.in_force_from)}
            if terms
            else _("none in force yet")
        )
        yield Figure(
            _("Program terms"), terms.version if terms else "–", self.address, note, "" if terms else "warn"
        )

    @admin.display(description=_l("Status"))
    def state(self, terms: Any) -> str:
        return str(STATES[terms.state])

    @admin.display(description=_l("In force from"), ordering="in_force_from")
    def from_day(self, terms: ProgrammeTerms) -> str:
        return written(terms.in_force_from)

    @admin.display(description=_l("Not offered in"))
    def closed_countries(self, terms: ProgrammeTerms) -> str:
        return names(terms.not_offered_in) or "–"

    @admin.display(description=_l("Published"), ordering="published_at")
    def published(self, terms: ProgrammeTerms) -> str:
        return f"{instant(terms.published_at)}, {terms.published_by or '–'}"

    @admin.display(description=_l("Accepted by"), ordering="locations")
    def accepted(self, terms: Any) -> SafeString:
        return format_html('<a href="{}">{}</a>', enrolments_under(terms), terms.locations)


STATES = {"coming": _l("To come"), "in_force": _l("In force"), "earlier": _l("Earlier")}


def with_state(versions: QuerySet, today: date) -> QuerySet:
    """Each version with whether it is to come, in force today, or was in force before, and how many accepted it."""
    in_force = ProgrammeTerms.objects.filter(in_force_from__lte=today).order_by("-in_force_from")
    state = Case(
        When(in_force_from__gt=today, then=Value("coming")),
        When(pk__in=in_force.values("pk")[:1], then=Value("in_force")),
        default=Value("earlier"),
    )
    return versions.annotate(state=state, locations=Count("enrolment"))


def enrolments_under(terms: ProgrammeTerms) -> str:
    return f"{reverse('admin:incentives_enrolment_changelist')}?terms={terms.pk}"


@require_safe
@desk_page(READ)
def show(request: PortalRequest, object_id: int) -> HttpResponse:
    versions = ProgrammeTerms.objects.select_related("published_by")
    terms = get_object_or_404(with_state(versions, request.now.date()), pk=object_id)
    context = {
        "terms": terms,
        "state": STATES[terms.state],
        "closed": names(terms.not_offered_in),
        "enrolments": enrolments_under(terms),
    }
    return answer(request, "terms", str(terms), context)


@require_http_methods(FORM)
@desk_page(PUBLISH)
def add(request: PortalRequest) -> HttpResponse:
    if request.method != "POST":
        last = newest()
        return filled(
            request, TermsForm(initial={"not_offered_in": ", ".join(last.not_offered_in if last else ())})
        )
    form = TermsForm(request.POST)
    if not form.is_valid() or "edit" in request.POST:
        return filled(request, form)
    return save(request, form) if "confirmed" in request.POST else ask(request, form)


def ask(request: PortalRequest, form: TermsForm) -> HttpResponse:
    """The question before publishing: what it would change, compared with the version that is the newest now."""
    draft, last = form.draft(), newest()
    form.complain(why_not(draft, now=request.now))
    if form.errors:
        return filled(request, form)
    facts = {
        "draft": draft,
        "last": last,
        "closed": names(draft.not_offered_in),
        "closed_before": names(last.not_offered_in) if last else "",
        "effects": effects(draft),
        "typed": [(name, request.POST.get(name, "")) for name in form.fields],
    }
    return answer(request, "terms_question", _("What would this change affect?"), facts)


def save(request: PortalRequest, form: TermsForm) -> HttpResponse:
    draft = form.draft()
    try:
        terms = publish(draft, after=revision(request), by=request.user, now=request.now)
    except TermsRefused as refusal:
        form.complain(refusal.problems)
        return filled(request, form)
    except Overtaken:
        words = _(
            "Another version was published meanwhile, so yours was not. Your entries are below; review them again."
        )
        messages.error(request, words)
        return filled(request, form, status=409)
    messages.success(request, _("%(terms)s is published.") % {"terms": terms})
    return redirect("admin:incentives_programmeterms_change", terms.pk)


def filled(request: PortalRequest, form: TermsForm, *, status: int = 0) -> HttpResponse:
    return answer(
        request,
        "terms_form",
        _("New version"),
        {"form": form},
        status=status or (422 if form.errors else 200),
    )


def answer(
    request: PortalRequest, template: str, title: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    facts = {"title": title, **context}
    return desk_answer(request, f"incentives/desk/{template}.html", facts, status=status)
