from .caps import SendCap
from .links import Link
from .messages import Message
from .outages import Outage
from .paces import Pace
from .stops import Stop
from .wishes import ReminderWish

__all__ = ["Link", "Message", "Outage", "Pace", "ReminderWish", "SendCap", "Stop"]
