"""What pages may rely on in a request, by the doors it has passed."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from mail.clock import TimedRequest

from .models import Partner, User


class SignedInRequest(HttpRequest):
    """A request to any page that is not public: the middleware turns everybody else away."""

    user: User
    htmx: HtmxDetails


class PortalRequest(SignedInRequest, TimedRequest):
    """A request to a page of the workspace or the desk whose door (partner_page, on_claim) has read the clock."""


class CompanyRequest(PortalRequest):
    """A request of an Account Admin to a page about the people of their own company (account_admin_page)."""

    company: Partner
