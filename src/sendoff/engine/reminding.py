"""What a case says aloud about its transfer and its letters, and the letter that lies ready for the transfer; sent by
nobody but a person."""

from sendoff.engine.letters import letter_values
from sendoff.engine.wholelook import stored_look
from sendoff.model.case import Case
from sendoff.model.inventory import Kind
from sendoff.ports import Ports
from sendoff.rules.answering import returned, unanswered
from sendoff.rules.reminding import Seen, needed, reminders

LETTER = "transfer-missing"


def said_aloud(ports: Ports, case: Case) -> tuple[str, ...]:
    """What people must hear now of the transfer, and of letters."""
    return (*_of_transfer(ports, case), *_of_letters(ports, case)) if case.certificate is None else ()


def _of_transfer(ports: Ports, case: Case) -> tuple[str, ...]:
    return reminders(case, _seen(ports, case, Kind.TRANSFER), ports.clock.now())


def _of_letters(ports: Ports, case: Case) -> tuple[str, ...]:
    seen = _seen(ports, case, Kind.MAIL)
    return (*(returned(seen.items) if seen is not None else ()), *unanswered(case, ports.clock.now()))


def drafts(ports: Ports, case: Case) -> dict[str, bytes]:
    """Letters to the new supplier, in both languages, when something must be said; a person reads and sends one."""
    said = _of_transfer(ports, case)
    if not said or case.facts.supplier is None:
        return {}
    values = {
        **letter_values(case),
        "needed": needed(case.facts).isoformat(),
        "customer_tenant": case.facts.customer.tenant,
        "provider_tenant": case.facts.provider.tenant,
    }
    made = {language: ports.papers.letter(LETTER, language, values) for language in ("nl", "en")}
    return {
        f"drafts/{LETTER}.{language}.txt": f"{subject}\n\n".encode() + body
        for language, (subject, body) in made.items()
    }


def _seen(ports: Ports, case: Case, kind: Kind) -> Seen | None:
    """The newest look of this case that read this kind."""
    for look in sorted(case.looks.values(), key=lambda look: look.seq, reverse=True):
        found = stored_look(ports, case, look.inventory)
        if any(cell.kind is kind for cell in found.read):
            return Seen(at=look.at, items=found.items)
    return None
