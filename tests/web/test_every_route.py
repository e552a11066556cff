"""Every route by every role: own case, foreign case, no session, wrong origin. The table is compared with the app."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest

from fakes.browsers import OWN, Answer, Site
from fakes.houses import stage
from sendoff.model.people import Role

CSM, ENGINEER, LEAD = Role.CSM, Role.ENGINEER, Role.PRACTICE_LEAD
ALL = frozenset(Role)
PEOPLE: Mapping[str, Role] = {"carla": CSM, "erik": ENGINEER, "paul": LEAD}
WHY = {"reason": "as agreed by telephone"}
DAY = {"until": "2027-02-01"}
STEP = "/cases/{case}/steps/{step}"


@dataclass(frozen=True)
class Door:
    """Who may knock at a route, and with which form; the step it is tried on."""

    roles: frozenset[Role]
    form: Mapping[str, str]
    step: str = "confirm-termination"
    file: bool = False


READS = (
    "/",
    "/cases",
    "/cases/new",
    "/cases/{case}",
    "/cases/{case}/journal",
    "/cases/{case}/preflight",
    "/cases/{case}/inventory",
    "/cases/{case}/letters",
    "/cases/{case}/certificate",
    "/cases/{case}/folder",
    "/cases/{case}/withdrawal",
    STEP,
    "/settings",
    "/cases/{case}/evidence/{digest}",
    "/cases/{case}/files/{name}",
)
STREAMS = ("/cases/{case}/live", f"{STEP}/live")
WRITES: Mapping[str, Door] = {
    "/cases/{case}/preflight": Door(ALL, {}),
    "/cases/{case}/forecast": Door(ALL, {}),
    "/cases/{case}/look": Door(ALL, {"purpose": "by hand"}),
    "/cases/{case}/decide": Door(frozenset({ENGINEER}), {**WHY, "whose": "customers", "purpose": "preflight"}),
    "/cases/{case}/attest": Door(ALL, {"what": "costs-kept"}, file=True),
    "/cases/{case}/tail": Door(frozenset({CSM, LEAD}), {**WHY, **DAY}),
    "/cases/{case}/close": Door(frozenset({LEAD}), {}),
    "/cases/{case}/withdraw": Door(frozenset({CSM, LEAD}), WHY),
    "/cases/{case}/halt": Door(ALL, {**WHY, "state": "off"}),
    "/cases/{case}/rehearsal/others": Door(ALL, {}),
    "/cases/{case}/rehearsal/clock": Door(ALL, {}),
    f"{STEP}/plan": Door(frozenset({CSM}), {}),
    f"{STEP}/approve": Door(frozenset({CSM, LEAD}), {"digest": "sha256:" + "0" * 64}),
    f"{STEP}/reword": Door(frozenset({CSM, LEAD}), {"letter": "x", "subject": "x", "body": "x"}),
    f"{STEP}/refuse": Door(frozenset({CSM, LEAD}), WHY),
    f"{STEP}/attest": Door(frozenset({CSM}), {}, file=True),
    f"{STEP}/not-applicable": Door(frozenset({ENGINEER, LEAD}), WHY, step="export-resources"),
    f"{STEP}/waive": Door(ALL, {**WHY, **DAY}, step="export-secrets"),
    f"{STEP}/stop": Door(ALL, WHY, step="export-secrets"),
    f"{STEP}/resume": Door(frozenset({ENGINEER, LEAD}), WHY, step="export-secrets"),
    "/cases/{case}/facts": Door(ALL, WHY),
    "/cases/new": Door(frozenset({CSM}), {}),
    "/settings/probe": Door(ALL, {}),
}
WAYS = ("GET /sign-in", "POST /sign-in", "POST /sign-out")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A house with a case of everybody's, and one from which all but Carla are excluded."""
    made = stage(tmp_path_factory.mktemp("routes"))
    made.opened()
    others = tuple(made.who(login).id for login in ("erik", "emma", "paul"))
    made.opened(lambda facts: replace(facts, excluded=others))
    made.opened()
    made.desk.preflight(made.who("erik"), OURS)
    return Site(made)


OURS = "L00000001"


def foreign(site: Site) -> str:
    """The case from which all but Carla are excluded."""
    return list(site.stage.desk.heads())[1]


def own(site: Site, path: str) -> str:
    """A case of everybody's; what ends all open work is tried on one that nothing else is tried on."""
    return list(site.stage.desk.heads())[2 if path.endswith("/withdraw") else 0]


