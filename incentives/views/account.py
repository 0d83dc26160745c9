from typing import Any

from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mail import clock
from mail.models import ReminderWish

from .. import throttle
from ..people import passwords
from ..people.forms import ChangeForm, RemindersForm
from ..people.permissions import permissions_of
from ..requests import SignedInRequest
from ..roles import is_account_admin, who_can_give_roles
from .sign_in import TRIES_PER_PERSON

# What the pages of Account settings have around them: its tabs, for those who manage people, and no mark elsewhere.
AROUND: dict[str, Any] = {"here": "account", "manages_people": True}


@require_safe
def show(request: SignedInRequest) -> HttpResponse:
    """Account settings of whoever is signed in, the vendor's staff included."""
    return overview_page(request, RemindersForm(initial={"how": ReminderWish.of(request.user.email)}))


@require_POST
def reminders(request: SignedInRequest) -> HttpResponse:
    """Choose how reminders of deadlines reach one's own address."""
    form = RemindersForm(request.POST)
    if not form.is_valid():
        return overview_page(request, form, status=422)
    ReminderWish.choose(request.user.email, form.cleaned_data["how"], now=clock.now())
    messages.success(request, _("Your choice of reminders is saved."))
    return redirect("incentives:account")


def overview_page(request: SignedInRequest, form: RemindersForm, *, status: int = 200) -> HttpResponse:
    context = surroundings(request) | {"form": form}
    return render(request, "incentives/account/overview.html", context, status=status)


@require_safe
def permissions(request: SignedInRequest) -> HttpResponse:
    own = {"workspaces": permissions_of(request.user), "admins": who_can_give_roles(request.user)}
    return render(request, "incentives/account/permissions.html", surroundings(request) | own)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: SignedInRequest) -> HttpResponse:
    """Change one's own password; this browser stays signed in, all others do not (S03)."""
    form = ChangeForm(request.POST if request.method == "POST" else None, person=request.user)
    mine = throttle.counted_as(request, "password", request.user.email)
    if form.is_bound and not throttle.allows(mine, tries=TRIES_PER_PERSON):
        form = ChangeForm(person=request.user)
        messages.error(request, _("Too many tries. Wait 15 minutes, then try again."))
        return password_page(request, form, status=429)
    if not form.is_valid():
        return password_page(request, form, status=422 if form.is_bound else 200)
    throttle.forget(mine)
    passwords.change(request.user, form.cleaned_data["new_password"], now=clock.now())
    update_session_auth_hash(request, request.user)
    messages.success(request, _("Your password is changed. Everywhere else you are signed out."))
    return redirect("incentives:account")


def password_page(request: SignedInRequest, form: ChangeForm, *, status: int) -> HttpResponse:
    context = surroundings(request) | {"form": form}
    return render(request, "incentives/account/password.html", context, status=status)


@require_POST
def sign_out_everywhere(request: SignedInRequest) -> HttpResponse:
    passwords.sign_out_everywhere(request.user, now=clock.now())
    logout(request)
    messages.success(request, _("You are signed out everywhere."))
    return redirect("incentives:sign_in")


def surroundings(request: SignedInRequest) -> dict[str, object]:
    return AROUND | {"manages_people": is_account_admin(request.user)}
