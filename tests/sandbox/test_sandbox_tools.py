"""PRTG and Passwordstate, played: what they refuse, and where their answers mislead."""

from sandbox_callers import estate

from sendoff.sandbox.wire import arr, dig, obj, text


def test_a_prtg_delete_needs_approve_and_takes_the_subtree() -> None:
    world = estate()
    assert b"really" in world.prtg("deleteobject.htm", id="2001").body
    assert dig(world.prtg("table.json", content="sensors", id="2001", count="0").json(), "treesize") == 25
    assert world.prtg("deleteobject.htm", id="2001", approve="1").status == 200
    assert dig(world.prtg("table.json", content="sensors", id="2001", count="0").json(), "treesize") == 0
    logs = arr(dig(world.prtg("table.json", content="messages", columns="objid,status").json(), "messages"))
    assert {text(one, "status_raw") for one in logs} >= {"502", "506"}


def test_prtg_refuses_to_delete_its_own_objects_with_xml() -> None:
    world = estate()
    for ident in ("0", "1", "40"):
        refused = world.prtg("deleteobject.htm", id=ident, approve="1")
        assert refused.status == 400 and b"<error>Some of the selected" in refused.body


def test_a_prtg_delete_can_lag() -> None:
    world = estate()
    world.control("POST", "/trouble", {"do": "slow-delete", "vendor": "prtg", "path": "deleteobject", "polls": 3})
    world.prtg("deleteobject.htm", id="2001", approve="1")
    counts = [dig(world.prtg("table.json", content="groups", filter_objid="2001").json(), "treesize") for _ in range(4)]
    assert counts == [1, 1, 0, 0]


def test_a_name_filter_by_substring_also_hits_the_customer_who_stays() -> None:
    world = estate()
    found = world.prtg("table.json", content="groups", columns="objid,name", filter_name="@sub(Van der Meer)")
    names = {text(one, "name") for one in arr(dig(found.json(), "groups"))}
    assert {"Van der Meer Logistics B.V.", "Van der Meer Advocaten", "Van der Meer-Test"} <= names


def test_a_paused_group_shows_its_children_as_paused_by_dependency() -> None:
    world = estate()
    world.prtg("pause.htm", id="2001", action="0", pausemsg="leaving")
    rows = arr(dig(world.prtg("table.json", content="sensors", id="2001", columns="objid,status").json(), "sensors"))
    assert {text(one, "status_raw") for one in rows} == {"8"}


def test_prtg_without_credentials_is_a_401() -> None:
    world = estate()
    assert world.call("prtg", "GET", "/api/table.json?content=groups").status == 401
    assert world.call("prtg", "GET", "/api/v2/health").status == 302


def test_a_probe_whose_host_reconnects_comes_back_as_a_new_probe() -> None:
    world = estate()
    world.control("POST", "/hands", {"do": "prtg.delete-probe", "customer": "vandermeer"})
    world.control("POST", "/hands", {"do": "prtg.probe-reconnects", "customer": "vandermeer"})
    logs = arr(
        dig(world.prtg("table.json", content="messages", columns="status", filter_status="710").json(), "messages")
    )
    assert len(logs) == 1


def test_historic_data_comes_as_csv_with_raw_twins() -> None:
    world = estate()
    found = world.prtg(
        "historicdata.csv", id="2012", avg="3600", sdate="2026-11-01-00-00-00", edate="2026-11-02-00-00-00"
    )
    assert found.body.startswith(b'"Date Time","Date Time(RAW)"') and len(found.body.splitlines()) == 25


def test_query_all_switches_the_meaning_of_the_id() -> None:
    world = estate()
    assert len(arr(world.vault("GET", "/api/passwords/101?QueryAll").json())) == 11
    assert world.vault("GET", "/api/passwords/101").status == 404
    one = arr(world.vault("GET", "/api/passwords/1001").json())
    assert text(one[0], "PasswordID") == "1001" and text(one[0], "PasswordListID") == "101"


def test_a_list_with_a_mandatory_reason_refuses_without_one() -> None:
    world = estate()
    refused = world.vault("GET", "/api/passwords/103?QueryAll")
    assert refused.status == 401 and b"Reason Header Attribute is mandatory" in refused.body
    assert "errors" in obj(arr(refused.json())[0])
    assert world.vault("GET", "/api/passwords/103?QueryAll", reason="leaving").status == 200


def test_reading_a_secret_is_a_disclosure_and_excluding_it_is_not() -> None:
    world = estate()
    world.vault("GET", "/api/passwords/101?QueryAll&ExcludePassword=true")
    assert world.control("GET", "/effects") == []
    world.vault("GET", "/api/passwords/1001")
    assert [text(one, "verb") for one in arr(world.control("GET", "/effects"))] == ["disclosed"]


def test_a_deleted_password_goes_to_the_bin_only_when_asked() -> None:
    world = estate()
    assert world.vault("DELETE", "/api/passwords/1001?MoveToRecycleBin=true").status == 204
    assert world.vault("GET", "/api/passwords/1001").status == 404
    assert "vault:recycled:1001" in obj(world.control("GET", "/world/objects?customer=vandermeer"))


def test_a_search_without_a_hit_is_a_404() -> None:
    world = estate()
    assert world.vault("GET", "/api/searchpasswords/101?title=nothing-like-it").status == 404


def test_a_list_key_opens_its_own_list_alone() -> None:
    world = estate()
    key = text(world.known, "msp", "passwordstate", "list_keys", "101")
    assert world.call("passwordstate", "GET", "/api/passwords/101?QueryAll", apikey=key).status == 200
    assert world.call("passwordstate", "GET", "/api/passwords/102?QueryAll", apikey=key).status == 404
    assert world.call("passwordstate", "GET", "/api/folders", apikey=key).status == 403
