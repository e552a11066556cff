"""Four more PRTG clients, unmodified, in two languages: they list, read measurements, pause and delete."""

# mypy: ignore-errors
# ruff: noqa: E402
import json
import os
import subprocess
import warnings
from pathlib import Path
from urllib.parse import urlsplit

warnings.simplefilter("ignore")

import pytest
from prtg.api import ApiClient
from prtg.auth import BasicPasshash, BasicToken
from prtg_cli.core import Prtg as Cli
from prtg_cli.core import PrtgConfig
from prtg_utils.utils import Prtg as Utils
from PRTGAPI.PRTGAPI import PRTGServer

GROUP, DEVICE, SENSOR = "2001", "2011", "2012"


@pytest.fixture(scope="module")
def ours(alone):
    return alone["known"]["msp"]["prtg"]


@pytest.fixture(scope="module")
def place(alone):
    """Host and port, as clients want it that put https:// before it themselves."""
    return urlsplit(alone["urls"]["prtg"]).netloc


@pytest.fixture
def server(place, ours):
    return PRTGServer(place, ours["username"], passhash=ours["passhash"])


def test_node_prtg_lists_reads_and_pauses(alone, behind, ours):
    # A witness that is missing fails: a guard that is skipped guards nothing.
    folder = Path(os.environ["WITNESS_NODE"])
    assert (folder / "node_modules" / "node-prtg" / "package.json").is_file()
    script = Path(__file__).parent / "node" / "client.js"
    asked = ["node", str(script), alone["urls"]["prtg"], ours["username"], ours["passhash"], DEVICE, SENSOR]
    done = subprocess.run(
        asked, capture_output=True, text=True, timeout=60, env={**os.environ, "NODE_EXTRA_CA_CERTS": alone["ca"]}
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)

    assert told["mine"] == 5 and told["all"] > 50 and told["one"]["name"] == told["name"] == "Ping"
    assert [row["status_raw"] for row in (*told["paused"], *told["later"])] == [7, 12]
    assert "probenode" in told["tree"]
    assert behind.record("/api/pause.htm")[-1] == 200


def test_prtgapi_lists_pauses_and_removes_one_device(server, behind):
    assert {one["objid"] for one in server.get_probe_list()} >= {1, 2000, 3000}
    assert [one["objid"] for one in server.get_sensor_list(DEVICE)] == [2012, 2013, 2014, 2015, 2016]
    assert server.get_object(object_id=DEVICE)["name"] == "srv-00"

    assert server.pause_object("2021").status_code == 200
    assert server.get_object(object_id="2021")["status_raw"] == 7
    assert server.remove_object("2021").status_code == 200

    assert server.get_object(object_id="2021") is None
    assert "2021" not in behind.ids("prtg", "device") and "2022" not in behind.ids("prtg", "sensor")


def test_prtgapi_is_told_in_xml_that_the_root_cannot_be_deleted(server):
    said = server.remove_object("0")

    assert said.status_code == 400 and b"<error>" in said.content


def test_prtg_utils_reads_the_columns_of_measurements(place, ours):
    client = Utils(place, ours["username"], ours["passhash"])

    found = client.get_history_data([SENSOR], "2026-11-01-00-00-00", "2026-11-08-00-00-00", 86400)

    assert len(found) == 7
    assert all(float(moment) > 46000 and row[SENSOR].formatted_value.endswith("%") for moment, row in found.items())
    assert client.get_sendor_detail(SENSOR)["sensordata"]["parentdevicename"] == "srv-00"


def test_prtg_cli_reads_the_xml_tables_and_pauses_by_name(alone, ours, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", alone["ca"])
    plain = PrtgConfig(host=alone["urls"]["prtg"], username=ours["username"], password=ours["password"], passhash="")
    client = Cli(config=plain)

    assert client.version() and client.passhash() == ours["passhash"]
    assert client.get("probes", "Probe Van der Meer Logistics B.V.")["objid"] == "2000"
    assert client.get("groups", "Van der Meer Logistics B.V. - Netwerk")["objid"] == "2100"
    assert client.object_state("pause", "groups", "Van der Meer Logistics B.V. - Netwerk") == 200


def test_pyprtg_reads_the_tree_and_refuses_a_wrong_passhash(alone, ours):
    how = {"requests_verify": alone["ca"], "retries": 0, "timeout": 5}
    client = ApiClient(alone["urls"]["prtg"], BasicToken(ours["apitoken"]), **how)

    assert client.get_hostname(DEVICE) == "srv-vdm-00.vandermeer.example"
    with pytest.raises(Exception, match=r"401|[Uu]nauthorized"):
        ApiClient(alone["urls"]["prtg"], BasicPasshash(ours["username"], "0"), **how).get_probe("2000")
