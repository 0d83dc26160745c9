"""The pages of this app at the desk, one module a noun."""

from . import audit, payees

__all__ = ["audit", "payees"]
