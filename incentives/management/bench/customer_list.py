"""A list of a million customers: its time against bare COPY of the same rows, and the memory of its worker (ENG-8)."""

import json
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from statistics import mean
from time import monotonic

from celery import current_app
from django.core.files.uploadedfile import UploadedFile
from django.db import connection

from engagements.customer_lists import uploads
from engagements.models import Engagement, IdKind, ListUpload, SolutionArea
from incentives.models import User
from mail import clock

from .figures import Figure
from .list_files import Customer, csv_file, some_customers, workbook

CASE = "customer list"
ROWS = 1_000_000
BAD_ROWS = 10
COPIES_AT_MOST = 4  # the time of an import, in bare COPYs of the same rows
MEGABYTES_AT_MOST = 300
BLOCK = 20_000


def measure(rows: int = ROWS) -> Iterator[Figure]:
    """Import the same rows as CSV and as workbook, each into an empty list, between two bare COPYs."""
    current_app.conf.broker_url = "memory://"
    customers = list(some_customers(rows))
    with tempfile.TemporaryDirectory() as folder:
        for kind, write in (("CSV", csv_file), ("XLSX", workbook)):
            file = write(Path(folder), customers)
            before = bare_copy(customers)
            found = imported(file)
            copied = mean((before, bare_copy(customers)))
            yield Figure(CASE, f"bare COPY before and after {kind}", copied, "s")
            yield Figure(CASE, f"{kind} of {rows:,} rows", found["seconds"], "s")
            yield Figure(CASE, f"{kind} to bare COPY", found["seconds"] / copied, "times", COPIES_AT_MOST)
            yield Figure(CASE, f"{kind}: peak memory", found["megabytes"], "MB", MEGABYTES_AT_MOST)
            yield Figure(CASE, f"{kind}: rows not listed", rows - found["listed"], "rows", 0)
        spoilt = imported(csv_file(Path(folder), with_bad_rows(customers)))
    yield Figure(CASE, f"{BAD_ROWS} bad rows among {rows:,}", spoilt["seconds"], "s")
    yield Figure(CASE, "bad rows: not reported", abs(BAD_ROWS - spoilt["bad"]), "rows", 0)
    yield Figure(CASE, "bad rows: listed all the same", spoilt["listed"], "rows", 0)


def with_bad_rows(customers: Sequence[Customer]) -> list[Customer]:
    """The same list with some IDs spoilt, the last of them in the last row."""
    spoilt, apart = list(customers), len(customers) // BAD_ROWS
    for number in range(1, BAD_ROWS + 1):
        spoilt[number * apart - 1] = ("Tenant ID", "tenant", "7")
    return spoilt


def bare_copy(customers: Sequence[Customer]) -> float:
    """Seconds of COPY alone, into an empty table with the same columns, indexes and constraints."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("DROP TABLE IF EXISTS bare_customers")
        cursor.execute("CREATE TABLE bare_customers (LIKE engagements_listedcustomer INCLUDING ALL)")
        started = monotonic()
        with cursor.copy("COPY bare_customers (engagement_id, kind, value) FROM STDIN") as copy:
            for start in range(0, len(customers), BLOCK):
                block = customers[start : start + BLOCK]
                copy.write("".join([f"1\t{code}\t{value}\n" for _label, code, value in block]))
        seconds = monotonic() - started
        cursor.execute("DROP TABLE bare_customers")
    return seconds


def imported(path: Path) -> dict[str, float]:
    """Bring the file to an engagement of its own, read it in a process of its own, and say what came of it."""
    area, _ = SolutionArea.objects.get_or_create(code="bench", defaults={"name": "Bench", "position": 99})
    owner, _ = User.objects.get_or_create(email="bench@vendor.example", defaults={"vendor_role": "owner"})
    engagement = Engagement.objects.create(
        code=f"BENCH-{uuid.uuid4().hex[:20]}",
        name="Bench",
        solution_area=area,
        opens_on=date(2020, 1, 1),
        id_types=list(IdKind.values),
    )
    with path.open("rb") as file:
        brought = UploadedFile(file, path.name, size=path.stat().st_size)
        mode = ListUpload.Mode.REPLACE
        upload = uploads.receive(engagement, brought, mode=mode, by=owner, now=clock.now())
    command = [sys.executable, "-m", "incentives.management.bench.one_import", str(upload.pk)]
    cost = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    upload.refresh_from_db()
    listed = engagement.listed_customers.count()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE engagements_listedcustomer")
    return cost | {"bad": upload.bad, "listed": listed}
