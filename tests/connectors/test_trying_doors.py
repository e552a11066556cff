"""A door tried from outside: a denial tells what it rests on, and a fault is never a no."""

from dataclasses import replace
from datetime import timedelta

import pytest

from fakes.connector_desk import NOW, ONCE, SLUG, Desk, deed
from sendoff.connectors.azure import doors as azure_doors
from sendoff.connectors.azure.client import AzureDoors
from sendoff.connectors.azure.connector import AzureConnector
from sendoff.connectors.entra.client import EntraDoors
from sendoff.connectors.entra.connector import EntraConnector
from sendoff.connectors.wire.login.client import ClientCredentials
from sendoff.model.facts import Marks
from sendoff.model.inventory import Kind, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Again
from sendoff.model.secret import Secret
from sendoff.model.trial import Condition, Met, Trial
from sendoff.rules.doors import door, read_before, removed, too_soon

OPENED = NOW - timedelta(days=1)


def azure(desk: Desk, lighthouse: ClientCredentials | None = None) -> AzureConnector:
    found = AzureDoors(lighthouse=lighthouse or desk.ours("lighthouse"), app=desk.app())
    return AzureConnector(desk.facts, found, clients=desk.clients, limits=desk.limits, now=lambda: NOW)


def entra(desk: Desk, app: ClientCredentials | None = None, *, control: bool = True) -> EntraConnector:
    found = EntraDoors(app=app or desk.app(), control=desk.ours("house") if control else None)
    return EntraConnector(desk.facts, found, clients=desk.clients, limits=desk.limits)


def by_hand(desk: Desk, deed: str) -> None:
    desk.control("POST", "/hands", {"do": deed, "customer": SLUG})


def ended(desk: Desk) -> None:
    by_hand(desk, "arm.remove-delegation")


def lighthouse(hand: AzureConnector) -> Trial:
    """The door of the first subscription."""
    return hand.tried(Key.LIGHTHOUSE, OPENED)[0]


def met(trial: Trial, name: str) -> Condition:
    return next(row for row in trial.conditions if row.name == name)


def outcome(*trials: Trial) -> str:
    """What is said of the door when the journal knows that the key read before, and that somebody made an end to it."""
    known = (read_before("look 'preflight'"), removed("the vendor took it"))
    whole = [replace(one, conditions=(*known, *one.conditions)) for one in trials]
    return door(trials[0].key, whole, {}).outcome


# ---- Lighthouse ---------------------------------------------------------------------------------------------------


def test_a_delegation_that_ended_is_shut_and_the_same_hands_call_it_open_before() -> None:
    desk = Desk()
    hand = azure(desk)
    assert lighthouse(hand).opens and outcome(*hand.tried(Key.LIGHTHOUSE, OPENED)) == "open"
    ended(desk)
    trials = hand.tried(Key.LIGHTHOUSE, OPENED)
    assert {one.denied for one in trials} == {"AuthorizationFailed"} and len(trials) == 2
    for one in trials:
        assert [(row.name, row.met) for row in one.conditions] == [
            ("fresh sign-in", Met.YES),
            ("control read", Met.YES),
            ("list of subscriptions", Met.YES),
            ("our own activity log", Met.YES),
        ]
    assert outcome(*trials) == "shut"


def test_one_subscription_that_still_opens_keeps_the_whole_door_open() -> None:
    desk = Desk()
    first = next(row.id for row in desk.facts.leaving)
    desk.control("POST", "/hands", {"do": "arm.remove-delegation", "customer": SLUG, "subscriptions": [first]})
    trials = azure(desk).tried(Key.LIGHTHOUSE, OPENED)
    assert [one.opens for one in trials] == [False, True] and outcome(*trials) == "open"


@pytest.mark.parametrize("code", ["", "AADSTS7000222", "AADSTS53003"])
def test_a_secret_that_is_wrong_or_has_run_out_and_conditional_access_say_nothing_of_the_door(code: str) -> None:
    desk = Desk()
    ended(desk)
    if code:
        desk.trouble(do="status", vendor="login", status=401, code=code)
    wrong = replace(desk.ours("lighthouse"), secret=Secret("revoked")) if not code else desk.ours("lighthouse")
    trial = lighthouse(azure(desk, wrong))
    assert not trial.denied and (code or "AADSTS7000215") in trial.fault
    assert outcome(trial) == "unknown"


