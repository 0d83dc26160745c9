"""Enrolling a location: its terms and requirements on one page, for everybody with a role for it (ROLE-4)."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ..enrolment import OPEN_TO_ENROL, EnrolmentRefused, NotYours, enrol, requirements_of
from ..enrolment_list import EnrolmentRow
from ..forms import EnrolForm
from ..models import Location, ProgrammeTerms
from ..models.partners import PROGRAMME
from ..requests import PortalRequest
from ..roles import incentive_admins, may_administer
from .scope import partner_page


@require_safe
@partner_page
def programme(request: PortalRequest) -> HttpResponse:
    """The program guide: the terms in force and those that were before them."""
    versions = list(ProgrammeTerms.objects.select_related("published_by"))
    current = ProgrammeTerms.objects.in_force(request.now.date())
    context = {"programme": PROGRAMME, "terms": current, "versions": versions, "today": request.now.date()}
    return render(request, "incentives/programme.html", context)


@require_safe
@partner_page
def show(request: PortalRequest, location: int) -> HttpResponse:
    return page(request, find(request, location), EnrolForm())


@require_POST
@partner_page
def create(request: PortalRequest, location: int) -> HttpResponse:
    place, form = find(request, location), EnrolForm(request.POST)
    if not form.is_valid():
        return page(request, place, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        enrol(place, by=request.user, terms=form.cleaned_data["terms"], now=request.now)
    except NotYours as refusal:
        return refused(request, place, form, refusal, status=HTTPStatus.FORBIDDEN)
    except EnrolmentRefused as refusal:
        return refused(request, place, form, refusal, status=HTTPStatus.CONFLICT)
    messages.success(request, _("%(location)s is being validated.") % {"location": place})
    return redirect("incentives:overview")


def find(request: PortalRequest, location: int) -> Location:
    visible = Location.objects.visible_to(request.user).filter(enrolment__isnull=False)
    facts = visible.select_related("enrolment__terms", "enrolment__accepted_by", "payee")
    return get_object_or_404(facts, pk=location)


def refused(
    request: PortalRequest, place: Location, form: EnrolForm, refusal: EnrolmentRefused, *, status: int
) -> HttpResponse:
    form.add_error(None, str(refusal))
    return page(request, place, form, status=status)


def page(
    request: PortalRequest, place: Location, form: EnrolForm, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    administers = may_administer(request.user, place)
    context = {
        "programme": PROGRAMME,
        "row": EnrolmentRow(place, administers, payable=place.is_payable(request.now)),
        "requirements": requirements_of(place, now=request.now),
        "terms": ProgrammeTerms.objects.in_force(request.now.date()),
        "form": form,
        "may_enrol": administers and place.enrolment.status in OPEN_TO_ENROL,
        "admins": incentive_admins([place]).get(place.pk, []),
    }
    return render(request, "incentives/enrolment.html", context, status=status)
