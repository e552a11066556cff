"""Marks of ours in an issue, and the one character that a tick changes."""

import re

from sendoff.model.digest import Digest
from sendoff.model.errors import Refused

LARGEST = 60_000
"""Characters of a body; GitHub refuses more than 65,536."""
NAME = re.compile(r"[a-z0-9][\w.-]{0,99}", re.A | re.I)
BOX = re.compile(r"\s*(?:>\s*)*(?:[-*+]|\d{1,9}[.)])[ \t]+\[([ xX])\](?=[ \t])")
CASE = re.compile(r"<!-- sendoff case:([\w.-]{1,100}) -->", re.A)
ONCE = 12


def case_mark(marker: str) -> str:
    """What the body of a case's issue carries."""
    return f"<!-- sendoff case:{marker} -->"


def step_mark(step: str) -> str:
    """What ends the line of a step."""
    return f"<!-- sendoff step:{step} -->"


def comment_mark(step: str, once: Digest) -> str:
    """What a comment about a step carries."""
    return f"<!-- sendoff step:{step} once:{once.rpartition(':')[2][:ONCE]} -->"


def marker_in(body: str) -> str:
    """The marker that a body carries; empty when there is none, or more than one."""
    found = set(CASE.findall(body))
    return found.pop() if len(found) == 1 else ""


def belongs(marker: str, mark: str) -> bool:
    """True for a marker of this customer: `<their mark>.<anything>`. A mark holds no dot, so a longer one differs."""
    return bool(NAME.fullmatch(marker)) and marker.partition(".")[0] == mark and "." in marker


def box_of(body: str, step: str) -> int:
    """The place of the one character that says whether the step is ticked; Refused when there is not exactly one."""
    if not NAME.fullmatch(step):
        raise Refused(f"{step!r} is not the id of a step; nothing was done")
    places: list[int] = []
    start = 0
    for line in body.split("\n"):
        if line.rstrip().endswith(step_mark(step)) and (box := BOX.match(line)):
            places.append(start + box.start(1))
        start += len(line) + 1
    if len(places) != 1:
        raise Refused(f"the issue has {len(places)} lines for step {step}; give its line its mark back, once")
    return places[0]


def flipped(body: str, place: int, box: str) -> str:
    """The body with that character set; every other one stays."""
    return body[:place] + box + body[place + 1 :]


def boxes(body: str) -> tuple[int, int]:
    """How many lines have a box of ours, and how many of these are ticked."""
    marked = [BOX.match(line) for line in body.split("\n") if "<!-- sendoff step:" in line]
    found = [box.group(1) for box in marked if box]
    return len(found), sum(1 for one in found if one != " ")
