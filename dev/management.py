"""python3 run.py manage ...: a management command in the portal's environment, on the portal's data."""

from collections.abc import Sequence

from dev import database, packages
from dev.environment import ROOT, Site, our_site
from dev.postgres_binaries import wheel_fits
from dev.processes import attend


def manage(arguments: Sequence[str]) -> int:
    site = our_site()
    packages.install(*package_sets(site))
    if not database.is_ours(site):
        return command(site, arguments, {})
    with database.borrowed(site) as cluster:
        return command(site, arguments, {"DATABASE_URL": cluster.url})


def command(site: Site, arguments: Sequence[str], more: dict[str, str]) -> int:
    return attend([packages.PYTHON, ROOT / "manage.py", *arguments], env=site.env | more, umask=0o077)


def package_sets(site: Site) -> tuple[str, ...]:
    """The lock files that running the portal needs here."""
    return ("portal", "embedded") if database.is_ours(site) and wheel_fits() else ("portal",)
