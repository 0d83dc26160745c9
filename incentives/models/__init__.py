from .audit import AuditEntry
from .drafts import Draft
from .ledger import LedgerEntry
from .partners import Enrolment, Location, Partner, PayeeProfile
from .people import LocationRole, PartnerRole, ResetRequest, Standing, User
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
    "ResetRequest",
    "Standing",
    "Tick",
    "User",
]
