"""LibreOffice, in which finished files are opened as their readers do."""

import shutil

from dev.machine import Need

# Installed where we may; it does not run from a folder into which its packages were only unpacked.
NEED = Need(
    "LibreOffice",
    lambda _unpacked: shutil.which("soffice"),
    ("libreoffice-calc-nogui",),
    "Install LibreOffice Calc.",
)
