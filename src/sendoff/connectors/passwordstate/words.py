"""The vault's own word in an error."""

from sendoff.connectors.wire.body import dig, parsed, rows, text


def vault_code(body: bytes) -> str:
    """The message of the vendor's error: an array with one object, whose `errors` is an array."""
    value = parsed(body)
    first = value[0] if isinstance(value, list) and value else None
    return next((text(one, "message") for one in rows(first, "errors") if dig(one, "message")), "")
