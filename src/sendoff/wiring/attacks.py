"""Attacks on a finished case: on its files, and at the desk. Each is made for real and must be refused."""

import base64
import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sendoff.engine.desk import read_checklist
from sendoff.model.certificate import Trust, Verification
from sendoff.model.digest import Digest, canonical
from sendoff.model.errors import SendoffError
from sendoff.model.inventory import Cell, Kind, System, Target
from sendoff.model.key import Key
from sendoff.model.people import Person, PersonId, Role
from sendoff.model.state import StepId
from sendoff.model.template import Tier
from sendoff.store.signing import fingerprint, public_pem, sign
from sendoff.wiring.cards import table
from sendoff.wiring.checking import check_files, pin
from sendoff.wiring.factsfile import read_facts
from sendoff.wiring.house import House, wired
from sendoff.wiring.leaving import Leaving
from sendoff.wiring.rehearsal import started
from sendoff.wiring.shipped import checklist
from sendoff.wiring.signers import never_trusted


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attack and the answer it met."""

    attack: str
    refused: bool
    said: str


def attempts(folder: Path) -> tuple[Attempt, ...]:
    """Every attack, on copies."""
    with tempfile.TemporaryDirectory() as place:
        return (*_on_files(folder, Path(place)), *_at_the_desk(Path(place) / "desk"))


# ---- on the files ----------------------------------------------------------------------------------------------------


def _on_files(folder: Path, place: Path) -> Iterator[Attempt]:
    edits: tuple[tuple[str, str, Callable[[bytes], bytes]], ...] = (
        ("flip one byte of the certificate", "certificate.json", lambda data: _flipped(data, len(data) // 2)),
        ("flip one byte of the journal", "journal.jsonl", lambda data: _flipped(data, len(data) // 2)),
        ("drop an event", "journal.jsonl", lambda data: _lines(data, lambda rows: rows[:9] + rows[10:])),
        ("swap two events", "journal.jsonl", lambda data: _lines(data, _swapped)),
        ("add an event before the head", "journal.jsonl", lambda data: _lines(data, lambda rows: rows[:9] + rows[8:])),
        ("cut the journal short", "journal.jsonl", lambda data: _lines(data, lambda rows: rows[:-5])),
        ("rewrite what a person said", "journal.jsonl", lambda data: data.replace(b"done by hand", b"gone by hand", 1)),
    )
    for number, (attack, name, edit) in enumerate(edits):
        copied = _copied(folder, place / f"files-{number}")
        (copied / name).write_bytes(edit((copied / name).read_bytes()))
        yield _checked(attack, check_files(copied / "certificate.json", None, None, []))
    yield from _own_key(_copied(folder, place / "own-key"))
    yield from _rehearsal_key(_copied(folder, place / "rehearsal-key"))


def _copied(folder: Path, to: Path) -> Path:
    to.mkdir(parents=True)
    for name in ("certificate.json", "certificate.pub.pem", "journal.jsonl"):
        shutil.copy(folder / name, to / name)
    return to


def _flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def _lines(data: bytes, edit: Callable[[list[bytes]], list[bytes]]) -> bytes:
    return b"".join(edit(data.splitlines(keepends=True)))


def _swapped(rows: list[bytes]) -> list[bytes]:
    return [*rows[:8], rows[9], rows[8], *rows[10:]]


def _checked(attack: str, found: Verification) -> Attempt:
    refused = found.trust is Trust.BROKEN
    return Attempt(attack=attack, refused=refused, said=found.faults[0] if found.faults else str(found.trust))


def _own_key(copied: Path) -> Iterator[Attempt]:
    """Somebody signs their own story with their own key, and lays that key beside it."""
    key = Ed25519PrivateKey.generate()
    before = check_files(copied / "certificate.json", None, None, []).fingerprint
    envelope = json.loads((copied / "certificate.json").read_bytes())
    payload = re.sub(rb'"contract_end":"\d{4}', b'"contract_end":"2020', base64.b64decode(envelope["payload"]))
    envelope["payload"] = base64.b64encode(payload).decode()
    mine = {"keyid": fingerprint(key.public_key()), "sig": base64.b64encode(sign(key, payload)).decode()}
    (copied / "certificate.json").write_bytes(canonical({**envelope, "signatures": [mine]}))
    (copied / "certificate.pub.pem").write_bytes(public_pem(key.public_key()))
    found = check_files(copied / "certificate.json", None, None, [before])
    yield _checked("sign a changed certificate with a key of one's own", found)


def _rehearsal_key(copied: Path) -> Iterator[Attempt]:
    """The key of rehearsals is everybody's: trusting it must not be possible."""
    name = next(iter(never_trusted()))
    found = check_files(copied / "certificate.json", None, None, [name])
    yield _checked("have a rehearsal pass for real by trusting its key", found)
    yield _refused("pin the key of rehearsals", lambda: pin(name))


