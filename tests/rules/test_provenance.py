"""Whose is it: a table of signs and answers, and what nobody may conclude from a name."""

from dataclasses import replace

import pytest

from fakes.told import told
from sendoff.model.digest import Digest
from sendoff.model.facts import Facts, Recorded
from sendoff.model.inventory import Decision, Item, Kind, Sign, SignKind, System, Whose
from sendoff.model.key import Key
from sendoff.rules.provenance import owned

RECORDED = "/subscriptions/s/resourceGroups/rg-ours"
WORKSPACE = f"{RECORDED}/providers/Microsoft.OperationalInsights/workspaces/law"
TAGGED = "/subscriptions/s/resourceGroups/rg-theirs"
"""Theirs: onboarding put our tag there, and nothing else."""
GUEST = "22222222-0000-4000-8000-000000000002"
PRINCIPAL = "11111111-0000-4000-8000-000000000001"


def facts() -> Facts:
    found = told().case.facts
    provider = replace(
        found.provider, name="Intercept", tenant="OUR-TENANT", domains=("intercept.example",), principals=(PRINCIPAL,)
    )
    record = (
        Recorded(system=System.AZURE, kind=Kind.GROUP, id=RECORDED),
        Recorded(system=System.AZURE, kind=Kind.RESOURCE, id=WORKSPACE),
        Recorded(system=System.AZURE, kind=Kind.TAG, id=TAGGED),
        Recorded(system=System.ENTRA, kind=Kind.USER, id=GUEST),
    )
    return replace(found, provider=provider, record=record)


def item(
    ident: str = "/things/one",
    *signs: tuple[SignKind, str],
    kind: Kind = Kind.RESOURCE,
    system: System = System.AZURE,
    uses: tuple[str, ...] = (),
) -> Item:
    return Item(
        system=system,
        kind=kind,
        id=ident,
        name=ident.rpartition("/")[2],
        scope="s",
        key=Key.LIGHTHOUSE,
        image=Digest("sha256:" + "0" * 64),
        signs=tuple(Sign(kind=one, value=value) for one, value in signs),
        uses=uses,
    )


