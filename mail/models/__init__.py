from .caps import SendCap
from .links import Link
from .messages import Message

__all__ = ["Link", "Message", "SendCap"]
