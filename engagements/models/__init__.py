from .engagement import ActivityType, Engagement, EvidenceSlot, IdKind, SolutionArea
from .lists import ListedCustomer, PrivateListEntry
from .rates import MarketList, RateCard

__all__ = [
    "ActivityType",
    "Engagement",
    "EvidenceSlot",
    "IdKind",
    "ListedCustomer",
    "MarketList",
    "PrivateListEntry",
    "RateCard",
    "SolutionArea",
]
