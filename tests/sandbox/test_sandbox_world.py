"""The world itself: the same for the same seed, quiet where nobody touched it, and served over TLS."""

import json
import os
import ssl
import subprocess
import sys
import urllib.request
from pathlib import Path

from sandbox_callers import LEAVES, estate

from sendoff.sandbox import Request, Sandbox
from sendoff.sandbox.wire import arr, dig, obj, text

STAYS = ("vandermeer-advocaten", "meerzicht")


def test_two_worlds_of_one_seed_are_the_same_and_of_two_seeds_are_not() -> None:
    first, again, other = (Sandbox(seed, "full-stack").world.digests() for seed in (7, 7, 8))
    assert first == again
    assert all(first[slug] != other[slug] for slug in first)


def test_work_at_the_leaving_customer_leaves_the_others_untouched() -> None:
    world = estate()
    before = obj(world.control("GET", "/world/digests"))
    url = f"/subscriptions/{world.subscription()}/resourceGroups/rg-intercept-mgmt?api-version=2025-04-01"
    key = world.lighthouse()
    world.finish(world.arm("DELETE", url, key), key)
    world.prtg("deleteobject.htm", id="2000", approve="1")
    world.control("POST", "/cast/act")
    after = obj(world.control("GET", "/world/digests"))
    assert all(before[slug] == after[slug] for slug in STAYS) and before[LEAVES] != after[LEAVES]


def test_a_stray_change_moves_the_digest_of_the_customer_who_stays() -> None:
    world = estate()
    before = obj(world.control("GET", "/world/digests"))
    stray = obj(world.control("POST", "/stray", {"customer": "meerzicht"}))
    after = obj(world.control("GET", "/world/digests"))
    assert before["meerzicht"] != after["meerzicht"] and "arm:" in text(stray, "key")


def test_residue_can_be_planted_in_every_system() -> None:
    world = estate()
    wanted = (
        ("arm", "resource"),
        ("arm", "policy-assignment"),
        ("graph", "user"),
        ("prtg", "device"),
        ("passwordstate", "password"),
    )
    for system, kind in wanted:
        made = obj(world.control("POST", "/plant", {"system": system, "kind": kind, "customer": LEAVES}))
        assert "key" in made, (system, kind)


def test_every_effect_is_on_the_record_with_the_key_that_did_it() -> None:
    world = estate()
    world.vault("GET", "/api/passwords/1001")
    rows = [obj(one) for one in arr(world.control("GET", "/record?since=0"))]
    effect = next(one for one in rows if one["type"] == "effect")
    assert (effect["verb"], effect["customer"], effect["caller"]) == ("disclosed", LEAVES, "passwordstate:system-wide")
    assert [one["seq"] for one in rows] == list(range(1, len(rows) + 1))


def test_the_control_port_wants_its_token() -> None:
    assert estate().sandbox.answer("control", Request(method="GET", path="/clock")).status == 403


def test_at_tier_csp_only_a_forgotten_group_and_guest_are_left() -> None:
    world = estate("csp")
    recorded = {text(one, "kind") for one in arr(world.customer().get("onboarding")) if text(one, "system") == "prtg"}
    assert recorded == set()
    assert dig(world.prtg("table.json", content="groups", filter_objid="2001").json(), "treesize") == 1
    keys = obj(world.control("GET", f"/world/objects?customer={LEAVES}"))
    assert not [one for one in keys if one.startswith("vault:")]


def test_the_onboarding_record_misses_one_thing_and_names_one_that_is_gone() -> None:
    world = estate()
    noted = {text(one, "id").lower() for one in arr(world.customer().get("onboarding"))}
    things = {one.id.lower() for one in world.sandbox.world.each("arm")}
    assert [one for one in noted if one.startswith("/sub") and one not in things]
    ours = [
        one
        for one in world.sandbox.world.each("arm")
        if one.owner == LEAVES
        and text(one.raw, "tags", "managedBy") == "intercept"
        and "owner" not in obj(one.raw["tags"])
    ]
    assert [one for one in ours if one.id.lower() not in noted]


def test_the_ports_answer_over_tls_and_end_with_their_parent(tmp_path: Path) -> None:
    source = Path(__file__).parents[2] / "src"
    command = [
        sys.executable,
        "-m",
        "sendoff.sandbox",
        "--folder",
        str(tmp_path),
        "--seed",
        "3",
        "--parent-pid",
        str(os.getpid()),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(source)}) as served:
        assert served.stdout is not None
        card = obj(json.loads(served.stdout.readline()))
        trust = ssl.create_default_context(cafile=text(card, "ca"))
        asked = urllib.request.Request(f"{text(card, 'control', 'url')}/clock")
        asked.add_header("X-Control", text(card, "control", "token"))
        with urllib.request.urlopen(asked, context=trust, timeout=5) as got:
            assert json.load(got)["now"].startswith("2026-11-23T09:00:00")
        assert json.loads((tmp_path / "sandbox.json").read_text()) == card
        served.terminate()
    assert served.returncode == 0
