"""People at the pages: what each clicks, from the preflight to the certificate."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from playwright.sync_api import Page

from browser.conftest import Served, answered, clicked
from sendoff.model.case import Case, Standing
from sendoff.model.gate import Shut
from sendoff.model.people import Role
from sendoff.model.state import SETTLED, State, StepId
from sendoff.steps import by_id
from sendoff.wiring.story import FINAL
from sendoff.wiring.waiting import begins

PROPOSERS = {Role.CSM: "carla", Role.ENGINEER: "erik", Role.PRACTICE_LEAD: "erik"}
APPROVERS = {Role.CSM: "mila", Role.ENGINEER: "emma", Role.PRACTICE_LEAD: "paul"}
TURNS = 70
BY_KEYBOARD = StepId("confirm-termination")
"""The step whose yes is given without a mouse."""


def tabbed(page: Page, target: str) -> None:
    """Tab until the keyboard is at this element, and see that it can be seen to be there."""
    for _ in range(150):
        page.keyboard.press("Tab")
        if page.evaluate("(target) => document.activeElement.matches(target)", target):
            style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert style != "none", f"nobody sees that the keyboard is at {target}"
            return
    raise AssertionError(f"the keyboard does not come to {target}")


@dataclass
class People:
    """One leaving, told with a mouse."""

    at: Served
    evidence: Path
    met: set[tuple[str, str, datetime]] = field(default_factory=set)
    deeds: list[str] = field(default_factory=list)
    midway: Callable[[], None] = lambda: None
    """What is looked at while the plan with the most objects lies ready."""

    # ---- what they know ------------------------------------------------------------------------------------------

    @property
    def case(self) -> Case:
        """The case as it stands."""
        return self.at.house.desk.case(self.at.case.id)

    def open_steps(self) -> list[Standing]:
        """What is not settled."""
        return [one for one in self.case.steps.values() if one.state not in SETTLED]

    # ---- the whole of it -----------------------------------------------------------------------------------------

    def leave(self) -> None:
        """From the preflight to the certificate."""
        page = self.at.to("erik")
        clicked(page, "Run the preflight")
        self.decide("preflight")
        for _ in range(TURNS):
            if not self.open_steps():
                break
            if not self.turn():
                self.press("Move the clock to the next date")
        assert not self.open_steps(), [(one.step, one.state, one.reason) for one in self.open_steps()]
        page = self.at.to("paul", "/certificate")
        clicked(page, "Close the case")

    def turn(self) -> bool:
        """Everybody does what they can; True when anything moved."""
        before = self._stand()
        self.press("Let the others act")
        for one in self.open_steps():
            if one.state in (State.READY, State.LEFT) and self._worth_it(one):
                self.work_on(one)
            elif one.state is State.PLANNED:
                self.approve(one.step, one.role)
        self.settle()
        return self._stand() != before

    def _stand(self) -> object:
        case = self.case
        return [(one.step, one.state, one.plan, one.acted) for one in case.steps.values()], len(case.proofs)

    def _worth_it(self, one: Standing) -> bool:
        """Not too early, and not again for the same reason at the same moment."""
        now = self.at.house.clock.now()
        if not one.by_hand and now < begins(self.case, one):
            return False
        new = (one.step, one.reason, now) not in self.met
        self.met.add((one.step, one.reason, now))
        return new

    def settle(self) -> None:
        """Until the worker has done what it can do now: it works by itself, in the same process as the pages."""
        page = self.at.seat("erik")
        for _ in range(600):
            if not any(self._moves(one) for one in self.open_steps()):
                return
            page.wait_for_timeout(50)
        raise AssertionError(f"the worker does not come to an end: {[one.step for one in self.open_steps()]}")

    def _moves(self, one: Standing) -> bool:
        if one.state is State.RUNNING:
            return True
        if one.state is State.HELD:
            return one.held_until is not None and one.held_until <= self.at.house.clock.now()
        gates = self.at.house.desk.gates_of(self.case.id, one.step) if one.state is State.APPROVED else ()
        return one.state is State.APPROVED and not any(isinstance(gate, Shut) for gate in gates)

    # ---- one person, one page ------------------------------------------------------------------------------------

    def press(self, label: str) -> None:
        """A button on the page of the case."""
        page = self.at.to("erik")
        if page.get_by_role("button", name=label).count():
            clicked(page, label)

    def work_on(self, one: Standing) -> None:
        """Plan it and have it approved, or do it by hand."""
        if one.by_hand or by_id(one.step).plan is None:
            self.by_hand(one)
            return
        page = self.at.to(PROPOSERS[one.role], f"/steps/{one.step}")
        clicked(page, "Look and plan")
        self.decide(f"plan {one.step}")
        if self.case.steps[one.step].state is State.PLANNED:
            self.approve(one.step, one.role)
        elif one.step not in FINAL:
            self.press("Let the others act")

    def approve(self, step: StepId, role: Role) -> None:
        """The second person reads the plan and says yes to exactly it."""
        if step == BY_KEYBOARD:
            self.approve_by_keyboard(step, APPROVERS[role])
            return
        page = self.at.to(APPROVERS[role], f"/steps/{step}")
        if page.locator("#belt").count():
            page.locator("#belt").check()
        if step == "remove-resources" and f"approved {step}" not in self.deeds:
            self.at.picture(page, "step")
            self.midway()
        clicked(page, "Approve exactly this")
        self.deeds.append(f"approved {step}")

    def approve_by_keyboard(self, step: StepId, login: str) -> None:
        """From the list of what waits to the yes, with Tab and Enter and no other key."""
        page, where = self.at.seat(login), f"/cases/{self.case.id}/steps/{step}"
        page.goto(f"{self.at.address}/")
        for _ in range(100):  # the lists follow the events a moment later
            if page.locator(f'a[href="{where}"]').count():
                break
            page.wait_for_timeout(100)
            page.reload()
        self.at.picture(page, "mine")
        tabbed(page, f'a[href="{where}"]')
        with answered(page):
            page.keyboard.press("Enter")
        tabbed(page, f'form[action="{where}/approve"] button')
        with answered(page):
            page.keyboard.press("Enter")
        self.deeds.append(f"approved {step} by the keyboard")

    def by_hand(self, one: Standing) -> None:
        """Done in the vendor's own page, and attested with a file."""
        if by_id(one.step).last:
            page = self.at.to("erik")
            page.get_by_label("The final look").check()
            clicked(page, "Look")
            self.press("Let the others act")
        page = self.at.to(PROPOSERS[one.role], f"/steps/{one.step}")
        page.get_by_label("What you did").fill(f"{one.text}: done by hand")
        page.get_by_label("Evidence").set_input_files(self.evidence)
        clicked(page, "Attest")
        self.deeds.append(f"attested {one.step}")

    def decide(self, purpose: str) -> None:
        """Whose the unknown things are: each by name, ticked on the page."""
        desk = self.at.house.desk
        unknown = [one.item for one in desk.seen(self.case.id, purpose) if one.provenance.whose == "unknown"]
        ours = [one.ref for one in unknown if "heartbeat" in one.name]
        theirs = [one.ref for one in unknown if "heartbeat" not in one.name]
        for refs, label in ((ours, "Ours: a plan may remove it"), (theirs, "The customer's: it is left alone")):
            if refs:
                self._tick(purpose, refs, label)

    def _tick(self, purpose: str, refs: Iterable[str], label: str) -> None:
        page: Page = self.at.to("erik", f"/inventory?whose=unknown&purpose={purpose.replace(' ', '+')}")
        for ref in refs:
            page.locator(f'input[name="ref"][value="{ref}"]').check()
        page.get_by_label(label).check()
        page.get_by_label("Why").fill("asked around: nobody else can have made it")
        if purpose == "preflight":
            self.at.picture(page, "inventory")
        clicked(page, "Decide")
