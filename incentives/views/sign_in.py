from django.contrib import messages
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from .. import throttle
from ..forms import SignInForm

TRIES_PER_PERSON = 10
FAILURES_PER_PLACE = 60


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def show(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return enter(request)
    return page(request, SignInForm())


def enter(request: HttpRequest) -> HttpResponse:
    form = SignInForm(request.POST)
    if not form.is_valid():
        return page(request, form, status=422)
    address, password = form.cleaned_data["email"], form.cleaned_data["password"]
    person, place = (throttle.counted_as(request, "sign-in", name) for name in (address, ""))
    if not (
        throttle.allows(person, tries=TRIES_PER_PERSON) and throttle.allows(place, tries=FAILURES_PER_PLACE)
    ):
        form.add_error(None, _("Too many tries. Wait 15 minutes, then try again."))
        return page(request, form, status=429)
    user = authenticate(request, username=address, password=password)
    if user is None:
        form.add_error(None, _("The e-mail address or the password is not right. Check both and try again."))
        return page(request, form, status=422)
    throttle.forget(person)
    throttle.take_back(place)
    login(request, user)
    # Django keeps the ID when the same person signs in again; a copied cookie must not survive that (S01).
    request.session.cycle_key()
    return HttpResponseRedirect(next_page(request)) if next_page(request) else redirect("incentives:home")


def page(request: HttpRequest, form: SignInForm, *, status: int = 200) -> HttpResponse:
    return render(
        request, "incentives/sign_in.html", {"form": form, "next": next_page(request)}, status=status
    )


def next_page(request: HttpRequest) -> str:
    """Where to go after sign-in: only ever a page of this portal, else nothing (I06)."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    local = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if local else ""


@require_POST
@login_not_required
def leave(request: HttpRequest) -> HttpResponse:
    logout(request)
    messages.success(request, _("You are signed out."))
    return redirect("incentives:sign_in")
