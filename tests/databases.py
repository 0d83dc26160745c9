"""The databases of a test run: one is brought up to date by whoever needs it first, and all others begin as copies."""

import os
import subprocess
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.db import connection
from psycopg import sql

from dev import packages
from dev.locks import lock
from surveys import defaults

TABLES = "model_of_the_tables"


def copy_of_the_tables(name: str) -> str:
    """A database with every table and nothing in them; its address."""
    with lock(folder() / "tables.lock"):
        if not (folder() / "tables are made").exists():
            migrate(created(TABLES))
            (folder() / "tables are made").touch()
        return created(name, like=TABLES)


def copy_of(model: str, name: str) -> str:
    """A database with all that is in the model's; PostgreSQL makes one copy of it at a time."""
    with lock(folder() / f"{model}.lock"):
        return created(name, like=model)


def migrate(address: str) -> None:
    command = [packages.PYTHON, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=packages.ROOT, env=os.environ | {"DATABASE_URL": address}, check=True)


def emptied() -> None:
    """Delete what a test has committed, and nothing else: that takes a tenth of the time of truncating every table.

    What Django writes of models and permissions stays; the questions that belong to every portal come back.
    """
    kept = {"django_content_type", "auth_permission"}
    tables = sorted(set(connection.introspection.django_table_names(include_views=False)) - kept)
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f'EXISTS (TABLE "{table}")' for table in tables))
        filled = [table for table, has_rows in zip(tables, cursor.fetchone(), strict=True) if has_rows]
        # Without triggers: some keep what the law protects, and the order of the tables does not matter.
        cursor.execute("SET session_replication_role = replica")
        for table in filled:
            cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
        cursor.execute("RESET session_replication_role")
    defaults.load()


def created(name: str, *, like: str = "template1") -> str:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {like}")
    return address_of(name)


def address_of(name: str) -> str:
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


def folder() -> Path:
    return Path(os.environ["DATA_DIR"])