def test_a_vendor_that_does_not_answer_says_nothing() -> None:
    desk = Desk()
    ended(desk)
    desk.trouble(do="status", vendor="arm", status=503, code="ServiceUnavailable")
    trial = lighthouse(azure(desk))
    assert not trial.denied and "ServiceUnavailable" in trial.fault and outcome(trial) == "unknown"


def test_a_no_of_another_kind_is_no_clear_no() -> None:
    desk = Desk()
    ended(desk)
    first = next(row.id for row in desk.facts.leaving)
    desk.trouble(
        do="status", vendor="arm", path=f"^/subscriptions/{first}$", status=403, code="RequestDisallowedByPolicy"
    )
    trial = lighthouse(azure(desk))
    assert "RequestDisallowedByPolicy" in trial.fault and outcome(trial) == "unknown"


def test_a_token_from_before_that_still_reads_is_told_until_its_quarter_of_an_hour_is_over() -> None:
    desk = Desk()
    desk.control("POST", "/habits", {"lingering": 15})
    hand = azure(desk)
    hand.probe(Key.LIGHTHOUSE)
    ended_by_us(desk, hand)
    trial = hand.tried(Key.LIGHTHOUSE, OPENED)[0]
    assert trial.lingers and trial.denied and outcome(trial) == "open"
    desk.control("POST", "/clock", {"now": "2026-11-23T09:16:00+01:00"})
    assert outcome(*hand.tried(Key.LIGHTHOUSE, OPENED)) == "shut"


def ended_by_us(desk: Desk, hand: AzureConnector) -> None:
    """Our own key takes its delegations away; the token that it did so with lingers."""
    for cell in [one for one in hand.cells() if one.kind is Kind.DELEGATION and one.key is Key.LIGHTHOUSE]:
        for item in list(hand.look(cell, desk.tray)):
            answer = hand.apply(deed(item, Verb.REMOVE), once=ONCE, out=desk.tray)
            while isinstance(answer, Again):
                answer = hand.follow(deed(item, Verb.REMOVE), answer.operation)


def test_when_the_control_read_is_refused_too_the_no_proves_nothing() -> None:
    desk = Desk()
    planted = desk.control("POST", "/hands", {"do": "arm.plant-house", "customer": SLUG})
    own = desk.sandbox.world.guid("msp", "subscription")
    desk.facts = replace(desk.facts, provider=replace(desk.facts.provider, marks=Marks(subscriptions=(own,))))
    ended(desk)
    assert planted and outcome(*azure(desk).tried(Key.LIGHTHOUSE, OPENED)) == "shut"
    desk.trouble(do="forbid", vendor="arm", path=f"^/subscriptions/{own}$")
    trial = lighthouse(azure(desk))
    assert trial.denied and met(trial, "control read").met is Met.NO and outcome(trial) == "unknown"


def test_without_any_other_subscription_there_is_nothing_to_compare_with() -> None:
    desk = Desk()
    ended(desk)
    desk.trouble(do="empty-list", vendor="arm", path="^/subscriptions$")
    trial = lighthouse(azure(desk))
    assert "name one of our own" in met(trial, "control read").said and outcome(trial) == "unknown"


def test_a_control_read_that_comes_a_minute_later_counts_for_nothing() -> None:
    desk = Desk()
    ended(desk)
    arm = azure(desk)._entrance.untried(Key.LIGHTHOUSE, desk.facts.leaving[0].id)
    ticks = iter((0.0, 61.0))
    at = azure_doors.Lookout(
        facts=desk.facts,
        leaving=[row.id for row in desk.facts.leaving],
        since=OPENED,
        now=NOW,
        clock=lambda: next(ticks),
    )
    trial = azure_doors.tried(arm, at)
    assert met(trial, "control read").met is Met.NO and outcome(trial) == "unknown"


def test_a_list_of_which_a_page_is_missing_proves_nothing() -> None:
    desk = Desk()
    ended(desk)
    desk.control("POST", "/habits", {"rows": 1})
    desk.trouble(do="status", vendor="arm", path="^/subscriptions$", nth=2, status=503, code="ServiceUnavailable")
    trial = lighthouse(azure(desk))
    assert trial.denied and met(trial, "list of subscriptions").met is Met.NO and outcome(trial) == "unknown"


def test_our_own_log_is_read_where_it_can_be_and_said_where_it_cannot() -> None:
    desk = Desk()
    ended(desk)
    assert met(lighthouse(azure(desk)), "our own activity log").met is Met.YES
    desk.sandbox.world.slow.links.clear()
    trial = lighthouse(azure(desk))
    assert met(trial, "our own activity log").met is Met.NO and outcome(trial) == "unknown"
    old = azure(desk).tried(Key.LIGHTHOUSE, NOW - timedelta(days=200))[0]
    assert met(old, "our own activity log").met is Met.UNREADABLE and outcome(old) == "shut"
    by_hand(desk, "arm.without-tenant-log")
    trial = lighthouse(azure(desk))
    row = met(trial, "our own activity log")
    assert row.met is Met.UNREADABLE and "AuthorizationFailed" in row.said and outcome(trial) == "shut"


