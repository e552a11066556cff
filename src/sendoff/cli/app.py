"""All commands by name; each is loaded only when it is used, so that --help stays quick."""

import sys
from collections.abc import Callable
from importlib import import_module

from cyclopts import App, CycloptsError

from sendoff import __version__

COMMANDS: dict[str, dict[str, str]] = {
    "template": {
        "check": "sendoff.cli.template:check",
        "render": "sendoff.cli.template:render",
    },
    "case": {
        "open": "sendoff.cli.opening:open_case",
        "list": "sendoff.cli.case:list_cases",
        "show": "sendoff.cli.case:show",
        "forecast": "sendoff.cli.working:forecast",
        "preflight": "sendoff.cli.working:preflight",
        "look": "sendoff.cli.working:look",
        "decide": "sendoff.cli.deciding:decide",
        "plan": "sendoff.cli.working:plan",
        "approve": "sendoff.cli.deciding:approve",
        "refuse": "sendoff.cli.deciding:refuse",
        "run": "sendoff.cli.working:run",
        "attest": "sendoff.cli.deciding:attest",
        "not-applicable": "sendoff.cli.deciding:not_applicable",
        "waive": "sendoff.cli.deciding:waive",
        "tail": "sendoff.cli.tailing:tail",
        "stop": "sendoff.cli.deciding:stop",
        "resume": "sendoff.cli.deciding:resume",
        "change": "sendoff.cli.opening:change",
        "withdraw": "sendoff.cli.withdrawing:withdraw",
        "close": "sendoff.cli.case:close",
        "history": "sendoff.cli.case:history",
        "report": "sendoff.cli.case:report",
        "letter": "sendoff.cli.letters:letter",
        "reword": "sendoff.cli.letters:reword",
    },
    "certificate": {
        "verify": "sendoff.cli.certificate:verify",
        "show": "sendoff.cli.certificate:show",
        "trust": "sendoff.cli.certificate:trust",
    },
    "db": {
        "upgrade": "sendoff.cli.db:upgrade",
        "backup": "sendoff.cli.db:backup",
        "restore": "sendoff.cli.db:restore",
        "verify": "sendoff.cli.db:verify",
        "erased": "sendoff.cli.db:erased",
    },
    "letters": {
        "write": "sendoff.cli.letters:write",
        "check": "sendoff.cli.letters:check",
    },
    "inventory": {"import-manifest": "sendoff.cli.inventory:import_manifest"},
    "sandbox": {"serve": "sendoff.cli.sandbox:serve"},
}
"""Noun, verb, and where it is: loaded when it is used."""
ALONE: dict[str, str] = {
    "doctor": "sendoff.cli.doctor:doctor",
    "halt": "sendoff.cli.halt:halt",
    "init": "sendoff.cli.init:init",
    "look": "sendoff.cli.look:look",
    "serve": "sendoff.cli.serve:serve",
    "worker": "sendoff.cli.worker:worker",
}
ABOUT: dict[str, str] = {
    "template": "Read a checklist and say what is understood of it.",
    "case": "One customer's leaving, from notice to certificate.",
    "certificate": "Check and show certificates, offline.",
    "db": "Upgrade, back up, restore and verify the house as it lies on disks.",
    "letters": "Our own texts of letters and invitations.",
    "inventory": "What is known of a customer's environment before anybody looks.",
    "sandbox": "The vendors, played on this machine.",
    "demo": "A whole leaving in the sandbox, to watch.",
}


def build(words: list[str]) -> App:
    """The command tree. Where the verbs of a noun are listed they are loaded, since their words stand with them."""
    about = "The exit desk of a managed service provider."
    app = App(name="sendoff", version=__version__, help=about, result_action="return_value")
    app.command("sendoff.cli.demo:app", name="demo", help=ABOUT["demo"])
    listed = words[0] if words and not [word for word in words[1:] if not word.startswith("-")] else ""
    for noun, verbs in COMMANDS.items():
        group = App(name=noun, help=ABOUT[noun])
        for verb, where in verbs.items():
            group.command(_loaded(where) if noun == listed else where, name=verb)
        app.command(group)
    for verb, where in ALONE.items():
        app.command(_loaded(where) if not listed else where, name=verb)
    return app


def _loaded(where: str) -> Callable[..., int]:
    module, _, name = where.partition(":")
    found: Callable[..., int] = getattr(import_module(module), name)
    return found


def run(words: list[str]) -> int:
    """Run one command line; the exit code."""
    from sendoff.model.errors import BadInput, SendoffError

    try:
        code: object = build(words)(words, exit_on_error=False, print_error=False)
    except CycloptsError as wrong:
        print(f"sendoff: {wrong}", file=sys.stderr)
        return 2
    except BadInput as wrong:
        print(f"sendoff: {wrong}", file=sys.stderr)
        return 2
    except SendoffError as no:
        print(f"sendoff: {no}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("sendoff: stopped; what was done is written down", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 0
    return code if isinstance(code, int) else 0
