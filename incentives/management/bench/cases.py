"""Every benchmark there is: a module of this package with `measure`, and the bulk data it is measured on."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from . import claims, customer_list, engagements, expiry, exports, queue
from .figures import Figure


@dataclass(frozen=True)
class Case:
    """One benchmark; `bulk` are the arguments of seed_bulk, and without any its database is migrated and empty."""

    name: str
    measure: Callable[[], Iterable[Figure]]
    bulk: tuple[str, ...] = ()


MILLION = ("--claims", "1000000", "--engagements", "500", "--locations", "500")
CASES = (
    Case(customer_list.CASE, customer_list.measure),
    Case("engagements", engagements.measure, MILLION),
    Case("claims", claims.measure, MILLION),
    Case("exports", exports.measure, MILLION),
    Case(queue.CASE, queue.measure, MILLION),
    Case(expiry.CASE, expiry.measure, MILLION),
)
