"""The exit package of one subscription, complete by proof: every resource read directly, what no list shows, templates,
an Excel workbook, an as-built document, and a manifest with the digest of every file.

Two cuts: the customer's is the whole; the new MSP's lies in a folder of its own and holds what `cut.py` lets in.
"""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from sendoff.connectors.azure import asbuilt
from sendoff.connectors.azure.client import Arm
from sendoff.connectors.azure.cut import OTHERS, WITHHELD, cut
from sendoff.connectors.azure.hidden import Hidden, hidden
from sendoff.connectors.azure.ids import bare
from sendoff.connectors.azure.lists import listed
from sendoff.connectors.azure.scrubbing import Remover
from sendoff.connectors.azure.templates import Templates, templates
from sendoff.connectors.azure.whole import Whole, whole
from sendoff.connectors.wire.body import Object
from sendoff.model.digest import Digest, Json
from sendoff.model.facts import Facts
from sendoff.model.inventory import Kind
from sendoff.model.plan import Outcome, Receipt
from sendoff.ports import Papers, Sink

ODD = re.compile(r"[^\w.()-]")
NEW_MSP = "for-the-new-msp"
"""The folder of the new MSP's cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    """All that was read for one export."""

    whole: Whole
    groups: list[Object]
    hidden: Hidden
    templates: Templates
    with_roles: bool

    @property
    def missing(self) -> tuple[str, ...]:
        """What keeps the export from being complete, in words."""
        below = (f"{path} could not be read ({code})" for path, code in self.hidden.unread)
        return (*self.whole.missing, *below)

    @property
    def told(self) -> tuple[str, ...]:
        """The same for whoever reads the package: also what no key of ours sees, which is no fault of this export."""
        return self.missing if self.with_roles else (*self.missing, "role assignments: no key of ours sees them")


@dataclass(slots=True, kw_only=True)
class Package:
    """The files written so far below one folder."""

    folder: str
    out: Sink
    files: dict[str, Digest] = field(default_factory=dict)

    def write(self, name: str, value: Json) -> Digest:
        """One JSON file."""
        return self.keep(name, json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False).encode())

    def keep(self, name: str, data: bytes) -> Digest:
        """One file."""
        self.files[name] = self.out.file(f"{self.folder}/{name}", data)
        return self.files[name]


def exported(
    arm: Arm, roles: Arm | None, out: Sink, facts: Facts, papers: Papers, wait: Callable[[float], None]
) -> Receipt:
    """Write both cuts; `roles` is the key that sees role assignments. The receipt has the counts and the manifest's
    digest, and is `partly` with what is missing in words when the export is not whole."""
    estate = _read(arm, roles, wait)
    remover = _taught(estate)
    package = Package(folder=f"azure/{bare(arm.root)}", out=out)
    found = _rows(estate, remover)
    for name, rows in found.items():
        package.write(f"{name}.json", [*rows])
    _texts(package, estate, remover)
    counts = _counts(estate, found)
    shown = asbuilt.Shown(
        subscription=bare(arm.root), customer=facts.customer.name, found=found, counts=counts,
        missing=estate.told, whole=estate.whole, unsupported=len(estate.templates.unsupported),
        removed=remover.removed,
    )  # fmt: skip
    package.keep("workbook.xlsx", papers.workbook(asbuilt.sheets(shown)))
    package.keep("as-built.html", papers.page("as-built", asbuilt.document(shown)))
    _for_the_new_msp(package, shown, papers)
    return _sealed(package, estate, counts, remover)


def _read(arm: Arm, roles: Arm | None, wait: Callable[[float], None]) -> Estate:
    every = whole(arm, wait)
    groups = listed(arm, Kind.GROUP)
    return Estate(
        whole=every,
        groups=groups,
        hidden=hidden(arm, roles, groups, every.rows),
        templates=templates(arm, groups, every.rows, lambda name: ODD.sub("_", name), wait),
        with_roles=roles is not None,
    )


def _taught(estate: Estate) -> Remover:
    """A remover that has seen everything before it cleans the first file."""
    remover = Remover()
    for value in (estate.whole.graph, estate.whole.rows, estate.groups, *estate.hidden.found.values()):
        remover.learn([*value])
    for template in estate.templates.json.values():
        remover.learn(template)
    for said in (*estate.hidden.runbooks.values(), *estate.templates.bicep.values()):
        remover.learn_text(said)
    return remover


def _rows(estate: Estate, remover: Remover) -> dict[str, list[Object]]:
    """Every file of rows by its name, without secrets."""
    raw: dict[str, list[Object]] = {
        "resources": estate.whole.rows,
        "resource-graph": estate.whole.graph,
        "groups": estate.groups,
        **estate.hidden.found,
    }
    return {name: [one for row in rows if isinstance(one := remover.clean(row), dict)] for name, rows in raw.items()}


def _texts(package: Package, estate: Estate, remover: Remover) -> None:
    """Templates, runbooks, and what could not be had."""
    for name, template in estate.templates.json.items():
        package.write(f"templates/{name}.json", remover.clean(template))
    for name, bicep in estate.templates.bicep.items():
        package.keep(f"templates/{name}.bicep", remover.text(bicep).encode())
    for ident, said in estate.hidden.runbooks.items():
        account, name = ident.split("/")[-3], ident.rsplit("/", 1)[-1]
        package.keep(f"runbooks/{ODD.sub('_', account)}/{ODD.sub('_', name)}.txt", remover.text(said).encode())
    package.write("template-errors.json", remover.clean([*estate.templates.errors]))
    package.write("not-exported.json", remover.clean(_lost(estate)))


def _lost(estate: Estate) -> Json:
    """What is not in the package, by name."""
    unread = [*estate.whole.unread, *estate.hidden.unread]
    return {
        "could-not-be-read": [{"id": ident, "code": code} for ident, code in unread],
        "gone-meanwhile": [*estate.whole.gone],
        "not-in-resource-graph": [*estate.whole.beyond],
        "in-no-template": [*estate.templates.unsupported],
        "never-in-an-export": ["secrets, keys and passwords", "the data itself", "values of credentials"],
    }


def _counts(estate: Estate, found: dict[str, list[Object]]) -> dict[str, int]:
    counts = Counter({name: len(rows) for name, rows in found.items()})
    counts["templates"] = len(estate.templates.json)
    counts["bicep-templates"] = len(estate.templates.bicep)
    counts["template-errors"] = len(estate.templates.errors)
    counts["runbooks"] = len(estate.hidden.runbooks)
    if estate.templates.large:
        counts["groups-over-200"] = estate.templates.large
    return {name: counts[name] for name in sorted(counts)}


def _for_the_new_msp(package: Package, shown: asbuilt.Shown, papers: Papers) -> None:
    """The other cut: only what the table lets in, from rows that are clean already, with a manifest of its own."""
    inner = Package(folder=f"{package.folder}/{NEW_MSP}", out=package.out)
    seen = {name: cut(rows, "" if name == "resources" else name) for name, rows in shown.found.items() if _goes(name)}
    for name, rows in seen.items():
        inner.write(f"{name}.json", rows)
    told = asbuilt.for_others(
        shown, {name: [one for one in rows if isinstance(one, dict)] for name, rows in seen.items()}
    )
    inner.keep("workbook.xlsx", papers.workbook(asbuilt.sheets(told)))
    inner.keep("as-built.html", papers.page("as-built", asbuilt.document(told)))
    rest: Json = dict.fromkeys(("templates", "runbooks", "deployments", "resource-graph"), WITHHELD)
    inner.write("manifest.json", {"subscription": shown.subscription, "files": _named(inner), "not-here": rest})
    package.files.update({f"{NEW_MSP}/{name}": digest for name, digest in inner.files.items()})


def _goes(name: str) -> bool:
    return name == "resources" or name in OTHERS


def _named(package: Package) -> Json:
    return [{"name": name, "digest": digest} for name, digest in sorted(package.files.items())]


def _type(found: Whole, kind: str) -> Json:
    """One type: how many were read, how many Resource Graph counts, and with which api-version."""
    read, counted = found.read_by_type.get(kind, 0), found.graph_by_type.get(kind, 0)
    return {"read": read, "graph": counted, "api-version": found.versions.get(kind, "")}


def _sealed(package: Package, estate: Estate, counts: dict[str, int], remover: Remover) -> Receipt:
    whole_one = estate.whole
    kinds = sorted(whole_one.read_by_type.keys() | whole_one.graph_by_type.keys())
    manifest = package.write(
        "manifest.json",
        {
            "subscription": package.folder.rsplit("/", 1)[-1],
            "complete": not estate.told,
            "missing": [*estate.told],
            "counts": {**counts},
            "types": {kind: _type(whole_one, kind) for kind in kinds},
            "secret-fields-removed": remover.removed,
            "role-assignments": "exported" if estate.with_roles else "not readable with our keys",
            "files": _named(package),
        },
    )
    said = [(name, str(count)) for name, count in counts.items()]
    return Receipt(
        outcome=Outcome.PARTLY if estate.missing else Outcome.DONE,
        code="NotComplete" if estate.missing else "",
        said=(
            *said,
            ("files", str(len(package.files))),
            ("secret-fields-removed", str(remover.removed)),
            *([] if estate.with_roles else [("role-assignments", "not readable")]),
            *(("missing", one) for one in estate.missing[:20]),
            ("manifest", manifest),
        ),
    )
