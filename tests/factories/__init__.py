from .claims import claim_at, make_claim, make_customer
from .engagements import EngagementFactory
from .incentives import LocationFactory, PartnerFactory, StaffFactory, TermsFactory, UserFactory, give_role

__all__ = [
    "EngagementFactory",
    "LocationFactory",
    "PartnerFactory",
    "StaffFactory",
    "TermsFactory",
    "UserFactory",
    "claim_at",
    "give_role",
    "make_claim",
    "make_customer",
]
