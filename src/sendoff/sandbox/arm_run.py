"""Run command on a machine: the script is not run, but what it says about services is understood.

Vendor's page: learn.microsoft.com/azure/virtual-machines/windows/run-command.
"""

import re
import time

from sendoff.sandbox import arm_inside
from sendoff.sandbox.arm_errors import error
from sendoff.sandbox.arm_ids import SERVICE, Place, place
from sendoff.sandbox.wire import Json, Obj, Request, Response, answer, text, words
from sendoff.sandbox.world import Operation, Thing, World

NAME = "PRTGProbeService"
ENDS = re.compile(r"sc(?:\.exe)?\W+delete|remove-service|unins\d*\.exe|uninstall|msiexec[^\n;]*?/x|\.delete\(\)", re.I)
CHOICE = re.compile(
    r"if\s*\((?P<asked>(?:[^()]|\([^()]*\))*)\)\s*\{(?P<yes>[^{}]*)\}(?:\s*else\s*\{(?P<no>[^{}]*)\})?", re.I
)
SAID = re.compile(
    r"(?:write-output|write-host|echo)\s+(?:'([^']*)'|\"([^\"]*)\"|(\w+))|(?<![\w=(,-] )'([^']*)'|\"([^\"]*)\"", re.I
)


def run(world: World, where: Place, request: Request) -> Response:
    """POST {vm}/runCommand: 202, output when it ended. Errors: 400, 404, 409 when the machine does not run."""
    machine = world.get("arm", "microsoft.compute/virtualmachines", where.id.rsplit("/", 1)[0])
    if machine is None:
        return error(404, "ResourceNotFound", f"The Resource '{where.id.rsplit('/', 1)[0]}' was not found.")
    body = request.json()
    if text(body, "commandId") != "RunPowerShellScript" or not words(body.get("script")):
        return error(400, "InvalidParameter", "commandId RunPowerShellScript and a script are needed.")
    if machine.id.lower() in world.stopped:
        return error(409, "OperationNotAllowed", "Cannot modify extensions in the VM when the VM is not running.")
    return _started(world, where, request, machine, "\n".join(words(body.get("script"))))


def _started(world: World, where: Place, request: Request, machine: Thing, script: str) -> Response:
    service = world.get("arm", SERVICE, f"{machine.id}/services/{NAME}")
    ends = ENDS.search(script) is not None and "prtg" in script.lower()
    told = arm_inside.printed(world, machine, script) if arm_inside.understood(script) else None
    operation = Operation(
        id=world.fresh("run-command"),
        place=where.subscription,
        targets=[service] if service is not None and ends else [],
        polls=int(request.headers.get("x-sandbox-polls", "1")),
        due=time.monotonic() + 3600,
        ends=request.headers.get("x-sandbox-ends", "Succeeded"),
        lie=world.lying,
        caller=world.record.caller,
        result=_output(
            told if told is not None else said(script, service is not None),
            script,
            there=told is not None or (service is not None and not ends),
        ),
    )
    world.operations.begun(operation)
    url = f"{request.base}/subscriptions/{where.subscription}/operationresults/{operation.id}"
    url += f"?api-version={request.ask('api-version')}"
    return Response(202, {"Azure-AsyncOperation": url, "Location": url + "&final=run", "Retry-After": "0"})


def said(script: str, there: bool) -> str:
    """What a script prints: the branches of its questions about the service, else the table of Get-Service."""
    asks = list(CHOICE.finditer(script))
    last = max((one.end() for one in ENDS.finditer(script)), default=0)
    lines: list[str] = []
    for one in asks:
        now = there and (one.start() < last or last == 0)
        branch = one.group("yes") if _holds(one.group("asked"), now) else one.group("no") or ""
        lines += [next((part for part in found if part), "") for found in SAID.findall(branch)]
    if lines:
        return "\n".join(one.replace("$s.Status", "Running") for one in lines if not one.startswith("-"))
    if "get-service" not in script.lower():
        return ""
    return _table(there and last == 0)


def _holds(asked: str, there: bool) -> bool:
    low = asked.lower()
    negated = low.lstrip().startswith(("-not", "!")) or "-eq $null" in low or "$null -eq" in low
    return there != negated


def _table(there: bool) -> str:
    if not there:
        return ""
    head = "Status   Name               DisplayName\n------   ----               -----------\n"
    return f"{head}Running  {NAME}   PRTG Probe Service"


def _output(out: str, script: str, *, there: bool) -> Json:
    quiet = "silentlycontinue" in script.lower() or CHOICE.search(script) is not None
    lost = "get-service" in script.lower() and not there and not quiet
    wrong = f"Get-Service : Cannot find any service with service name '{NAME}'." if lost else ""
    rows: list[Json] = [
        {
            "code": f"ComponentStatus/{name}/succeeded",
            "level": "Info",
            "displayStatus": "Provisioning succeeded",
            "message": message,
        }
        for name, message in (("StdOut", out), ("StdErr", wrong))
    ]
    return {"value": rows}


def view(world: World, where: Place) -> Response:
    """GET {vm}/instanceView: whether the machine runs."""
    ident = where.id.rsplit("/", 1)[0]
    if world.get("arm", "microsoft.compute/virtualmachines", ident) is None:
        return error(404, "ResourceNotFound", f"The Resource '{ident}' was not found.")
    state = "deallocated" if ident.lower() in world.stopped else "running"
    power: Obj = {"code": f"PowerState/{state}", "level": "Info", "displayStatus": f"VM {state}"}
    ready: Obj = {"code": "ProvisioningState/succeeded", "level": "Info", "displayStatus": "Provisioning succeeded"}
    return answer(200, {"computerName": place(ident).name, "osName": "Windows Server 2022", "statuses": [ready, power]})
