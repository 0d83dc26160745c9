"""A connection to PostgreSQL that ends when the server is silent: whoever waits gets a plain page instead of none."""

import os
import time
from typing import Any

from psycopg import Connection, OperationalError
from psycopg.abc import RV, PQGen

# Seconds for one statement; 0 for work that may take its time. Pages set it in wsgi.py.
PATIENCE = float(os.environ.get("DATABASE_PATIENCE", "0"))


class ImpatientConnection(Connection[Any]):
    """Gives up what PostgreSQL's own limits cannot end, since they are kept by the server that says nothing (F09)."""

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        begun = time.monotonic()
        try:
            return super().wait(gen, interval, timeout or PATIENCE or None)
        except OperationalError:
            if PATIENCE and time.monotonic() - begun >= PATIENCE:
                self.pgconn.finish()
            raise
