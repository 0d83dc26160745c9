"""The portal with careless doors added: what the tests of this folder must find, or they could not fail."""

from contextlib import suppress

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from claims.models import Claim
from incentives import urls

handler400, handler403, handler404, handler500 = (
    urls.handler400,
    urls.handler403,
    urls.handler404,
    urls.handler500,
)


def unscoped(request: HttpRequest, claim: int) -> HttpResponse:
    """Finds a claim by its number alone, not through the person who asks."""
    return HttpResponse(get_object_or_404(Claim, pk=claim).name)


@csrf_exempt
def unprotected(request: HttpRequest, claim: int) -> HttpResponse:
    Claim.objects.visible_to(request.user).filter(pk=claim).update(name="Forged")
    return HttpResponse()


def copied(request: HttpRequest, claim: int) -> HttpResponse:
    """Copies whatever is sent to the claim."""
    mine, given = Claim.objects.visible_to(request.user).filter(pk=claim), request.POST
    mine.update(name=given.get("name", ""), partner_contact_name=given.get("party", ""))
    return HttpResponse()


def echoed(request: HttpRequest) -> HttpResponse:
    """Says again what it was asked, as it came, also in a header."""
    words = "".join(request.GET.values())
    return HttpResponse(words, headers={"X-Echo": words.partition("\n")[2] or "nothing"})


def spliced(request: HttpRequest) -> HttpResponse:
    """Makes a condition of what it was asked, and hides that it went wrong."""
    words = "".join(request.GET.values())
    with suppress(DatabaseError), transaction.atomic():
        list(Claim.objects.extra(where=[f"name = '{words}' AND false"]))  # noqa: S610
    return HttpResponse()


@login_not_required
def unasked(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


@login_not_required
def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("Numbat")


urlpatterns = [
    path("claims/<int:claim>/unscoped/", unscoped, name="unscoped"),
    path("claims/<int:claim>/unprotected/", unprotected, name="unprotected"),
    path("claims/<int:claim>/copied/", copied, name="copied"),
    path("echoed/", echoed, name="echoed"),
    path("spliced/", spliced, name="spliced"),
    path("unasked/", unasked, name="unasked"),
    path("broken/", broken, name="broken"),
    *urls.urlpatterns,
]
