"""ARM and Bicep templates where Azure gives them, group by group: an addition to the rows, never the proof.

A 200 with `error` filled is the vendor's normal way of saying "partly exported"; both are kept.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from sendoff.connectors.azure.client import SYSTEM, Arm
from sendoff.connectors.azure.ids import group_of, type_of
from sendoff.connectors.wire.body import Object, rows, text
from sendoff.connectors.wire.client import Answer
from sendoff.model.digest import Json
from sendoff.model.errors import Confusing

LARGEST = 200
"""More resources in a group than this and the vendor makes no template of it as a whole."""
BY_BATCHES = True
"""[unverified] Whether chosen ids of a larger group are asked for, 200 at a time. Where the vendor refuses, the rows of
resources.json stand in their stead."""
ASKS = 30
"""How often a template's operation is asked after, at most 5 s apart."""
FORMS = {"Json": "template", "Bicep": "output"}
"""The formats, each with the member that its answer carries. Bicep needs an api-version from 2024-11-01."""


@dataclass(slots=True, kw_only=True)
class Templates:
    """The templates by file name, the errors as the vendor gave them, and what it does not export."""

    json: dict[str, Json] = field(default_factory=dict)
    bicep: dict[str, str] = field(default_factory=dict)
    errors: list[Json] = field(default_factory=list)
    unsupported: list[Json] = field(default_factory=list)
    large: int = 0
    """Groups of more resources than one template holds."""


def templates(
    arm: Arm, groups: Sequence[Object], resources: Sequence[Object], named: Callable[[str], str],
    wait: Callable[[float], None],
) -> Templates:  # fmt: skip
    """Both formats of every group; `named` makes a file name of a group's."""
    made = Templates()
    sizes = Counter(group_of(text(one, "id")).lower() for one in resources)
    for group in groups:
        ident, name = text(group, "id"), text(group, "name")
        large = sizes[ident.lower()] > LARGEST
        made.large += large
        inside = [text(one, "id") for one in resources if group_of(text(one, "id")).lower() == ident.lower()]
        for form in FORMS:
            if large and not BY_BATCHES:
                _too_large(made, name, form, len(inside), "")
                continue
            for at, ids in enumerate(_batches(inside) if large else [["*"]], start=1):
                body = _asked(arm, ident, ids, form, wait)
                file = f"{named(name)}-{at}" if large else named(name)
                if not _taken(made, file, name, form, body) and large:
                    _too_large(made, name, form, len(inside), text(body, "error", "code"))
                    break
    made.unsupported = list({text(one, "id").lower(): one for one in made.unsupported}.values())
    return made


def _batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for at in range(0, len(ids), LARGEST):
        yield ids[at : at + LARGEST]


def _too_large(made: Templates, name: str, form: str, size: int, code: str) -> None:
    said: Object = {"group": name, "format": form, "code": "MoreThan200Resources", "resources": size}
    said |= {"vendor-code": code} if code else {}
    made.errors.append({**said, "instead": "the rows in resources.json"})


def _taken(made: Templates, file: str, name: str, form: str, body: Object) -> bool:
    """Keep what came and write down what did not; False when no template came at all."""
    if error := body.get("error"):
        made.errors.append({"group": name, "format": form, "error": error})
        for one in rows(error, "details"):
            target = text(one, "target")
            if target.startswith("/"):
                row: Object = {"id": target, "type": type_of(target), "code": text(one, "code")}
                made.unsupported.append(row)
    if FORMS[form] not in body:
        return False
    if form == "Json":
        made.json[file] = body["template"]
    else:
        made.bicep[file] = text(body, "output")
    return True


def _asked(arm: Arm, group: str, ids: Sequence[str], form: str, wait: Callable[[float], None]) -> Object:
    answer = arm.export_template(group, ids, form)
    address = answer.headers.get("location", "") if answer.status == 202 else ""
    for _ in range(ASKS):
        if answer.status != 202:
            break
        wait(min(answer.seconds(1.0), 5.0))
        answer = arm.poll(address, frozenset({200, 202, 400, 403, 404, 409}))
    return _body(answer, FORMS[form])


def _body(answer: Answer, member: str) -> Object:
    if answer.status == 202:
        return {"error": {"code": "StillRunning"}}
    body = answer.object()
    if answer.status == 200 and member not in body and not body.get("error"):
        raise Confusing("export a template: neither a template nor an error came", system=SYSTEM)
    return body