TABLE: tuple[tuple[str, Item, Whose], ...] = (
    ("recorded, in another spelling", item(RECORDED.upper(), kind=Kind.GROUP), Whose.OURS),
    ("recorded as another kind", item(RECORDED), Whose.CUSTOMERS),
    ("recorded for our tag alone", item(TAGGED, kind=Kind.GROUP), Whose.CUSTOMERS),
    ("the tag that onboarding put there", item(TAGGED, kind=Kind.TAG), Whose.OURS),
    (
        "recorded for our tag alone, and carrying it",
        item(TAGGED, (SignKind.TAG, "managedBy=intercept"), kind=Kind.GROUP),
        Whose.UNKNOWN,
    ),
    ("a guest recorded as a user", item(GUEST, kind=Kind.GUEST, system=System.ENTRA), Whose.OURS),
    ("an app with the id of a recorded user", item(GUEST, kind=Kind.SERVICE_PRINCIPAL), Whose.CUSTOMERS),
    ("our tenant", item("a", (SignKind.OWNER_TENANT, "our-tenant")), Whose.OURS),
    ("another tenant", item("a", (SignKind.OWNER_TENANT, "their-tenant")), Whose.CUSTOMERS),
    ("our mail domain", item("a", (SignKind.MAIL_DOMAIN, "Intercept.example")), Whose.OURS),
    ("mail that goes to our domain", item("a", (SignKind.MAIL_GOES, "Intercept.example")), Whose.UNKNOWN),
    ("mail that goes elsewhere", item("a", (SignKind.MAIL_GOES, "vandermeer.example")), Whose.CUSTOMERS),
    ("a domain that ends like ours", item("a", (SignKind.MAIL_DOMAIN, "notintercept.example")), Whose.CUSTOMERS),
    ("our principal", item("a", (SignKind.METADATA, f"principal={PRINCIPAL.upper()}")), Whose.OURS),
    ("another principal", item("a", (SignKind.METADATA, "principal=22")), Whose.CUSTOMERS),
    ("in our monitoring", item("a", kind=Kind.PRTG_DEVICE, system=System.PRTG), Whose.OURS),
    ("the vault says ours", item("a", (SignKind.METADATA, "owner=Intercept"), system=System.PASSWORDSTATE), Whose.OURS),
    ("elsewhere the same word says nothing", item("a", (SignKind.METADATA, "owner=Intercept")), Whose.CUSTOMERS),
    (
        "a diagnostic setting to our workspace",
        item("a", kind=Kind.DIAGNOSTIC_SETTING, uses=(WORKSPACE.lower(),)),
        Whose.OURS,
    ),
    (
        "a diagnostic setting to what only carries our tag",
        item("a", kind=Kind.DIAGNOSTIC_SETTING, uses=(TAGGED.lower(),)),
        Whose.CUSTOMERS,
    ),
    ("a name alone", item("a", (SignKind.NAME, "intercept-backup")), Whose.UNKNOWN),
    ("a tag alone", item("a", (SignKind.TAG, "managedBy=intercept")), Whose.UNKNOWN),
    ("name and tag", item("a", (SignKind.TAG, "managedBy=Intercept"), (SignKind.NAME, "intercept")), Whose.UNKNOWN),
    ("a tag in our place", item("a", (SignKind.TAG, "managedBy=intercept"), (SignKind.PLACE, RECORDED)), Whose.OURS),
    (
        "a tag in our place, and somebody else made it",
        item(
            "a",
            (SignKind.TAG, "managedBy=intercept"),
            (SignKind.PLACE, RECORDED),
            (SignKind.CREATOR, "@vandermeer.example"),
        ),
        Whose.UNKNOWN,
    ),
    (
        "a name in our place, and a tag that is not ours",
        item("a", (SignKind.NAME, "intercept-x"), (SignKind.TAG, "cost=web"), (SignKind.PLACE, RECORDED)),
        Whose.UNKNOWN,
    ),
    ("a name in our place", item("a", (SignKind.NAME, "intercept-x"), (SignKind.PLACE, RECORDED)), Whose.UNKNOWN),
    (
        "a tag in a place that only carries our tag",
        item("a", (SignKind.TAG, "managedBy=intercept"), (SignKind.PLACE, TAGGED)),
        Whose.UNKNOWN,
    ),
    ("our place alone", item("a", (SignKind.PLACE, RECORDED)), Whose.CUSTOMERS),
    (
        "a tag, and somebody of ours made it",
        item("a", (SignKind.TAG, "managedBy=intercept"), (SignKind.CREATOR, "Erik@Intercept.example")),
        Whose.OURS,
    ),
    (
        "a tag, and an app of ours made it",
        item("a", (SignKind.TAG, "managedBy=intercept"), (SignKind.CREATOR, PRINCIPAL.upper())),
        Whose.OURS,
    ),
    (
        "a tag, and somebody else made it",
        item("a", (SignKind.TAG, "managedBy=intercept"), (SignKind.CREATOR, "@vandermeer.example")),
        Whose.UNKNOWN,
    ),
    (
        "a tag, and a domain made it that ends like ours",
        item("a", (SignKind.TAG, "managedBy=intercept"), (SignKind.CREATOR, "erik@notintercept.example")),
        Whose.UNKNOWN,
    ),
    (
        "a name, and somebody of ours made it",
        item("a", (SignKind.NAME, "intercept-x"), (SignKind.CREATOR, "erik@intercept.example")),
        Whose.UNKNOWN,
    ),
    ("made by us for the customer", item("a", (SignKind.CREATOR, "erik@intercept.example")), Whose.UNKNOWN),
    ("made by somebody else", item("a", (SignKind.CREATOR, "@vandermeer.example")), Whose.CUSTOMERS),
    (
        "a policy whose metadata names a principal of ours",
        item("a", (SignKind.METADATA, f"principal={PRINCIPAL}"), kind=Kind.POLICY_ASSIGNMENT),
        Whose.CUSTOMERS,
    ),
    (
        "a policy that says we assigned it",
        item("a", (SignKind.METADATA, "assignedBy=Intercept"), kind=Kind.POLICY_ASSIGNMENT),
        Whose.UNKNOWN,
    ),
    (
        "a policy that says a principal of ours made it",
        item("a", (SignKind.METADATA, f"createdBy={PRINCIPAL}"), kind=Kind.POLICY_DEFINITION),
        Whose.UNKNOWN,
    ),
    (
        "a policy that says they assigned it",
        item("a", (SignKind.METADATA, "assignedBy=Van der Meer"), kind=Kind.POLICY_ASSIGNMENT),
        Whose.CUSTOMERS,
    ),
    ("another tag", item("a", (SignKind.TAG, "managedBy=contoso")), Whose.CUSTOMERS),
    ("nothing", item("a"), Whose.CUSTOMERS),
)


