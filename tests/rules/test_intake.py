"""Facts as given: what makes them unusable, and a notice that is believed only after a call to a known number."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from fakes.told import told
from sendoff.model.errors import BadInput
from sendoff.model.facts import Destination, Facts, LeavesCsp
from sendoff.model.places import Places
from sendoff.model.template import Tier
from sendoff.rules.intake import authenticated, unusable


def facts() -> Facts:
    return told().case.facts


WRONG: tuple[tuple[str, Callable[[Facts], Facts]], ...] = (
    ("access_until", lambda its: replace(its, access_until=its.contract_end - timedelta(days=1))),
    ("no_supplier_because", lambda its: replace(its, supplier=None)),
    ("which tier remains", lambda its: replace(its, ending=Tier.FULL_STACK, leaves_csp=LeavesCsp.NO)),
    ("are the same", lambda its: replace(its, remaining=its.ending)),
    ("yet the customer stays", lambda its: replace(its, ending=Tier.CSP, leaves_csp=LeavesCsp.NO)),
    (
        "one thing twice",
        lambda its: replace(its, scope=(*its.scope, replace(its.scope[0], id=its.scope[0].id.upper()))),
    ),
    (
        "no row that leaves",
        lambda its: replace(its, scope=tuple(replace(row, destination=Destination.OUTSIDE) for row in its.scope)),
    ),
    ("our own tenant", lambda its: replace(its, provider=replace(its.provider, tenant=its.customer.tenant))),
    ("our own tenant", lambda its: replace(its, provider=replace(its.provider, tenant=its.customer.tenant.upper()))),
    ("overlap", lambda its: replace(its, provider=replace(its.provider, domains=its.customer.domains))),
    (
        "overlap",
        lambda its: replace(its, provider=replace(its.provider, domains=(its.customer.domains[0].upper(),))),
    ),
    ("one system only", lambda its: replace(its, scope=(), places=Places())),
)


def test_the_facts_of_a_good_file_have_nothing_wrong() -> None:
    assert unusable(facts()) == ()


@pytest.mark.parametrize(("says", "change"), WRONG, ids=[row[0] for row in WRONG])
def test_what_is_wrong_with_facts_is_said_in_words(says: str, change: Callable[[Facts], Facts]) -> None:
    assert any(says in one for one in unusable(change(facts())))


def test_a_zone_that_does_not_exist_is_bad_input() -> None:
    with pytest.raises(BadInput, match="time zone"):
        unusable(replace(facts(), zone="Amsterdam"))


def test_a_notice_is_believed_from_a_signatory_after_a_call_to_a_known_number() -> None:
    assert authenticated(facts()) == ()
    assert authenticated(replace(facts(), notice=replace(facts().notice, sender=facts().notice.sender.upper()))) == ()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"sender": "boss@evil.example"}, "not among the signatories"),
        ({"called_back": ""}, "nobody called back"),
        ({"called_back": "+31 6 00000000"}, "not a number known before"),
    ],
)
def test_a_forged_notice_is_not_believed(change: dict[str, str], says: str) -> None:
    notice = replace(facts().notice, **change)  # type: ignore[arg-type]

    assert any(says in one for one in authenticated(replace(facts(), notice=notice)))


def test_a_contact_who_may_not_sign_cannot_give_notice() -> None:
    its = facts()
    contacts = tuple(replace(one, signatory=False) for one in its.customer.contacts)

    assert len(authenticated(replace(its, customer=replace(its.customer, contacts=contacts)))) == 2
