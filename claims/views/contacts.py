from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import reswap, retarget

from incentives.requests import PortalRequest
from incentives.views.scope import revision

from .. import contacts
from ..forms import CustomerContactForm, PartnerContactForm
from ..models import Claim
from .scope import on_claim, show_claim

FORMS = {"customer": CustomerContactForm, "partner": PartnerContactForm}


@require_http_methods(["GET", "HEAD", "POST"])
@on_claim("edit_contacts")
def edit(request: PortalRequest, claim: Claim, side: str) -> HttpResponse:
    if side not in FORMS:
        raise Http404
    form = FORMS[side](
        request.POST or None,
        customer=claim.customer,
        initial={name: getattr(claim, name) for name in FORMS[side].base_fields},
    )
    if request.GET.get("mend") == "address":
        form.fields[f"{side}_contact_email"].widget.attrs["autofocus"] = True
    if request.method == "POST" and form.is_valid():
        contacts.edit(
            claim, by=request.user, now=request.now, revision=revision(request), **form.cleaned_data
        )
        messages.success(request, _("Contact saved."))
        return show_claim(request, claim)
    status = 422 if request.method == "POST" else 200
    context = {"claim": claim, "form": form, "side": side, "revision": revision(request)}
    response = render(request, "claims/contacts.html", context, status=status)
    # The form was sent from the panel to change the claim: what is wrong with it is shown in the panel.
    return reswap(retarget(response, "#panel"), "innerHTML")
