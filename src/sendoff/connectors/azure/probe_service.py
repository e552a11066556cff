"""The PRTG probe as a Windows service on a machine of the customer, asked and removed by run-command.

Pages: learn.microsoft.com/azure/virtual-machines/windows/run-command and
/rest/api/compute/virtual-machines/run-command; what the probe leaves on its host is the house's knowledge of PRTG.
"""

from collections.abc import Callable

from sendoff.connectors.azure.client import SYSTEM, Arm, Operation
from sendoff.connectors.azure.ids import inside, subscription_of
from sendoff.connectors.wire.body import Object, dig, parsed, rows, text
from sendoff.connectors.wire.client import Answer
from sendoff.model.errors import Conflict, Confusing, Refused, Unreachable
from sendoff.model.facts import Facts
from sendoff.model.plan import Action, Again, Outcome, Receipt

COMPUTE = "2024-07-01"
"""The api-version of Microsoft.Compute [K]."""
COMMAND = "RunPowerShellScript"
SERVICE = "PRTGProbeService"
PRESENT, ABSENT, CORE = "sendoff: present", "sendoff: absent", "sendoff: core server"
LOOK = (
    "$ErrorActionPreference = 'Stop'",
    "$found = Get-Service -Name 'PRTGProbeService' -ErrorAction SilentlyContinue",
    "if ($null -eq $found) { Write-Output 'sendoff: absent' } else { Write-Output 'sendoff: present' }",
)
"""Reads, and changes nothing: whether the probe's service is there."""
UNINSTALL = (
    "$ErrorActionPreference = 'Stop'",
    "$core = Get-Service -Name 'PRTGCoreService' -ErrorAction SilentlyContinue",
    "if ($null -ne $core) { throw 'sendoff: core server' }",
    "if (Get-Service -Name 'PRTGProbeService' -ErrorAction SilentlyContinue) {",
    "  Stop-Service -Name 'PRTGProbeService' -Force",
    "  $keys = 'HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\*',",
    "    'HKLM:\\SOFTWARE\\WOW6432Node\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\*'",
    "  $entry = Get-ItemProperty -Path $keys -ErrorAction SilentlyContinue |",
    "    Where-Object { $_.DisplayName -like 'PRTG*Probe*' -and $_.UninstallString } | Select-Object -First 1",
    "  if ($entry) {",
    "    $program = $entry.UninstallString.Trim('\"')",
    "    Start-Process -FilePath $program -ArgumentList '/VERYSILENT','/SUPPRESSMSGBOXES','/NORESTART' -Wait",
    "  }",
    "  if (Get-Service -Name 'PRTGProbeService' -ErrorAction SilentlyContinue) {",
    "    & sc.exe delete 'PRTGProbeService' | Out-Null",
    "  }",
    "}",
    "$left = Get-Service -Name 'PRTGProbeService' -ErrorAction SilentlyContinue",
    "if ($null -eq $left) { Write-Output 'sendoff: absent' } else { Write-Output 'sendoff: present' }",
)
"""Stops the service, runs its own uninstaller silently, takes the service away when the uninstaller left it, and says
whether it is gone. Nothing on a core server. The uninstaller's name and switches are [M]."""
ASKS = 60
SOON = 5.0
"""Seconds between two questions at most: a run-command takes twenty to sixty seconds."""


def host_of(facts: Facts, leaving: tuple[str, ...]) -> str:
    """The machine that the probe runs on, when it lies in a subscription that leaves; else empty."""
    host = facts.places.prtg_probe_host
    return host if host and subscription_of(host) in leaving else ""


def service(arm: Arm, ident: str, host: str, wait: Callable[[float], None]) -> Object | None:
    """Whether the probe's service is on the machine: a row, or None when it is not, or the machine is gone. Conflict
    when the machine does not run."""
    answer = _started(arm, ident, host, LOOK)
    if answer is None:
        arm.subscription()
        return None
    said = output(ended(arm, answer, wait))
    row: Object = {"id": ident, "name": SERVICE, "machine": ident.lower()}
    return row if _present(said) else None


