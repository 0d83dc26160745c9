from .claims import claim_at, make_claim, make_customer
from .engagements import EngagementFactory, VariableFactory, a_file, hold, make_version
from .incentives import LocationFactory, PartnerFactory, StaffFactory, TermsFactory, UserFactory, give_role
from .payees import forget, make_payee

__all__ = [
    "EngagementFactory",
    "LocationFactory",
    "PartnerFactory",
    "StaffFactory",
    "TermsFactory",
    "UserFactory",
    "VariableFactory",
    "a_file",
    "claim_at",
    "forget",
    "give_role",
    "hold",
    "make_claim",
    "make_customer",
    "make_payee",
    "make_version",
]
