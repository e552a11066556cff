"""`sendoff certificate`: check, show and pin; offline, with files only."""

from pathlib import Path

from sendoff.cli.caller import AsJson
from sendoff.cli.drawing import as_json, out, table
from sendoff.model.certificate import Trust


def verify(
    file: Path,
    /,
    *,
    journal: Path | None = None,
    key: Path | None = None,
    trust: tuple[str, ...] = (),
    strict: bool = False,
    json: AsJson = False,
) -> int:
    """Check a certificate and the journal beside it.

    VERIFIED when a trusted key signed it; INTACT, SIGNER NOT CHECKED when only the key lying beside it did (exit 0,
    with --strict 1); otherwise exit 1 and what is wrong where.

    **Example**

    ```
    sendoff certificate verify certificate.json --trust SHA256:4f0c...
    ```

    Parameters
    ----------
    file
        The certificate.
    journal
        The journal; else `journal.jsonl` beside it.
    key
        The public key; else `certificate.pub.pem` beside it.
    trust
        The fingerprint that you know from another channel.
    strict
        A signer that was not checked is a no.
    """
    from sendoff.wiring.checking import check_files

    found = check_files(file, journal, key, list(trust))
    if json:
        as_json(found)
    else:
        out(f"{found.trust}")
        for line in (found.sentence, *found.notes):
            out(line)
        for fault in found.faults:
            out(f"WRONG: {fault}")
        if found.trust is Trust.INTACT and not found.rehearsal:
            out(f"Signed by {found.fingerprint}. Compare it with the provider over another channel, then --trust it.")
    broken = found.trust is Trust.BROKEN
    return 1 if broken or (strict and found.trust is not Trust.VERIFIED) else 0


def show(file: Path, /, *, json: AsJson = False) -> int:
    """Show what a certificate says, after checking that it is intact.

    **Example**

    ```
    sendoff certificate show certificate.json
    ```
    """
    from sendoff.wiring.checking import predicate_of

    said = predicate_of(file)
    if json:
        as_json(said)
        return 0
    out(said.sentence)
    for exception in said.exceptions:
        out(f"exception: {exception}")
    rows = [(one.line or "added", one.role, one.text, one.grade, one.by, one.second, one.how) for one in said.lines]
    table("Lines", ("line", "role", "text", "grade", "by", "second", "how"), rows)
    matrix = [(row.system, row.kind, row.scope, row.key, row.outcome, row.left) for row in said.coverage]
    table("What was looked at", ("system", "kind", "scope", "key", "outcome", "left"), matrix)
    table("Our ways in", ("key", "outcome", "said"), [(door.key, door.outcome, door.said) for door in said.doors])
    rests = [(door.key, row.name, row.met, row.said) for door in said.doors for row in door.conditions]
    table("What a shut door rests on", ("key", "condition", "met", "said"), rests)
    return 0


def trust(what: str, /) -> int:
    """Pin a fingerprint, or the key in a PEM file, so that `verify` trusts it. The key of rehearsals is refused.

    **Example**

    ```
    sendoff certificate trust SHA256:4f0c...
    ```
    """
    from sendoff.wiring.checking import pin

    out(f"trusted: {pin(what)}")
    return 0
