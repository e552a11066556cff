"""A secret is seeded in every system, a customer leaves, and none of them is found in anything that was written."""

import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tools.canary.search import Leak, Searcher

from fakes.canaries import SOMEBODYS, Secrets, handed_out, our_keys, planted
from fakes.houses import Stage, stage
from fakes.leavings import trouble
from sendoff.model.case import Case
from sendoff.model.template import Tier
from sendoff.sandbox import age
from sendoff.sandbox.sandbox import Sandbox
from sendoff.sandbox.wire import arr, obj, text

WORSE = ("passwordstate", "topdesk", "reassure", "graph", "prtg", "arm")
OWN = ("login.microsoftonline.com", "prtg.intercept.example")
"""Hosts that are told our keys in a body or an address: there is no other way in."""


@dataclass(frozen=True)
class Left:
    """A leaving that is over, and all that it wrote."""

    stage: Stage
    case: Case
    seeded: Secrets
    """What was put into the vendors' systems."""
    ours: Secrets
    """Our own keys, and what vendors handed out on the way."""
    loose: Path
    """Where temporary files, what was printed and the log of everything lie."""

    @property
    def searcher(self) -> Searcher:
        """Knows all of them."""
        return Searcher({**self.seeded, **self.ours})


@contextmanager
def overheard(loose: Path) -> Iterator[None]:
    """Every logger writes everything, and temporary files go where they are seen."""
    loose.mkdir()
    handler = logging.FileHandler(loose / "debug.log", encoding="utf-8")
    root, before, place = logging.getLogger(), logging.getLogger().level, tempfile.tempdir
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    tempfile.tempdir = str(loose)
    try:
        yield
    finally:
        tempfile.tempdir = place
        root.setLevel(before)
        root.removeHandler(handler)
        handler.close()


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Left:
    """A full leaving with canaries everywhere, in which every vendor fails now and then, and says why."""
    folder, loose = tmp_path_factory.mktemp("canaries"), tmp_path_factory.mktemp("loose") / "loose"
    sandbox = Sandbox(1, str(Tier.FULL_STACK))
    seeded = planted(sandbox)
    with overheard(loose):
        one = stage(folder, sandbox=sandbox, github=True)
        case = one.opened()
        for at, vendor in enumerate(WORSE):
            said = next(value for name, value in seeded.items() if name.startswith("vault password"))
            trouble(one, do="status", vendor=vendor, status=500, code=f"refused: {said}", nth=3 + at, times=1)
            trouble(one, do="html", vendor=vendor, status=503, nth=40 + at, times=1)
        closed = one.story(case).tell()
    (loose / "said.txt").write_text("\n".join(one.said), encoding="utf-8")
    (loose / "case.txt").write_text(repr(closed), encoding="utf-8")
    return Left(one, closed, seeded, our_keys(sandbox) | handed_out(one.wire), loose)


def names(leaks: list[Leak]) -> set[str]:
    """Which secrets they are of."""
    return {one.secret for one in leaks}


def test_canaries_went_through_the_program(left: Left) -> None:
    searcher = left.searcher
    asked = [response for _, response in left.stage.wire.answered]

    seen = names([one for response in asked for one in searcher.within(response.content, "an answer")])

    for system in ("vault password", "vault document", "azure", "topdesk", "reassure", "a mail to us", "github issue"):
        assert any(name.startswith(system) for name in seen), system
    assert len({name for name in seen if name.startswith("vault password")}) >= 24


def test_the_same_search_finds_them_in_the_opened_parcel_and_in_our_key_files(left: Left) -> None:
    searcher, world = left.searcher, left.stage.sandbox.world
    assert left.case.parcel is not None
    sealed = left.stage.desk.ports.store.get(left.case.id, left.case.parcel.digest)

    inside = names([leak for name, data in age.opened(sealed, world.customer_age_key).items()
                    for leak in searcher.within(data, name)])  # fmt: skip

    assert len({name for name in inside if name.startswith("vault password")}) >= 24
    assert {name.split(" ")[1] for name in inside} >= {"password", "notes", "field"}, "all but a code of half a minute"
    held = names(searcher.below(left.stage.folder / "secrets"))
    assert held and held <= set(left.ours)


