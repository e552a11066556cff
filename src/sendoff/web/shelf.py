"""The shelf: a card of every case, in memory, so that lists of ten thousand cases fold none of them."""

import threading
from collections.abc import Iterable, Mapping, Sequence

from sendoff.engine.desk import Desk
from sendoff.model.card import Card

AT_ONCE = 50
"""Cards that are read between two looks at whether to stop."""


class Shelf:
    """The cards, kept up to date by the tailer. Safe for several threads."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._lock = desk, threading.Lock()
        self._cards: dict[str, Card] = {}
        self._heads: Mapping[str, int] = {}
        self._begun = False
        self._fresh: set[str] = set()
        """Cards that are newer than what was kept."""

    def behind(self, heads: Mapping[str, int]) -> list[str]:
        """Which cards are missing or older than these heads; cases that are no more are taken off."""
        with self._lock:
            self._heads = heads
            for gone in self._cards.keys() - heads.keys():
                del self._cards[gone]
            return [case for case, seq in heads.items() if case not in self._cards or self._cards[case].seq != seq]

    def read(self, names: Iterable[str]) -> None:
        """Read these cards anew."""
        for card in self._desk.cards(names):
            with self._lock:
                self._cards[card.case] = card
                self._fresh.add(card.case)

    def fresh(self, stopping: threading.Event) -> None:
        """Bring every card up to date; at a start those that were kept come first."""
        heads = self._desk.heads()
        if not self._begun:
            self._taken_up(heads, stopping)
        waiting = self.behind(heads)
        for begin in range(0, len(waiting), AT_ONCE):
            if stopping.is_set():
                return
            self.read(waiting[begin : begin + AT_ONCE])
            if len(waiting) > AT_ONCE:
                self.keep()
        self._begun = True

    def _taken_up(self, heads: Mapping[str, int], stopping: threading.Event) -> None:
        """What was kept and is still as its case is."""
        with self._lock:
            self._heads = heads
        for card in self._desk.kept_cards():
            if stopping.is_set():
                return
            if heads.get(card.case) == card.seq:
                with self._lock:
                    self._cards[card.case] = card

    def keep(self) -> None:
        """Keep what is newer than what was kept: many at a start, and the rest at the end."""
        with self._lock:
            cards = [self._cards[case] for case in self._fresh if case in self._cards]
            self._fresh.clear()
        if cards:
            self._desk.keep_cards(cards)

    def cards(self) -> Sequence[Card]:
        """Every card that was read."""
        with self._lock:
            return tuple(self._cards.values())

    def missing(self) -> int:
        """How many cases are known of which no card was read yet."""
        with self._lock:
            return max(0, len(self._heads) - len(self._cards))
