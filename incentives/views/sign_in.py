import hashlib

from django.contrib import messages
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from .. import throttle
from ..forms import SignInForm

TRIES_PER_PERSON = 10
TRIES_PER_PLACE = 60


@sensitive_post_parameters("password")
@never_cache
@login_not_required
def show(request: HttpRequest) -> HttpResponse:
    form = SignInForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            person = throttle_key(request, form.cleaned_data["email"])
            if not (throttle.allows(person, tries=TRIES_PER_PERSON) and throttle.allows(place(request), tries=TRIES_PER_PLACE)):
                form.add_error(None, _("Too many tries. Wait 15 minutes, then try again."))
                return render(request, "incentives/sign_in.html", {"form": form}, status=429)
            user = authenticate(request, username=form.cleaned_data["email"], password=form.cleaned_data["password"])
            if user is not None:
                throttle.forget(person)
                login(request, user)
                return redirect(next_page(request, user.is_staff))
            form.add_error(None, _("The e-mail address or the password is not right. Check both and try again."))
    return render(request, "incentives/sign_in.html", {"form": form, "next": request.GET.get("next", "")}, status=status)


def throttle_key(request: HttpRequest, email: str) -> str:
    """By person and place, so that nobody can lock somebody else out from afar."""
    return hashlib.sha256(f"{email.casefold()}|{place(request)}".encode()).hexdigest()


def place(request: HttpRequest) -> str:
    return f"sign-in:{request.META.get('REMOTE_ADDR', '')}"


def next_page(request: HttpRequest, staff: bool) -> str:
    """Where to go after sign-in: only ever a page of this portal."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and wanted.startswith("/"):
        return wanted
    return "admin:index" if staff else "incentives:overview"


@require_POST
@login_not_required
def leave(request: HttpRequest) -> HttpResponse:
    logout(request)
    messages.success(request, _("You are signed out."))
    return redirect("incentives:sign_in")