def uninstalled(arm: Arm, action: Action, host: str) -> Receipt | Again:
    """Start the removal; FOUND when the machine is gone."""
    answer = _started(arm, action.target, host, UNINSTALL)
    if answer is None:
        arm.subscription()
        return Receipt(outcome=Outcome.FOUND, code="NotFound")
    if answer.status == 202:
        return Again(seconds=min(answer.seconds(SOON), SOON), operation=_address(answer))
    return _meant(answer)


def followed(arm: Arm, operation: str) -> Receipt | Again:
    """Ask after the removal, and read what the script said at its end."""
    answer = arm.poll(operation, frozenset({200, 202, 404}))
    if answer.status == 404:
        return Receipt(outcome=Outcome.UNKNOWN, code=answer.code)
    return Again(seconds=min(answer.seconds(SOON), SOON), operation=operation) if _runs(answer) else _meant(answer)


def _started(arm: Arm, ident: str, host: str, script: tuple[str, ...]) -> Answer | None:
    """POST runCommand; None when the machine is not there."""
    if ident.lower() != host.lower():
        raise Refused(f"{ident} is not the machine that the facts name for the probe; nothing was done")
    return started(arm, ident, script)


def started(arm: Arm, ident: str, script: tuple[str, ...]) -> Answer | None:
    """POST runCommand on a machine of the subscription; None when the machine is not there."""
    inside(ident, {subscription_of(arm.root)})
    body: Object = {"commandId": COMMAND, "script": [*script]}
    answer = arm.post(f"{ident}/runCommand", COMPUTE, body, "run a command on a machine")
    if answer.status == 404 and not answer.code.endswith("NotFound"):
        raise Confusing("run a command on a machine: the address is not known", system=SYSTEM, code=answer.code)
    return None if answer.status == 404 else answer


def ended(arm: Arm, answer: Answer, wait: Callable[[float], None]) -> Answer:
    """The answer at the end of the operation; Unreachable when it does not end."""
    if answer.status == 200:
        return answer
    operation = _address(answer)
    for _ in range(ASKS):
        wait(min(answer.seconds(SOON), SOON))
        answer = arm.poll(operation, frozenset({200, 202}))
        if not _runs(answer):
            return answer
    raise Unreachable("run a command on a machine: it does not end; look again later", system=SYSTEM)


def _runs(answer: Answer) -> bool:
    """True while the operation goes on: 202 at a Location, a status of its own at an Azure-AsyncOperation."""
    status = answer.shaped(Operation).status if answer.status == 200 else ""
    return answer.status == 202 or status not in ("", "Succeeded", "Failed", "Canceled")


def _address(answer: Answer) -> str:
    """Location first: its last answer is the output itself."""
    found = answer.headers.get("location") or answer.headers.get("azure-asyncoperation") or ""
    if not found:
        raise Confusing("run a command on a machine: accepted, but no address to ask at", system=SYSTEM)
    return found


def output(answer: Answer) -> str:
    """What the script wrote. Conflict when the operation failed, such as on a machine that does not run."""
    value = parsed(answer.body)
    status = text(value, "status")
    if status in ("Failed", "Canceled"):
        code = text(value, "error", "code") or status
        raise Conflict("run a command on a machine: it did not run", system=SYSTEM, code=code)
    found = rows(value, "value") or rows(value, "properties", "output", "value")
    if not found:
        raise Confusing("run a command on a machine: it said nothing", system=SYSTEM)
    return "\n".join(text(dig(one), "message") for one in found)


def _present(said: str) -> bool:
    """What the script found; Confusing unless it says exactly one of the two."""
    if (PRESENT in said) == (ABSENT in said):
        raise Confusing("run a command on a machine: it did not say whether the probe is there", system=SYSTEM)
    return PRESENT in said


def _meant(answer: Answer) -> Receipt:
    value = parsed(answer.body)
    if text(value, "status") in ("Failed", "Canceled"):
        return Receipt(outcome=Outcome.REFUSED, code=text(value, "error", "code") or text(value, "status"))
    said = output(answer)
    if CORE in said:
        return Receipt(outcome=Outcome.REFUSED, code="CoreServer", said=(("machine", "a PRTG core server"),))
    left = _present(said)
    return Receipt(outcome=Outcome.REFUSED if left else Outcome.DONE, code="StillThere" if left else "Succeeded")
