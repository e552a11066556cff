"""When users last signed in: only for who asks by name, may read it, and pays for it."""

import pytest
from sandbox_callers import GRAPH, LEAVES, Estate, code, estate

from sendoff.sandbox.wire import Obj, arr, dig, text

BRAM = "bram@vandermeer.example"
ASK = "?$select=id,signInActivity"


def used(world: Estate, **more: str | bool) -> None:
    """Somebody, or a script, signs in as Bram."""
    body: Obj = {"do": "graph.use-account", "customer": LEAVES, "user": BRAM, **more}
    world.control("POST", "/hands", body)


def ident(world: Estate) -> str:
    return text(world.graph("GET", f"/users/{BRAM}", world.app(GRAPH)).json(), "id")


def test_without_asking_for_it_by_name_it_is_never_there() -> None:
    world = estate()
    used(world)
    key, bram = world.app(GRAPH), ident(world)
    assert "signInActivity" not in world.graph("GET", f"/users/{bram}", key).body.decode()
    assert "signInActivity" not in world.graph("GET", "/users?$select=id,displayName", key).body.decode()
    row = world.graph("GET", f"/users/{bram}{ASK}", key).json()
    assert text(row, "signInActivity", "lastSignInDateTime").startswith("2026-11-23T")


def test_who_never_signed_in_has_none_and_a_script_signs_in_beside_its_person() -> None:
    world = estate()
    key, bram = world.app(GRAPH), ident(world)
    assert dig(world.graph("GET", f"/users/{bram}{ASK}", key).json(), "signInActivity") is None
    used(world, at="2026-11-01T08:00:00Z", script=True)
    used(world, at="2026-10-01T08:00:00Z")
    row = world.graph("GET", f"/users/{bram}{ASK}", key).json()
    assert text(row, "signInActivity", "lastNonInteractiveSignInDateTime") == "2026-11-01T08:00:00Z"
    assert text(row, "signInActivity", "lastSignInDateTime") == "2026-10-01T08:00:00Z"
    rows = arr(dig(world.graph("GET", f"/users{ASK}", key).json(), "value"))
    assert [text(one, "id") for one in rows if dig(one, "signInActivity") is not None] == [bram]


@pytest.mark.parametrize(
    ("hand", "refusal"),
    [
        ("graph.without-premium", "Authentication_RequestFromNonPremiumTenantOrB2CTenant"),
        ("graph.without-audit-read", "Authentication_MSGraphPermissionMissing"),
    ],
)
def test_without_the_licence_or_the_permission_the_whole_call_is_refused(hand: str, refusal: str) -> None:
    world = estate()
    key, bram = world.app(GRAPH), ident(world)
    world.control("POST", "/hands", {"do": hand, "customer": LEAVES})
    for url in (f"/users{ASK}", f"/users/{bram}{ASK}"):
        no = world.graph("GET", url, key)
        assert (no.status, code(no)) == (403, refusal)
    assert world.graph("GET", f"/users/{bram}", key).status == 200


def test_by_a_sign_in_name_it_is_not_given() -> None:
    world = estate()
    assert world.graph("GET", f"/users/{BRAM}{ASK}", world.app(GRAPH)).status == 400
