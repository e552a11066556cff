"""What the tests of hazards and field failures ask of a leaving: certificate, plans, and traces in the world."""

import base64
import contextlib
import inspect
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx2

from fakes.houses import LEAVER, TEMPLATE, CountedIds, NoLimits, Stage, stage
from fakes.in_process import PowerCut
from sendoff.engine.closing import judgements_of
from sendoff.engine.desk import Desk, read_checklist
from sendoff.model.case import Case, Standing
from sendoff.model.certificate import Predicate
from sendoff.model.facts import Facts
from sendoff.model.gate import Shut
from sendoff.model.inventory import Kind, System, Verb, Whose
from sendoff.model.people import Person, PersonId, Role
from sendoff.model.plan import Action, Plan
from sendoff.model.shape import shaped
from sendoff.model.state import StepId
from sendoff.model.template import Tier
from sendoff.model.verdict import Judgement, Verdict
from sendoff.ports import Connector
from sendoff.rules.deadlines import end_of
from sendoff.rules.gates import shut
from sendoff.sandbox.wire import Obj, obj, text
from sendoff.wiring.clocks import SandboxClock
from sendoff.wiring.identity import Register
from sendoff.wiring.worlds import SettingsWorld

Objects = dict[str, str]
OURS = (
    "lighthouse:",
    "app:",
    "house:",
    "prtg:",
    "passwordstate:",
    "topdesk:",
    "reassure:",
    "github:",
    "person:paul@intercept.example",
)
"""How the sandbox's record names a caller that came with a key of ours; in Partner Center an app acts for a person."""
MADE: Mapping[tuple[str, str], tuple[Verb, Kind]] = {
    ("created", "graph.user"): (Verb.CREATE, Kind.NEW_ADMINISTRATOR),
    ("created", "graph.roleAssignment"): (Verb.CREATE, Kind.NEW_ADMINISTRATOR),
    ("created", "topdesk.incident"): (Verb.CREATE, Kind.TASK),
    ("created", "reassure.draft"): (Verb.CREATE, Kind.INVOICE_DRAFT),
    ("changed", "reassure.draft"): (Verb.CREATE, Kind.INVOICE_DRAFT),
    ("created", "prtg.denied-gid"): (Verb.REMOVE, Kind.PRTG_PROBE),
    ("removed", "arm.probeservice"): (Verb.REMOVE, Kind.PROBE_SERVICE),
    ("changed", "partner-center.customer"): (Verb.REMOVE, Kind.RELATIONSHIP),
}
"""What has a name that only the vendor knows: as often as such a deed was approved, and no more."""
CHANGING = {Verb.DISABLE, Verb.END, Verb.PUT_BACK}
ON_A_THING = {Kind.TAG, Kind.SECURITY_CONTACT}
"""Kinds that are taken off a thing which stays."""


@dataclass(frozen=True)
class Told:
    """A story told to its end, with the world as it was before."""

    stage: Stage
    case: Case
    mine: Objects
    """Every object at the leaving customer, before."""
    digests: Objects
    """One digest over each customer, before."""
    parents: dict[str, str]
    """Which PRTG object lies in which, before."""
    principals: dict[str, str]
    """For each directory role and membership the account it is of, before."""


_TOLD: dict[Tier, Told] = {}


def told(tier: Tier, folder: Path) -> Told:
    """One story of a tier, told once in a run of the tests; those who read it change nothing."""
    if tier not in _TOLD:
        made = stage(folder, tier=tier)
        case = made.opened()
        before = remembered(made)
        _TOLD[tier] = before(made.story(case).tell())
    return _TOLD[tier]


def remembered(made: Stage) -> Callable[[Case], Told]:
    """The world as it is now; with the case as it ended it is the whole story."""
    world = made.sandbox.world
    parents = {
        one.id: text(one.raw, "parentid") for kind in ("group", "device", "sensor") for one in world.all("prtg", kind)
    }
    principals = {
        one.id: text(one.raw, "principalId") or one.id.partition(".")[2]
        for kind in ("roleAssignment", "membership", "roleEligibilitySchedule")
        for one in world.all("graph", kind)
    }
    mine, every = objects(made), digests(made)
    return lambda case: Told(made, case, mine, every, parents, principals)


# ---- the world, by the sandbox's own word ------------------------------------------------------------------------


def rows(found: object) -> list[Obj]:
    """The objects of an answer of the control port."""
    assert isinstance(found, list)
    return [obj(one) for one in found]


def trouble(one: Stage, **what: str | int) -> None:
    """Switch a fault of the vendors on."""
    assert one.house.control is not None
    one.house.control.ask("POST", "/trouble", {**what})


