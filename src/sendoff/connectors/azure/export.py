"""The exit package of one subscription: every row, policies, locks, templates, and a manifest that proves it whole."""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from sendoff.connectors.azure.client import SYSTEM, Arm
from sendoff.connectors.azure.ids import bare, group_of
from sendoff.connectors.azure.lists import estate, listed
from sendoff.connectors.wire.body import Object, count_removed, scrubbed, text
from sendoff.connectors.wire.client import Answer
from sendoff.model.digest import Digest, Json
from sendoff.model.errors import Confusing
from sendoff.model.inventory import Kind
from sendoff.model.plan import Outcome, Receipt
from sendoff.ports import Sink

POLICIES = (Kind.POLICY_ASSIGNMENT, Kind.POLICY_EXEMPTION, Kind.POLICY_SET, Kind.POLICY_DEFINITION)
ODD = re.compile(r"[^\w.()-]")
LARGEST = 200
"""More resources in a group than this and the vendor makes no template of it."""
ASKS = 30
"""How often a template's operation is asked after, at most 5 s apart."""


@dataclass(slots=True, kw_only=True)
class Package:
    """The files written so far under azure/<subscription>/."""

    folder: str
    out: Sink
    files: dict[str, Digest] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    removed: int = 0

    def write(self, name: str, value: Json) -> Digest:
        """One JSON file, secret fields taken out and counted."""
        clean = scrubbed(value)
        self.removed += count_removed(clean)
        data = json.dumps(clean, indent=2, sort_keys=True, ensure_ascii=False).encode()
        self.files[name] = self.out.file(f"{self.folder}/{name}", data)
        return self.files[name]


def exported(arm: Arm, roles: Arm | None, out: Sink, wait: Callable[[float], None]) -> Receipt:
    """Write the package; `roles` is the key that sees role assignments. The receipt has counts and manifest digest."""
    package = Package(folder=f"azure/{bare(arm.root)}", out=out)
    resources, groups = estate(arm), listed(arm, Kind.GROUP)
    _rows(package, "resources.json", resources, by_type=True)
    _rows(package, "groups.json", groups)
    policies: Object = {}
    for kind in POLICIES:
        found = listed(arm, kind)
        policies[str(kind)] = [*found]
        package.counts[f"{kind}s"] = len(found)
    package.write("policies.json", policies)
    _rows(package, "locks.json", listed(arm, Kind.LOCK))
    if roles is not None:
        _rows(package, "role-assignments.json", listed(roles, Kind.ROLE_ASSIGNMENT))
    package.write("template-errors.json", _templates(arm, package, resources, groups, wait))
    return _sealed(package, roles is not None)


def _rows(package: Package, name: str, found: list[Object], *, by_type: bool = False) -> None:
    package.write(name, [*found])
    package.counts[name.removesuffix(".json")] = len(found)
    for row in found if by_type else []:
        package.counts[f"type {text(row, 'type').lower()}"] += 1


def _templates(
    arm: Arm, package: Package, resources: list[Object], groups: list[Object], wait: Callable[[float], None]
) -> list[Json]:
    sizes = Counter(group_of(text(one, "id")).lower() for one in resources)
    errors: list[Json] = []
    for group in groups:
        ident, name = text(group, "id"), text(group, "name")
        if sizes[ident.lower()] > LARGEST:
            errors.append({"group": name, "code": "MoreThan200Resources", "resources": sizes[ident.lower()]})
            package.counts["groups-over-200"] += 1
            continue
        body = _template(arm, ident, wait)
        if "template" in body:
            package.write(f"templates/{ODD.sub('_', name)}.json", body["template"])
            package.counts["templates"] += 1
        if body.get("error"):
            errors.append({"group": name, "error": body["error"]})
    package.counts["template-errors"] = len(errors)
    return errors


def _template(arm: Arm, group: str, wait: Callable[[float], None]) -> Object:
    answer = arm.export_template(group)
    address = answer.headers.get("location", "") if answer.status == 202 else ""
    for _ in range(ASKS):
        if answer.status != 202:
            break
        wait(min(answer.seconds(1.0), 5.0))
        answer = arm.poll(address, frozenset({200, 202, 400, 404, 409}))
    return _body(answer)


def _body(answer: Answer) -> Object:
    if answer.status == 202:
        return {"error": {"code": "StillRunning"}}
    body = answer.object()
    if answer.status == 200 and "template" not in body:
        raise Confusing("export a template: neither a template nor an error came", system=SYSTEM)
    return body


def _sealed(package: Package, with_roles: bool) -> Receipt:
    counts: Object = {name: package.counts[name] for name in sorted(package.counts)}
    manifest = package.write(
        "manifest.json",
        {
            "subscription": package.folder.rsplit("/", 1)[-1],
            "counts": counts,
            "secret-fields-removed": package.removed,
            "role-assignments": "exported" if with_roles else "not readable with our keys",
            "files": [{"name": name, "digest": digest} for name, digest in sorted(package.files.items())],
        },
    )
    said = [(name, str(count)) for name, count in sorted(package.counts.items()) if not name.startswith("type ")]
    return Receipt(
        outcome=Outcome.DONE,
        said=(
            *said,
            ("files", str(len(package.files))),
            ("secret-fields-removed", str(package.removed)),
            *([] if with_roles else [("role-assignments", "not readable")]),
            ("manifest", manifest),
        ),
    )
