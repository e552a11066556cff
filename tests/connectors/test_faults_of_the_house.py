"""Faults of the service desk and of the core, each by a switch of the sandbox: survived, or said, and never taken for
nothing there. All of them stand in docs/reference/faults.md, with the tests of the others."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from connector_hands import prtg, seen
from house_hands import act, archiving, found, topdesk

from fakes.connector_desk import ONCE, Desk, deed
from sendoff.model.errors import Confusing, ConnectorError
from sendoff.model.inventory import Kind, Verb
from sendoff.model.plan import Outcome, Receipt

CLIENTS = Path(__file__).parents[2] / "src" / "sendoff" / "connectors"


@pytest.mark.parametrize("do", ["login-redirect", "error-page", "errormsg"])
def test_a_page_of_the_core_in_place_of_an_answer_is_neither_an_empty_table_nor_a_deed(do: str) -> None:
    desk = Desk()
    connector = prtg(desk)
    group = seen(connector, desk, Kind.PRTG_GROUP)[0]
    desk.trouble(do=do, vendor="prtg")
    for go in (
        lambda: seen(connector, desk, Kind.PRTG_GROUP),
        lambda: connector.read(group.target, desk.tray),
        lambda: connector.apply(deed(group, Verb.REMOVE), once=ONCE, out=desk.tray),
    ):
        with pytest.raises(ConnectorError):
            go()
    desk.calm()
    assert connector.read(group.target, desk.tray) is not None


@pytest.mark.parametrize("do", ["not-acceptable", "no-with-codes", "no-without-words"])
def test_a_no_of_the_service_desk_to_a_list_is_never_an_empty_one(do: str) -> None:
    desk = Desk()
    connector = topdesk(desk)
    assert found(connector, desk, Kind.CALL)
    desk.trouble(do=do, vendor="topdesk", method="GET")
    for cell in connector.cells():
        with pytest.raises(ConnectorError):
            list(connector.look(cell, desk.tray))


@pytest.mark.parametrize(("do", "code"), [("no-with-codes", "IN_USE"), ("no-without-words", "400"), ("status", "400")])
def test_a_no_to_an_archiving_is_a_no_in_all_three_dialects(do: str, code: str) -> None:
    desk = Desk()
    connector = topdesk(desk)
    action = archiving(desk, connector)
    desk.trouble(do=do, vendor="topdesk", method="PUT", path="/archive$", status=400)
    refused = connector.apply(action, once=ONCE, out=desk.tray)
    assert isinstance(refused, Receipt) and (refused.outcome, refused.code) == (Outcome.REFUSED, code)
    desk.calm()
    assert connector.find(action, once=ONCE) is None, "and nothing was archived"


def test_a_206_that_does_not_name_its_next_page_loses_no_row() -> None:
    desk = Desk()
    whole = {one.ref for one in found(topdesk(desk), desk, Kind.CONTACT_PERSON)}
    desk.trouble(do="next-dropped", vendor="topdesk")
    assert {one.ref for one in found(topdesk(desk), desk, Kind.CONTACT_PERSON)} == whole and len(whole) > 2
    assert any(answer.status_code == 206 for _, answer in desk.wire.answered), "there was more than a page"


def hidden(desk: Desk) -> Iterator[Kind]:
    """A filter on our operator hides the customer's branch; the kinds that a look reads."""
    world = desk.sandbox.world
    me = next(one for one in world.all("topdesk", "operator") if one.raw["apiAccount"] is True)
    branch = found(topdesk(desk), desk, Kind.BRANCH)[0]
    world.change(me, {"hiddenBranches": [branch.id]})
    yield from (cell.kind for cell in topdesk(desk).cells())


def test_a_branch_that_a_filter_on_our_operator_hides_makes_every_cell_blind() -> None:
    desk = Desk()
    for kind in hidden(desk):
        with pytest.raises(Confusing, match="filter"):
            found(topdesk(desk), desk, kind)


def test_an_admins_card_that_the_service_desk_does_not_archive_is_left_and_said() -> None:
    desk = Desk()
    connector = topdesk(desk)
    action = archiving(desk, connector)
    desk.trouble(do="status", status=400, code="can not archive admins", vendor="topdesk", path="/archive$")
    receipt = connector.apply(action, once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt) and receipt.outcome is Outcome.REFUSED
    assert action.target in {one.id for one in found(connector, desk, Kind.CONTACT_PERSON)}


def test_assets_are_archived_one_by_one_and_never_by_the_call_that_says_200_to_a_failure() -> None:
    desk = Desk()
    connector = topdesk(desk)
    assets = found(connector, desk, Kind.ASSET)
    for one in assets:
        ends = act(connector, Kind.ASSET, Verb.END, one.id, one.scope, before=one.image)
        connector.apply(ends, once=ONCE, out=desk.tray)
    assert assets and found(connector, desk, Kind.ASSET) == []
    assert not [one for one in desk.wire.seen if one.url.path.endswith("/assets/delete")]
    told = "".join(file.read_text(encoding="utf-8") for file in (CLIENTS / "topdesk").glob("*.py"))
    assert "/archive" in told and "assets/delete" not in told