def calm(one: Stage) -> None:
    """No faults any more."""
    one.control("DELETE", "/trouble")


def plant(one: Stage, **what: str) -> str:
    """Put a forgotten thing of ours into the world; its key."""
    assert one.house.control is not None
    return text(one.house.control.ask("POST", "/plant", {**what}), "key")


def objects(one: Stage, slug: str = LEAVER) -> Objects:
    """Every object at a customer with its digest."""
    found = one.sandbox.world.objects(slug)
    assert found
    return found


def digests(one: Stage) -> Objects:
    """One digest over the whole world of each customer."""
    found = one.control("GET", "/world/digests")
    assert isinstance(found, dict)
    return {slug: str(value) for slug, value in found.items()}


def effects(one: Stage, verb: str = "", since: int = 0) -> list[Obj]:
    """What was done with keys of ours, by the sandbox's own record, oldest first."""
    found = [row for row in rows(one.control("GET", "/effects")) if text(row, "caller").startswith(OURS)]
    return [row for row in found if verb in ("", row["verb"]) and int(text(row, "seq")) > since]


def seq(one: Stage) -> int:
    """How far the sandbox's record is."""
    return len(one.sandbox.world.record.rows)


def removed(one: Stage, since: int = 0) -> set[str]:
    """The ids, in lower case, of what our keys removed; a draft that became a letter is not among them."""
    return {text(row, "id").lower() for row in effects(one, "removed", since) if row["kind"] != "graph.message"}


def in_the_bin(key: str) -> bool:
    """What is deleted and can be restored: in the directory, and vaults and workspaces in Azure."""
    return ":deleted." in key or key.startswith("arm-bin:")


def there(one: Stage, action: Action) -> bool:
    """True when the thing an action is about is in the world."""
    alive = (key.lower() for key in objects(one) if not in_the_bin(key))
    return any(key.endswith(f":{action.target.lower()}") for key in alive)


# ---- the case ----------------------------------------------------------------------------------------------------


def standing(one: Stage, case: Case, step: str) -> Standing:
    """Where a step stands now."""
    return one.desk.case(case.id).steps[StepId(step)]


def plan(one: Stage, case: Case, step: str) -> Plan:
    """The plan that lies ready."""
    found = one.desk.plan_of(case.id, StepId(step))
    assert found is not None
    return found


def planned(one: Stage, case: Case, step: str, by: str = "erik") -> Standing:
    """Lay a new plan ready."""
    return one.desk.plan(one.who(by), case.id, StepId(step)).steps[StepId(step)]


def approved(one: Stage, case: Case, step: str, by: str = "emma") -> Standing:
    """A second person's yes to the plan that lies ready."""
    now = standing(one, case, step)
    assert now.plan is not None
    after = one.desk.approve(one.who(by), case.id, StepId(step), now.plan, over_belt=bool(now.belt))
    return after.steps[StepId(step)]


def verdicts(one: Stage, case: Case, step: str, verdict: Verdict) -> list[Judgement]:
    """What the last second look of a step said so of."""
    found = judgements_of(one.desk.ports, one.desk.case(case.id), StepId(step))
    return [row for row in found if row.verdict is verdict]


def at_gate(one: Stage, case: Case, step: str, gate: str) -> Shut | None:
    """The gate of that name, when it is shut."""
    return next((row for row in shut(one.desk.gates_of(case.id, StepId(step))) if row.gate == gate), None)


def run(one: Stage, case: Case) -> Case:
    """Let the worker move the case."""
    return one.desk.run(one.who("erik"), case.id, one.said.append, threads=1)


def after_contract(one: Stage, case: Case, *, short: float = 0.0) -> None:
    """Move civil time to the moment the contract has ended, or some seconds short of it; later, it stays."""
    facts = one.desk.case(case.id).facts
    moment = end_of(facts.contract_end, facts.zone) - timedelta(seconds=short)
    if one.house.clock.now() < moment:
        move(one, moment)


def move(one: Stage, moment: datetime) -> None:
    """Move civil time."""
    assert isinstance(one.house.clock, SandboxClock)
    one.house.clock.move(moment)


def certificate(one: Stage, case: Case) -> Predicate:
    """What the certificate of a closed case says."""
    assert case.certificate is not None
    envelope = json.loads(one.desk.ports.store.get(case.id, case.certificate))
    statement = json.loads(base64.b64decode(envelope["payload"]))
    return shaped(Predicate, statement["predicate"])


