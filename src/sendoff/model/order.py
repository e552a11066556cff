"""The steps of a case in their order, and why each comes before the other."""

from dataclasses import dataclass

from sendoff.model.state import StepId


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """`first` comes before `then`, because."""

    first: StepId
    then: StepId
    because: str
    declared: bool = False
    """True when nothing but the step itself says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """Steps in an order in which none cuts what a later one stands on, with the reason of every edge."""

    order: tuple[StepId, ...]
    edges: tuple[Edge, ...]
