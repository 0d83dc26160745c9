"""How instants, amounts and statuses are written on every page and in every letter."""

import re
import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import template
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

register = template.Library()


@register.filter
def day(instant: datetime | None) -> str:
    """The date in UTC, as grids show it: Nov 21, 2026."""
    return date_format(localtime(instant), "M j, Y") if instant else "–"


@register.filter
def instant(moment: datetime | None) -> str:
    """Date and time in UTC, to the second: Nov 21, 2026, 14:05:00 UTC (DL-1)."""
    return f"{date_format(localtime(moment), pgettext('an instant', 'M j, Y, H:i:s'))} UTC" if moment else "–"


@register.filter
def usd(amount: Decimal | int | None) -> str:
    return f"${amount:,.2f}" if amount is not None else "–"


@register.filter
def counted(number: int) -> str:
    """A number of things: 1,000,000."""
    return f"{number:,}"


@register.filter
def counted_to(number: int, most: int) -> str:
    """A number of things that were counted no further than one beyond the most: 26; 1,000+."""
    return counted(number) if number <= most else f"{counted(most)}+"


@register.filter
def until(deadline: datetime | None, now: datetime) -> str:
    """How long is left: in 3 days, in 5 hours, passed."""
    if deadline is None:
        return ""
    hours = (deadline - now).total_seconds() / 3600
    if hours <= 0:
        return _("passed")
    if hours < 48:
        return ngettext("in %(n)s hour", "in %(n)s hours", max(1, int(hours))) % {"n": max(1, int(hours))}
    return _("in %(n)s days") % {"n": int(hours // 24)}


@register.filter
def breakable(address: str) -> SafeString:
    """An address that a narrow column breaks after its @ or before a dot of it, not within a name."""
    parts = re.split(r"(?<=@)|(?=\.)", address)
    return format_html_join(SafeString("<wbr>"), "{}", ((part,) for part in parts))


@register.simple_tag
def fresh_key() -> str:
    """A key for a form shown once, so that sending it twice saves it once (R06)."""
    return str(uuid.uuid4())


@register.simple_tag(takes_context=True)
def with_query(context: dict[str, Any], **changes: Any) -> str:
    """The present address with some parameters changed or, when empty, left out; the page number starts anew."""
    query: QueryDict = context["request"].GET.copy()
    query.pop("page", None)
    for name, value in changes.items():
        query.pop(name, None)
        if value not in (None, ""):
            query[name] = value
    return "?" + urlencode(list(query.lists()), doseq=True)


@register.simple_tag(takes_context=True)
def without(context: dict[str, Any], name: str, value: str) -> str:
    """The present address without one value of one parameter: what a chip's link leads to."""
    query: QueryDict = context["request"].GET.copy()
    query.pop("page", None)
    query.setlist(name, [v for v in query.getlist(name) if v != value])
    return "?" + query.urlencode()


@register.simple_tag(takes_context=True)
def sorted_by(context: dict[str, Any], key: str) -> str:
    """How the list is ordered by this column, in the words of aria-sort; empty when it is not."""
    sort = context["request"].GET.get("sort", "")
    return {key: "ascending", f"-{key}": "descending"}.get(sort, "")


@register.simple_tag(takes_context=True)
def sort_link(context: dict[str, Any], key: str) -> str:
    """The present address ordered by this column, or the other way round when it already is."""
    query: QueryDict = context["request"].GET.copy()
    query.pop("page", None)
    query["sort"] = f"-{key}" if query.get("sort") == key else key
    return "?" + query.urlencode()


@register.filter
def words(text: str) -> list[str]:
    return text.split()


@register.filter
def at(mapping: Any, key: str) -> Any:
    try:
        return mapping[key]
    except KeyError:
        return ""
