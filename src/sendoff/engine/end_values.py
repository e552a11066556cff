"""The end of a case as values: the page that reads its certificate, and the summary for machines."""

from dataclasses import replace

from sendoff.engine.report_values import Read, Values, filled, head, summary, table
from sendoff.model.certificate import Line, Predicate
from sendoff.model.digest import Json, plain
from sendoff.rules.certifying import lines

_LOOKS = {"clean": "clean", "closed with exceptions": "exceptions", "limited": "limited", "withdrawn": "exceptions"}


def certificate_values(read: Read, end: Predicate) -> Values:
    """A reading of the signed certificate; nothing on it comes from anywhere else."""
    told = {name: value for name, value in table(plain(end)).items() if name not in ("handed_over", "events")}
    return {
        **head(read, f"Certificate for {end.customer}", end.sentence, "certificate"),
        **told,
        "lines": [_certified(read, one) for one in end.lines],
        "other_lines": [_certified(read, one) for one in end.other_lines],
        "look": _LOOKS[str(end.outcome)],
        "parcel": plain(end.handed_over),
        "event_count": end.events,
        "fingerprint": read.fingerprint,
        "commands": list(_COMMANDS),
    }


def _certified(read: Read, one: Line) -> Json:
    return plain(replace(one, text=filled(one.text, read.case.facts)))


_COMMANDS: tuple[Json, ...] = (
    {
        "what": "Check the signature, and the journal beside it. A changed byte anywhere is found.",
        "command": "sendoff certificate verify certificate.json",
    },
    {
        "what": "Check strictly: only a key that you trust will do, and a rehearsal is refused.",
        "command": "sendoff certificate verify certificate.json --strict",
    },
    {
        "what": "Compare the fingerprint of the key with the one we tell you over another channel, such as a call.",
        "command": "openssl pkey -pubin -in certificate.pub.pem -outform DER | openssl dgst -sha256",
    },
)


def case_values(read: Read) -> Values:
    """The case for machines: who, which dates, every line with its grade, parcel and outcome."""
    case, facts = read.case, read.case.facts
    return {
        "case": case.id,
        "world": case.world,
        "rehearsal": read.rehearsal,
        "title": case.title,
        "customer": facts.customer.name,
        "tenant": facts.customer.tenant,
        "provider": facts.provider.name,
        "tier": str(case.tier),
        "notice_reached": plain(facts.notice.reached),
        "contract_end": plain(facts.contract_end),
        "access_until": plain(facts.access_until),
        "zone": facts.zone,
        "opened_at": plain(case.opened_at),
        "at": plain(case.at),
        "events": case.seq,
        "head": case.head,
        "halted": case.halted,
        "sentence": summary(read),
        "outcome": case.outcome,
        "certificate": case.certificate,
        "lines": plain(lines(case, read.names)),
        "other_lines": plain(case.others),
        "decisions": plain(list(case.decisions.values())),
        "looks": plain(case.looks),
        "parcel": plain(case.parcel),
    }
