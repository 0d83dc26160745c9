"""What a benchmark found: figures with their limits, so that a table and JSON say the same."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured value; `limit` is the highest that still holds, None where the figure is told for its own sake."""

    case: str
    what: str
    value: float
    unit: str
    limit: float | None = None

    @property
    def holds(self) -> bool:
        return self.limit is None or self.value <= self.limit
