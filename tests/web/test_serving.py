"""Where the pages may be served, and by whom their way in is asked."""

from dataclasses import replace
from pathlib import Path

import pytest

from fakes.browsers import OWN, Site
from fakes.houses import stage
from sendoff.model.errors import Refused
from sendoff.wiring.opendoors import is_loopback, may_serve


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost"])
def test_the_sandbox_is_served_on_this_machine(tmp_path: Path, host: str) -> None:
    may_serve(stage(tmp_path).house, host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "example.com", "localhost.example.com", ""])
def test_it_is_served_on_no_other_address(tmp_path: Path, host: str) -> None:
    assert not is_loopback(host)
    with pytest.raises(Refused, match="no loopback address"):
        may_serve(stage(tmp_path).house, host)


def test_outside_the_sandbox_nothing_is_served(tmp_path: Path) -> None:
    real = replace(stage(tmp_path).house, control=None)
    with pytest.raises(Refused, match="in the sandbox only"):
        may_serve(real, "127.0.0.1")


def test_outside_the_sandbox_the_way_in_and_the_rehearsals_buttons_are_shut_as_well(tmp_path: Path) -> None:
    made = stage(tmp_path)
    made.opened()
    real = Site(replace(made, house=replace(made.house, control=None)))
    answer = real.nobody().client.post("/sign-in", data={"person": made.who("erik").id}, headers=OWN)
    assert answer.status_code == 409
    assert "set-cookie" not in answer.headers
    assert not [path for path in real.app.openapi()["paths"] if "rehearsal" in path]
