from django.http import HttpResponse
from django.views.decorators.http import require_safe

from ..people.audit_list import AuditListForm, entries_of
from ..requests import CompanyRequest
from .account import AROUND
from .scope import account_admin_page, show_list


@require_safe
@account_admin_page
def index(request: CompanyRequest) -> HttpResponse:
    """Every change of the company's people and affairs, the newest first."""
    return show_list(
        request,
        "incentives/account/audit.html",
        "incentives/account/_audit.html",
        AuditListForm(request.GET),
        entries_of(request.company),
        **AROUND,
    )
