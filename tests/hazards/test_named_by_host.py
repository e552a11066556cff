"""What a customer's thing names by a host name alone is not pulled from under it, like what it names by an id."""

from dataclasses import replace
from pathlib import Path

import pytest

from fakes.houses import LEAVER, Stage, stage
from fakes.leavings import plan, planned
from sendoff.model.case import Case
from sendoff.model.facts import Facts
from sendoff.model.inventory import Kind, Whose
from sendoff.model.template import Tier
from sendoff.sandbox.seed_build import CUSTOMERS, Build
from sendoff.sandbox.seed_resource import MINE, resource
from sendoff.sandbox.wire import Obj

STORE = "stinterceptboot"
RESOURCES = "remove-resources"


def told(one: Stage, case: Case) -> tuple[set[str], Whose]:
    """What the plan of the step removes, by name, and whose the storage account is."""
    planned(one, case, RESOURCES)
    seen = next(row for row in one.desk.seen(case.id, f"plan {RESOURCES}") if row.item.id.endswith(f"/{STORE}"))
    return {act.name for act in plan(one, case, RESOURCES).actions}, seen.provenance.whose


@pytest.mark.parametrize(
    ("address", "whose"),
    [
        (f"https://{STORE}.blob.core.windows.net/", Whose.SHARED),
        (f"DefaultEndpoint=https://{STORE.upper()}.z6.web.core.windows.net:443/x", Whose.SHARED),
        (f"https://{STORE}.vault.azure.net/", Whose.OURS),
        (f"https://{STORE}2.blob.core.windows.net/", Whose.OURS),
        (f"https://{STORE}.blob.core.windows.net.evil.example/", Whose.OURS),
        ("https://elsewhere.example/", Whose.OURS),
    ],
)
def test_a_storage_account_of_ours_that_a_machine_of_theirs_writes_to_is_shared(
    tmp_path: Path, address: str, whose: Whose
) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    sub = one.facts().leaving[0].id
    build = Build(one.sandbox.world, next(row for row in CUSTOMERS if row.slug == LEAVER), one.facts().customer.tenant)
    store = resource(build, sub, MINE, "microsoft.storage/storageaccounts", STORE, ours=True)
    boot: Obj = {"bootDiagnostics": {"enabled": True, "storageUri": address}}
    resource(build, sub, "rg-web", "microsoft.compute/virtualmachines", "vm-theirs", also={"diagnosticsProfile": boot})
    case = one.until(one.opened(lambda facts: recorded(facts, store)), RESOURCES, "ready")

    names, found = told(one, case)

    assert found is whose and (whose is Whose.OURS or STORE not in names)


def recorded(facts: Facts, ident: str) -> Facts:
    """The same, with one more resource that onboarding made."""
    return replace(facts, record=(*facts.record, replace(facts.record[0], kind=Kind.RESOURCE, id=ident, before="")))
