"""When a step meets another world than the one it was planned for, and begins nothing more."""

from sendoff.model.case import Standing
from sendoff.model.plan import SURPRISES

IN_A_ROW, SHARE = 3, 5
"""So many surprises in a row, or so many in all that are a fifth of what was done, and nothing more is begun."""


def surprises(standing: Standing) -> int:
    """How many actions of a step did not end as approved."""
    return sum(count for name, count in standing.outcomes if name in {str(one) for one in SURPRISES})


def halts_itself(standing: Standing) -> bool:
    """True for such a step. A surprise here and there among hundreds is named, and the others are done."""
    many, done = surprises(standing), sum(count for _, count in standing.outcomes)
    return standing.row >= IN_A_ROW or (many >= IN_A_ROW and many * SHARE >= done)
