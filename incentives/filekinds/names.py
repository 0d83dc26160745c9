"""The name under which an uploaded file is shown and offered for download."""

import re
import unicodedata

LONGEST = 200
LONGEST_EXTENSION = 10

# Letters and marks that draw nothing: fillers, joiners and selectors that are not of the category "format".
INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
# Names that Windows gives to devices, whatever the extension.
DEVICE = re.compile(r"(?i)\A(con|prn|aux|nul|clock\$|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)")


def clean_name(name: str) -> str:
    """A file name that shows what it is: no path, no invisible or direction-changing characters, at most 200 long."""
    visible = "".join(
        " " if ch.isspace() else ch for ch in name if ch.isspace() or unicodedata.category(ch) not in UNSEEN
    )
    visible = unicodedata.normalize("NFC", INVISIBLE.sub("", visible))
    parts = [part for part in re.split(r"[/\\]", visible) if part.strip(" .")]
    text = re.sub(r" +", " ", re.sub(r'[<>:"|?*]', "_", parts[-1] if parts else ""))
    text = re.sub(r" +(?=\.)", "", text.rstrip(" ."))
    stem, dot, extension = text.rpartition(".")
    if not dot or len(extension) > LONGEST_EXTENSION:
        stem, dot, extension = text, "", ""
    stem = stem.lstrip(" .")[: LONGEST - len(dot + extension) - 1].rstrip(" .") or "document"
    return DEVICE.sub(r"_\1", stem) + dot + extension
