from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from mail import doors
from mail.clock import TimedRequest
from mail.models import Link

from .. import throttle
from ..models import Standing, User
from ..people import invitations
from ..people.forms import AcceptanceForm

PURPOSE = Link.Purpose.INVITATION


@doors.public
@require_safe
def enter(request: TimedRequest, key: str) -> HttpResponse:
    link = doors.enter(request, PURPOSE, key, throttle=throttle.allows_key)
    return redirect("door:invitation_answer", link=link.pk)


@doors.public
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: TimedRequest, link: int) -> HttpResponse:
    """Choose name and password; nobody is signed in by it."""
    found = doors.noted(request, link, {PURPOSE})
    doors.refuse_dead(found, now=request.now)
    person = User.objects.select_related("partner").get(pk=found.subject_id)
    if person.standing != Standing.INVITED:
        raise doors.Closed("closed", PURPOSE)
    typed = request.POST if request.method == "POST" else None
    form = AcceptanceForm(typed, person=person, initial={"full_name": person.full_name})
    if form.is_valid():
        keep(request, found, form)
        messages.success(request, _("Your account is ready. Sign in with your new password."))
        return redirect("incentives:sign_in")
    context = {"form": form, "person": person, "link": found}
    return render(
        request, "incentives/account/invitation.html", context, status=422 if form.is_bound else 200
    )


def keep(request: TimedRequest, link: Link, form: AcceptanceForm) -> None:
    """Open the account; when somebody was faster or the invitation was withdrawn, close the door with the reason."""
    name, password = form.cleaned_data["full_name"], form.cleaned_data["new_password"]
    try:
        invitations.accept(link, full_name=name, password=password, now=request.now)
    except invitations.LinkDied as died:
        link.refresh_from_db()
        doors.refuse_dead(link, now=request.now, race=True)
        raise doors.Closed("closed", PURPOSE) from died
