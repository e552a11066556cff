"""docs/reference/facts.md from the Facts noun, with the facts of a rehearsal as the example."""

from datetime import datetime

import tomli_w

from sendoff.model.facts import (
    Administrator,
    Appointment,
    Customer,
    Destination,
    Facts,
    Invited,
    LeavesCsp,
    Notice,
    Recipient,
    Recorded,
    ScopeRow,
    Supplier,
)
from sendoff.model.hold import LegalHold
from sendoff.model.inventory import Kind, System
from sendoff.model.people import Contact
from sendoff.model.places import Places
from sendoff.model.template import Tier
from sendoff.sandbox.sandbox import Sandbox
from sendoff.wiring.leaving import Leaving, facts_table
from sendoff.wiring.rehearsal import CLOCK_STARTS
from tools.markdown import NOTE, code, fence, table
from tools.nouns import members, noun

HEAD = """# The facts of a case

`sendoff case open --facts FILE` reads one TOML file for one customer.
Everything that gates and plans read is in it; no free text decides anything.
Unknown names are refused. A date is written `2026-12-31`, in quotes or not.

Three things are not in the file:

- who we are: it stands in the settings, under `[provider]`, and a `[provider]` table here is refused;
- the digest of the notice: it is taken from the file given as `--notice`;
- who recorded the notice: it is the person who opens the case.

One name is only in the file: `executor`, the object id of the service principal that this program itself runs as in the
customer's tenant. It goes last, by a person of the customer.

Most of it is **frozen**: the customer and who may sign, new supplier, recipient, scope, places, dates, zone, notice,
and who is excluded. `sendoff case change` needs a second person for them.
A change voids every approval and stops what is under way.
"""
NOUNS = (
    Facts,
    Customer,
    Contact,
    Supplier,
    Administrator,
    Notice,
    Recipient,
    Appointment,
    Places,
    ScopeRow,
    Recorded,
    LegalHold,
)
NOT_IN_FILE = {("Facts", "provider"), ("Notice", "evidence"), ("Notice", "recorded_by")}
TABLES = {
    "Facts": "The top of the file",
    "Customer": "[customer]",
    "Contact": "contacts, of the customer and of the supplier",
    "Supplier": "[supplier]",
    "Administrator": "[supplier.administrator]",
    "Notice": "[notice]",
    "Recipient": "[recipient]",
    "Appointment": "[meeting]",
    "Places": "[places]",
    "ScopeRow": "[[scope]]",
    "Recorded": "[[record]]",
    "LegalHold": "[[holds]]",
}
WORDS = {
    "Facts.customer": "Who leaves.",
    "Facts.contract_end": "The last day of the contract, in `zone`. It counts whole.",
    "Facts.ending": "The tier that ends; only its section of the checklist is done.",
    "Facts.leaves_csp": "Whether the customer leaves our CSP.",
    "Facts.notice": "How the notice reached us.",
    "Facts.scope": "Each subscription and what becomes of it. Nothing outside it is touched.",
    "Facts.remaining": "The tier that remains with us, if one does.",
    "Facts.supplier": "The new MSP.",
    "Facts.no_supplier_because": "Why there is none.",
    "Facts.recipient": "Who receives the secrets.",
    "Facts.places": "Where the customer is in our own tools.",
    "Facts.record": "What onboarding wrote down as made by us: the strongest sign that a thing is ours.",
    "Facts.meeting": "When everybody meets; left out: ten o'clock on the fifth working day after the case was opened.",
    "Facts.zone": "The time zone of every date here.",
    "Facts.language": "The language of letters: `nl` or `en`.",
    "Customer.slug": "A short name; the settings and tags in our tools use it.",
    "Customer.name": "As letters and the certificate print it.",
    "Customer.tenant": "The id of their Entra tenant.",
    "Customer.domains": "Their mail domains: secrets go to an address at one of them or to nobody.",
    "Customer.contacts": "Their people.",
    "Contact.name": "The name.",
    "Contact.mail": "The address.",
    "Contact.role": "What they are there.",
    "Contact.phone": "A number that was known before the notice.",
    "Supplier.name": "The name.",
    "Supplier.domains": "Their mail domains: none of them ever receives secrets.",
    "Supplier.contacts": "Their people.",
    "Supplier.administrator": "Whom the customer permits, when they permit anybody.",
    "Supplier.tenant": "The id of their Entra tenant.",
    "Administrator.name": "The name.",
    "Administrator.mail": "The address, at a domain of the new supplier.",
    "Administrator.how": "How they come in.",
    "Notice.reached": "The day it reached us.",
    "Recipient.name": "The name.",
    "Recipient.mail": "The address; it must be at a domain of the customer.",
    "Recipient.age_key": "The age public key they made themselves.",
    "Recipient.enrolled": "When they gave us the key.",
    "Appointment.minutes": "How long it is proposed to take.",
    "Places.prtg_groups": "Ids of their groups in PRTG.",
    "Places.prtg_probe": "The id of the probe in their environment.",
    "Places.vault_folder": "Their folder in Passwordstate.",
    "Places.vault_lists": "Ids of their password lists.",
    "Places.reassure_customer": "The customer's id in our portal.",
    "ScopeRow.system": "The system.",
    "ScopeRow.id": "The vendor's id.",
    "ScopeRow.name": "A name for people.",
    "ScopeRow.destination": "What becomes of it.",
    "ScopeRow.owner": "Who has it afterwards.",
    "Recorded.system": "The system.",
    "Recorded.kind": "The kind.",
    "Recorded.id": "The vendor's id; case does not matter.",
}
"""For fields that say nothing of themselves in the source."""
SHOWN = 3
"""Rows of the record of onboarding that the example shows."""


def page() -> str:
    """The whole page."""
    parts = [NOTE, HEAD, "## An example", *_example()]
    parts += [_noun(kind) for kind in NOUNS]
    parts += ["## Closed sets", _sets()]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _example() -> tuple[str, str]:
    sandbox = Sandbox(1, "full-stack")
    today = datetime.fromisoformat(CLOCK_STARTS).date()
    told = facts_table({"known": sandbox.known()}, Leaving(), today)
    record = told["record"]
    count = len(record) if isinstance(record, list) else 0
    told["record"] = record[:SHOWN] if isinstance(record, list) else []
    said = (
        "The facts of the customer who leaves in the sandbox. "
        f"Of the {count} things that onboarding recorded, {SHOWN} are shown."
    )
    return said, fence(tomli_w.dumps(told), "toml")


def _noun(kind: type[object]) -> str:
    told = noun(kind)
    rows = [
        (code(one.name), code(one.type), code(one.default), one.words or WORDS[f"{told.name}.{one.name}"])
        for one in told.fields
        if (told.name, one.name) not in NOT_IN_FILE
    ]
    return f"## {TABLES[told.name]}\n\n{told.words}\n\n{table(('name', 'type', 'default', ''), rows)}"


def _sets() -> str:
    rows = []
    for kind in (Tier, LeavesCsp, Destination, Invited, System, Kind):
        words = members(kind)
        rows += [(kind.__name__, code(str(one)), words.get(one.name, "")) for one in kind]
    return table(("type", "value", ""), rows)
