"""Exports one list in a process of its own: how long the first byte and all of it took, and the memory it cost."""

import json
import sys
import tempfile
from pathlib import Path
from time import monotonic

import django


def main(user: int, query: str, file_format: str) -> None:
    django.setup()
    from django.db import connection  # app ready

    from claims.exports import Sheet, list_again  # app ready
    from incentives.management.bench.one_import import peak  # app ready
    from incentives.models import User  # app ready
    from mail import clock  # app ready

    sheet = Sheet(list_again(User.objects.get(pk=user), query, now=clock.now()))
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    before, started, first, size = peak(), monotonic(), 0.0, 0
    if file_format == "csv":
        for block in sheet.csv():
            first, size = first or monotonic() - started, size + len(block)
    else:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "list.xlsx"
            sheet.write(path, file_format, sheet.blocks(file_format))
            size = path.stat().st_size
    seconds = monotonic() - started
    print(json.dumps({"seconds": seconds, "first": first * 1000, "grown": peak() - before, "size": size}))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
