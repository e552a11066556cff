"""TOPdesk, played: its three error dialects, its pages, its archive, and the contract that only a person ends."""

import base64
from dataclasses import dataclass
from urllib.parse import quote

import pytest
from sandbox_callers import LEAVES, Estate, estate

from sendoff.sandbox.trouble import local
from sendoff.sandbox.wire import Json, Obj, Response, arr, dig, obj, text, whole

V2 = "application/x.topdesk-collection-person-v2+json"


@dataclass
class Desk:
    """A world and our login to its TOPdesk."""

    world: Estate

    def __call__(self, method: str, url: str, body: Obj | None = None, **head: str) -> Response:
        ours = dig(self.world.known, "msp", "topdesk")
        login = f"{text(ours, 'login')}:{text(ours, 'password')}"
        signed = {"authorization": f"Basic {base64.b64encode(login.encode()).decode()}", **head}
        return self.world.call("topdesk", method, f"/tas/api{url}", body=body, **signed)

    def branch(self, number: str = "VDM-001") -> str:
        found = arr(self("GET", f"/branches?query=clientReferenceNumber=={number};archived==false").json())
        return text(found[0], "id")

    def reason(self) -> str:
        return text(arr(self("GET", "/archiving-reasons").json())[0], "id")

    def people(self, number: str = "VDM-001") -> list[Obj]:
        asked = f"/persons?query=branch.id=={self.branch(number)};archived==false"
        return [obj(one) for one in arr(self("GET", asked).json())]

    def hands(self, do: str, **more: Json) -> list[Json]:
        made = self.world.control("POST", "/hands", {"do": do, "customer": LEAVES, **more})
        return arr(dig(made, "touched"))

    def slas(self, day: str) -> Response:
        return self("GET", f"/incidents/slas?branch={self.branch()}&contractDate={day}T00:00:00Z")

    def task(self, **more: Json) -> Response:
        asked: Obj = {
            "briefDescription": "End the contract of Van der Meer Logistics B.V.",
            "request": "Contract C VDM-001: end date 2027-01-31. Agreed on 2026-11-20.",
            "targetDate": "2027-01-15T16:00:00+01:00",
            "externalNumber": "so-0123456789abcdef01234567",
            "callerLookup": {"id": text(self.people()[0], "id")},
            "operatorGroup": {"name": "Contract administration"},
            **more,
        }
        return self("POST", "/incidents", {key: value for key, value in asked.items() if value is not None})


def desk() -> Desk:
    return Desk(estate())


def says(response: Response) -> str:
    return text(arr(response.json())[0], "message")


def test_without_the_right_password_every_module_answers_401_in_its_own_dialect() -> None:
    world = estate()
    assert world.call("topdesk", "GET", "/tas/api/version").status == 401
    persons = world.call("topdesk", "GET", "/tas/api/persons", authorization="Basic bm86bm8=")
    calls = world.call("topdesk", "GET", "/tas/api/incidents", authorization="TOKEN id=x")
    assert (persons.status, says(persons)) == (401, "No authentication token provided")
    assert (calls.status, calls.body) == (401, b"")


def test_the_three_error_dialects() -> None:
    ours = desk()
    bad = ours("GET", "/branches?query=name==")
    assert text(arr(obj(arr(bad.json())[0])["errors"])[0], "errorMessage") == "Input parameters malformed"
    assert says(ours("GET", "/persons?page_size=101")) == "Input parameters malformed"
    assert ours("GET", "/incidents/id/unknown").body == b""
    assert ours("GET", "/../outside").status in (400, 404)


def test_a_trailing_slash_and_the_version_are_answered() -> None:
    ours = desk()
    assert ours("GET", "/version/").status == 200 and ours("GET", "/persons/").status == 206


