"""REPORT: the files of a case's folder, read from the journal and the evidence store and nothing else."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sendoff.engine.end_values import case_values, certificate_values
from sendoff.engine.exit_plan import plan_values
from sendoff.engine.kept import Kept
from sendoff.engine.letters import protections
from sendoff.engine.planning import stored_plan
from sendoff.engine.reminding import drafts, said_aloud
from sendoff.engine.report_values import (
    Read,
    Round,
    Values,
    named,
    report_values,
    why_values,
)
from sendoff.engine.run import question
from sendoff.engine.timeline import Told, told
from sendoff.engine.verifying import journal_file
from sendoff.model.case import Case
from sendoff.model.certificate import Predicate
from sendoff.model.digest import Digest
from sendoff.model.errors import Broken, Refused
from sendoff.model.event import Acted, Approved, Judged, Planned
from sendoff.model.gate import Gate
from sendoff.model.people import ROBOT, PersonId
from sendoff.model.plan import Deed, Plan
from sendoff.model.shape import shaped
from sendoff.model.state import SETTLED, StepId
from sendoff.model.verdict import Judgement
from sendoff.ports import Ports
from sendoff.rules.gates import gates
from sendoff.rules.protections import Protection
from sendoff.steps import by_id

PACKAGE = "exit-package"
"""The folder of the files that exports wrote, within the folder of a case."""


def report(ports: Ports, case: Case) -> Mapping[str, bytes]:
    """The files of a case's folder, by name. Broken when a piece of evidence is missing or was changed."""
    entries = ports.journal.entries(case.id)
    read = _read(ports, named(case), told(entries))
    files = {f"{name}.html": ports.papers.page(name, values) for name, values in _pages(read).items()}
    files["case.json"] = json.dumps(case_values(read), indent=1, ensure_ascii=False, sort_keys=True).encode()
    files["journal.jsonl"] = journal_file(entries)
    files |= drafts(ports, case)
    return {**files, **_certificate(ports, case), **_parcel(ports, case), **_exit_package(ports, case)}


def _pages(read: Read) -> Mapping[str, Values]:
    pages = {"exit-plan": plan_values(read), "why-each-object": why_values(read), "report": report_values(read)}
    if read.predicate is not None:
        pages["certificate"] = certificate_values(read, read.predicate)
    return pages


# ---- reading -----------------------------------------------------------------------------------------------------


def _read(ports: Ports, case: Case, rows: tuple[Told, ...]) -> Read:
    rounds = _rounds(ports, case, rows)
    predicate, fingerprint = _predicate(ports, case)
    names = {person.id: person.name for person in ports.identity.people()}
    return Read(
        case=case,
        now=ports.clock.now(),
        rehearsal=ports.world.sandbox,
        names={ROBOT: "the worker", **names},
        rows=rows,
        rounds=rounds,
        gates=_gates(ports, case, {one.step: one.plan for one in rounds if one.last}),
        predicate=predicate,
        fingerprint=fingerprint,
        aloud=said_aloud(ports, case),
        protections=protections(ports, case),
    )


def glance(ports: Ports, case: Case) -> Read:
    """What screens rest on at every request: the plans that lie ready, without what was done under them."""
    rows = told(ports.journal.entries(case.id))
    predicate, fingerprint = _predicate(ports, case)
    rounds = tuple(
        Round(
            step=one.step,
            plan=plan,
            proposer=one.proposer or ROBOT,
            at=one.looked_at or case.at,
            approver=one.approval.by if one.approval else None,
            deeds=(),
            judgements=(),
            last=True,
        )
        for one in case.steps.values()
        if one.state not in SETTLED and not one.by_hand and (plan := stored_plan(ports, case, by_id(one.step)))
    )
    return Read(
        case=case,
        now=ports.clock.now(),
        rehearsal=ports.world.sandbox,
        names={ROBOT: "the worker", **{person.id: person.name for person in ports.identity.people()}},
        rows=rows,
        rounds=rounds,
        gates=_gates(ports, case, {one.step: one.plan for one in rounds}),
        predicate=predicate,
        fingerprint=fingerprint,
        aloud=said_aloud(ports, case),
        protections=_PROTECTED.or_made(case.id, _look_of(ports, case), lambda: protections(ports, case)),
    )


_PROTECTED: Kept[tuple[Protection, ...]] = Kept()


def _look_of(ports: Ports, case: Case) -> tuple[object, ...]:
    """What the protections of a case are read from: a look is a blob that may be large, and never another."""
    look = case.looks.get("preflight")
    return id(ports), look.inventory if look else None, case.decisions, case.facts


