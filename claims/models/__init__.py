from .claim import Claim, Slot
from .comment import Comment
from .customers import CustomerIdentity, Organization
from .directory import DomainAnswer, Outage
from .document import Document
from .event import ClaimEvent
from .export import Export
from .list_views import SavedView, ShownColumns
from .queued_send import QueuedSend
from .reminder import DigestLine, Reminder
from .sheet import ClaimSheet, SheetRow

__all__ = [
    "Claim",
    "ClaimEvent",
    "ClaimSheet",
    "Comment",
    "CustomerIdentity",
    "DigestLine",
    "Document",
    "DomainAnswer",
    "Export",
    "Organization",
    "Outage",
    "QueuedSend",
    "Reminder",
    "SavedView",
    "SheetRow",
    "ShownColumns",
    "Slot",
]
