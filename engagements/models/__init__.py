from .engagement import ActivityType, CannedComment, Engagement, EvidenceSlot, IdKind, SolutionArea
from .lists import ListedCustomer, PrivateListEntry
from .materials import Material, MaterialVersion
from .rates import MarketList, RateCard
from .uploads import BadRow, ListUpload

__all__ = [
    "ActivityType",
    "BadRow",
    "CannedComment",
    "Engagement",
    "EvidenceSlot",
    "IdKind",
    "ListUpload",
    "ListedCustomer",
    "MarketList",
    "Material",
    "MaterialVersion",
    "PrivateListEntry",
    "RateCard",
    "SolutionArea",
]