def test_no_canary_is_in_journal_database_evidence_report_or_certificate(left: Left) -> None:
    folder = left.stage.folder
    left.stage.desk.report(left.case.id)

    assert left.searcher.below(folder, but=(folder / "secrets",)) == []


def test_no_canary_is_in_a_log_a_temporary_file_or_what_was_printed(left: Left) -> None:
    assert (left.loose / "debug.log").stat().st_size > 0, "something was logged"

    assert left.searcher.below(left.loose) == []


def test_no_canary_is_in_a_mail_a_meeting_or_an_issue(left: Left) -> None:
    world, searcher = left.stage.sandbox.world, left.searcher
    mailbox = text(world.msp, "mailbox")
    sent = [one.raw for kind in ("message", "event") for one in world.all("graph", kind)
            if text(one.raw, "from", "emailAddress", "address") == mailbox
            or text(one.raw, "organizer", "emailAddress", "address") == mailbox]  # fmt: skip
    written = [one for kind in ("issue", "comment") for one in world.all("github", kind)]
    theirs = SOMEBODYS.format(text(world.msp, "github", "repository"))
    issues = [one.raw for one in written if theirs not in (one.id, one.place)]
    assert len(written) == len(issues) + 2, "an issue of somebody else's and its comment hold one, and lie beside ours"
    assert len(sent) > 10 and issues
    assert any(text(one, "name").endswith(".age") for mail in sent for one in arr(obj(mail).get("attachments")))

    assert [leak for one in (*sent, *issues) for leak in searcher.within(json.dumps(one).encode(), "sent")] == []


def test_no_canary_is_in_an_address_or_a_body_that_went_out(left: Left) -> None:
    searcher = left.searcher
    asked = [one for one in left.stage.wire.seen if one.url.host not in OWN]
    assert len(asked) > 500

    leaks = [leak for one in asked for leak in (*searcher.within(str(one.url).encode(), f"address {one.url.path}"),
                                                *searcher.within(one.read(), f"body of {one.url.path}"))]  # fmt: skip

    assert leaks == []


def killed(folder: Path, at: str) -> "subprocess.CompletedProcess[str]":
    """A life of its own in which something happens in the middle of the export of secrets; see fakes/killed.py."""
    loose = folder / "loose"
    loose.mkdir()
    tests = str(Path(__file__).parents[1])
    environment = {**os.environ, "TMPDIR": str(loose), "PYTHONPATH": tests}
    command = [sys.executable, "-m", "fakes.killed", str(folder), at]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    (loose / "printed.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
    return done


@pytest.mark.parametrize("at", ["kill 1", "kill 20", "kill last"])
def test_no_canary_is_left_behind_by_a_program_that_was_killed_in_the_middle_of_an_export(
    tmp_path: Path, at: str
) -> None:
    done = killed(tmp_path, at)

    assert done.returncode == -signal.SIGKILL, done.stderr
    assert "in the batch" in done.stdout, "it had read secrets and not yet sealed them"
    found = Searcher(_of_that_life())
    assert found.below(tmp_path, but=(tmp_path / "secrets",)) == []
    assert names(found.below(tmp_path / "secrets")), "the same search finds our keys where they are kept"


def test_no_canary_is_in_the_words_of_a_crash(tmp_path: Path) -> None:
    done = killed(tmp_path, "crash 20")

    assert done.returncode == 1
    assert "in the batch" in done.stdout
    assert "LookupError" in done.stderr and "fakes/killed.py" in done.stderr, "what and where is said"
    assert Searcher(_of_that_life()).below(tmp_path, but=(tmp_path / "secrets",)) == []


def _of_that_life() -> Secrets:
    sandbox = Sandbox(1, str(Tier.PREMIUM))
    return planted(sandbox) | our_keys(sandbox)
