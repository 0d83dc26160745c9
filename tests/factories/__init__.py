from .claims import claim_at, make_claim, make_customer
from .engagements import EngagementFactory, hold
from .incentives import LocationFactory, PartnerFactory, StaffFactory, UserFactory, give_role

__all__ = [
    "EngagementFactory",
    "LocationFactory",
    "PartnerFactory",
    "StaffFactory",
    "UserFactory",
    "claim_at",
    "give_role",
    "hold",
    "make_claim",
    "make_customer",
]
