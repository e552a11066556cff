"""Cards of cases as they were folded last, each under its case's own key, in a file of this machine.

Losing the file costs a fold of every case, and nothing else. It is no table of the house: who writes there wakes every
watcher of it, and a card is no news.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Column, Engine, Integer, LargeBinary, MetaData, String, Table, delete, insert, select
from sqlalchemy.exc import DatabaseError

from sendoff.model.card import Card
from sendoff.model.digest import canonical
from sendoff.model.errors import BadInput, Broken
from sendoff.model.shape import shaped
from sendoff.store.casekeys import CaseKeys, sealed, unsealed
from sendoff.store.database import open_database, reading, writing

_tables = MetaData()
_card = Table(
    "card",
    _tables,
    Column("chain", String(64), primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("made", String(80), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
"""`made` names the program that folded it: what another one made is folded anew."""
AT_ONCE = 500
"""Cards that are read between two looks at what was asked for."""


class SqliteCards:
    """Answers the port Cards. `made` is another when another program would make another card of the same case."""

    def __init__(self, house: Engine, keys: CaseKeys, file: Path, *, made: str) -> None:
        self._house, self._keys, self._file, self._made = house, keys, file, made

    def kept(self) -> Iterator[Card]:
        """Every card that this program kept and can still open, as it was then."""
        with reading(self._house) as connection:
            keys = self._keys.every(connection)
        try:
            with self._opened() as engine, reading(engine) as connection:
                rows = connection.execute(select(_card).where(_card.c.made == self._made)).partitions(AT_ONCE)
                for row in (row for part in rows for row in part):
                    card = _card_in(keys.get(row.chain), row.chain, row.sealed)
                    if card is not None and card.seq == row.seq:
                        yield card
        except DatabaseError:
            self._begun_anew()

    def keep(self, cards: Sequence[Card]) -> None:
        """Keep these in place of what was kept of the same cases. A case without a key is erased: nothing is kept."""
        with reading(self._house) as connection:
            keys = {card.case: self._keys.key(connection, card.case) for card in cards}
        rows = [_row(card, key, self._made) for card in cards if (key := keys[card.case]) is not None]
        try:
            with self._opened() as engine, writing(engine) as connection:
                for card in cards:
                    connection.execute(delete(_card).where(_card.c.chain == card.case))
                if rows:
                    connection.execute(insert(_card), rows)
        except DatabaseError:
            self._begun_anew()

    @contextmanager
    def _opened(self) -> Iterator[Engine]:
        """The file, opened for this once: it is asked at a start and at an end."""
        engine = open_database(self._file)
        try:
            _tables.create_all(engine)
            yield engine
        finally:
            engine.dispose()

    def _begun_anew(self) -> None:
        """A file that is none any more: it holds nothing that cannot be folded again."""
        for more in ("", "-wal", "-shm"):
            Path(f"{self._file}{more}").unlink(missing_ok=True)


def _row(card: Card, key: bytes, made: str) -> dict[str, object]:
    return {
        "chain": card.case,
        "seq": card.seq,
        "made": made,
        "sealed": sealed(key, canonical(card), f"card of {card.case}"),
    }


def _card_in(key: bytes | None, case: str, stored: bytes) -> Card | None:
    """The card; None when its case was erased, or when it is not as it was written."""
    if key is None:
        return None
    try:
        return shaped(Card, json.loads(unsealed(key, stored, f"card of {case}")))
    except (Broken, BadInput):
        return None
