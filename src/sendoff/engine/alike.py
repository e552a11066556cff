"""What many things have alike is held once: a look over a hundred thousand objects finds the same few tags, places and
facts on most of them, each time as a text of its own."""

from dataclasses import replace

from sendoff.model.inventory import Item, Sign

Pair = tuple[str, str]


class Alike:
    """Gives each value back as the first equal one that it met. Safe for several readers at once: `setdefault` of two
    threads has one winner."""

    def __init__(self) -> None:
        self._signs: dict[Sign, Sign] = {}
        self._facts: dict[Pair, Pair] = {}
        self._words: dict[str, str] = {}

    def item(self, item: Item, like: Item | None = None) -> Item:
        """An equal item, made of what was met before; `like` is the same thing as it was seen earlier."""
        known = like or item
        return replace(
            item,
            id=known.id if known.id == item.id else item.id,
            name=known.name if known.name == item.name else item.name,
            scope=self._words.setdefault(item.scope, item.scope),
            image=known.image if known.image == item.image else item.image,
            signs=tuple([self._signs.setdefault(one, one) for one in item.signs]),
            uses=tuple([self._words.setdefault(one, one) for one in item.uses]),
            detail=tuple([self._facts.setdefault(one, one) for one in item.detail]),
        )
