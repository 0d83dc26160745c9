from .audit import AuditEntry
from .drafts import Draft
from .enrolment import Enrolment, ProgrammeTerms
from .ledger import LedgerEntry, LedgerTotal
from .partners import Location, Partner
from .payee import PayeeProfile
from .people import LocationRole, PartnerRole, ResetRequest, Standing, User
from .ticks import Tick

__all__ = [
    "AuditEntry",
    "Draft",
    "Enrolment",
    "LedgerEntry",
    "LedgerTotal",
    "Location",
    "LocationRole",
    "Partner",
    "PartnerRole",
    "PayeeProfile",
    "ProgrammeTerms",
    "ResetRequest",
    "Standing",
    "Tick",
    "User",
]