def hand(one: Stage, facts: Facts, system: System) -> Connector:
    """Our hands in a system, as wired."""
    found = one.desk.ports.world.connector(facts, system)
    assert found is not None
    return found


def staffed(one: Stage, *people: Person) -> Stage:
    """The same stage with these persons in the register besides, or in place of those with the same id."""
    ids = {person.id for person in people}
    kept = tuple(person for person in one.house.register.people() if person.id not in ids)
    register = Register((*kept, *people))
    ports = replace(one.desk.ports, identity=register)
    return replace(one, house=replace(one.house, desk=Desk(ports=ports), register=register))


def everything(person: str, *logins: str) -> Person:
    """A person who holds every role there is."""
    return Person(
        id=PersonId(person), name=f"{person} the administrator", roles=frozenset(Role), logins=frozenset(logins)
    )


# ---- is every effect an approved action? --------------------------------------------------------------------------


def unexplained(story: Told, plans: Sequence[Plan]) -> list[str]:
    """Effects of our keys, by the sandbox's record, that no approved action accounts for."""
    actions = [action for one in plans for action in one.actions]
    return [
        f"{row['verb']} {row['kind']} {row['id']}"
        for row in effects(story.stage)
        if not _explained(story, row, actions)
    ]


def _explained(story: Told, row: Obj, actions: Sequence[Action]) -> bool:
    kind, verb, ident = text(row, "kind"), text(row, "verb"), text(row, "id").lower()
    if kind in ("graph.message", "graph.event"):
        return _mailed(story, actions)
    if (verb, kind) in MADE:
        return _made(story, verb, kind, actions)
    targets = {action.target.lower() for action in actions if _does(action, verb)}
    if verb == "created":
        made = {action.target.lower() for action in actions if action.verb in (Verb.REMOVE, Verb.DISABLE)}
        return kind == "prtg.log" or (kind.startswith("graph.deleted.") and ident in made)
    if ident in targets or any(ident.startswith(f"{target}/") for target in targets):
        return True
    return bool({*_above(story, kind, ident), story.principals.get(text(row, "id"), "").lower()} & targets)


def _does(action: Action, verb: str) -> bool:
    """True when this is the verb of the record for what the action does. A secret that is compared is read as well."""
    match verb:
        case "removed":
            return action.verb is Verb.REMOVE and action.kind not in ON_A_THING
        case "changed":
            return action.verb in CHANGING or (action.verb is Verb.REMOVE and action.kind in ON_A_THING)
        case "disclosed":
            return action.verb is Verb.DISCLOSE or (action.verb is Verb.EXPORT and action.kind is Kind.SECRET)
    return False


def _made(story: Told, verb: str, kind: str, actions: Sequence[Action]) -> bool:
    approved = {action.ref for action in actions if (action.verb, action.kind) == MADE[verb, kind]}
    done = [row for row in effects(story.stage, verb) if row["kind"] == kind]
    return len(done) <= len(approved)


def _above(story: Told, kind: str, ident: str) -> list[str]:
    found = [story.parents.get(ident, "")] if kind.startswith("prtg.") else []
    while found and found[-1]:
        found.append(story.parents.get(found[-1], ""))
    return found


def _mailed(story: Told, actions: Sequence[Action]) -> bool:
    """Letters and meetings leave one by one: as many were sent as were approved, and no more."""
    sent = [row for row in effects(story.stage, "sent") if row["kind"] == "graph.message"]
    made = [row for row in effects(story.stage, "created") if row["kind"] == "graph.event"]
    letters = {action.ref for action in actions if (action.verb, action.kind) == (Verb.SEND, Kind.MAIL)}
    meetings = {action.ref for action in actions if (action.verb, action.kind) == (Verb.CREATE, Kind.MEETING)}
    return (len(sent), len(made)) == (len(letters), len(meetings))


# ---- every door of the desk ---------------------------------------------------------------------------------------

Door = Callable[[Stage, Case, Person, str], object]
"""Stage, case, who, and the step that lies planned: knock at the door."""


def _open(one: Stage, case: Case, who: Person, step: str) -> object:
    template = read_checklist(TEMPLATE.read_bytes(), "offboarding.md")
    return one.desk.open_case(who, template, case.facts, by_hand={}, notice=one.notice())


def _change(one: Stage, case: Case, who: Person, step: str) -> object:
    assert case.facts.recipient is not None
    other = replace(case.facts, recipient=replace(case.facts.recipient, name="Somebody Else"))
    one.desk.change_facts(who, case.id, other, reason="another recipient")
    return one.desk.change_facts(who, case.id, other, reason="another recipient")


