from .engagement import ActivityType, Engagement, EvidenceSlot, IdKind, SolutionArea
from .lists import ListedCustomer, PrivateListEntry
from .materials import Material, MaterialVersion
from .rates import MarketList, RateCard

__all__ = [
    "ActivityType",
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
