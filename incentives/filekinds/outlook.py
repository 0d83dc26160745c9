"""Outlook messages: a whole message, with no attachment that acts when it is opened."""

from .compound import CompoundFile
from .refusals import FileRefused

ATTACHED_DATA = "__substg1.0_37010102"
# The long and the short file name of an attachment, each in Unicode or in a code page.
ATTACHED_NAMES = {
    "__substg1.0_3707001f": "utf-16-le",
    "__substg1.0_3704001f": "utf-16-le",
    "__substg1.0_3707001e": "latin-1",
    "__substg1.0_3704001e": "latin-1",
}
NAMED_PROPERTIES = "__nameid_version1.0"
PROPERTIES_HEADER = 32
ATTACHMENTS_AT_MOST = 500
PROGRAM_STARTS = (b"MZ", b"\x7fELF", b"#!")

# What mail programs block by name because opening it runs it, and Office files made to carry macros.
ACTING_ENDINGS = (
    "ade adp app appref-ms bas bat chm cmd com cpl crt csh dll exe fxp gadget grp hlp hta inf ins iso isp jar jnlp js"
    " jse ksh lnk mad maf mda mdb mde mdt mdw mdz msc msh msi msp mst ops pcd pif pl plg prf prg ps1 psc1 psd1 psm1 py"
    " pyz reg scf scr sct settingcontent-ms shb shs sys url vb vbe vbp vbs vhd vhdx vsmacros vsw website ws wsc wsf wsh"
    " xbap xll docm dotm pptm potm ppam ppsm sldm xlam xlsm xltm xlsb one"
)
ACTING = frozenset(ACTING_ENDINGS.split())


def check(message: CompoundFile) -> None:
    """Refuse a message whose attachments are programs by their name or by their first bytes."""
    if (
        NAMED_PROPERTIES not in message.paths
        or len(message.content("__properties_version1.0")) < PROPERTIES_HEADER
    ):
        raise FileRefused("damaged")
    attached = [
        path
        for path in message.paths
        if "__attach" in path and path.rpartition("/")[2] in (ATTACHED_DATA, *ATTACHED_NAMES)
    ]
    if len(attached) > 5 * ATTACHMENTS_AT_MOST:
        raise FileRefused("too_complex")
    for path in attached:
        content = message.content(path)
        encoding = ATTACHED_NAMES.get(path.rpartition("/")[2])
        if (
            acts_by_name(content.decode(encoding, "replace"))
            if encoding
            else content.startswith(PROGRAM_STARTS)
        ):
            raise FileRefused("attachment")


def acts_by_name(name: str) -> bool:
    return name.rstrip("\0 .").rpartition(".")[2].lower() in ACTING
