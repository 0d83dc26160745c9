from .designations import Attainment, Designation
from .engagement import ActivityType, Engagement, EvidenceSlot, IdKind, SolutionArea
from .lists import ListedCustomer, PrivateListEntry
from .rates import MarketList, RateCard
from .verdicts import Evaluation, Verdict

__all__ = [
    "ActivityType",
    "Attainment",
    "Designation",
    "Engagement",
    "Evaluation",
    "EvidenceSlot",
    "IdKind",
    "ListedCustomer",
    "MarketList",
    "PrivateListEntry",
    "RateCard",
    "SolutionArea",
    "Verdict",
]
