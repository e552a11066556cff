"""An answer that never came: a letter that was sent is found by the second look, and is not sent twice."""

from pathlib import Path

from fakes.houses import stage
from sendoff.model.digest import Json
from sendoff.model.state import State, StepId
from sendoff.model.template import Tier

CONFIRM = StepId("confirm-termination")


def test_a_letter_whose_answer_was_lost_is_found_by_the_second_look_and_was_sent_once(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.opened()
    fault: dict[str, Json] = {"do": "lost-answer", "vendor": "graph", "method": "POST", "path": "/send$", "times": 1}
    assert one.house.control is not None
    one.house.control.ask("POST", "/trouble", fault)

    planned = one.desk.plan(one.who("carla"), case.id, CONFIRM).steps[CONFIRM].plan
    assert planned is not None
    one.desk.approve(one.who("paul"), case.id, CONFIRM, planned)
    after = one.desk.run(one.who("erik"), case.id, one.said.append, threads=1).steps[CONFIRM]

    sent = [row for row in one.sandbox.world.record.rows if row.get("verb") == "sent" and "message" in str(row["kind"])]
    assert dict(after.outcomes) == {"unknown": 1}, "the answer was lost"
    assert after.state is State.DONE, "the second look found it"
    assert len(sent) == 1