@pytest.mark.parametrize(("said", "thing", "whose"), TABLE, ids=[row[0] for row in TABLE])
def test_the_signs_of_a_thing_say_whose_it_is_and_why(said: str, thing: Item, whose: Whose) -> None:
    found = owned((thing,), facts(), {})

    assert found[0].provenance.whose is whose
    assert found[0].provenance.reasons


def group() -> Item:
    """What onboarding recorded as ours."""
    return item(RECORDED, kind=Kind.GROUP)


def test_what_is_ours_and_used_by_something_that_is_not_is_shared() -> None:
    ours, user = group(), item("/things/theirs", uses=(RECORDED.lower(),))

    found = {one.item.ref: one.provenance for one in owned((ours, user), facts(), {})}

    assert found[ours.ref].whose is Whose.SHARED
    assert "theirs" in found[ours.ref].reasons[0]
    assert found[user.ref].whose is Whose.CUSTOMERS


def test_what_is_used_by_something_of_ours_stays_ours() -> None:
    ours = group()
    user = item("/things/ours-too", (SignKind.OWNER_TENANT, "OUR-TENANT"), uses=(RECORDED.lower(),))

    assert {one.provenance.whose for one in owned((ours, user), facts(), {})} == {Whose.OURS}


@pytest.mark.parametrize("answer", [Whose.OURS, Whose.CUSTOMERS])
def test_a_persons_word_settles_what_is_unknown(answer: Whose) -> None:
    thing = item("a", (SignKind.NAME, "intercept-backup"))
    word = Decision(ref=thing.ref, whose=answer, reason="asked them", by="erik")

    found = owned((thing,), facts(), {thing.ref: word})[0].provenance

    assert found.whose is answer
    assert found.reasons[0] == "decided by erik: asked them"


@pytest.mark.parametrize("thing", [item("a"), item("a", (SignKind.OWNER_TENANT, "OUR-TENANT"))])
def test_a_persons_word_changes_nothing_that_is_known(thing: Item) -> None:
    before = owned((thing,), facts(), {})[0].provenance.whose
    other = Whose.OURS if before is Whose.CUSTOMERS else Whose.CUSTOMERS
    word = Decision(ref=thing.ref, whose=other, reason="I say so", by="erik")

    assert owned((thing,), facts(), {thing.ref: word})[0].provenance.whose is before


def test_a_persons_word_makes_nothing_removable_that_others_use() -> None:
    shared, user = group(), item("/things/theirs", uses=(RECORDED.lower(),))
    word = Decision(ref=shared.ref, whose=Whose.OURS, reason="I say so", by="erik")

    assert owned((shared, user), facts(), {shared.ref: word})[0].provenance.whose is Whose.SHARED


def test_what_a_person_called_ours_and_others_use_is_shared() -> None:
    thing = item("/things/unknown", (SignKind.NAME, "intercept-backup"))
    user = item("/things/theirs", uses=("/things/unknown",))
    word = Decision(ref=thing.ref, whose=Whose.OURS, reason="I say so", by="erik")

    assert owned((thing, user), facts(), {thing.ref: word})[0].provenance.whose is Whose.SHARED


def test_what_a_person_called_ours_and_only_ours_use_may_go_with_it() -> None:
    thing = item("/things/unknown", (SignKind.NAME, "intercept-rule"), uses=(RECORDED.lower(),))
    word = Decision(ref=thing.ref, whose=Whose.OURS, reason="made by us", by="erik")

    found = {one.item.ref: one.provenance.whose for one in owned((group(), thing), facts(), {thing.ref: word})}

    assert found[group().ref] is Whose.OURS
