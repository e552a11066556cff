"""What goes on at the vendors while a batch begins its other deeds: each is asked after, but not before its time."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sendoff.engine.deeds import one_deed, receipt_of
from sendoff.engine.fence import Fence
from sendoff.engine.tray import Tray
from sendoff.model.digest import Digest
from sendoff.model.errors import ConnectorError
from sendoff.model.inventory import System
from sendoff.model.plan import Action, Again, Outcome, Receipt
from sendoff.ports import Connector

SHORT = 120.0
"""Seconds for which a batch waits by itself: a longer job of the vendor is looked for again like a person's deed."""
PATIENCE = 600.0
"""Seconds from the last deed that a batch begins, after which it calls what still goes on unknown."""
MOST = 25
"""Deeds of one batch that may go on at once; with eight batches, two hundred."""

LATE = 2.0
"""Seconds for which what may have ended is left while there is more to begin."""


@dataclass(slots=True)
class _Pending:
    action: Action
    again: Again
    due: float


@dataclass(slots=True)
class Going:
    """The deeds of one batch: those that are settled in `done`, by their names, and those that go on."""

    hands: Mapping[System, Connector]
    tray: Tray
    fence: Fence
    done: dict[Digest, Receipt] = field(default_factory=dict)
    _pending: dict[Digest, _Pending] = field(default_factory=dict)

    def begin(self, name: Digest, action: Action, again: bool) -> Receipt | None:
        """Do it; None when it goes on."""
        while len(self._pending) >= MOST:
            self._wait()
        return self._heard(name, action, one_deed(self.hands[action.system], action, name, self.tray, again))

    def ask(self) -> None:
        """Ask after what is late by now, between two deeds. To ask for each as its time comes would leave those that
        were begun last alone at the end of the batch, and the worker waiting for them."""
        self._ask(self.fence.now() - LATE)

    def to_the_end(self) -> None:
        """Wait for everything, but not for ever."""
        give_up = self.fence.now() + PATIENCE
        while self._pending:
            if self.fence.now() > give_up:
                self.done |= dict.fromkeys(self._pending, Receipt(outcome=Outcome.UNKNOWN, code="StillRunning"))
                return
            self._wait()

    def _wait(self) -> None:
        """Until the time of the first has come; then ask after everything whose time has."""
        self.fence.wait(max(min(one.due for one in self._pending.values()) - self.fence.now(), 0.0))
        self._ask(self.fence.now())

    def _ask(self, until: float) -> None:
        for name, one in [(name, one) for name, one in self._pending.items() if one.due <= until]:
            self._asked(name, one)

    def _asked(self, name: Digest, one: _Pending) -> None:
        self.fence.check()
        hand = self.hands[one.action.system]
        if one.again.begun:
            try:
                answer = hand.follow(one.action, one.again.operation)
            except ConnectorError as failed:
                answer = receipt_of(failed)
        else:
            # Nothing was begun, so it is no second time; what a call before the refused one did is found.
            answer = one_deed(hand, one.action, name, self.tray, True)
        self._heard(name, one.action, answer)

    def _heard(self, name: Digest, action: Action, answer: Receipt | Again) -> Receipt | None:
        self._pending.pop(name, None)
        if isinstance(answer, Again) and answer.seconds <= SHORT:
            self._pending[name] = _Pending(action=action, again=answer, due=self.fence.now() + answer.seconds)
            return None
        if isinstance(answer, Again):
            long = Outcome.ASKED if answer.begun else Outcome.UNKNOWN
            answer = Receipt(outcome=long, code="under way" if answer.begun else "Throttled")
        self.done[name] = answer
        return answer