def _gates(ports: Ports, case: Case, plans: Mapping[StepId, Plan]) -> Mapping[StepId, tuple[Gate, ...]]:
    """Every gate of every open step. A plan that was refused or has expired does not count any more."""
    waiting = [one for one in case.steps.values() if one.state not in SETTLED]
    if not waiting:
        return {}
    ask = question(ports, case, waiting[0], None)
    return {
        one.step: gates(replace(ask, standing=one, plan=plans.get(one.step) if one.plan else None)) for one in waiting
    }


@dataclass(slots=True, kw_only=True)
class _Open:
    """A round while the events are being read: the digests of what to fetch."""

    made: Planned
    proposer: PersonId
    at: Told
    approver: PersonId | None
    deeds: list[Digest]
    judgements: Digest | None


def _rounds(ports: Ports, case: Case, rows: Sequence[Told]) -> tuple[Round, ...]:
    """Every plan that stands, and every other one under which something was done, in the order of the checklist.

    A plan that was refused or has expired, and of which nothing was done, is told in the timeline only."""
    found: dict[StepId, list[_Open]] = {}
    for row in rows:
        _told(found, row)
    return tuple(
        _round(ports, case, one, last=one is found[step][-1])
        for step in case.steps
        for one in found.get(step, ())
        if one.deeds or one.made.plan == case.steps[step].plan
    )


def _told(found: dict[StepId, list[_Open]], row: Told) -> None:
    entry, body = row
    if isinstance(body, Planned):
        made = _Open(made=body, proposer=entry.event.actor, at=row, approver=None, deeds=[], judgements=None)
        found.setdefault(body.step, []).append(made)
    elif isinstance(body, (Approved, Acted, Judged)) and body.step in found:
        last = found[body.step][-1]
        if isinstance(body, Approved):
            last.approver = entry.event.actor
        elif isinstance(body, Acted):
            last.deeds.append(body.deeds)
        else:
            last.judgements = body.judgements


def _round(ports: Ports, case: Case, one: _Open, *, last: bool) -> Round:
    plan = shaped(Plan, json.loads(ports.store.get(case.id, one.made.blob)), where=f"plan of {one.made.step}")
    if plan.digest != one.made.plan:
        raise Broken(f"the stored plan of {one.made.step} is not the one that was announced")
    return Round(
        step=one.made.step,
        plan=plan,
        proposer=one.proposer,
        at=one.at[0].event.at,
        approver=one.approver,
        deeds=tuple(deed for blob in one.deeds for deed in _deeds(ports, case, blob)),
        judgements=_judgements(ports, case, one.judgements),
        last=last,
    )


def _deeds(ports: Ports, case: Case, blob: Digest) -> tuple[Deed, ...]:
    return tuple(shaped(Deed, row, where="deeds") for row in json.loads(ports.store.get(case.id, blob)))


def _judgements(ports: Ports, case: Case, blob: Digest | None) -> tuple[Judgement, ...]:
    rows = json.loads(ports.store.get(case.id, blob)) if blob else []
    return tuple(shaped(Judgement, row, where="judgements") for row in rows)


def _predicate(ports: Ports, case: Case) -> tuple[Predicate | None, str]:
    """What the stored certificate says, and the fingerprint it names. Whether it holds is for a verification to say."""
    if case.certificate is None:
        return None, ""
    envelope = json.loads(ports.store.get(case.id, case.certificate))
    statement = json.loads(base64.b64decode(envelope["payload"], validate=True))
    return shaped(Predicate, statement["predicate"], where="predicate"), str(envelope["signatures"][0]["keyid"])


# ---- files as they are stored ------------------------------------------------------------------------------------


def _certificate(ports: Ports, case: Case) -> Mapping[str, bytes]:
    if case.certificate is None:
        return {}
    envelope = ports.store.get(case.id, case.certificate)
    return {"certificate.json": envelope, "certificate.pub.pem": ports.signer.public()}


def _parcel(ports: Ports, case: Case) -> Mapping[str, bytes]:
    if case.parcel is None:
        return {}
    sealed, manifest = case.parcel.digest, case.parcel.manifest
    return {
        "parcel.age": ports.store.get(case.id, sealed),
        "parcel-manifest.json": ports.store.get(case.id, manifest),
    }


def _exit_package(ports: Ports, case: Case) -> Mapping[str, bytes]:
    """Every file an export wrote. Of two that claim one name and differ, the later one gets its digest behind it."""
    digests: dict[str, Digest] = {}
    for blob in (blob for one in case.steps.values() for blob in one.files):
        for name, digest in json.loads(ports.store.get(case.id, blob)).items():
            if digests.setdefault(_within(name), digest) != digest:
                digests[f"{name}.{digest[-12:]}"] = digest
    return {f"{PACKAGE}/{name}": ports.store.get(case.id, digest) for name, digest in digests.items()}


def _within(name: str) -> str:
    if not name or name.startswith("/") or "\\" in name or ".." in name.split("/") or "\0" in name:
        raise Refused(f"{name!r} is not a name for a file of the exit package")
    return name