def test_a_branch_query_finds_archived_cards_too_and_no_query_does_not() -> None:
    ours = desk()
    plain = [text(one, "name") for one in arr(ours("GET", "/branches").json())]
    asked = [text(one, "name") for one in arr(ours("GET", "/branches?query=name=sw=%22Van der Meer%22").json())]
    assert "Van der Meer Logistiek (oud)" not in plain and "Van der Meer Advocaten" in plain
    assert {"Van der Meer Logistiek (oud)", "Van der Meer Advocaten", "Van der Meer Logistics B.V."} == set(asked)
    rows = arr(ours("GET", "/branches?query=archived==true&$fields=name,status").json())
    assert [(text(one, "name"), text(one, "status")) for one in rows] == [
        ("Van der Meer Logistiek (oud)", "branchArchived")
    ]


def test_a_branch_filter_of_our_operator_hides_a_card_without_a_word() -> None:
    ours = desk()
    ident = ours.branch()
    world = ours.world.sandbox.world
    me = next(one for one in world.all("topdesk", "operator") if one.raw["apiAccount"] is True)
    assert ours("GET", f"/operators/id/{me.id}/filters/branch").status == 204
    world.change(me, {"hiddenBranches": [ident]})
    assert arr(ours("GET", "/branches?query=clientReferenceNumber==VDM-001").json()) == []
    assert ours("GET", f"/branches/id/{ident}").status == 403
    assert ours("GET", f"/operators/id/{me.id}/filters/branch").status == 200


def test_archiving_needs_a_reason_that_exists_and_happens_once() -> None:
    ours = desk()
    where = f"/branches/id/{ours.branch()}/archive"
    assert says(ours("PUT", where)) == "Reason for archiving is mandatory"
    assert says(ours("PUT", where, {"id": "no"})) == "The field 'id' cannot be parsed"
    unknown: Obj = {"id": "11111111-1111-1111-1111-111111111111"}
    assert "cannot be found" in says(ours("PUT", where, unknown))
    done = ours("PATCH", where, {"id": ours.reason()})
    assert (done.status, text(done.json(), "status")) == (200, "branchArchived")
    again = ours("PUT", where, {"id": ours.reason()})
    assert (again.status, says(again)) == (400, "branch is already archived")
    assert ours("PATCH", where.removesuffix("/archive"), {"name": "other"}).status == 400
    assert ours("PUT", where.replace("/archive", "/unarchive")).status == 200


def test_a_setting_may_do_without_a_reason() -> None:
    ours = desk()
    world = ours.world.sandbox.world
    setting = world.get("topdesk", "setting", "archiving")
    assert setting is not None
    world.change(setting, {"reasonMandatory": False})
    assert ours("PUT", f"/branches/id/{ours.branch('MZ-001')}/archive").status == 200


def test_persons_come_in_two_media_versions_and_a_third_is_a_406() -> None:
    ours = desk()
    asked = f"/persons?query=branch.id=={ours.branch()}"
    old, new = ours("GET", asked), ours("GET", f"{asked}&pageSize=2", accept=V2)
    assert old.status == 200 and text(arr(old.json())[0], "status") == "person"
    assert (new.status, len(arr(dig(new.json(), "item")))) == (206, 2)
    assert "email" not in obj(arr(dig(new.json(), "item"))[0])
    full = ours("GET", f"{asked}&fields=*", accept=V2)
    assert text(arr(dig(full.json(), "item"))[0], "email") == "anna@vandermeer.example"
    assert ours("GET", asked, accept="application/x.topdesk-person-v3+json").status == 406
    assert whole(dig(ours("GET", asked.replace("persons", "persons/count")).json(), "numberOfPersons")) == 6


def test_a_list_is_ten_long_unless_asked_and_206_says_that_there_is_more() -> None:
    ours = desk()
    first = ours("GET", "/persons")
    rest = ours("GET", "/persons?start=10&page_size=10")
    assert (first.status, len(arr(first.json()))) == (206, 10)
    assert rest.status == 200 and not {text(one, "id") for one in arr(rest.json())} & {
        text(one, "id") for one in arr(first.json())
    }
    assert ours("GET", "/persons?start=999").status == 204


