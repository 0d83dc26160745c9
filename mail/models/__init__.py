from .caps import SendCap
from .links import Link
from .messages import Message
from .stops import Stop

__all__ = ["Link", "Message", "SendCap", "Stop"]
