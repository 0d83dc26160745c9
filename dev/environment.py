"""The settings a run reads (see .env.example) and the environment its programs get."""

import base64
import os
import re
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from dev.packages import ROOT, VENV
from dev.terminal import Trouble

# What belongs to another project's shell and would lead our Python or Django astray.
FOREIGN = ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "DJANGO_SETTINGS_MODULE")

# What Celery (the queue without REDIS_URL) and WhiteNoise expect to find in DATA_DIR; the names are the settings'.
EXPECTED_FOLDERS = ("broker", "broker-control", "static")


@dataclass(frozen=True)
class Site:
    """One portal on this machine: its data folder, its port and the environment of its programs."""

    data: Path
    port: int
    env: dict[str, str]

    @property
    def address(self) -> str:
        return self.env["PORTAL_URL"]

    @property
    def demo(self) -> bool:
        return self.env["DEMO"].strip().lower() in ("1", "t", "true", "y", "yes", "on")

    def log(self, name: str) -> Path:
        folder = self.data / "log"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder / f"{name}.log"


def our_site() -> Site:
    """The portal of this checkout: from the environment, else .env, else defaults for a demo."""
    given = {**written_settings(ROOT / ".env"), **os.environ}
    for name in ("DATABASE_URL", "REDIS_URL"):
        if not given.get(name):
            given.pop(name, None)
    data = data_folder(given.get("DATA_DIR") or "var")
    port = port_number(given.get("PORT") or "8000")
    env = program_environment(given) | {"DATA_DIR": str(data), "PORT": str(port)}
    env.setdefault("DEMO", "1")
    env.setdefault("PORTAL_URL", f"http://localhost:{port}")
    if not env.get("SECRET_KEY"):
        env["SECRET_KEY"] = kept_secret(data / "secret", os.urandom(48).hex())
    if not env.get("PAYEE_KEYS"):
        env["PAYEE_KEYS"] = kept_secret(data / "payee-keys", sealing_key())
    furnish(data)
    return Site(data, port, env)


def program_environment(given: Mapping[str, str]) -> dict[str, str]:
    """What our programs read. They compile their modules once, also where Python writes nothing beside sources."""
    env = {name: value for name, value in given.items() if name not in (*FOREIGN, "PYTHONDONTWRITEBYTECODE")}
    return env | {
        "PATH": f"{VENV / 'bin'}{os.pathsep}{given.get('PATH', os.defpath)}",
        "DJANGO_SETTINGS_MODULE": "incentives.settings",
        "PYTHONPYCACHEPREFIX": str(VENV / "bytecode"),
    }


def written_settings(file: Path) -> dict[str, str]:
    """The NAME=value lines of a .env file; quotes around a value and `export` before a name may stand."""
    settings = {}
    for line in file.read_text().splitlines() if file.exists() else ():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#"):
            value = value.strip()
            quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
            settings[name.strip()] = value[1:-1] if quoted else value
    return settings


def known_settings() -> set[str]:
    """The name of every setting of the portal."""
    return set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


def data_folder(given: str) -> Path:
    """The folder of all that a run keeps. Others (root's PostgreSQL) may pass through, not list it."""
    data = (ROOT / Path(given).expanduser()).resolve()
    try:
        if not data.exists():
            data.mkdir(parents=True)
            data.chmod(0o711)
    except OSError as refusal:
        raise Trouble(f"The data folder {data} cannot be made ({refusal.strerror}). Set DATA_DIR.") from None
    if not os.access(data, os.W_OK | os.X_OK):
        raise Trouble(f"This account may not write to the data folder {data}. Set DATA_DIR to another.")
    return data


def furnish(data: Path) -> None:
    for folder in EXPECTED_FOLDERS:
        (data / folder).mkdir(mode=0o700, parents=True, exist_ok=True)


def port_number(given: str) -> int:
    if not given.isdecimal() or not 0 < int(given) < 65536:
        raise Trouble(f"PORT is «{given}», and must be a number between 1 and 65535.")
    return int(given)


def sealing_key() -> str:
    """A key as PAYEE_KEYS takes it (Fernet's: 32 bytes in the base64 of addresses)."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def kept_secret(kept: Path, fresh: str) -> str:
    """A secret of this portal, kept since its first use and readable by its owner alone."""
    if not kept.exists():
        handle, made = tempfile.mkstemp(dir=kept.parent)
        with os.fdopen(handle, "w") as file:
            file.write(fresh)
        with suppress(FileExistsError):  # unlike a rename, a link never replaces a secret made meanwhile
            os.link(made, kept)
        os.unlink(made)
    try:
        return kept.read_text().strip()
    except PermissionError:
        raise Trouble(f"{kept} belongs to another account. Run as that account, or set DATA_DIR.") from None
