"""Stopping reminders without an account, by the link in each of them; nothing else is ever stopped by it."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from mail import doors
from mail.clock import TimedRequest
from mail.languages import spoken
from mail.models import ReminderWish
from mail.models.wishes import key_to

from .. import throttle


@csrf_exempt
@spoken
@doors.public
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: TimedRequest, message: int, key: str) -> HttpResponse:
    """Looking stops nothing; a form stops the reminders to one address.

    Mail programs send it by themselves, without cookies and so without a token (RFC 8058): the key alone lets it in,
    and no other site knows the key.
    """
    address = doors.quiet_address(request, message, key, throttle=throttle.allows_key)
    if request.method == "POST":
        ReminderWish.choose(address, ReminderWish.How.NONE, now=request.now)
    context = {"address": address, "quiet": ReminderWish.of(address) == ReminderWish.How.NONE}
    return render(request, "mail/reminders.html", context | {"message": message, "key": key_to(address)})


@spoken
@doors.public
@require_POST
def resume(request: TimedRequest, message: int, key: str) -> HttpResponse:
    """Somebody has thought better of it: from now on reminders come to them again."""
    address = doors.quiet_address(request, message, key, throttle=throttle.allows_key)
    ReminderWish.resume(address)
    return redirect("door:reminders", message=message, key=key_to(address))