@pytest.mark.parametrize("known", [(read_before(""), removed("taken")), (read_before("look"), removed(""))])
def test_a_no_of_which_the_journal_knows_no_yes_or_no_removal_proves_nothing(known: tuple[Condition, ...]) -> None:
    desk = Desk()
    ended(desk)
    trial = lighthouse(azure(desk))
    found = door(Key.LIGHTHOUSE, [replace(trial, conditions=(*known, *trial.conditions))], {})
    assert found.outcome == "unknown" and "proves nothing yet" in found.said


def test_a_key_that_we_do_not_hold_is_not_tried_and_never_shut() -> None:
    desk = Desk()
    none = AzureConnector(desk.facts, AzureDoors(app=desk.app()), clients=desk.clients, limits=desk.limits)
    assert door(Key.LIGHTHOUSE, none.tried(Key.LIGHTHOUSE, OPENED), {}).outcome == "not tried"
    assert (
        EntraConnector(desk.facts, EntraDoors(), clients=desk.clients, limits=desk.limits).tried(Key.APP, OPENED) == ()
    )


# ---- our app ------------------------------------------------------------------------------------------------------


def app(hand: EntraConnector) -> Trial:
    return hand.tried(Key.APP, OPENED)[0]


def test_an_app_that_the_directory_does_not_know_any_more_is_shut_and_open_before() -> None:
    desk = Desk()
    assert app(entra(desk)).opens
    by_hand(desk, "graph.delete-app")
    trial = app(entra(desk))
    assert trial.denied == "AADSTS700016" and outcome(trial) == "shut"
    assert {row.name: row.met for row in trial.conditions} == {
        "fresh sign-in": Met.YES,
        "control read": Met.YES,
        "directory": Met.YES,
    }


@pytest.mark.parametrize("status", [400, 401])
@pytest.mark.parametrize("code", ["AADSTS7000222", "AADSTS53003", "AADSTS7000112", "AADSTS90002"])
def test_a_sign_in_refused_for_another_reason_does_not_say_that_the_app_is_gone(code: str, status: int) -> None:
    desk = Desk()
    desk.trouble(do="status", vendor="login", status=status, code=code)
    trial = app(entra(desk))
    assert not trial.denied and code in trial.fault and outcome(trial) == "unknown"


def test_a_revoked_secret_does_not_say_that_the_app_is_gone() -> None:
    desk = Desk()
    trial = app(entra(desk, replace(desk.app(), secret=Secret("revoked"))))
    assert "the secret is wrong (AADSTS7000215)" in trial.fault and outcome(trial) == "unknown"


def test_a_sign_in_page_that_fails_says_nothing() -> None:
    desk = Desk()
    by_hand(desk, "graph.delete-app")
    desk.trouble(do="status", vendor="login", status=503)
    trial = app(entra(desk))
    assert trial.fault and not trial.denied and outcome(trial) == "unknown"


def test_without_another_app_or_when_it_is_refused_as_well_the_no_proves_nothing() -> None:
    desk = Desk()
    by_hand(desk, "graph.delete-app")
    assert outcome(app(entra(desk, control=False))) == "unknown"
    house = desk.ours("house").client_id
    desk.sandbox.world.secrets[house] = "another"
    trial = app(entra(desk))
    assert met(trial, "control read").met is Met.NO and outcome(trial) == "unknown"


def test_an_app_whose_token_from_before_still_reads_is_not_shut_yet() -> None:
    desk = Desk()
    desk.control("POST", "/habits", {"lingering": 60})
    hand = entra(desk)
    hand.probe(Key.APP)
    by_hand(desk, "graph.delete-app")
    trial = app(hand)
    gone = NOW
    assert trial.lingers and trial.denied and outcome(trial) == "open"
    assert too_soon([trial], gone, gone + timedelta(minutes=89)) == gone + timedelta(minutes=90)
    assert too_soon([trial], gone, gone + timedelta(minutes=90)) is None
    desk.control("POST", "/clock", {"now": "2026-11-23T10:00:00+01:00"})
    assert not app(hand).lingers and too_soon([app(hand)], gone, gone) is None
