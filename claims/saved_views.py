"""Views of the list of claims that people save, share with their company, rename and remove (BEY-8).

A shared view shows each reader the claims of their own roles. It outlives its author's time at the company: colleagues
go on using it, and an Account Admin removes it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from incentives.models import Partner, User
from incentives.roles import is_account_admin, lock_person

from .depth import fetch
from .list_form import OTHER, ClaimListForm
from .models import SavedView
from .orders import NEWEST_FIRST, Ground, sql_of

VIEWS_AT_MOST = 50
COUNTED_IN_VIEWS = 1_000


class ViewRefused(Exception):
    """The view is not saved under this name; the message says what to do."""


@transaction.atomic
def save(owner: User, name: str, query: str, *, shared: bool, now: datetime) -> SavedView:
    """Keep a list under a name; the same list under the same name is the same view, so a double click saves one.

    Raises ViewRefused where the name is taken by another list, or the person has as many views as anybody may.
    """
    lock_person(owner)
    known = SavedView.objects.filter(owner=owner, name__iexact=name).first()
    if known and known.query == query:
        return known
    if SavedView.objects.filter(owner=owner).count() >= VIEWS_AT_MOST:
        text = _("You have %(limit)s views already. Remove one that you no longer need.")
        raise ViewRefused(text % {"limit": VIEWS_AT_MOST})
    view = SavedView(owner=owner, name=name, query=query, saved_at=now, shared_with=company_of(owner, shared))
    return keep(view)


def change(view: SavedView, name: str, *, shared: bool) -> SavedView:
    """Rename a view, and share it or keep it to oneself; raises ViewRefused where the name is taken."""
    view.name, view.shared_with = name, company_of(view.owner, shared)
    return keep(view)


def company_of(owner: User, shared: bool) -> Partner | None:
    return owner.partner if shared else None


def keep(view: SavedView) -> SavedView:
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError as taken:
        text = _("You have a view named “%(name)s” already. Choose another name, or remove that one.")
        raise ViewRefused(text % {"name": view.name}) from taken
    return view


def may_remove(view: SavedView, user: User) -> bool:
    """Its owner, or an Account Admin of the company that it is shared with."""
    if view.owner_id == user.pk:
        return view.shared_with_id in (None, user.partner_id)
    return (
        view.shared_with_id == user.partner_id and view.shared_with_id is not None and is_account_admin(user)
    )


def asked_for(view: SavedView) -> QueryDict:
    return QueryDict(view.query)


def address_for_reader(view: SavedView, form: ClaimListForm) -> QueryDict:
    """The address of a view as its reader may see it: without values of others, and never wider without them."""
    address = form.data.copy()
    for name in form.left_out:
        address.setlist(name, [OTHER])
    address["view"] = str(view.pk)
    return address


def forms_of(
    views: Iterable[SavedView], ground: Ground, *, now: datetime
) -> list[tuple[SavedView, ClaimListForm]]:
    return [
        (view, ClaimListForm(asked_for(view), within(ground, view), now=now, forgiving=True))
        for view in views
    ]


def within(ground: Ground, view: SavedView) -> Ground:
    """What a view can show of all that its reader can see: the engagements of its tab."""
    area = asked_for(view).get("area")
    engagements = [e for e in ground.engagements if not area or e.area == area]
    return Ground(ground.locations, ground.claimed, engagements)


def counts(forms: Sequence[ClaimListForm]) -> list[str]:
    """How many claims each of these lists holds, counted up to a thousand, all in one query."""
    parts: list[str] = []
    given: list[Any] = []
    asked: list[int] = []
    for number, form in enumerate(forms):
        try:
            sql, values = sql_of(form.claims(), NEWEST_FIRST)
        except EmptyResultSet:
            continue
        parts.append(f"(SELECT count(*) FROM ({sql} LIMIT {COUNTED_IN_VIEWS + 1}) AS of_{number})")  # noqa: S608
        given += values
        asked.append(number)
    found = fetch(f"SELECT {', '.join(parts)}", given)[0] if parts else ()
    counted = dict(zip(asked, found, strict=True))
    return [in_words(counted.get(number, 0)) for number in range(len(forms))]


def in_words(count: int) -> str:
    return f"{count:,}" if count <= COUNTED_IN_VIEWS else f"{COUNTED_IN_VIEWS:,}+"
