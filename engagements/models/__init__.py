from .engagement import ActivityType, Engagement, EvidenceSlot, IdKind, SolutionArea
from .lists import ListedCustomer, PrivateListEntry
from .rates import MarketList, RateCard
from .uploads import BadRow, ListUpload

__all__ = [
    "ActivityType",
    "BadRow",
    "Engagement",
    "EvidenceSlot",
    "IdKind",
    "ListUpload",
    "ListedCustomer",
    "MarketList",
    "PrivateListEntry",
    "RateCard",
    "SolutionArea",
]
