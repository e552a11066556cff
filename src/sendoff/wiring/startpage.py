"""The first page of a rehearsal's folder, and the page of the world's difference."""

from sendoff.model.case import Case
from sendoff.model.digest import Json
from sendoff.wiring.cards import LEAVER, table
from sendoff.wiring.house import House
from sendoff.wiring.worlddiff import WorldDiff, values

LINKS: tuple[tuple[str, str, str], ...] = (
    ("exit-plan.html", "Exit plan", "one page: the dates, and who waits for whom"),
    ("report.html", "Report", "every line, who did it, how it is known, with a timeline"),
    ("why-each-object.html", "Why each object", "object, reason, key, and what was left alone because"),
    ("world-diff.html", "World difference", "the sandbox's own record against what was approved"),
    ("certificate.html", "Certificate", "the plain answer, and what was not looked at"),
    ("certificate.json", "Certificate file", "signed; check it offline"),
    ("journal.jsonl", "Journal", "every event, chained"),
    ("parcel.age", "Parcel", "the secrets, sealed to the customer's key"),
    ("parcel-manifest.json", "Parcel manifest", "how many are inside, and what was withheld and why"),
)


def pages(house: House, case: Case, diff: WorldDiff) -> dict[str, bytes]:
    """START-HERE.html and world-diff.html."""
    papers = house.desk.ports.papers
    there = set(house.desk.report(case.id)) | {"world-diff.html"}
    links: list[Json] = [{"href": href, "label": label, "what": what} for href, label, what in LINKS if href in there]
    numbers: list[Json] = [
        {"label": "lines settled", "value": str(len(case.steps))},
        {"label": "events in the journal", "value": str(case.seq)},
        {"label": "changing calls, each approved", "value": str(sum(deed.ours for deed in diff.deeds))},
        {"label": "customers who stay, unchanged", "value": str(len(diff.stayed) - len(diff.touched))},
    ]
    start: dict[str, Json] = {
        "title": case.title,
        "sentence": f"The case ended {case.outcome}. {diff.verdict}",
        "customer": case.facts.customer.name,
        "tier": str(case.tier),
        "links": links,
        "commands": [
            "sendoff certificate verify certificate.json",
            "sendoff certificate verify certificate.json --strict",
            "age -d -i sandbox/customer-age-key.txt parcel.age > secrets.zip",
        ],
        "numbers": numbers,
        "rehearsal": True,
    }
    card = house.control.card if house.control else {}
    customers = table(table(card.get("known")).get("customers"))
    names = {slug: str(table(known)["name"]) for slug, known in customers.items()} | {LEAVER: case.facts.customer.name}
    return {
        "START-HERE.html": papers.page("start-here", start),
        "world-diff.html": papers.page("world-diff", values(diff, names)),
    }
