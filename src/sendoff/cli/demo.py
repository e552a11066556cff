"""`sendoff demo`: a whole leaving in the sandbox, from the checklist to a certificate."""

import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from sendoff.cli.case import write_files
from sendoff.cli.drawing import out, table
from sendoff.model.errors import BadInput
from sendoff.model.template import Tier

if TYPE_CHECKING:
    from sendoff.model.case import Case
    from sendoff.wiring import House
    from sendoff.wiring.worlddiff import WorldDiff

app = App(name="demo", help="A whole leaving in the sandbox, to watch.", result_action="return_value")
app.command("sendoff.cli.tamper:tamper", name="tamper")


@app.default
def demo(
    *,
    template: Path | None = None,
    tier: Tier = Tier.FULL_STACK,
    keeps_csp: bool = False,
    no_supplier: bool = False,
    stays: bool = False,
    silent: bool = False,
    out_dir: Annotated[Path, Parameter(name="--out")] = Path("demo-out"),
    seed: int = 1,
    serve: Annotated[bool, Parameter(negative=(), help="Open the case, and do it yourself in the pages.")] = False,
) -> int:
    """Watch a customer leave: start the sandbox, open a case, do the work with four people, certify, and compare.

    **Example**

    ```
    sendoff demo --tier premium --out premium-exit
    sendoff demo --template offboarding.md
    sendoff demo --serve
    ```

    Parameters
    ----------
    template
        Your own checklist; else the one that ships with sendoff.
    tier
        The tier that ends.
    keeps_csp
        The customer stays in our CSP: what that needs is kept by agreement.
    no_supplier
        There is no new supplier: the customer goes on by themselves.
    stays
        One subscription stays with us: tenant-wide things and keys wait for it.
    silent
        The customer never answers: the case ends all the same, with a LIMITED certificate.
    out_dir
        The folder to leave behind; it must be new, empty, or of an earlier demo.
    seed
        Which world; the same number is the same world.
    """
    from sendoff.wiring.leaving import Leaving
    from sendoff.wiring.rehearsal import started

    if keeps_csp and tier is Tier.CSP:
        raise BadInput("the CSP tier cannot end while the customer stays in our CSP", where="--keeps-csp")
    text = _checklist(template)
    _emptied(out_dir)
    begun = time.monotonic()
    out(f"sendoff rehearses a leaving: tier {tier}, seed {seed}. Nothing real is reached.")
    leaving = Leaving(tier=tier, keeps_csp=keeps_csp, no_supplier=no_supplier, stays=stays, silent=silent)
    sandbox = started(out_dir / "sandbox", seed, leaving)
    try:
        if serve:
            return _served(out_dir, text, str(template or "templates/offboarding.md"))
        return _leave(out_dir, text, str(template or "templates/offboarding.md"), begun, silent=silent)
    finally:
        sandbox.stop()


def _checklist(template: Path | None) -> bytes:
    from sendoff.wiring.factsfile import read_file
    from sendoff.wiring.shipped import checklist

    return read_file(template, "the checklist") if template else checklist()


def _emptied(folder: Path) -> None:
    """Only a folder that an earlier demo made is emptied."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / "sandbox" / "sandbox.json").exists():
            raise BadInput("it holds something else; name a new folder", where=f"--out {folder}")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)


def _served(folder: Path, text: bytes, source: str) -> int:
    from sendoff.cli.serve import served
    from sendoff.wiring import wired

    house = wired(folder / "sandbox" / "sendoff.toml")
    _opened(house, folder, text, source)
    house.close()
    served(folder / "sandbox" / "sendoff.toml", "127.0.0.1", 8080)
    return 0


def _opened(house: "House", folder: Path, text: bytes, source: str) -> "Case":
    """The case, opened by Carla from the notice as it came in."""
    from sendoff.engine.desk import read_checklist
    from sendoff.wiring.factsfile import read_facts

    carla = house.register.person("carla")
    notice = (folder / "sandbox" / "notice.eml").read_bytes()
    facts = read_facts(folder / "sandbox" / "facts.toml", house.provider, carla.id, notice)
    case = house.desk.open_case(carla, read_checklist(text, source), facts, by_hand={}, notice=notice)
    out(f"{case.id}: {case.title}; the contract runs through {facts.contract_end}, {facts.zone}.")
    return case


def _leave(folder: Path, text: bytes, source: str, begun: float, *, silent: bool) -> int:
    from sendoff.wiring import wired
    from sendoff.wiring.story import Story
    from sendoff.wiring.worlddiff import before, compared

    house = wired(folder / "sandbox" / "sendoff.toml")
    if house.control is None:
        raise BadInput("the demo runs in the sandbox only")
    then = before(house.control)
    case = _opened(house, folder, text, source)
    if silent:
        house.control.ask("POST", "/cast/switch", {"who": "customer", "on": False})
    ended = Story(house=house, case=case.id, say=out, gives_up=silent).tell()
    diff = compared(house.control, then, house.desk.plans(case.id))
    _draw(house, ended, diff)
    _written(house, folder, ended, diff)
    out(f"Took {time.monotonic() - begun:.1f} s.")
    return 0 if diff.exact and (ended.outcome == "limited") is silent else 1


def _draw(house: "House", case: "Case", diff: "WorldDiff") -> None:
    names = {person.id: person.name for person in house.register.people()}
    rows = []
    for one in case.steps.values():
        by, second = one.by or one.proposer, one.second or (one.approval.by if one.approval else None)
        people = " + ".join(names.get(person, person) for person in (by, second) if person)
        how = one.reason if one.state != "attested" else "said by a person, with evidence; not seen by us"
        rows.append((one.line or "added", one.text, people, one.state, how))
    table("The checklist, line by line", ("line", "text", "who", "state", "how it is known"), rows)
    out(diff.verdict)
    for slug, (old, new) in diff.stayed.items():
        out(f"  stays: {slug}  before {old[:19]}  after {new[:19]}  {'same' if old == new else 'CHANGED'}")
    out(f"The case ended {case.outcome}.")


def _written(house: "House", folder: Path, case: "Case", diff: "WorldDiff") -> None:
    from sendoff.wiring.startpage import pages

    files: dict[str, bytes] = dict(house.desk.report(case.id))
    files |= pages(house, case, diff)
    write_files(folder, files)
    out(f"\n{len(files)} files in {folder}/ ; open {folder / 'START-HERE.html'}")
    for command in commands(folder):
        out(f"  {command}")


def commands(folder: Path) -> list[str]:
    """Commands that verify what was left behind, and one to do it oneself."""
    return [
        f"sendoff certificate verify {folder / 'certificate.json'}",
        f"sendoff certificate show {folder / 'certificate.json'}",
        f"sendoff demo tamper --out {folder}",
        f"sendoff demo --serve --out {folder}    (the same customer, and you do it, in the pages)",
    ]
