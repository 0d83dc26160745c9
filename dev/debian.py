"""Programs from Debian's packages: installed where we may, else unpacked under DATA_DIR/system."""

import os
import shutil
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from dev.processes import ask
from dev.terminal import Trouble, last_words

# Another package manager may be at work on this machine: wait for it instead of failing.
PATIENT = ("-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=2")
QUIET = ("-y", "-qq", "--no-install-recommends")


@dataclass(frozen=True)
class Unpacked:
    """A folder with packages that were unpacked, not installed."""

    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "root"

    def find(self, *programs: str) -> Path | None:
        """The first of these paths, relative to the root of a system, that holds a program."""
        return next((path for name in programs if os.access(path := self.root / name, os.X_OK)), None)

    def environment(self) -> dict[str, str]:
        """What lets an unpacked program find its libraries and fonts."""
        triplet = sysconfig.get_config_var("MULTIARCH") or ""
        libraries = [self.root / place / triplet for place in ("usr/lib", "lib")]
        libraries.append(self.root / "usr/lib" / triplet / "pulseaudio")
        found = {"LD_LIBRARY_PATH": os.pathsep.join(map(str, libraries))}
        if fonts := self.fonts():
            found["FONTCONFIG_FILE"] = str(fonts)
        return found

    def fonts(self) -> Path | None:
        """A font configuration that also looks among the unpacked fonts."""
        places = (self.root / "etc/fonts/fonts.conf", Path("/etc/fonts/fonts.conf"))
        shipped = next(filter(Path.exists, places), None)
        if not shipped:
            return None
        moved = self.folder / "fonts.conf"
        system, ours = (f"<dir>{root}/usr/share/fonts</dir>" for root in ("", self.root))
        moved.write_text(shipped.read_text().replace(system, system + ours))
        return moved

    def wrapper(self, program: Path) -> Path:
        """A script that starts the program with the unpacked libraries and leaves its caller without them."""
        script = self.folder / program.name
        settings = "".join(f"export {name}='{value}'\n" for name, value in self.environment().items())
        script.write_text(f"#!/bin/sh\n{settings}exec '{program}' \"$@\"\n")
        script.chmod(0o755)
        return script

    def fetch(self, *packages: str) -> None:
        """Downloads the packages, with what they need and this machine lacks, and unpacks them."""
        for place in ("state/lists/partial", "cache/archives/partial", "root"):
            (self.folder / place).mkdir(parents=True, exist_ok=True)
        own = ("-o", f"Dir::State={self.folder}/state", "-o", "Dir::State::status=/var/lib/dpkg/status")
        apt = ["apt-get", *own, "-o", f"Dir::Cache={self.folder}/cache", "-o", "Debug::NoLocking=1", *PATIENT]
        with_fresh_lists(apt, "install", "--download-only", *QUIET, *packages)
        for package in (self.folder / "cache/archives").glob("*.deb"):
            complete("dpkg", "-x", str(package), str(self.root))
            package.unlink()

    def tidy(self) -> None:
        """Drops apt's lists and caches, which are larger than a browser."""
        for place in ("state", "cache"):
            shutil.rmtree(self.folder / place, ignore_errors=True)


def install(unpacked: Unpacked, *packages: str) -> None:
    """Installs the packages if this account may; else unpacks them."""
    if not shutil.which("apt-get"):
        raise Trouble("This system has no apt-get")
    right = rights()
    if right is None:
        unpacked.fetch(*packages)
        return
    apt = [*right, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", *PATIENT]
    with_fresh_lists(apt, "install", *QUIET, *packages)


def with_fresh_lists(apt: list[str], *command: str) -> None:
    """Runs apt-get, and once more with new lists of packages if those at hand are missing or too old."""
    try:
        complete(*apt, *command)
    except Trouble:
        complete(*apt, "update", "-qq")
        complete(*apt, *command)


def rights() -> list[str] | None:
    """What precedes a command that changes the system; nothing at all if this account may not."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and ask([sudo, "-n", "true"]).returncode == 0:
        return [sudo, "-n"]
    return None


def complete(*command: str) -> None:
    done = ask(command)
    if done.returncode:
        raise Trouble(last_words(done.stderr or done.stdout, lines=3).strip())
