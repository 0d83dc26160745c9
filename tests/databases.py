"""The databases of a test run: one is brought up to date by whoever needs it first, and all others begin as copies."""

import os
import subprocess
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from dev import packages
from dev.locks import lock

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


def created(name: str, *, like: str = "template1") -> str:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {like}")
    return address_of(name)


def address_of(name: str) -> str:
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


def folder() -> Path:
    return Path(os.environ["DATA_DIR"])
