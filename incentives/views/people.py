from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from .. import throttle
from ..models import User
from ..people import grants, invitations, standing
from ..people.company import Refused
from ..people.forms import InvitationForm, RemovalForm, RolesForm
from ..people.listing import PeopleListForm, in_short, people_of
from ..requests import CompanyRequest
from .account import AROUND
from .scope import account_admin_page, show_list

INVITATIONS = 40  # in a quarter of an hour: enough for a department, too few to search for addresses


@require_safe
@account_admin_page
def index(request: CompanyRequest) -> HttpResponse:
    """Users: everybody of the company, filtered, ordered and paged by the address alone."""
    return show_list(
        request,
        "incentives/account/users.html",
        "incentives/account/_users.html",
        PeopleListForm(request.GET, request.company.locations.all()),
        people_of(request.company),
        **AROUND,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@account_admin_page
def invite(request: CompanyRequest) -> HttpResponse:
    form = InvitationForm(sent(request), company=request.company)
    if form.is_valid() and may_invite(request, form):
        typed = form.cleaned_data
        try:
            person = invitations.invite(
                typed["email"], typed["full_name"], form.roles, by=request.user, now=request.now
            )
        except Refused as refusal:
            form.add_error("email", str(refusal))
        else:
            messages.success(
                request, _("An invitation is on its way to %(address)s.") % {"address": person.email}
            )
            return redirect("incentives:person", person=person.pk)
    return panel(request, "invite", form)


def may_invite(request: CompanyRequest, form: InvitationForm) -> bool:
    if throttle.allows(f"invite:{request.user.pk}", tries=INVITATIONS):
        return True
    form.add_error(None, _("Too many invitations at once. Wait 15 minutes, then go on."))
    return False


@require_safe
@account_admin_page
def show(request: CompanyRequest, person: int) -> HttpResponse:
    return page(request, colleague(request, person))


@require_http_methods(["GET", "HEAD", "POST"])
@account_admin_page
def assign(request: CompanyRequest, person: int) -> HttpResponse:
    found = colleague(request, person)
    form = RolesForm(sent(request), company=request.company)
    if form.is_valid():
        try:
            grants.give_roles(found, form.roles, by=request.user, now=request.now)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return done(request, found, _("The roles of %(person)s are saved.") % {"person": found})
    return panel(request, "assign", form, person=found)


@require_POST
@account_admin_page
def unassign(request: CompanyRequest, person: int) -> HttpResponse:
    found = colleague(request, person)
    form = RemovalForm(request.POST, person=found)
    if form.is_valid():
        try:
            grants.take_roles(found, by=request.user, now=request.now, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return done(request, found, _("Removed from %(person)s.") % {"person": found})
    return page(request, found, removal=form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@account_admin_page
def deactivate(request: CompanyRequest, person: int) -> HttpResponse:
    """Ask for confirmation, then let the person in no more."""
    found = colleague(request, person)
    if request.method != "POST":
        return render(request, "incentives/account/deactivation.html", AROUND | {"person": found})
    try:
        standing.deactivate(found, by=request.user, now=request.now)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return page(request, found, status=422)
    return done(request, found, _("%(person)s can no longer sign in.") % {"person": found})


@require_POST
@account_admin_page
def activate(request: CompanyRequest, person: int) -> HttpResponse:
    found = colleague(request, person)
    standing.activate(found, by=request.user, now=request.now)
    words = _("%(person)s can sign in again.") if found.is_active else _("%(person)s is invited again.")
    return done(request, found, words % {"person": found})


@require_POST
@account_admin_page
def invite_again(request: CompanyRequest, person: int) -> HttpResponse:
    found = colleague(request, person)
    try:
        invitations.invite_again(found, by=request.user, now=request.now)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return page(request, found, status=422)
    words = _("A new invitation is on its way to %(address)s.")
    return done(request, found, words % {"address": found.email})


def sent(request: CompanyRequest) -> QueryDict | None:
    """What a form was sent with; nothing while it is only looked at."""
    return request.POST if request.method == "POST" else None


def colleague(request: CompanyRequest, person: int) -> User:
    """Somebody of one's own company; people of others do not exist here."""
    return get_object_or_404(people_of(request.company), pk=person)


def done(request: CompanyRequest, person: User, words: str) -> HttpResponse:
    """Back to the person. Who changed their own roles stays signed in here, and nowhere else (S03)."""
    if person == request.user:
        update_session_auth_hash(request, person)
    messages.success(request, words)
    return redirect("incentives:person", person=person.pk)


def page(
    request: CompanyRequest, person: User, *, status: int = 200, removal: RemovalForm | None = None
) -> HttpResponse:
    context = AROUND | {"person": person, "removal": removal, "in_short": in_short(person)}
    return render(request, "incentives/account/person.html", context, status=status)


def panel(request: CompanyRequest, name: str, form: Any, **context: Any) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return render(
        request, f"incentives/account/{name}.html", AROUND | context | {"form": form}, status=status
    )
