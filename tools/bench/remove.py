"""Removing many objects through the vendors' ports: every outcome confirmed by a second look, in a process of its own.

`python -m tools.bench.remove NAME` runs one of the settings below here and prints it as a row of JSON. All is as it
always is: database, evidence store, limits, worker and second look; the sandbox serves in its own process over TLS.
"""

import json
import re
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from sendoff.engine.closing import judgements_of
from sendoff.engine.desk import read_checklist
from sendoff.engine.judging import stored_deeds
from sendoff.model.case import Case
from sendoff.model.event import StepMoved
from sendoff.model.plan import Outcome
from sendoff.model.state import SETTLED, Move
from sendoff.model.verdict import Verdict
from sendoff.rules.deadlines import end_of
from sendoff.steps import by_id
from sendoff.wiring import House, wired
from sendoff.wiring.clocks import SandboxClock
from sendoff.wiring.control import Control, read_card
from sendoff.wiring.factsfile import read_facts
from sendoff.wiring.shipped import checklist
from tools.bench.place import STEP, Unlimited, sandboxed
from tools.bench.plan import MEBIBYTE
from tools.bench.table import Row

IN_FLIGHT, HANDS = 8, 16
"""Calls at one vendor at once, and workers: a worker whose deeds go on at the vendor makes no call."""
READS, DELETES = (250, 25), (200, 10)
"""At once, and a second, as ARM publishes them for one principal in one subscription."""
STARVED = (20, 1)
PROVIDER = re.compile(r"/subscriptions/[^/]+/providers/([^/]+)", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How many objects of ours, in how many subscriptions, and what the vendor is like."""

    many: int
    subscriptions: int = 1
    latency: int = 0
    """Milliseconds of each answer."""
    deleting: int = 0
    """Milliseconds that a delete goes on after it was accepted."""
    buckets: tuple[tuple[str, tuple[int, int]], ...] = ()
    """The vendor's own buckets, by method, for each subscription; with none our limits are off as well."""
    rough: bool = False
    """2 % of deletes answer 409 or 500, 2 % are accepted and then fail, and one page of a list answers 403."""


BOTH = (("GET", READS), ("DELETE", DELETES))
SETTINGS: Mapping[str, Setting] = {
    "free": Setting(many=1000, latency=40, deleting=1000),
    "bucket": Setting(many=1000, latency=40, deleting=1000, buckets=BOTH),
    "starved": Setting(many=80, latency=40, deleting=1000, buckets=(("GET", READS), ("DELETE", STARVED))),
    "two": Setting(many=2000, subscriptions=2, latency=200, deleting=1000, buckets=BOTH),
    "rough": Setting(many=1000, deleting=1000, rough=True),
    "small": Setting(many=100, latency=40, deleting=1000),
}


def rows() -> Iterator[Row]:
    """What is told of every setting."""
    for name, told in SETTINGS.items():
        if name in _LIKE:
            yield from _told(name, told, measured(name))


def measured(name: str) -> Mapping[str, float]:
    """One setting, in a process of its own."""
    command = [sys.executable, "-m", "tools.bench.remove", name]
    ran = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    found: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return found


def _told(name: str, told: Setting, found: Mapping[str, float]) -> Iterator[Row]:
    what = f"{found['planned']:,.0f} objects, {_LIKE[name]}"
    if told.rough:
        yield Row(
            f"{what}: not done, each named with its id and the vendor's word",
            found["named"],
            "",
            f"{found['hurt']:,.0f}",
        )
        yield Row(f"{what}: gone, by a second look", found["gone"], "", f"{found['planned'] - found['hurt']:,.0f}")
        yield Row(f"{what}: others asked for twice", found["twice"], "deletes", "none")
        return
    bar = _BARS.get(name, 0.0)
    bars = f"at most {bar} x the bound" if bar else ""
    ratio = f"{found['seconds'] / found['bound']:.2f} x {found['bound']:,.0f} s" if found["bound"] else ""
    yield Row(f"{what}: removed and seen gone in", found["seconds"], "s", bars, ratio)
    if told.buckets:
        share = f"{found['deleted'] / found['deletes']:.2f} x {found['deletes']:,.0f} s"
        yield Row(f"{what}: until the last delete was answered", found["deleted"], "s", "", share)
        yield Row(f"{what}: answers 429", found["throttled"], "", "fewer than 33")
    yield Row(f"{what}: gone, by a second look", found["gone"], "", f"{found['planned']:,.0f}")
    if name == "two":
        yield Row(f"{what}: peak memory of the process", found["peak_mib"], "MiB", "under 300 MiB")
        yield Row(f"{what}: reads of one namespace's api-versions, at most", found["provider_reads"], "", "one")


_LIKE: Mapping[str, str] = {
    "free": "deletes of 1 s, no bucket, 40 ms a call",
    "bucket": "the published bucket (200 + 10/s)",
    "starved": "a starved bucket (20 + 1/s)",
    "two": "two subscriptions, buckets as published, 200 ms a call",
    "rough": "2 % of deletes refused, 2 % fail later, a page of a list forbidden",
}
_BARS: Mapping[str, float] = {"free": 1.3, "bucket": 1.05, "starved": 1.05}


def here(name: str) -> dict[str, float]:
    """Remove from this process."""
    told = SETTINGS[name]
    more = ["--ours", str(told.many), "--spread", str(told.subscriptions)]
    with sandboxed(more=more) as file:
        control = Control(read_card(file.parent))
        there = wired(file) if told.buckets else wired(file, limits=Unlimited())
        try:
            control.ask("POST", "/habits", {"rows": 1000})
            case = _approved(there, file.parent, told)
            planned = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEBIBYTE
            since = _rough(control, case, told)
            if told.buckets:
                # To plan drank from our own bucket of reads; a second person's yes takes longer than it needs to fill.
                time.sleep(READS[0] / READS[1])
            begun, spent = time.perf_counter(), time.process_time()
            heard = Heard()
            there.desk.run(there.register.person("erik"), case.id, heard, threads=HANDS)
            seconds, spent = time.perf_counter() - begun, time.process_time() - spent
            found = _counted(there, control, case.id, told, since)
            found["deleted"] = round(heard.batch - begun, 1)
        finally:
            there.close()
            control.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEBIBYTE
    return {
        "seconds": round(seconds, 1),
        "processor": round(spent, 1),
        "peak_mib": round(peak),
        "planned_mib": round(planned),
        **found,
    }


@dataclass(slots=True)
class Heard:
    """What the worker says, and when the last batch was done."""

    batch: float = 0.0

    def __call__(self, line: str) -> None:
        print(line, file=sys.stderr, flush=True)
        if line.startswith(f"{STEP}: batch "):
            self.batch = time.perf_counter()


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _rough(control: Control, case: Case, told: Setting) -> int:
    """Make the vendor as the setting says; the rows on its record so far."""
    if told.latency:
        control.ask("POST", "/trouble", {"do": "slow-answer", "vendor": "arm", "milliseconds": told.latency})
    if told.deleting:
        control.ask("POST", "/habits", {"deleting": told.deleting})
    for row in case.facts.leaving:
        for method, (capacity, rate) in told.buckets:
            bucket = {"do": "bucket", "vendor": "arm", "method": method, "path": f"^/subscriptions/{row.id}"}
            control.ask("POST", "/trouble", {**bucket, "capacity": capacity, "rate": rate})
    if told.rough:
        for last, trouble in _TROUBLES:
            control.ask("POST", "/trouble", {"vendor": "arm", "method": "DELETE", "path": last, **trouble})
        control.ask("POST", "/trouble", {"vendor": "arm", "path": "consumption/budgets$", "nth": 3, "do": "forbid"})
    rows = control.ask("GET", "/record")
    return len(rows) if isinstance(rows, list) else 0


_TROUBLES: tuple[tuple[str, dict[str, str | int]], ...] = (
    (r"/intercept-\d*00$", {"do": "status", "status": 409, "code": "Conflict"}),
    (r"/intercept-\d*50$", {"do": "status", "status": 500}),
    (r"/intercept-\d*(25|75)$", {"do": "fail-delete"}),
)
"""What meets the objects whose number ends so: two of each hundred are refused, two are accepted and then fail."""


def _approved(there: House, folder: Path, told: Setting) -> Case:
    """A case in which the contract is over, with a plan of everything, approved by a second person."""
    carla, erik, emma = (there.register.person(one) for one in ("carla", "erik", "emma"))
    notice = (folder / "notice.eml").read_bytes()
    facts = read_facts(folder / "facts.toml", there.provider, carla.id, notice)
    crowd = {row.id for row in facts.leaving if "-crowd-" in row.name}
    record = tuple(one for one in facts.record if any(ident in one.id for ident in crowd))
    facts = replace(
        facts, scope=tuple(row for row in facts.scope if row.id in crowd or row not in facts.leaving), record=record
    )
    text = read_checklist(checklist(), "offboarding.md")
    case = there.desk.open_case(carla, text, facts, by_hand={}, notice=notice)
    moment = end_of(facts.contract_end, facts.zone) + timedelta(minutes=1)
    if isinstance(there.clock, SandboxClock):
        there.clock.move(moment)
    before = [case.steps[name] for name in case.steps[STEP].after if name in case.steps]
    skips = [
        StepMoved(step=one.step, move=Move.SKIP, reason="not measured") for one in before if one.state not in SETTLED
    ]
    case = there.journal.append(case.id, None, skips, actor=carla.id, at=moment)
    begun = time.perf_counter()
    case = there.desk.plan(erik, case.id, STEP)
    _say(f"planned {case.steps[STEP].planned:,} in {time.perf_counter() - begun:.1f} s")
    plan = case.steps[STEP].plan
    if plan is None or case.steps[STEP].planned < told.many:
        raise SystemExit(f"{case.steps[STEP].planned} of {told.many} were planned: {case.steps[STEP].reason}")
    return there.desk.approve(emma, case.id, STEP, plan, over_belt=True)


def _counted(there: House, control: Control, ident: str, told: Setting, since: int) -> dict[str, float]:
    """What the vendors' own record and our journal say of the run."""
    found = control.ask("GET", f"/record?since={since}")
    rows = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    calls = [one for one in rows if one["type"] == "call" and one["vendor"] == "arm"]
    gone = sum(one["type"] == "effect" and one["verb"] == "removed" for one in rows)
    case = there.journal.load(ident)
    standing, ports, step = case.steps[STEP], there.desk.ports, by_id(STEP)
    verdicts, many = dict(standing.verdicts), standing.planned
    newest = {deed.ref: deed for deed in stored_deeds(ports, case, step)}
    deeds = [deed for deed in newest.values() if deed.receipt.outcome not in (Outcome.DONE, Outcome.FOUND)]
    left = {
        row.ref
        for row in judgements_of(ports, case, STEP)
        if row.verdict is Verdict.LEFT and "vendor answered" in row.why
    }
    if {gone, verdicts.get("gone", 0)} != {many - len(deeds)} or bool(deeds) is not told.rough:
        raise SystemExit(f"{gone} of {many} are gone, {len(deeds)} were not done: {standing.reason}")
    deletes = Counter(str(one["path"]) for one in calls if one["method"] == "DELETE" and one["status"] != 429)
    reads = sum(one["method"] == "GET" and one["status"] != 429 for one in calls)
    asked = [match.group(1).lower() for one in calls if (match := PROVIDER.fullmatch(str(one["path"])))]
    return {
        "planned": many,
        "calls": len(calls),
        "reads": reads,
        "throttled": sum(one["status"] == 429 for one in calls),
        "gone": verdicts.get("gone", 0),
        "hurt": len(deeds),
        "named": sum(deed.ref in left and bool(deed.receipt.code) for deed in deeds),
        "bound": round(_bound(told, many, len(calls), reads), 1),
        "deletes": round(_bound(told, many, 0, 0), 1),
        "twice": sum(many - 1 for path, many in deletes.items() if f"azure|resource|{path.lower()}" not in left),
        "provider_reads": max(Counter(asked).values(), default=0),
    }


def _bound(told: Setting, many: int, calls: int, reads: int) -> float:
    """Seconds that so many calls take at best: eight in flight, or at the rate of the vendor's buckets."""
    found = [calls * told.latency / 1000 / IN_FLIGHT]
    for method, (capacity, rate) in told.buckets:
        each = (reads if method == "GET" else many) / told.subscriptions
        found.append(max(each - capacity, 0) / rate)
    return max(found)


if __name__ == "__main__":
    print(json.dumps(here(sys.argv[1])))
