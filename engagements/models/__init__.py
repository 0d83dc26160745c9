from .designations import Attainment, Designation
from .engagement import ActivityType, CannedComment, Engagement, EvidenceSlot, IdKind, SolutionArea
from .lists import ListedCustomer, PrivateListEntry
from .materials import Material, MaterialVersion
from .rates import MarketList, RateCard
from .uploads import BadRow, ListUpload
from .verdicts import Evaluation, Verdict

__all__ = [
    "ActivityType",
    "Attainment",
    "BadRow",
    "CannedComment",
    "Designation",
    "Engagement",
    "Evaluation",
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
    "Verdict",
]