def test_archiving_a_person_takes_it_off_the_list_and_the_count() -> None:
    ours = desk()
    one = text(ours.people()[0], "id")
    assert ours("PATCH", f"/persons/id/{one}/archive", {"id": ours.reason()}).status == 200
    assert one not in [text(row, "id") for row in ours.people()]
    again = ours("PUT", f"/persons/id/{one}/archive", {"id": ours.reason()})
    assert says(again) == "Person is already archived"
    assert text(ours("GET", f"/persons/id/{one}").json(), "status") == "personArchived"
    assert dig(ours("GET", f"/persons/{one}").json(), "archived") is True


def test_our_own_operator_cannot_be_archived_nor_the_person_that_is_linked_to_it() -> None:
    ours = desk()
    me = ours("GET", "/operators/current").json()
    body: Obj = {"id": ours.reason()}
    assert says(ours("PUT", f"/operators/id/{text(me, 'id')}/archive", body)) == "Can not archive yourself"
    assert ours("PUT", f"/persons/id/{text(me, 'linkedPerson', 'id')}/archive", body).status == 400
    assert text(me, "linkedPerson", "id") in [text(one, "id") for one in ours.people()]
    admin = ours("GET", "/operators?query=loginName==PAUL").json()
    assert says(ours("PUT", f"/operators/id/{text(arr(admin)[0], 'id')}/archive", body)) == "Can not archive admins"


def test_an_archived_operator_takes_its_person_s_login_away_and_every_call_is_a_401() -> None:
    ours = desk()
    world = ours.world.sandbox.world
    me = next(one for one in world.all("topdesk", "operator") if one.raw["apiAccount"] is True)
    world.change(me, {"archived": True})
    assert says(ours("GET", "/persons")) == "User removed or archived"


def test_open_calls_are_listed_by_page_and_none_is_a_204() -> None:
    ours = desk()
    mine = f"callerBranch.id=={ours.branch()}"
    one = ours("GET", f"/incidents?query={mine};closed==false&dateFormat=iso8601&fields=number,targetDate,creationDate")
    assert (one.status, len(arr(one.json()))) == (200, 1)
    assert text(arr(one.json())[0], "creationDate") == "2026-11-17T09:30:00Z"
    old = ours("GET", f"/incidents?query={mine};closed==false")
    assert text(arr(old.json())[0], "creationDate") == "2026-11-17T09:30:00.000+0000"
    rows, page = [], ours("GET", f"/incidents?pageSize=3&query={quote(mine)}")
    assert page.status == 206
    rows += arr(page.json())
    path, query_ = local(page.headers["x-next-page-url"])
    assert dict(query_)["query"] == mine
    page = ours("GET", page.headers["x-next-page-url"].partition("/tas/api")[2])
    assert page.status == 200 and path == "/tas/api/incidents" and len(rows + arr(page.json())) == 4
    assert ours.hands("topdesk.close-calls")
    assert ours("GET", f"/incidents?query={mine};closed==false").status == 204


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"briefDescription": "x" * 81}, 400),
        ({"externalNumber": "x" * 61}, 400),
        ({"targetDate": "next week"}, 400),
        ({"unheard": "of"}, 400),
        ({"callerLookup": {}}, 400),
        ({"callerLookup": {"email": "nobody@vandermeer.example"}}, 404),
        ({"operatorGroup": {"name": "Nobody"}}, 404),
        ({"status": "thirdLine"}, 400),
        ({"callerLookup": None}, 201),
    ],
)
def test_a_call_is_refused_for_what_the_vendor_refuses(more: Obj, status: int) -> None:
    assert desk().task(**more).status == status


def test_a_contract_renews_for_ever_until_a_person_reads_the_task_and_ends_it() -> None:
    ours = desk()
    assert ours.slas("2040-01-01").status == 200
    assert ours.hands("topdesk.end-contract") == []
    made = ours.task()
    assert made.status == 201 and text(made.json(), "callerBranch", "clientReferenceNumber") == "VDM-001"
    found = ours("GET", "/incidents?query=externalNumber==so-0123456789abcdef01234567")
    assert [text(one, "id") for one in arr(found.json())] == [text(made.json(), "id")]
    assert len(ours.hands("topdesk.end-contract")) == 2
    assert (ours.slas("2027-01-31").status, ours.slas("2027-02-01").status) == (200, 204)


