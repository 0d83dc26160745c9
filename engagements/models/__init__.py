from .engagement import ActivityType, CannedComment, Engagement, EvidenceSlot, IdKind, SolutionArea
from .lists import ListedCustomer, PrivateListEntry
from .rates import MarketList, RateCard

__all__ = [
    "ActivityType",
    "CannedComment",
    "Engagement",
    "EvidenceSlot",
    "IdKind",
    "ListedCustomer",
    "MarketList",
    "PrivateListEntry",
    "RateCard",
    "SolutionArea",
]
