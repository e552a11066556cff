"""A generated customer: as many of everything as was asked for, the same for the same seed, served page by page."""

from sandbox_callers import GRAPH, Estate

from sendoff.sandbox import Sandbox
from sendoff.sandbox.seed_crowd import IN_SUBSCRIPTION, Crowd
from sendoff.sandbox.wire import Obj, arr, dig, text

MANY = Crowd(resources=2_150, policies=40, role_assignments=60, users=30)
AUTH = "providers/Microsoft.Authorization"


def _estate(seed: int = 7, many: Crowd = MANY) -> Estate:
    return Estate(Sandbox(seed, "full-stack", crowd=many))


def _crowded(world: Estate) -> list[str]:
    subs = [text(one, "id") for one in arr(world.customer().get("subscriptions")) if "crowd" in text(one, "name")]
    assert subs
    return subs


def _roles(world: Estate) -> int:
    """How many role assignments the crowd's subscriptions have."""
    ask = "/subscriptions/{}/" + AUTH + "/roleAssignments?api-version=2022-04-01"
    return sum(len(world.list_arm(ask.format(one), world.app())) for one in _crowded(world))


def test_there_are_as_many_as_were_asked_for_spread_over_subscriptions_and_groups() -> None:
    world = _estate()
    world.control("POST", "/habits", {"rows": 1000})
    key, subs = world.lighthouse(), _crowded(world)
    resources = [world.list_arm(f"/subscriptions/{one}/resources?api-version=2025-04-01", key) for one in subs]
    crowds = [[row for row in rows if "/rg-crowd-" in text(row, "id")] for rows in resources]
    assert [len(one) for one in crowds] == [IN_SUBSCRIPTION, 150]
    groups = {text(row, "id").split("/providers/")[0] for rows in crowds for row in rows}
    assert len(groups) == 22 and len({text(row, "type") for rows in crowds for row in rows}) > 5
    policies = 0
    for kind, version in (
        ("policyDefinitions", "2026-06-01"),
        ("policySetDefinitions", "2026-06-01"),
        ("policyAssignments", "2026-06-01"),
        ("policyExemptions", "2026-01-01-preview"),
    ):
        for sub in subs:
            rows = world.list_arm(f"/subscriptions/{sub}/{AUTH}/{kind}?api-version={version}", key)
            policies += sum("/crowd-" in text(row, "id") for row in rows)
    assert (policies, _roles(world) - _roles(_estate(many=Crowd(resources=MANY.resources)))) == (40, 60)
    users = world.pages("graph", "/v1.0/users?$select=id,userType,jobTitle", world.app(GRAPH), "@odata.nextLink")
    crowd = [one for one in users if text(one, "jobTitle") == "crowd"]
    assert (len(crowd), sum(text(one, "userType") == "Guest" for one in crowd)) == (30, 3)


def test_the_same_seed_makes_the_same_crowd_and_another_seed_another() -> None:
    few = Crowd(resources=50, policies=8, role_assignments=10, users=5)
    worlds = [_estate(seed, few).sandbox.world.digests() for seed in (7, 7, 8)]
    assert worlds[0] == worlds[1] and worlds[0]["vandermeer"] != worlds[2]["vandermeer"]


def test_nobody_but_the_leaver_grows() -> None:
    grown, plain = _estate().sandbox.world.digests(), _estate(many=Crowd()).sandbox.world.digests()
    assert {one for one in grown if grown[one] != plain[one]} == {"vandermeer"}


def test_resource_graph_gives_a_thousand_rows_a_page_of_a_crowd() -> None:
    world = _estate()
    body: Obj = {
        "query": "resources | order by id asc",
        "subscriptions": [_crowded(world)[0]],
        "options": {"$top": 1000},
    }
    url = "/providers/Microsoft.ResourceGraph/resources?api-version=2021-03-01"
    said = world.arm("POST", url, world.lighthouse(), body).json()
    assert len(arr(dig(said, "data"))) == 1000 and dig(said, "totalRecords") == IN_SUBSCRIPTION + _besides()


def _besides() -> int:
    """What onboarding and the customer put into every subscription, crowd or not."""
    plain = _estate(many=Crowd(resources=1))
    rows = plain.list_arm(f"/subscriptions/{_crowded(plain)[0]}/resources?api-version=2025-04-01", plain.lighthouse())
    return len(rows) - 1


def test_a_crowd_of_ours_lies_in_recorded_groups_evenly_in_its_subscriptions() -> None:
    world = _estate(many=Crowd(ours=250, spread=2))
    world.control("POST", "/habits", {"rows": 1000})
    key, subs = world.lighthouse(), _crowded(world)
    lists = [world.list_arm(f"/subscriptions/{one}/resources?api-version=2025-04-01", key) for one in subs]
    ours = [[row for row in rows if "/rg-intercept-crowd-" in text(row, "id")] for rows in lists]
    assert [len(one) for one in ours] == [125, 125]
    recorded = {text(row, "id") for row in arr(world.customer().get("onboarding"))}
    groups = {text(row, "id").split("/providers/")[0] for rows in ours for row in rows}
    assert groups <= recorded and len(groups) == 4
