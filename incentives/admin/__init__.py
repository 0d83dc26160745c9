"""The pages of this app at the desk, one module a noun."""

from . import audit, enrolments, payees, programme_terms

__all__ = ["audit", "enrolments", "payees", "programme_terms"]
