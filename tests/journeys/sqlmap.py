"""sqlmap, asked whether any parameter becomes SQL; it says of each one what it found."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from .calling import TOKEN, Caller, Question

PROGRAM = Path(sys.executable).with_name("sqlmap")
HOW = (
    "--batch",
    # A descending order, "-2", looks to sqlmap like what another test has left there, and it would give up.
    "--answers=sure that you want to continue=Y",
    "--ignore-stdin",
    "--ignore-proxy",
    "--level=3",
    "--risk=1",
    "--dbms=postgresql",
    # Left out are UNION and inline queries, two fifths of all requests: where they would show something, a pause or a
    # difference shows as well.
    "--technique=BEST",
    "--ignore-redirects",
    "--drop-set-cookie",
    "--disable-coloring",
)
# A form that was sent before is not read again; each request brings a key of its own.
NEW_KEY = "import uuid; form_key=str(uuid.uuid4())"
CLEARED = re.compile(r"parameter '([^']+)' does not seem to be injectable")
# What only "appears" so is tried again by sqlmap itself, which then confirms it or calls it a false positive.
FOUND = re.compile(
    r"parameter '([^']+)' (?:is vulnerable|might be injectable)|^Parameter: (\S+) \(", re.MULTILINE
)
TELLING = re.compile(r".*(?:injectable|vulnerable|false positive|unexploitable|HTTP error|times|CRITICAL).*")
# Not let in, come too late, link used up, throttled: an answer that was given before anything was read.
TURNED_AWAY = re.compile(r"\b(401|403|409|410|429) \([\w ]+\) - \d+ times")
PATIENCE = 1200


@dataclass(frozen=True)
class Verdict:
    """What sqlmap found, and what it looked at without finding anything."""

    found: frozenset[str]
    cleared: frozenset[str]
    turned_away: frozenset[str]
    said: str


def ask(caller: Caller, question: Question, folder: Path, *, cookies: str = "") -> Verdict:
    """One call for one address, with the cookies of the person who calls; everything it writes is in the folder."""
    folder.mkdir()
    address = f"{caller.portal}{question.path}" + (f"?{urlencode(question.query)}" if question.query else "")
    wanted = ["-u", address, "-p", ",".join(sorted(question.names)), "--output-dir", str(folder)]
    if cookies := cookies or caller.cookies:
        wanted += ["--cookie", cookies]
    if question.data:
        wanted += ["--data", urlencode([*question.data, (TOKEN, caller.token)])]
    else:
        # The list without the page around it: the same rows, and much less for sqlmap to compare.
        wanted += ["--headers", "HX-Request: true"]
    if "form_key" in question.names:
        wanted += ["--eval", NEW_KEY]
    own = {
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder),
        "TMPDIR": str(folder),
        "SQLMAP_UNSAFE_EVAL": "1",
    }
    with (folder / "said").open("w+") as said:
        subprocess.run(
            [PROGRAM, *HOW, *wanted],
            env=os.environ | own,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            timeout=PATIENCE,
        )
        said.seek(0)
        return read(said.read())


def read(said: str) -> Verdict:
    return Verdict(
        frozenset(name for names in FOUND.findall(said) for name in names if name),
        frozenset(CLEARED.findall(said)),
        frozenset(TURNED_AWAY.findall(said)),
        "\n".join(TELLING.findall(said)),
    )


def trouble(question: Question, verdict: Verdict) -> list[str]:
    """What was found, what was not asked to the end, and why not."""
    found = [f"{question.path} {name}: becomes SQL" for name in sorted(verdict.found)]
    unasked = question.names - verdict.cleared - verdict.found
    found += [f"{question.path} {name}: not asked to the end" for name in sorted(unasked)]
    return found + [f"{question.path}: answered {code}" for code in sorted(verdict.turned_away)]
