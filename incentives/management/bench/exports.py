"""The list of claims as a file: 1,000,000 claims as CSV, 100,000 as a workbook (CLM-2, P05)."""

import json
import subprocess
import sys
from collections.abc import Iterable
from statistics import mean, quantiles
from time import monotonic

from django.db import connection

from claims.exports import in_order, list_again, value_of
from claims.models import Claim
from incentives.models import Location, Partner, User
from mail import clock

from .figures import Figure
from .pages import Browser
from .somebody import learn, somebody

CASE = "exports"
QUERY = "area=azure"
COPIES_AT_MOST = 3  # the time of a CSV file, in bare COPYs of the same query
FIRST_BYTE_MS, CSV_MB, XLSX_MB = 300, 50, 150
OTHERS_MS = 500  # within which 95 of 100 pages of others come while a file is made


def measure() -> Iterable[Figure]:
    """CSV between two bare COPYs of its own query; the workbook of one company; each in a process of its own."""
    company = Partner.objects.filter(name__startswith="Bulk").order_by("pk")[3]
    everywhere = Location.objects.filter(partner_number__gt=1).select_related("partner")
    with somebody(list(everywhere)) as everybody:
        learn()
        before = bare_copy(everybody)
        csv = exported(everybody, "csv")
        copied = mean((before, bare_copy(everybody)))
        beside = pages_beside(everybody, "csv")
    yield Figure(CASE, "bare COPY of the same query, before and after", copied, "s")
    yield Figure(CASE, "CSV of 1,000,000 claims", csv["seconds"], "s")
    yield Figure(CASE, "CSV to bare COPY", csv["seconds"] / copied, "times", COPIES_AT_MOST)
    yield Figure(CASE, "CSV: first byte", csv["first"], "ms", FIRST_BYTE_MS)
    yield Figure(CASE, "CSV: memory grown by", csv["grown"], "MB", CSV_MB)
    yield Figure(CASE, "CSV: size", csv["size"] / 1e6, "MB")
    yield Figure(CASE, "CSV: pages that others opened meanwhile", len(beside), "pages")
    yield Figure(CASE, "CSV: 95 of 100 of them within", quantiles(beside, n=20)[-1], "ms", OTHERS_MS)
    with somebody(list(everywhere.filter(partner=company))) as one:
        learn()
        xlsx = exported(one, "xlsx")
    yield Figure(CASE, "workbook of 100,000 claims", xlsx["seconds"], "s")
    yield Figure(CASE, "workbook: memory grown by", xlsx["grown"], "MB", XLSX_MB)
    yield Figure(CASE, "workbook: size", xlsx["size"] / 1e6, "MB")


def bare_copy(user: User) -> float:
    """Seconds in which PostgreSQL hands out what the file is made of, to somebody who drops it."""
    form = list_again(user, QUERY, now=clock.now())
    sources = list(dict.fromkeys(source for column in form.shown() for source in column.sources))
    told = ", ".join(map(value_of, sources))
    sql, given = in_order(form, Claim.objects.order_by(), sources, told) or ("", ())
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        started = monotonic()
        with cursor.copy(f"COPY ({sql}) TO STDOUT", given) as copy:
            for _block in copy:
                pass
        return monotonic() - started


def exported(user: User, file_format: str) -> dict[str, float]:
    return json.loads(subprocess.run(command(user, file_format), check=True, stdout=subprocess.PIPE).stdout)


def pages_beside(user: User, file_format: str) -> list[float]:
    """Milliseconds of each page of the list that is opened, one after the other, while a file is made beside them."""
    browser, taken = Browser(user), []
    with subprocess.Popen(command(user, file_format), stdout=subprocess.DEVNULL) as making:
        while making.poll() is None:
            started = monotonic()
            browser.get(f"/claims/?{QUERY}")
            taken.append((monotonic() - started) * 1000)
    return taken


def command(user: User, file_format: str) -> list[str]:
    return [sys.executable, "-m", "incentives.management.bench.one_export", str(user.pk), QUERY, file_format]
