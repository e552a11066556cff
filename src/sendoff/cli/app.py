"""All commands by name; each is loaded only when it is used, so that --help stays quick."""

import sys

from cyclopts import App, CycloptsError

from sendoff import __version__

COMMANDS: dict[str, dict[str, tuple[str, str]]] = {
    "template": {
        "check": ("sendoff.cli.template:check", "Show what is understood of a checklist, line by line."),
        "render": ("sendoff.cli.template:render", "Write a checklist again from what was read: the same bytes."),
    },
    "case": {
        "open": ("sendoff.cli.opening:open_case", "Open a case from a checklist, the facts and the notice."),
        "list": ("sendoff.cli.case:list_cases", "List the cases, and whom they wait for."),
        "show": ("sendoff.cli.case:show", "Show a case line by line, or one step with its gates and plan."),
        "forecast": ("sendoff.cli.case:forecast", "Say what every machine step would plan today."),
        "preflight": ("sendoff.cli.case:preflight", "Try every key, look at everything, add forgotten steps."),
        "look": ("sendoff.cli.case:look", "Look at everything again."),
        "decide": ("sendoff.cli.deciding:decide", "Decide whose an unknown thing is."),
        "plan": ("sendoff.cli.case:plan", "Look, and lay a plan ready for a second person."),
        "approve": ("sendoff.cli.deciding:approve", "Say yes, as a second person, to exactly one plan."),
        "refuse": ("sendoff.cli.deciding:refuse", "Say no to a plan, with the reason."),
        "run": ("sendoff.cli.case:run", "Do what is approved and whose gates are open."),
        "attest": ("sendoff.cli.deciding:attest", "Give your word, with evidence."),
        "not-applicable": ("sendoff.cli.deciding:not_applicable", "Record that a line does not apply, and why."),
        "waive": ("sendoff.cli.deciding:waive", "Leave a line undone until a date; it takes two persons."),
        "stop": ("sendoff.cli.deciding:stop", "Stop one step."),
        "resume": ("sendoff.cli.deciding:resume", "Let a stopped, skipped or waived step go on."),
        "change": ("sendoff.cli.opening:change", "Change the facts of a case."),
        "close": ("sendoff.cli.case:close", "End a case with a signed certificate."),
        "history": ("sendoff.cli.case:history", "Print the journal."),
        "report": ("sendoff.cli.case:report", "Write the folder of a case."),
    },
    "certificate": {
        "verify": ("sendoff.cli.certificate:verify", "Check a certificate and the journal beside it."),
        "show": ("sendoff.cli.certificate:show", "Show what a certificate says."),
        "trust": ("sendoff.cli.certificate:trust", "Pin a key, so that verify trusts it."),
    },
    "sandbox": {"serve": ("sendoff.cli.sandbox:serve", "Serve the vendors on loopback ports.")},
}
"""Noun, verb, where it is, and its words in the list of commands: a lazy command has none of its own there."""
ALONE: dict[str, tuple[str, str]] = {
    "doctor": ("sendoff.cli.doctor:doctor", "Say what is configured, who is who, and what is missing."),
    "halt": ("sendoff.cli.doctor:halt", "Halt one case, or all of them."),
}
ABOUT: dict[str, str] = {
    "template": "Read a checklist and say what is understood of it.",
    "case": "One customer's leaving, from notice to certificate.",
    "certificate": "Check and show certificates, offline.",
    "sandbox": "The vendors, played on this machine.",
    "demo": "A whole leaving in the sandbox, to watch.",
}


def build() -> App:
    """The command tree."""
    about = "The exit desk of a managed service provider."
    app = App(name="sendoff", version=__version__, help=about, result_action="return_value")
    app.command("sendoff.cli.demo:app", name="demo", help=ABOUT["demo"])
    for noun, verbs in COMMANDS.items():
        group = App(name=noun, help=ABOUT[noun])
        for verb, (where, about_it) in verbs.items():
            group.command(where, name=verb, help=about_it)
        app.command(group)
    for verb, (where, about_it) in ALONE.items():
        app.command(where, name=verb, help=about_it)
    return app


def run(words: list[str]) -> int:
    """Run one command line; the exit code."""
    from sendoff.model.errors import BadInput, SendoffError

    try:
        code: object = build()(words, exit_on_error=False, print_error=False)
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
