"""The pages of this app at the desk, one module a noun."""

from . import audit, enrolments, mail, payees, programme_terms

__all__ = ["audit", "enrolments", "mail", "payees", "programme_terms"]
