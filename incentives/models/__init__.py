from .audit import AuditEntry
from .drafts import Draft
from .ledger import LedgerEntry
from .partners import Enrolment, Location, Partner
from .payee import PayeeProfile
from .people import LocationRole, PartnerRole, User
from .ticks import Tick

__all__ = [
    "AuditEntry",
    "Draft",
    "Enrolment",
    "LedgerEntry",
    "Location",
    "LocationRole",
    "Partner",
    "PartnerRole",
    "PayeeProfile",
    "Tick",
    "User",
]
