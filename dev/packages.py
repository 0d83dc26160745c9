"""The Python packages: .tool holds the installer, .venv what requirements/*.lock name."""

import hashlib
import os
import re
import sys
from pathlib import Path

from dev.locks import lock
from dev.processes import Command, ask
from dev.terminal import Trouble, last_words, step

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "requirements"
TOOL = ROOT / ".tool"
UV = TOOL / "bin/uv"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin/python"
STAMP = VENV / "installed"


def install(*wanted: str) -> None:
    """Fills .venv from the named lock files, besides those it was filled from before; once."""
    if in_place(wanted):
        return
    try:
        TOOL.mkdir(exist_ok=True)
        with step("Python packages"), lock(TOOL / "lock"):
            if not in_place(wanted):
                fill(tuple(dict.fromkeys((*wanted, *stamped()))))
    except PermissionError as refusal:
        raise Trouble(
            f"This account may not write {refusal.filename}. Run as the owner of {ROOT}, or in a copy of it."
        ) from None


def fill(names: tuple[str, ...]) -> None:
    install_uv()
    if not current_python():
        complete([sys.executable, "-m", "venv", "--without-pip", "--clear", VENV])
    STAMP.unlink(missing_ok=True)
    uv = [UV, "pip", "sync", "--quiet", "--require-hashes", "--python", PYTHON]
    complete([*uv, *(LOCKS / f"{name}.lock" for name in names)], env=uv_environment())
    STAMP.write_text("\n".join([python_version(), *(mark(name) for name in names)]))


def install_uv() -> None:
    """Puts the pinned uv into .tool: needs neither ensurepip nor leave to touch the system's Python."""
    note = TOOL / "installed"
    if os.access(UV, os.X_OK) and note.exists() and note.read_text() == mark("installer"):
        return
    complete([sys.executable, "-m", "venv", "--without-pip", TOOL])
    pip = [sys.executable, "-m", "pip", "--python", TOOL / "bin/python", "--disable-pip-version-check"]
    complete(
        [
            *pip,
            "install",
            "--quiet",
            "--quiet",
            "--retries",
            "2",
            "--require-hashes",
            "-r",
            LOCKS / "installer.lock",
        ]
    )
    note.write_text(mark("installer"))


def complete(command: Command, env: dict[str, str] | None = None) -> None:
    done = ask(command, env=env)
    if done.returncode == 0:
        return
    if "No module named pip" in done.stderr:
        raise Trouble("This Python has no pip. Install it (Debian, Ubuntu: apt-get install python3-pip).")
    raise Trouble(
        "The Python packages could not be installed:\n"
        + last_words(done.stderr or done.stdout)
        + "\nCheck the network and the free disk space (about 700 MB), then run the same command again."
    )


def uv_environment() -> dict[str, str]:
    """uv with the package index and certificates that this machine's pip uses, and a cache it can write."""
    env = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    env["UV_PYTHON_DOWNLOADS"] = "never"
    bundle = "/etc/ssl/certs/ca-certificates.crt"
    if os.path.exists(bundle):
        env.setdefault("SSL_CERT_FILE", bundle)
    settings = [sys.executable, "-m", "pip", "config", "list"]
    listed = ask(settings).stdout
    if index := re.search(r"^\S*\.index-url='(.+)'$", listed, re.MULTILINE):
        env.setdefault("UV_DEFAULT_INDEX", index[1])
    if not os.access(Path.home(), os.W_OK):
        env.setdefault("UV_CACHE_DIR", str(TOOL / "cache"))
    return env


def in_place(names: tuple[str, ...]) -> bool:
    return current_python() and all(mark(name) in STAMP.read_text().splitlines() for name in names)


def current_python() -> bool:
    """Whether .venv stands and was made for the Python that runs now."""
    stands = os.access(PYTHON, os.X_OK) and STAMP.exists()
    return stands and STAMP.read_text().splitlines()[0] == python_version()


def stamped() -> list[str]:
    """The names of the lock files that .venv was filled from."""
    return [line.split()[0] for line in STAMP.read_text().splitlines()[1:]] if current_python() else []


def python_version() -> str:
    return "python {}.{}".format(*sys.version_info)


def mark(name: str) -> str:
    """A lock file's name and digest, as noted after it was installed."""
    return f"{name} {hashlib.sha256((LOCKS / f'{name}.lock').read_bytes()).hexdigest()}"
