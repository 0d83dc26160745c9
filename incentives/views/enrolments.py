from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mail import clock

from ..enrolment import EnrolmentRefused, enrol
from ..models import Location
from ..requests import SignedInRequest


@require_POST
def create(request: SignedInRequest, location: int) -> HttpResponse:
    found = get_object_or_404(Location.objects.visible_to(request.user), pk=location)
    try:
        enrol(found, by=request.user, now=clock.now())
        messages.success(request, _("%(location)s is enrolled.") % {"location": found})
    except EnrolmentRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("incentives:overview")
