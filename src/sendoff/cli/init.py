"""`sendoff init`: a commented settings file to fill in."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from sendoff.cli.drawing import out


def init(*, out_file: Annotated[Path, Parameter(name="--out")] = Path("sendoff.toml")) -> int:
    """Write a commented settings file with every table. It never overwrites one.

    **Example**

    ```
    sendoff init
    sendoff init --out /etc/sendoff/sendoff.toml
    ```

    Parameters
    ----------
    out_file
        Where it goes; `./sendoff.toml` is found by itself.
    """
    from sendoff.wiring.shipped import write_settings

    write_settings(out_file)
    out(f"{out_file} is written. Fill in [provider] and [[people]], then take away the # before what you have.")
    out(f"Then: sendoff doctor --settings {out_file}")
    return 0
