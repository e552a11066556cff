"""`sendoff db`: upgrade, back up, restore and verify the house as it lies on disks. No vendor is asked."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from sendoff.cli.caller import AsJson, SettingsFile
from sendoff.cli.drawing import as_json, out, say, table
from sendoff.model.digest import plain

if TYPE_CHECKING:
    from sendoff.wiring.soundness import Soundness

WithKeys = Annotated[bool, Parameter(name="--with-keys", negative=(), help="Put the house's keys into the backup too.")]
WithFaults = Annotated[
    bool, Parameter(name="--with-faults", negative=(), help="Keep what is restored although it does not hold.")
]


def upgrade(*, settings: SettingsFile = None) -> int:
    """Bring the tables to the version of this program, in one transaction. Cases stay open and go on where they were.

    **Example**

    ```
    sendoff db backup before-upgrade.tar
    sendoff db upgrade
    ```
    """
    from sendoff.wiring.keeping import place
    from sendoff.wiring.keeping import upgrade as upgraded

    out(upgraded(place(settings)))
    return 0


def backup(file: Path, /, *, with_keys: WithKeys = False, settings: SettingsFile = None, json: AsJson = False) -> int:
    """Write everything into one file, while cases are open and workers work. An existing file is never written over.

    The file fits SQLite and PostgreSQL alike: it is also the way from one machine to a server. Without --with-keys it
    can be restored only where the house's keys are. Evidence lies in it as it lies in the house, readable for whoever
    has the file. Exit 1 when some evidence was damaged already and is not in the backup.

    **Example**

    ```
    sendoff db backup /backups/2027-01-31.tar
    ```

    Parameters
    ----------
    file
        The file to be made.
    """
    from sendoff.wiring.keeping import backup as backed_up
    from sendoff.wiring.keeping import place

    made = backed_up(place(settings), file, with_keys=with_keys, say=say)
    if with_keys:
        say("WARNING: the house's keys are in this file: whoever has it can read every case and sign certificates")
    if json:
        as_json(made)
    else:
        out(f"{file}: {made.cases} cases, {made.events} events, {made.evidence} pieces of evidence")
        for one in made.damaged:
            out(f"WRONG: {one}; it is not in the backup")
    return 1 if made.damaged else 0


def restore(
    file: Path,
    /,
    *,
    erased: Path | None = None,
    with_faults: WithFaults = False,
    settings: SettingsFile = None,
    json: AsJson = False,
) -> int:
    """Restore a backup into an empty place, and verify all of it. What does not hold is not kept.

    The keys come from the backup, or lie in the data folder already. Work is handed out at the end: what was approved
    goes on with the next worker.

    **Example**

    ```
    sendoff db restore /backups/2027-01-31.tar
    sendoff db restore /backups/2027-01-31.tar --erased erased-since.txt
    ```

    Parameters
    ----------
    file
        The backup.
    erased
        A list, as `sendoff db erased` prints it, of cases that were erased since: they stay erased.
    """
    from sendoff.wiring.keeping import place
    from sendoff.wiring.restoring import cases_in
    from sendoff.wiring.restoring import restore as restored

    here = place(settings)
    made, found = restored(here, file, erased=cases_in(erased), with_faults=with_faults, say=say)
    if not json:
        out(f"restored as of {made.made_at}: {made.cases} cases. Look again before anything is approved.")
    return _told(found, json)


def verify(*, settings: SettingsFile = None, json: AsJson = False) -> int:
    """Check every chain, the house register, all evidence, every certificate and the rows for screens.

    Exit 1, and every fault by name, when something does not hold.

    **Example**

    ```
    sendoff db verify
    ```
    """
    from sendoff.wiring.keeping import place, verified

    return _told(verified(place(settings), say), json)


def erased(*, settings: SettingsFile = None, json: AsJson = False) -> int:
    """List the cases that were erased, one a line: what an older backup would bring back. Keep it beside the backups.

    **Example**

    ```
    sendoff db erased > erased-since.txt
    ```
    """
    from sendoff.wiring.keeping import erased as gone
    from sendoff.wiring.keeping import place

    found = gone(place(settings))
    if json:
        as_json(found)
    for one in () if json else found:
        out(one.case)
    return 0


def _told(found: "Soundness", json: bool) -> int:
    if json:
        as_json(found)
    else:
        counts = plain(found)
        rows = [(name, count) for name, count in counts.items() if name != "faults"] if isinstance(counts, dict) else []
        table("Verified", ("what", "count"), rows)
        table("Wrong", ("where", "what"), [(one.where, one.what) for one in found.faults], empty="nothing")
    return 1 if found.faults else 0
