from .claims import claim_at, make_claim, make_customer
from .engagements import EngagementFactory, a_file, make_version
from .incentives import LocationFactory, PartnerFactory, StaffFactory, UserFactory, give_role

__all__ = [
    "EngagementFactory",
    "LocationFactory",
    "PartnerFactory",
    "StaffFactory",
    "UserFactory",
    "a_file",
    "claim_at",
    "give_role",
    "make_claim",
    "make_customer",
    "make_version",
]
