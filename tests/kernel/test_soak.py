"""The judge of the soak sees what is wrong, and its counts survive its own end."""

import json
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

from tools.soak.compared import Deeds, copies, missing, twice
from tools.soak.cradle import Cradle, Wanted
from tools.soak.eyes import Held, Late, Record, Woken, after_waking
from tools.soak.figures import Figures, Known, Progress
from tools.soak.page import page

LETTER, GONE, OFF = ("sent", "graph.message", ""), ("removed", "graph.user", "u1"), ("changed", "graph.user", "u1")
SECRET, NOTE = ("disclosed", "passwordstate.password", "7"), ("created", "github.comment", "")
UNDISTURBED: Deeds = Counter({LETTER: 2, GONE: 1, OFF: 1, SECRET: 1, NOTE: 9})


def test_a_deed_done_once_more_is_seen_and_a_switch_a_reading_and_a_view_are_not() -> None:
    again: Deeds = Counter({OFF: 3, SECRET: 4, NOTE: 2})

    assert twice(UNDISTURBED, UNDISTURBED + again) == Counter()
    assert twice(UNDISTURBED, UNDISTURBED + Counter({LETTER: 1, GONE: 2})) == Counter({LETTER: 1, GONE: 2})
    assert twice(UNDISTURBED, UNDISTURBED + Counter({("changed", "arm.resource", "r"): 1})).total() == 1


def test_a_deed_that_never_came_is_lost_and_one_comment_less_is_not() -> None:
    assert missing(UNDISTURBED, UNDISTURBED - Counter({NOTE: 3})) == Counter()
    assert missing(UNDISTURBED, UNDISTURBED - Counter({LETTER: 1})) == Counter({LETTER: 1})
    assert missing(UNDISTURBED, UNDISTURBED - Counter({OFF: 1, SECRET: 1})) == Counter({OFF: 1, SECRET: 1})


def test_a_comment_that_is_there_twice_is_counted() -> None:
    assert copies(["a", "b", "c"]) == 0
    assert copies(["a", "b", "a", "a"]) == 2


def row(at: float, asked: float, batch: int, call: str, since: float = 5.0) -> str:
    piece = ["remove-accounts", batch, "pid-7-1-abc", 3]
    return json.dumps({"at": at, "asked": asked, "since": since, "piece": piece, "call": call})


def test_a_call_of_a_worker_that_had_lost_its_piece_is_found_in_its_own_list(tmp_path: Path) -> None:
    calls, lost = tmp_path / "calls", Held("remove-accounts", 1, 3, "pid-7-1-abc")
    rows = [
        row(6.0, 5.9, 1, "GET /before"),
        row(11.0, 6.9, 1, "GET /on its way"),
        row(11.1, 6.9, 1, "PUT /allowed but one"),
        row(11.1, 11.0, 1, "DELETE /after"),
        row(11.0, 11.0, -1, "GET /a look"),
        row(11.0, 11.0, -1, "PUT /after"),
        row(11.0, 11.0, 2, "DELETE /its own"),
        row(12.0, 12.0, 1, "PUT /the piece taken anew", since=10.5),
    ]
    calls.write_text("\n".join(rows) + '\n{"at": 12.0, "pie', encoding="utf-8")
    woken = Woken(pid=7, held=lost, stopped=7.0, woke=10.0)

    assert after_waking(calls, woken) == Late(("GET /on its way",), ("PUT /allowed but one", "DELETE /after"))
    assert after_waking(calls, replace(woken, held=replace(lost, batch=-1))) == Late((), ("PUT /after",))
    assert after_waking(tmp_path / "none", woken) == Late()


def test_only_fresh_deeds_of_ours_are_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "record.jsonl"
    ours = '{"type": "effect", "caller": "app:1", "verb": "removed", "kind": "graph.user", "id": "u"}\n'
    file.write_text(ours + ours.replace("app:1", "cast"), encoding="utf-8")
    record = Record(file)

    assert list(record.fresh()) == [("removed", "graph.user")]
    assert not record.deed(0.0)
    with file.open("a", encoding="utf-8") as grown:
        grown.write(ours + ours[:20])
    assert list(record.fresh()) == [("removed", "graph.user")]


def test_counts_are_taken_up_again_and_summed(tmp_path: Path) -> None:
    first = Progress(tmp_path / "state" / "sqlite.json")
    first.undisturbed["csp 1"] = Known(claims="clean", deeds=UNDISTURBED)
    first.figures.add(Figures(kills=3, takeover_worst=1.5, told=["a"]))
    first.save()

    again = Progress(tmp_path / "state" / "sqlite.json").load()
    again.figures.add(Figures(kills=4, leavings=1, twice=2, takeover_worst=1.2, told=["b"]))

    assert again.undisturbed == first.undisturbed
    assert (again.figures.kills, again.figures.takeover_worst, again.figures.told) == (7, 1.5, ["a", "b"])
    assert "| done twice | **2** |" in page({"sqlite": again})


def test_a_signal_counts_only_when_it_met_a_living_worker(tmp_path: Path) -> None:
    cradle = Cradle()
    try:
        os.mkfifo(tmp_path / "said")  # whoever writes there waits for ever
        wanted = Wanted(settings=tmp_path / "settings.toml", said=tmp_path / "said", calls=tmp_path)
        pid, other = cradle.start(wanted), cradle.start(wanted)
        killed = cradle.kill(pid)
        cradle.end(other)
        dead = cradle.kill(pid), cradle.kill(other), cradle.stop(other), cradle.alive(other)
        stranger = cradle.kill(os.getpid())
    finally:
        cradle.close()

    assert killed
    assert not any(dead)
    assert not stranger, "only what it bore itself"
