"""A secret value that does not show itself."""


class Secret:
    """Text that is revealed only in a `client.py`, in the sealer and to open the database; never printed, logged,
    compared or pickled."""

    __slots__ = ("_hidden",)

    def __init__(self, value: str) -> None:
        self._hidden = value

    def reveal(self) -> str:
        """The value. A house test holds who may call this."""
        return self._hidden

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        raise TypeError("secrets are compared by HMAC only")

    __hash__ = None  # type: ignore[assignment]  # a hash would allow sets and dicts, and so comparing

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a secret is never pickled")
