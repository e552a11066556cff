"""`sendoff letters` and `sendoff case letter`: our own texts, and each letter before it goes."""

from pathlib import Path

from sendoff.cli.caller import As, AsJson, SettingsFile, called, house
from sendoff.cli.case import write_files
from sendoff.cli.drawing import as_json, out
from sendoff.model.draft import Draft
from sendoff.model.errors import BadInput, Refused
from sendoff.model.state import StepId
from sendoff.wiring.factsfile import read_file
from sendoff.wiring.lettertexts import checked_texts, shipped_texts

SUBJECT = "Subject: "


def letter(case: str, step: str, /, *, settings: SettingsFile = None, json: AsJson = False) -> int:
    """Show every letter, invitation and task of the plan that lies ready, word for word, before it goes.

    What is approved is what goes: the digest that is shown stands in the plan. Exit 1 when no plan lies ready.

    **Example**

    ```
    sendoff case plan L3F8K2MPA confirm-termination
    sendoff case letter L3F8K2MPA confirm-termination
    ```
    """
    desk = house(settings).desk
    if desk.plan_of(case, StepId(step)) is None:
        raise Refused(f"{step}: no plan lies ready; `sendoff case plan {case} {step}` makes one, and sends nothing")
    found = desk.drafts(case, StepId(step))
    if json:
        as_json(found)
        return 0
    for one in found:
        _tell(one)
    if not found:
        out(f"{step}: its plan sends nothing")
    return 0


def _tell(one: Draft) -> None:
    out(f"Subject: {one.subject}")
    out(f"To: {', '.join(one.to) or 'nobody outside: a task for our own people'}")
    if one.starts:
        out(f"Starts: {one.starts}")
    for name in one.attached:
        out(f"Attached: {name}")
    out(f"Digest: {one.digest}\n")
    out(one.body)


def reword(
    case: str,
    step: str,
    file: Path,
    /,
    *,
    letter: str = "",
    settings: SettingsFile = None,
    as_: As = None,
) -> int:
    """Give a letter of the plan that lies ready other words. It becomes another plan, and neither who laid it ready nor
    who wrote in it says yes to it.

    The file begins with the line `Subject: ...`, an empty line, and then the text. Dates, numbers, addresses and named
    rows must stay: they come from the facts.

    **Example**

    ```
    sendoff case letter L3F8K2MPA confirm-termination
    sendoff case reword L3F8K2MPA confirm-termination letter.txt
    ```

    Parameters
    ----------
    file
        The new text.
    letter
        Which letter, when the plan has several: `confirmation`, `delivery` and so on.
    """
    found, who = called(settings, as_)
    there = found.desk.drafts(case, StepId(step))
    drafts = [one for one in there if not letter or one.target in (letter, f"{case}/{letter}")]
    if len(drafts) != 1:
        names = ", ".join(one.target.rpartition("/")[2] for one in there)
        raise BadInput(f"name one of the letters of this plan: {names or 'it has none'}", where="--letter")
    head, _, body = read_file(file, "the letter").decode("utf-8", "replace").replace("\r\n", "\n").partition("\n\n")
    if not head.startswith(SUBJECT) or "\n" in head:
        raise BadInput(f"line 1 must be '{SUBJECT}...', and line 2 empty", where=str(file))
    after = found.desk.reword(who, case, StepId(step), drafts[0].target, subject=head.removeprefix(SUBJECT), body=body)
    out(f"{step}: changed by {who.name}; the plan that lies ready is now {after.steps[StepId(step)].plan}")
    return 0


def write(folder: Path, /) -> int:
    """Write the shipped texts into a new folder, to be changed there; `[letters] folder` in the settings names it.

    **Example**

    ```
    sendoff letters write /etc/sendoff/letters
    ```

    Parameters
    ----------
    folder
        A folder that is not there yet, or that is empty.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput("there is something already; name a new or empty folder", where=str(folder))
    texts = shipped_texts()
    write_files(folder, {name: text.encode() for name, text in texts.items()})
    out(f"{len(texts)} texts in {folder}. Delete what you leave as it is: only what lies there goes before ours.")
    return 0


def check(folder: Path, /) -> int:
    """Check our own texts: each is called like a letter, can be read and filled in, and tells what it must.

    The first that cannot be used is named with what is wrong, and exit is 2. Every command checks the folder of the
    settings in the same way, before anything is sent.

    **Example**

    ```
    sendoff letters check /etc/sendoff/letters
    ```

    Parameters
    ----------
    folder
        The folder with our own texts.
    """
    found = checked_texts(folder)
    for name in found:
        out(f"good: {name}")
    out(f"{len(found)} of our own; the rest is as shipped")
    return 0
