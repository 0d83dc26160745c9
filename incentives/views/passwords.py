from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from mail import doors
from mail.clock import TimedRequest
from mail.models import Link

from .. import throttle
from ..models import User
from ..people import passwords
from ..people.forms import ForgottenForm, PasswordForm

PURPOSE = Link.Purpose.PASSWORD_RESET
REQUESTS_PER_PERSON = 5
REQUESTS_PER_PLACE = 30


@doors.public
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: TimedRequest) -> HttpResponse:
    """Forgot your password? The same answer for every address, by the same work (L14)."""
    form = ForgottenForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return page(request, form, status=422 if form.is_bound else 200)
    address = form.cleaned_data["email"].lower()
    person, place = (throttle.counted_as(request, "reset", name) for name in (address, ""))
    if not (
        throttle.allows(person, tries=REQUESTS_PER_PERSON)
        and throttle.allows(place, tries=REQUESTS_PER_PLACE)
    ):
        form.add_error(None, _("Too many tries. Wait 15 minutes, then try again."))
        return page(request, form, status=429)
    passwords.ask_for_reset(address, now=request.now)
    return redirect("incentives:forgotten_sent")


def page(request: TimedRequest, form: ForgottenForm, *, status: int) -> HttpResponse:
    return render(request, "incentives/account/forgotten.html", {"form": form}, status=status)


@doors.public
@require_safe
def sent(request: TimedRequest) -> HttpResponse:
    return render(request, "incentives/account/forgotten_sent.html")


@doors.public
@require_safe
def enter(request: TimedRequest, key: str) -> HttpResponse:
    link = doors.enter(request, PURPOSE, key, throttle=throttle.allows_key)
    return redirect("door:password_reset_answer", link=link.pk)


@doors.public
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: TimedRequest, link: int) -> HttpResponse:
    """Choose a new password; nobody is signed in by it, and every session of the person ends."""
    found = doors.noted(request, link, {PURPOSE})
    doors.refuse_dead(found, now=request.now)
    person = User.objects.get(pk=found.subject_id)
    form = PasswordForm(request.POST if request.method == "POST" else None, person=person)
    if form.is_valid():
        keep(request, found, form)
        messages.success(request, _("Your new password is saved. Sign in with it."))
        return redirect("incentives:sign_in")
    context = {"form": form, "link": found}
    return render(request, "incentives/account/reset.html", context, status=422 if form.is_bound else 200)


def keep(request: TimedRequest, link: Link, form: PasswordForm) -> None:
    try:
        passwords.reset(link, form.cleaned_data["new_password"], now=request.now)
    except passwords.LinkDied as died:
        link.refresh_from_db()
        doors.refuse_dead(link, now=request.now, race=True)
        raise doors.Closed("closed", PURPOSE) from died
