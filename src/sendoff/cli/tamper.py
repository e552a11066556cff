"""`sendoff demo tamper`: attacks on a finished case, each with the refusal it meets."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from sendoff.cli.caller import AsJson
from sendoff.cli.drawing import as_json, out, table
from sendoff.model.errors import BadInput


def tamper(*, out_dir: Annotated[Path, Parameter(name="--out")] = Path("demo-out"), json: AsJson = False) -> int:
    """Try to cheat: with the files of a finished demo, and at the desk of a fresh one. Exit 1 when an attack works.

    **Example**

    ```
    sendoff demo tamper --out demo-out
    ```

    Parameters
    ----------
    out_dir
        The folder that `sendoff demo` left behind; its files are copied, not changed.
    """
    from sendoff.wiring.attacks import attempts

    if not (out_dir / "certificate.json").exists():
        raise BadInput("no finished demo lies here; run `sendoff demo` first", where=f"--out {out_dir}")
    tried = attempts(out_dir)
    if json:
        as_json(tried)
    else:
        rows = [("refused" if one.refused else "IT WORKED", one.attack, one.said) for one in tried]
        table("Attacks", ("", "what was tried", "the answer"), rows)
        out(f"{sum(one.refused for one in tried)} of {len(tried)} attacks refused")
    return 0 if all(one.refused for one in tried) else 1
