"""The judge of a rehearsal: the sandbox's own record against what was approved, and the customers who stay."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sendoff.model.digest import Json
from sendoff.model.plan import Plan
from sendoff.wiring.cards import LEAVER, Table, rows, table
from sendoff.wiring.control import Control

OURS = (
    "lighthouse:",
    "app:",
    "house:",
    "prtg:",
    "passwordstate:",
    "topdesk:",
    "reassure:",
    "github:",
)
"""How the record names callers that hold a key of ours; everybody else is an outsider, a clerk or a person's hand."""
OUR_PEOPLE = "@intercept.example"
MADE = (
    ("app:", "graph.user ", "new-administrator"),
    ("app:", "graph.roleAssignment ", "new-administrator"),
    ("app:", "graph.message ", "new-administrator"),
    ("topdesk:", "topdesk.incident ", "operator-task"),
    ("reassure:", "reassure.draft ", "invoice-draft"),
    ("lighthouse:", "arm.probeservice ", "probe-service"),
)
"""What comes into being, or goes, under a name that the vendor gives: by which key, and the kind of action that it must
belong to."""
VIEW = "github."
"""The issue is a view of the case and not a step of it: it belongs to the case's own journal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The world as it was."""

    digests: Mapping[str, str]
    objects: Mapping[str, Mapping[str, str]]
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One call that changed something: who made it, what it touched, and the approved action it belongs to."""

    at: str
    who: str
    effects: tuple[tuple[str, str], ...]
    """Verb and object of each effect."""
    approved: str
    """The target of the approved action; empty when there is none."""

    @property
    def ours(self) -> bool:
        """Made with a key of ours; in Partner Center that is an app with a person of ours behind it."""
        return self.who.startswith(OURS) or (self.who.startswith("person:") and self.who.endswith(OUR_PEOPLE))


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldDiff:
    """What changed, and whether it is exactly what was approved."""

    deeds: tuple[Deed, ...]
    stayed: Mapping[str, tuple[str, str]]
    """Digest before and after of every customer who stays."""
    changed: Mapping[str, tuple[tuple[str, str], ...]]
    """Object and change, by customer."""
    not_approved: tuple[str, ...]
    touched: tuple[str, ...]
    """Customers who stay and were changed."""

    @property
    def exact(self) -> bool:
        """True when every change by our keys was approved and nobody who stays was touched."""
        return not self.not_approved and not self.touched

    @property
    def verdict(self) -> str:
        """One sentence."""
        if self.exact:
            count = sum(deed.ours for deed in self.deeds)
            same = "the customers who stay are unchanged"
            return f"Exactly the approved actions: {count} changing calls by our keys, each one approved; {same}."
        return "NOT exact: " + "; ".join((*self.not_approved, *(f"{slug} was changed" for slug in self.touched)))


def before(control: Control) -> Before:
    """Remember the world."""
    digests = {slug: str(value) for slug, value in table(control.ask("GET", "/world/digests")).items()}
    return Before(digests=digests, objects=_objects(control, digests), seq=len(rows(control.ask("GET", "/record"))))


def _objects(control: Control, slugs: Mapping[str, str]) -> Mapping[str, Mapping[str, str]]:
    return {
        slug: {key: str(value) for key, value in table(control.ask("GET", f"/world/objects?customer={slug}")).items()}
        for slug in slugs
    }


def compared(control: Control, then: Before, plans: Sequence[Plan]) -> WorldDiff:
    """The world now against the world then, and every change against the approved plans."""
    digests = {slug: str(value) for slug, value in table(control.ask("GET", "/world/digests")).items()}
    now = _objects(control, digests)
    targets = {action.target.lower() for plan in plans for action in plan.actions}
    kinds = {str(action.kind) for plan in plans for action in plan.actions}
    deeds = tuple(_deeds(rows(control.ask("GET", f"/record?since={then.seq}")), targets, kinds))
    extra = _extra(deeds, plans)
    stray = [deed for deed in deeds if deed.ours and not deed.approved]
    wild = [f"{verb} {what} by {deed.who}" for deed in stray for verb, what in deed.effects]
    stayed = {slug: (then.digests[slug], digests[slug]) for slug in digests if slug != LEAVER}
    return WorldDiff(
        deeds=deeds,
        stayed=stayed,
        changed={slug: tuple(_changes(then.objects[slug], now[slug])) for slug in digests},
        not_approved=(*wild, *extra),
        touched=tuple(slug for slug, (old, new) in stayed.items() if old != new),
    )


def _extra(deeds: Sequence[Deed], plans: Sequence[Plan]) -> list[str]:
    """What carries no id of ours before it is made is counted: no more than was approved."""
    found = [told for who, mark, kind in MADE if (told := _too_many(who, mark, kind, deeds, plans))]
    issues = sum(
        verb == "created" and what.startswith("github.issue ") for deed in deeds for verb, what in deed.effects
    )
    if issues > 1:
        found.append(f"{issues} issues made for one case")
    for kind, mark in (("mail", "graph.message "), ("meeting", "graph.event ")):
        approved = sum(action.kind == kind for plan in plans for action in plan.actions)
        sent = sum(
            any(verb == "sent" and what.startswith(mark) for verb, what in deed.effects)
            for deed in deeds
            if deed.who.startswith("house:")
        )
        if sent > approved:
            found.append(f"{sent} of kind {kind} sent, {approved} approved")
    return found


def _too_many(who: str, mark: str, kind: str, deeds: Sequence[Deed], plans: Sequence[Plan]) -> str:
    approved = sum(action.kind == kind and action.verb in ("create", "remove") for p in plans for action in p.actions)
    made = sum(
        verb in ("created", "removed") and what.startswith(mark)
        for deed in deeds
        if deed.approved == kind and deed.who.startswith(who)
        for verb, what in deed.effects
    )
    return f"{made} of {mark.strip()} made or removed for {kind}, {approved} approved" if made > approved else ""


def _deeds(record: Sequence[Table], targets: set[str], kinds: set[str]) -> list[Deed]:
    """Effects stand before the row of the call that had them."""
    found: list[Deed] = []
    effects: list[Table] = []
    for row in record:
        if row.get("type") == "effect":
            effects.append(row)
            continue
        if effects:
            found.append(_deed(effects, row, targets, kinds))
        effects = []
    if effects:
        found.append(_deed(effects, {}, targets, kinds))
    return found


def _deed(effects: Sequence[Table], call: Table, targets: set[str], kinds: set[str]) -> Deed:
    who = str(effects[0].get("caller"))
    ids = [str(effect.get("id")).lower() for effect in effects]
    path = str(call.get("path", "")).lower()
    hit = next((one for one in ids if one in targets), "")
    hit = hit or next((one for one in targets if path.endswith(f"/{one}")), "")
    shown = tuple((str(effect.get("verb")), f"{effect.get('kind')} {effect.get('id')}") for effect in effects)
    if not hit and {"mail", "meeting"} & kinds and who.startswith("house:"):
        hit = "an approved letter or meeting"
    if not hit:
        hit = next((kind for key, mark, kind in MADE if kind in kinds and _is_of(who, shown, key, mark)), "")
    if not hit and who.startswith("github:") and all(what.startswith(VIEW) for _, what in shown):
        hit = "the issue that mirrors the case"
    return Deed(at=str(effects[0].get("at")), who=who, effects=shown, approved=hit)


def _is_of(who: str, shown: Sequence[tuple[str, str]], key: str, mark: str) -> bool:
    return who.startswith(key) and any(what.startswith(mark) for _, what in shown)


def _changes(old: Mapping[str, str], new: Mapping[str, str]) -> list[tuple[str, str]]:
    gone = [(key, "gone") for key in old if key not in new]
    made = [(key, "new") for key in new if key not in old]
    return sorted(gone + made + [(key, "changed") for key in old if key in new and old[key] != new[key]])


def values(diff: WorldDiff, names: Mapping[str, str]) -> dict[str, Json]:
    """The values of the page `world-diff`."""
    customers: list[Json] = [
        {
            "name": names.get(slug, slug),
            "leaves": slug == LEAVER,
            "before": diff.stayed.get(slug, ("", ""))[0],
            "after": diff.stayed.get(slug, ("", ""))[1],
            "changed": [{"object": key, "change": change, "by": ""} for key, change in changes],
        }
        for slug, changes in diff.changed.items()
    ]
    effects: list[Json] = [
        {"at": deed.at, "who": deed.who, "verb": verb, "object": what}
        for deed in diff.deeds
        for verb, what in deed.effects
    ]
    return {"customers": customers, "effects": effects, "verdict": diff.verdict}
