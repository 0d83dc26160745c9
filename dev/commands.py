"""The commands of run.py."""

from collections.abc import Sequence

from dev import processes
from dev.bench import bench
from dev.checks import faults, test
from dev.management import manage
from dev.portal import run
from dev.terminal import Trouble, say

USAGE = """\
python3 run.py             runs the portal, with all the set-up it needs
python3 run.py test [...]  checks everything; with arguments, runs pytest with them
python3 run.py faults [..] runs the long rounds of races and faults, and says how long each took
python3 run.py bench [...] measures all benchmarks or those named, and says which limit does not hold
python3 run.py manage ...  runs a management command on the portal's data"""


def obey(arguments: Sequence[str]) -> int:
    name, *rest = arguments or ["run"]
    processes.end_on_signals()
    try:
        if name == "run" and not rest:
            return run()
        if name == "test":
            return test(rest)
        if name == "faults":
            return faults(rest)
        if name == "bench":
            return bench(rest)
        if name == "manage":
            return manage(rest)
    except Trouble as trouble:
        say(str(trouble))
        return 1
    except KeyboardInterrupt:
        return 130
    say(USAGE)
    return 0 if name in ("help", "--help", "-h") else 2