# ---- at the desk -----------------------------------------------------------------------------------------------------


def _at_the_desk(folder: Path) -> Iterator[Attempt]:
    sandbox = started(folder, 1, Leaving(tier=Tier.CSP))
    try:
        house = wired(folder / "sendoff.toml")
        yield from _decisions(house, folder)
    finally:
        sandbox.stop()


def _decisions(house: House, folder: Path) -> Iterator[Attempt]:
    desk, person = house.desk, house.register.person
    carla, paul = person("carla"), person("paul")
    notice = (folder / "notice.eml").read_bytes()
    facts = read_facts(folder / "facts.toml", house.provider, carla.id, notice)
    text = read_checklist(checklist(), "offboarding.md")
    case = desk.open_case(carla, text, facts, by_hand={}, notice=notice).id
    step = StepId("confirm-termination")
    old = desk.plan(carla, case, step).steps[step].plan or Digest("")
    mallory = Person(id=PersonId("mallory"), name="Mallory", roles=frozenset(Role), logins=frozenset({"mallory"}))
    yield _refused("sign in with an unmapped login", lambda: person("mallory"))
    yield _refused("decide as somebody who is not in the register", lambda: desk.approve(mallory, case, step, old))
    yield _refused("approve one's own plan", lambda: desk.approve(carla, case, step, old))
    desk.refuse(paul, case, step, reason="the letter names the wrong date")
    desk.plan(carla, case, StepId("confirm-termination"))
    another = Digest("sha256:" + "0" * 64)
    yield _refused("approve another plan than the one that lies there", lambda: desk.approve(paul, case, step, another))
    second = desk.open_case(carla, text, facts, by_hand={}, notice=notice).id
    yield _refused("replay an approval in another case", lambda: desk.approve(paul, second, step, old))
    thief = replace(facts.recipient, mail="sanne@noordzeecloud.example") if facts.recipient else None
    changed = replace(facts, recipient=thief)
    desk.change_facts(carla, case, changed, reason="they asked for it")
    yield _refused(
        "make the new CSP the recipient of the secrets, alone",
        lambda: desk.change_facts(carla, case, changed, reason="they asked for it again"),
    )
    yield _refused(
        "attest what a machine can verify", lambda: desk.attest(carla, case, step, [b"trust me"], note="done")
    )
    yield _refused(
        "give one's word without evidence", lambda: desk.attest(paul, case, "accept-transfer", [], note="done")
    )
    yield _refused("close a case with open lines", lambda: desk.close(paul, case))
    yield from _out_of_scope(house, case)


def _out_of_scope(house: House, case: str) -> Iterator[Attempt]:
    """Reach for a customer who stays, with the key that would open the door."""
    customers = table(table(house.control.card["known"])["customers"] if house.control else None)
    stays = table(customers["meerzicht"])
    rows = stays["subscriptions"]
    row = table(rows[0]) if isinstance(rows, list) else {}
    scope = str(row.get("id"))
    hand = house.desk.ports.world.connector(house.desk.case(case).facts, System.AZURE)
    cell = Cell(system=System.AZURE, kind=Kind.RESOURCE, scope=scope, key=Key.LIGHTHOUSE)
    ident = f"/subscriptions/{scope}/resourceGroups/rg-web"
    target = Target(system=System.AZURE, kind=Kind.GROUP, id=ident, scope=scope, key=Key.LIGHTHOUSE)
    if hand is None:
        return
    yield _refused("look at a customer who stays", lambda: list(hand.look(cell, Nothing())))
    yield _refused("reach an object outside the scope", lambda: hand.read(target, Nothing()))


class Nothing:
    """A tray that keeps nothing; an attack gets nowhere near it."""

    children = False

    def image(self, data: bytes) -> Digest:
        """Digest without keeping."""
        return Digest("")

    def file(self, name: str, data: bytes) -> Digest:
        """Digest without keeping."""
        return Digest("")

    def secret(self, row: object, hidden: object) -> None:
        """Nothing is kept."""

    def fetch(self, digest: Digest) -> bytes:
        """Nothing is here."""
        return b""


def _refused(attack: str, deed: Callable[[], object]) -> Attempt:
    try:
        deed()
    except SendoffError as no:
        return Attempt(attack=attack, refused=True, said=str(no))
    return Attempt(attack=attack, refused=False, said="nobody stopped it")
