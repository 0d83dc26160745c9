from .engagement import ActivityType, CannedComment, Engagement, EvidenceSlot, IdKind, SolutionArea
from .lists import ListedCustomer, PrivateListEntry
from .materials import Material, MaterialVersion
from .rates import MarketList, RateCard

__all__ = [
    "ActivityType",
    "CannedComment",
    "Engagement",
    "EvidenceSlot",
    "IdKind",
    "ListedCustomer",
    "MarketList",
    "Material",
    "MaterialVersion",
    "PrivateListEntry",
    "RateCard",
    "SolutionArea",
]
