#!/usr/bin/env python3
"""Sets the portal up and runs it: python3 run.py [test | bench | manage ...]. Needs only Python 3.11 with pip."""

import sys


def main():
    # Checked before the first import of dev, whose syntax an older Python cannot even read.
    if sys.version_info < (3, 11):
        found = "%d.%d" % sys.version_info[:2]
        sys.exit("The portal needs Python 3.11 or newer, this is " + found + ". Try: python3.11 run.py")
    from dev.commands import obey

    return obey(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