def _approve(one: Stage, case: Case, who: Person, step: str) -> object:
    now = standing(one, case, step)
    assert now.plan is not None
    return one.desk.approve(who, case.id, StepId(step), now.plan, over_belt=True)


def _decide(one: Stage, case: Case, who: Person, step: str) -> object:
    return one.desk.decide(who, case.id, "azure|resource|/x", Whose.OURS, name="x", reason="because I say so")


def _waive(one: Stage, case: Case, who: Person, step: str) -> object:
    until = one.house.clock.now().date() + timedelta(days=30)
    one.desk.waive(who, case.id, StepId(step), reason="it is not needed", until=until)
    return one.desk.waive(who, case.id, StepId(step), reason="it is not needed", until=until)


def _tail(one: Stage, case: Case, who: Person, step: str) -> object:
    until = one.house.clock.now().date() + timedelta(days=200)
    return one.desk.tail(who, case.id, until=until, reason="no request has come yet")


def _moved(one: Stage, case: Case, who: Person, step: str) -> object:
    now = one.house.clock.now()
    return one.desk.clock_moved(who, case.id, now, now, reason="a test of doors")


def _reword(one: Stage, case: Case, who: Person, step: str) -> Case:
    """A line more in the first letter of the step."""
    mail = next((mail for mail in one.desk.letters(case.id) if mail.step == step), None)
    letter, subject, body = (mail.letter, mail.subject, mail.body) if mail else (f"{case.id}/none", case.id, "nothing")
    return one.desk.reword(who, case.id, StepId(step), letter, subject=subject, body=f"{body}\nTot ziens.\n")


DOORS: dict[str, Door] = {
    "open_case": _open,
    "change_facts": _change,
    "preflight": lambda one, case, who, step: one.desk.preflight(who, case.id),
    "look": lambda one, case, who, step: one.desk.look(who, case.id, "by hand"),
    "decide": _decide,
    "plan": lambda one, case, who, step: one.desk.plan(who, case.id, StepId(step)),
    "approve": _approve,
    "refuse": lambda one, case, who, step: one.desk.refuse(who, case.id, StepId(step), reason="not like this"),
    "reword": _reword,
    "attest": lambda one, case, who, step: one.desk.attest(who, case.id, step, [b"a photo"], note="it is done"),
    "not_applicable": lambda one, case, who, step: one.desk.not_applicable(
        who, case.id, StepId(step), reason="it does not apply"
    ),
    "waive": _waive,
    "tail": _tail,
    "stop": lambda one, case, who, step: one.desk.stop(who, case.id, StepId(step), reason="wait a moment"),
    "resume": lambda one, case, who, step: one.desk.resume(who, case.id, StepId(step), reason="go on again"),
    "withdraw": lambda one, case, who, step: one.desk.withdraw(who, case.id, reason="they stay after all"),
    "halt": lambda one, case, who, step: one.desk.halt(who, case.id, on=True, reason="everybody stop"),
    "run": lambda one, case, who, step: one.desk.run(who, case.id, one.said.append, threads=1),
    "clock_moved": _moved,
    "close": lambda one, case, who, step: one.desk.close(who, case.id),
}
"""How to knock at each door of the desk that asks who is there."""


def doors() -> set[str]:
    """The public methods of the desk that name a person."""
    named = {name: value for name, value in inspect.getmembers(Desk, inspect.isfunction) if not name.startswith("_")}
    return {name for name, value in named.items() if "who" in inspect.signature(value).parameters}


def cut_short(one: Stage, case: Case, part: str) -> None:
    """Run until the process dies at the first call that has this in its path, before the vendor hears it."""
    plain = one.wire.handle_request

    def dies(request: httpx2.Request) -> httpx2.Response:
        if part in request.url.path:
            raise PowerCut(part)
        return plain(request)

    client = httpx2.Client(transport=httpx2.MockTransport(dies))
    old = one.desk.ports.world
    world = SettingsWorld(
        one.house.settings, NoLimits(), lambda: client, name=old.id, sandbox=old.sandbox, clock=one.house.clock
    )
    dying = Desk(ports=replace(one.desk.ports, world=world))
    with contextlib.suppress(PowerCut):
        dying.run(one.who("erik"), case.id, one.said.append, threads=1)


def next_life(one: Stage) -> Stage:
    """The same folder and sandbox in a new life of the program, when every old lease has run out."""
    return stage(
        one.folder, tier=one.tier, sandbox=one.sandbox, ids=CountedIds("b"), lease_clock=lambda: time.time() + 120.0
    )
