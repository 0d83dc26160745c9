"""A row as it was read: its line, its cells, and what is wrong with how it was written, if anything is."""

from collections.abc import Sequence

Row = tuple[int, list[str], str]


def trimmed(cells: Sequence[str]) -> list[str]:
    """The cells without the empty ones at the end, which spreadsheet programs add."""
    texts = [cell.strip() for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return texts
