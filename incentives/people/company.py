"""What every change of a company's people stands on: who may make it, and that it is written down (ROLE-2)."""

from datetime import datetime
from typing import Any

from ..models import AuditEntry, Partner, PartnerRole, User
from ..roles import RoleGone, hold_company_role

ACCOUNT_ADMIN = PartnerRole.Role.ACCOUNT_ADMIN


class Refused(Exception):
    """A rule of the company's affairs stands against it; the message is the sentence the person reads."""


def hold(person: User, *, by: User) -> Partner:
    """Hold the right to change this person, and lock their row; raises RoleGone for people of other companies."""
    company = company_of(by)
    if person.partner_id != company.pk:
        raise RoleGone
    hold_company_role(by, company, ACCOUNT_ADMIN)
    person.refresh_from_db(from_queryset=User.objects.select_for_update(no_key=True))
    return company


def company_of(by: User) -> Partner:
    if by.partner is None:
        raise RoleGone
    return by.partner


def write(action: str, person: User, *, by: User, now: datetime, **facts: Any) -> None:
    """One line of the audit about a person of a company."""
    AuditEntry.write(action, by=by, now=now, partner=person.partner, person=person, **facts)
