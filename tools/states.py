"""docs/states.svg from the table of rules/life.py: `python -m tools.states` writes it, `--check` only compares.

Moves of the machine and of a plan are arrows. Moves of a person that lead to the same state from everywhere (attest,
skip, waive, stop) are written inside each state that has them, with a key below: as arrows they would hide the rest.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable

from sendoff.model.state import SETTLED, Move, State
from sendoff.rules.life import TABLE
from tools.markdown import deliver

WIDTH, HEIGHT = 1240, 600
BOX, TALL = 144, 54
PLACES: dict[State, tuple[int, int]] = {
    State.WAITING: (90, 270),
    State.READY: (300, 270),
    State.PLANNED: (520, 270),
    State.APPROVED: (740, 270),
    State.RUNNING: (950, 270),
    State.DONE: (1150, 270),
    State.HELD: (930, 170),
    State.LEFT: (740, 430),
    State.ATTESTED: (1150, 430),
    State.STOPPED: (90, 430),
    State.NOT_APPLICABLE: (300, 430),
    State.WAIVED: (520, 430),
    State.PASSED_ON: (950, 430),
}
BENT: dict[tuple[State, State], int] = {
    (State.WAITING, State.READY): -16,
    (State.READY, State.WAITING): -16,
    (State.READY, State.PLANNED): -16,
    (State.PLANNED, State.READY): -16,
    (State.PLANNED, State.APPROVED): -16,
    (State.APPROVED, State.PLANNED): -16,
    (State.APPROVED, State.READY): 85,
    (State.READY, State.DONE): -240,
    (State.READY, State.LEFT): -4,
    (State.HELD, State.LEFT): 12,
    (State.LEFT, State.DONE): -6,
    (State.DONE, State.LEFT): -22,
    (State.LEFT, State.PLANNED): -10,
    (State.ATTESTED, State.LEFT): -20,
}
"""How far an arrow bends to the right of its own direction; 0 when it is not here."""
LABEL_AT: dict[tuple[State, State], float] = {
    (State.HELD, State.LEFT): 0.25,
    (State.READY, State.LEFT): 0.7,
    (State.WAIVED, State.READY): 0.25,
    (State.LEFT, State.DONE): 0.72,
    (State.DONE, State.LEFT): 0.3,
    (State.RUNNING, State.LEFT): 0.4,
}
"""Where on its arrow a label stands, from 0 to 1; the middle when it is not here."""
BY_PERSON = (Move.ATTEST, Move.SKIP, Move.WAIVE, Move.STOP)
BY_TWO = Move.CARRY_ON
"""From everything that is open and not running; told below the picture alone."""
STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1c2733}.s{font-weight:600}.p{font-size:11px;fill:#4a5a6a}"
    ".m{font-size:12px;paint-order:stroke;stroke:#fff;stroke-width:4px}"
    ".e{fill:none;stroke:#5a6b7c;stroke-width:1.4}.o{fill:#eef3f8;stroke:#5a6b7c}.d{fill:#e3f1e6;stroke:#3d7a4a}"
)

HEAD_OF_ARROW = (
    '<defs><marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0L8 4L0 8z" fill="#5a6b7c"/></marker></defs>'
)


def svg() -> str:
    """The picture; the same table gives the same bytes."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="t">',
        '<title id="t">The life of a step: every state and every move of the table in rules/life.py</title>',
        f"<style>{STYLE}</style>",
        HEAD_OF_ARROW,
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        *(_arrow(start, end, moves) for (start, end), moves in arrows().items()),
        *(_state(state) for state in State),
        *_key(),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def arrows() -> dict[tuple[State, State], list[Move]]:
    """The moves that are drawn as arrows, by where they start and end, in the order of the table."""
    found: dict[tuple[State, State], list[Move]] = defaultdict(list)
    for start, row in TABLE.items():
        for move, end in row.items():
            if move not in (*BY_PERSON, BY_TWO):
                found[start, end].append(move)
    return dict(found)


