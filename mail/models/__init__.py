from .caps import SendCap
from .links import Link
from .messages import Message
from .outages import Outage
from .paces import Pace
from .quiet import QuietAddress
from .stops import Stop

__all__ = ["Link", "Message", "Outage", "Pace", "QuietAddress", "SendCap", "Stop"]