def test_the_table_names_every_route_of_the_app_and_no_other(site: Site) -> None:
    real = {
        f"{method.upper()} {path.replace('{name:path}', '{name}')}"
        for path, methods in site.app.openapi()["paths"].items()
        for method in methods
    }
    told = {f"GET {path}" for path in (*READS, *STREAMS)} | {f"POST {path}" for path in WRITES} | set(WAYS)
    assert told == real


def address(site: Site, path: str, case: str, step: str = "confirm-termination") -> str:
    """A route for one case."""
    notice = site.stage.desk.case(case).facts.notice.evidence
    return path.format(case=case, step=step, digest=notice, name="journal.jsonl")


@pytest.mark.parametrize("path", READS)
def test_everybody_of_the_register_may_look(site: Site, path: str) -> None:
    for login in PEOPLE:
        for case in (OURS, foreign(site)):
            assert site.as_(login).get(address(site, path, case)).status_code == 200


@pytest.mark.parametrize("path", [*READS, *STREAMS])
def test_nobody_looks_without_a_session(site: Site, path: str) -> None:
    answer = site.nobody().get(address(site, path, OURS))
    assert answer.status_code == (401 if path in STREAMS else 303)
    assert "Van der Meer" not in answer.text


def sent(site: Site, login: str, path: str, case: str) -> Answer:
    """One person knocks at one door."""
    door = WRITES[path]
    form = dict(door.form)
    if path.endswith("/decide"):
        owned = site.stage.desk.seen(OURS, "preflight")
        form["ref"] = next(one.item.ref for one in owned if one.provenance.whose == "unknown")
    files = {"files": ("word.txt", b"it is so", "text/plain")} if door.file else None
    if path.endswith(("/new", "/facts")):
        site.stage.facts()
        facts = (site.stage.folder / "facts.toml").read_bytes()
        files = {
            "facts": ("facts.toml", facts, "text/plain"),
            "notice": ("notice.eml", site.stage.notice(), "text/plain"),
        }
    return site.as_(login).post(address(site, path, case, door.step), form, files=files)


NO_ROLE = re.compile("this takes (CSM|Engineer|Practice Lead)")


@pytest.mark.parametrize("path", WRITES)
def test_a_door_opens_for_its_roles_and_for_no_other(site: Site, path: str) -> None:
    """One asks to withdraw, whoever it is; to agree takes a role."""
    refused = set()
    for login, role in PEOPLE.items():
        answer = sent(site, login, path, own(site, path))
        assert answer.status_code in (200, 409, 422)
        if answer.status_code == 409 and NO_ROLE.search(answer.text):
            refused.add(role)
    assert refused == ALL - WRITES[path].roles


OF_A_CASE = [path for path in WRITES if "{case}" in path]


@pytest.mark.parametrize("path", OF_A_CASE)
def test_who_is_excluded_from_a_case_does_nothing_in_it_whatever_their_role(site: Site, path: str) -> None:
    before = site.stage.desk.heads()[foreign(site)]
    for login in ("erik", "paul"):
        answer = sent(site, login, path, foreign(site))
        # What such a case never saw is not understood before anybody asks who is there.
        assert answer.status_code == 409 or path.endswith("/decide")
        assert path.endswith("/decide") or "excluded from this case" in answer.text
    assert site.stage.desk.heads()[foreign(site)] == before


@pytest.mark.parametrize("path", WRITES)
def test_nothing_is_done_without_a_session_or_from_elsewhere_or_without_the_token(site: Site, path: str) -> None:
    before, where = site.stage.desk.heads(), address(site, path, OURS, WRITES[path].step)
    form = dict(WRITES[path].form)
    assert site.nobody().post(where, form).status_code == 401
    erik = site.as_("erik")
    assert erik.post(where, form, headers={"origin": "https://evil.example"}).status_code == 403
    forged = site.as_("erik")
    forged.token = "0" * 43
    assert forged.client.post(where, data={"token": forged.token, **form}, headers=OWN).status_code in (403, 422)
    assert site.stage.desk.heads() == before


def test_a_get_never_decides(site: Site) -> None:
    before = site.stage.desk.heads()
    erik = site.as_("erik")
    for path in set(WRITES) - set(READS):
        assert erik.get(address(site, path, OURS, WRITES[path].step)).status_code in (404, 405, 422)
    assert site.stage.desk.heads() == before