def inside(state: State) -> list[Move]:
    """The moves of a person that are written inside a state."""
    return [move for move in BY_PERSON if move in TABLE[state]]


def leads_to(move: Move) -> frozenset[State]:
    """Every state that a move leads to."""
    return frozenset(row[move] for row in TABLE.values() if move in row)


def _state(state: State) -> str:
    x, y = PLACES[state]
    look = "d" if state in SETTLED else "o"
    moves = ", ".join(inside(state))
    return (
        f'<rect class="{look}" x="{x - BOX // 2}" y="{y - TALL // 2}" width="{BOX}" height="{TALL}" rx="8"/>'
        f'<text class="s" x="{x}" y="{y - 2 if moves else y + 5}" text-anchor="middle">{state}</text>'
        f'<text class="p" x="{x}" y="{y + 15}" text-anchor="middle">{moves}</text>'
    )


def _arrow(start: State, end: State, moves: Iterable[Move]) -> str:
    label = ", ".join(moves)
    if start is end:
        return _loop(start, label)
    (x1, y1), (x2, y2) = PLACES[start], PLACES[end]
    bend = BENT.get((start, end), 0)
    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
    right, down = -(y2 - y1) / length, (x2 - x1) / length
    cx, cy = (x1 + x2) / 2 + 2 * bend * right, (y1 + y2) / 2 + 2 * bend * down
    (ax, ay), (bx, by) = _edge(x1, y1, cx, cy), _edge(x2, y2, cx, cy)
    t = LABEL_AT.get((start, end), 0.5)
    mx = (1 - t) ** 2 * ax + 2 * t * (1 - t) * cx + t * t * bx
    my = (1 - t) ** 2 * ay + 2 * t * (1 - t) * cy + t * t * by
    return (
        f'<path class="e" marker-end="url(#a)" d="M{ax:.0f} {ay:.0f}Q{cx:.0f} {cy:.0f} {bx:.0f} {by:.0f}"/>'
        f'<text class="m" x="{mx:.0f}" y="{my + (14 if down < 0 else -5 if bend else 4):.0f}" '
        f'text-anchor="middle">{label}</text>'
    )


def _edge(x: float, y: float, cx: float, cy: float) -> tuple[float, float]:
    """Where the line from the middle of a box towards a point leaves the box."""
    dx, dy = cx - x, cy - y
    share = min(BOX / 2 / abs(dx) if dx else 9.0, TALL / 2 / abs(dy) if dy else 9.0, 1.0)
    return x + dx * share, y + dy * share


def _loop(state: State, label: str) -> str:
    x, y = PLACES[state]
    side = y + TALL // 2 if state is State.LEFT else y - TALL // 2
    away = 30 if state is State.LEFT else -30
    return (
        f'<path class="e" marker-end="url(#a)" d="M{x + 34} {side}C{x + 34} {side + away} {x + 58} {side + away} '
        f'{x + 58} {side}"/><text class="m" x="{x + 47}" y="{side + away + (8 if away > 0 else 0)}" '
        f'text-anchor="middle">{label}</text>'
    )


def _key() -> list[str]:
    said = [f"{move} leads to {' or '.join(sorted(leads_to(move)))}" for move in BY_PERSON]
    elsewhere = " or ".join(sorted(leads_to(BY_TWO)))
    lines = [
        "Written inside a state: what a person may also do there. " + "; ".join(said) + ".",
        f"{str(BY_TWO).capitalize()}, by two persons: from all that is open, not running, to {elsewhere} (tail case).",
        "Green: settled; it no longer holds up the steps after it. No timer leads to approved or further.",
    ]
    return [f'<text x="24" y="{HEIGHT - 64 + 20 * place}">{line}</text>' for place, line in enumerate(lines)]


def pages() -> dict[str, str]:
    """The picture, by its path."""
    return {"docs/states.svg": svg()}


if __name__ == "__main__":
    sys.exit(deliver(pages(), sys.argv[1:]))
