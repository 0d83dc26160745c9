"""What each role of the vendor's staff may do (ROLE-6), and how anybody signs in."""

from typing import Any

from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from .models import User

_Role = User.VendorRole
_READ_CLAIMS = {"claims.view_claim"}
_READ_MATERIAL = {"engagements.view_material"}
# What customer and partner told the vendor in confidence: the reason of a No, and the answers of the surveys.
_READ_CONFIDENCES = {"claims.read_decline_reason", "claims.read_surveys"}
_READ_CATALOGUE = _READ_MATERIAL | {
    "engagements.view_engagement",
    "engagements.view_ratecard",
    "engagements.view_marketlist",
    "engagements.view_solutionarea",
    "engagements.view_activitytype",
    "engagements.view_privatelistentry",
    "engagements.view_cannedcomment",
    "engagements.view_designation",
    "engagements.view_attainment",
    "engagements.view_evaluation",
}
_READ_PAYEES = {"incentives.view_payeeprofile"}
_READ_ENROLMENTS = {"incentives.view_enrolment", "incentives.view_programmeterms"}
_READ_MAIL = {"mail.view_message"}
_STEER_MAIL = {"mail.steer_delivery"}

RIGHTS: dict[str, set[str]] = {
    _Role.REVIEWER: _READ_CLAIMS | _READ_MATERIAL | _READ_CONFIDENCES | {"claims.decide", "claims.comment"},
    _Role.LEAD: _READ_CLAIMS
    | _READ_CATALOGUE
    | _READ_ENROLMENTS
    | _READ_CONFIDENCES
    | _READ_MAIL
    | {"claims.decide", "claims.comment"},
    _Role.OWNER: _READ_CATALOGUE
    | _READ_PAYEES
    | _READ_ENROLMENTS
    | _READ_MAIL
    | _STEER_MAIL
    | {
        "incentives.discontinue_enrolment",
        "incentives.publish_terms",
        "engagements.change_catalogue",
        "engagements.change_attainment",
        "engagements.publish_material",
        "engagements.upload_customers",
    },
    _Role.SUPPORT: _READ_CLAIMS
    | _READ_CATALOGUE
    | _READ_PAYEES
    | _READ_ENROLMENTS
    | _READ_MAIL
    | _STEER_MAIL,
    _Role.AUDITOR: _READ_CLAIMS
    | _READ_CATALOGUE
    | _READ_PAYEES
    | _READ_ENROLMENTS
    | _READ_CONFIDENCES
    | _READ_MAIL
    | {"incentives.view_auditentry"},
}


def may(role: str, right: str) -> bool:
    """Whether the table gives this role that right; nobody has any right that is not written there."""
    return right in RIGHTS.get(role, ())


def sees_app(role: str, app_label: str) -> bool:
    return any(right.startswith(f"{app_label}.") for right in RIGHTS.get(role, ()))


class PortalBackend:
    """Sign-in by e-mail address and password; an unknown address costs the same time as a wrong password."""

    def authenticate(
        self, request: HttpRequest | None, username: str = "", password: str = "", **_: Any
    ) -> User | None:
        if not username or not password or "\0" in username or len(username) > 254:
            return None
        user = User.objects.filter(email__iexact=username).first()
        if user is None:
            make_password(password)
            return None
        return user if user.check_password(password) and user.is_active else None

    def get_user(self, pk: int) -> User | None:
        return User.objects.filter(pk=pk, is_active=True).select_related("partner").first()