def test_the_end_of_the_contract_may_be_given_to_the_person_and_a_task_of_another_branch_is_not_read() -> None:
    ours = desk()
    other = text(ours.people("MZ-001")[0], "id")
    ours.task(callerLookup={"id": other}, request="end date 2027-01-31")
    assert ours.hands("topdesk.end-contract") == []
    ours.task(request="See the letter.")
    assert ours.hands("topdesk.end-contract", end="2026-12-31")
    assert (ours.slas("2026-12-31").status, ours.slas("2027-01-01").status) == (200, 204)


def test_service_levels_cannot_be_paged_and_are_two_a_contract() -> None:
    ours = desk()
    where = f"/incidents/slas?branch={ours.branch()}"
    one, all_ = ours("GET", f"{where}&page_size=1"), ours("GET", where)
    assert (one.status, all_.status) == (206, 200)
    assert len({text(row, "contractId") for row in arr(dig(all_.json(), "results"))}) == 1
    assert ours("GET", "/incidents/slas?branch=VDM-001").status == 400
    assert ours("GET", f"{where}&contractDate=soon").status == 400


def test_a_contract_that_is_an_asset_is_found_by_branch_and_template_and_archived() -> None:
    ours = desk()
    template = text(arr(dig(ours("GET", "/assetmgmt/templates?searchTerm=contract").json(), "dataSet"))[0], "id")
    where = f"/assetmgmt/assets?templateId={template}&linkedTo=branch/{ours.branch()}&archived=false"
    (one,) = arr(dig(ours("GET", where, accept="application/x.topdesk-am-assets-v2+json").json(), "dataSet"))
    card = f"/assetmgmt/assets/{text(one, 'id')}"
    links = arr(dig(ours("GET", f"{card}/assignments").json(), "locations"))
    assert [text(one, "branch", "id") for one in links] == [ours.branch()]
    assert ours("POST", f"{card}/archive", {}).status == 400
    assert ours("POST", f"{card}/archive", {"reasonId": ours.reason()}).status == 200
    assert ours("POST", f"{card}/archive", {"reasonId": ours.reason()}).status == 409
    assert arr(dig(ours("GET", where).json(), "dataSet")) == []
    assert len(arr(dig(ours("GET", "/assetmgmt/assets").json(), "dataSet"))) == 9


def test_deleting_assets_answers_200_also_when_nothing_was_deleted() -> None:
    ours = desk()
    one = text(arr(dig(ours("GET", "/assetmgmt/assets").json(), "dataSet"))[0], "id")
    done = ours("POST", "/assetmgmt/assets/delete", {"unids": [one, "gone"]})
    assert (done.status, dig(done.json(), "failed"), dig(done.json(), "missing")) == (200, [one], ["gone"])


def test_troubles_speak_the_dialect_of_topdesk() -> None:
    ours = desk()
    ours.world.control("POST", "/trouble", {"do": "throttle", "vendor": "topdesk", "seconds": 7, "times": 1})
    slow = ours("GET", "/persons")
    assert (slow.status, slow.headers["Retry-After"]) == (429, "7") and says(slow)
    ours.world.control("POST", "/trouble", {"do": "forbid", "vendor": "topdesk", "path": "branches", "times": 1})
    assert ours("GET", "/branches").status == 403


def test_work_at_the_leaver_s_cards_leaves_the_others_untouched() -> None:
    ours = desk()
    before = obj(ours.world.control("GET", "/world/digests"))
    ours.task()
    ours.hands("topdesk.end-contract")
    ours("PUT", f"/branches/id/{ours.branch()}/archive", {"id": ours.reason()})
    after = obj(ours.world.control("GET", "/world/digests"))
    assert {slug for slug in before if before[slug] != after[slug]} == {LEAVES}
