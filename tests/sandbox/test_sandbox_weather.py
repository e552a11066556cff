"""Weather: a share of all answers goes wrong, alike for the same seed, and the record says which."""

from collections import Counter
from urllib.parse import urlencode

import pytest
from sandbox_callers import Estate, estate

from sendoff.sandbox.weather import BLUNT, KINDS, PAGES, STATUSES, fitting
from sendoff.sandbox.wire import Json, Obj, Request, Response, arr, obj, text, whole

V = "api-version"
USUAL: Obj = {"share": 0.2, "seed": 7, "seconds": 0}


def bad(world: Estate, **more: Json) -> Obj:
    return obj(world.control("POST", "/weather", {**USUAL, **more}))


def calls(world: Estate) -> list[Obj]:
    rows = [obj(one) for one in arr(world.control("GET", "/record"))]
    return [one for one in rows if text(one, "type") == "call"]


def asked(world: Estate, times: int = 1000) -> list[int]:
    """The statuses of a list of devices, asked again and again."""
    return [world.prtg("table.json", content="devices", columns="objid").status for _ in range(times)]


def resources(world: Estate, key: str) -> Response:
    return world.arm("GET", f"/subscriptions/{world.subscription()}/resources?{V}=2025-04-01", key)


def test_a_fifth_of_all_answers_goes_wrong_and_the_record_says_so() -> None:
    world = estate()
    bad(world)
    asked(world)

    shown = obj(world.control("GET", "/weather"))
    marked = Counter(text(one, "struck") for one in calls(world) if text(one, "struck"))

    assert whole(shown["calls"]) == 1000
    assert 170 <= whole(shown["struck"]) <= 230
    assert obj(shown["by_vendor"]) == {"prtg": dict(marked)}
    assert set(marked) == set(BLUNT)
    assert {whole(one["status"]) for one in calls(world) if not text(one, "struck")} == {200}


def test_the_same_seed_strikes_the_same_calls_and_another_seed_others() -> None:
    one, same, other = estate(), estate(), estate()
    bad(one)
    bad(same)
    bad(other, seed=8)

    first = asked(one, 200)

    assert first == asked(same, 200) != asked(other, 200)


def test_who_asks_first_changes_nothing() -> None:
    """Six readers ask at the same time: what each meets hangs on its own call."""
    one, turned = estate(), estate()
    bad(one, share=0.5)
    bad(turned, share=0.5)
    ids = [str(number) for number in range(40)]

    met = {ident: one.prtg("getobjectstatus.htm", id=ident).status for ident in ids}

    assert {ident: turned.prtg("getobjectstatus.htm", id=ident).status for ident in reversed(ids)} == met
    assert len(set(met.values())) > 2


@pytest.mark.parametrize("kind", BLUNT)
def test_every_plain_trouble_looks_as_it_says(kind: str) -> None:
    world = estate()
    bad(world, share=1, kinds=[kind])

    found = set(asked(world, 30))

    expected = {"throttle": {429}, "status": {*STATUSES}, "html": {*PAGES}}
    assert found == expected.get(kind, {0})


def test_a_page_is_dropped_where_there_is_a_next_one_and_never_counted_where_there_is_none() -> None:
    world = estate()
    key = world.lighthouse()
    assert text(resources(world, key).json(), "nextLink")
    bad(world, share=1, kinds=["drop-page"])

    dropped = resources(world, key)
    short = world.arm("GET", f"/subscriptions/{world.subscription()}?{V}=2022-12-01", key)

    assert (dropped.status, text(dropped.json(), "nextLink")) == (200, "")
    assert short.status == 0, "no page to drop: the answer is lost"
    assert [text(one, "struck") for one in calls(world)[-2:]] == ["drop-page", "lost-answer"]


def test_a_lie_is_told_about_a_change_and_about_nothing_else() -> None:
    world = estate()
    bad(world, share=1, kinds=["lie"])
    group = text(arr(obj(world.customer()["prtg"])["group_ids"])[0])

    told = world.prtg("pause.htm", id=group, action="0")
    absent = world.prtg("pause.htm", id="999999", action="0")

    assert (told.status, absent.status) == (200, 0)
    assert world.control("GET", "/effects") == []
    assert [text(one, "struck") for one in calls(world)] == ["lie", "lost-answer"]


def test_long_deletes_are_slow_or_fail_where_a_delete_is_long() -> None:
    world = estate()
    key = world.lighthouse()
    url = f"/subscriptions/{world.subscription()}/resourceGroups/rg-intercept-mgmt?{V}=2025-04-01"
    bad(world, share=1, kinds=["fail-delete"])

    answer = world.arm("DELETE", url, key)
    world.control("DELETE", "/weather")

    assert answer.status == 202
    assert world.finish(answer, key) == "Failed"
    assert [text(one, "struck") for one in calls(world) if text(one, "struck")] == ["fail-delete"]


def test_no_sign_in_is_a_lie_and_every_kind_fits_somewhere() -> None:
    token = Request(method="POST", path="/t/oauth2/v2.0/token", body=urlencode({"scope": "x"}).encode())
    every = {
        kind
        for vendor, method, path in (("arm", "GET", "/subscriptions"), ("arm", "DELETE", "/x"), ("prtg", "GET", "/api"))
        for kind in fitting(vendor, Request(method=method, path=path))
    }

    assert set(fitting("login", token)) == set(BLUNT)
    assert every == set(KINDS)


def test_neither_the_control_port_nor_the_cast_nor_spared_vendors_are_struck() -> None:
    world = estate()
    bad(world, share=1, vendors=["graph"])

    assert set(asked(world, 20)) == {200}
    assert world.control("GET", "/clock") is not None
    assert arr(obj(world.control("POST", "/cast/act", {}))["did"]), "the cast signs in and reads its mail"
    assert world.graph("GET", "/users", "no token").status != 401
    assert whole(obj(world.control("GET", "/weather"))["calls"]) == 1


@pytest.mark.parametrize("told", [{}, {"share": 1.5}, {"share": -1}, {"share": 0.2, "kinds": ["hail"]}])
def test_weather_that_cannot_be_is_refused(told: Obj) -> None:
    world = estate()

    assert "known" in obj(world.control("POST", "/weather", told))
    assert set(asked(world, 20)) == {200}
