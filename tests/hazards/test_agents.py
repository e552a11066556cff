"""H18: agents that nobody can remove any more, because the console was closed before the uninstall tokens were used."""

import re
from pathlib import Path

import pytest

from fakes.houses import TEMPLATE, Stage, stage
from fakes.leavings import after_contract, certificate, run, standing
from sendoff.engine.desk import read_checklist
from sendoff.model.case import Case
from sendoff.model.errors import Refused
from sendoff.model.state import SETTLED, State, StepId
from sendoff.model.template import Template, Tier
from sendoff.steps import OPTIONAL, by_id

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "write-your-own-checklist.md"
OF_AGENTS = tuple(step for step in OPTIONAL if step.id != "look-into-mailboxes")
TOKENS, AGENTS, RMM, CONSOLES = (step.id for step in OF_AGENTS)


def with_agents() -> Template:
    """Our own checklist with the section that the how-to shows."""
    shown = re.search(r"```markdown\n(### Agents on machines\n.*?)```", HOW_TO.read_text(encoding="utf-8"), re.S)
    assert shown is not None
    return read_checklist(TEMPLATE.read_bytes() + b"\n" + shown.group(1).encode(), "offboarding.md")


def opened(one: Stage) -> Case:
    return one.desk.open_case(one.who("carla"), with_agents(), one.facts(), by_hand={}, notice=one.notice())


def attested(one: Stage, case: Case, step: StepId) -> None:
    one.desk.attest(one.who("erik"), case.id, step, [b"the console's list: no machine"], note="looked in the console")


def test_h18_the_lines_are_known_in_every_tier_and_nobody_has_to_have_them() -> None:
    template = with_agents()
    plain = read_checklist(TEMPLATE.read_bytes(), "offboarding.md")
    assert not template.errors and [box.step for box in template.boxes][-4:] == [TOKENS, AGENTS, RMM, CONSOLES]
    said = [one.message for one in template.diagnostics]
    assert len(said) == 2 and all("export-secrets waits for keep-uninstall-tokens" in one for one in said)
    assert [box.tier for box in template.boxes][-4:] == [None] * 4
    assert plain.diagnostics == () and not {box.step for box in plain.boxes} & {step.id for step in OPTIONAL}


def test_h18_no_console_is_closed_and_no_rmm_removed_before_what_they_remove(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.PREMIUM)
    case = one.until(opened(one), "confirm-termination", "done")
    attested(one, case, TOKENS)
    with pytest.raises(Refused, match="the contract runs through"):
        attested(one, case, AGENTS)
    after_contract(one, case)
    with pytest.raises(Refused, match="first: remove-agents"):
        attested(one, case, RMM)
    with pytest.raises(Refused, match="first: hand-over-secrets, remove-agents, remove-rmm-agents"):
        attested(one, case, CONSOLES)
    attested(one, case, AGENTS)
    attested(one, case, RMM)
    with pytest.raises(Refused, match="first: hand-over-secrets"):
        attested(one, case, CONSOLES)
    assert standing(one, case, RMM).state is State.ATTESTED


def test_h18_secrets_are_exported_after_the_tokens_lie_among_them(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.PREMIUM)
    case = one.until(opened(one), "confirm-termination", "done")
    run(one, case)
    assert standing(one, case, "export-secrets").state is State.WAITING
    attested(one, case, TOKENS)
    run(one, case)
    assert standing(one, case, "export-secrets").state is State.READY


def test_h18_a_case_does_not_close_while_agents_have_nobodys_word(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(opened(one), "confirm-termination", "done")
    one.desk.stop(one.who("erik"), case.id, AGENTS, reason="nobody is there to do it")
    with pytest.raises(Refused, match=f"stuck: {AGENTS} is stopped.*{RMM} is waiting.*{CONSOLES} is waiting"):
        one.story(case).tell()
    one.desk.resume(one.who("erik"), case.id, AGENTS, reason="somebody is back")
    with pytest.raises(Refused, match=AGENTS):
        one.desk.close(one.who("paul"), case.id)
    assert one.desk.case(case.id).certificate is None
    with pytest.raises(Refused, match="with a second person"):
        one.desk.not_applicable(one.who("paul"), case.id, AGENTS, reason="we never had any")
    with pytest.raises(Refused, match="needs evidence"):
        one.desk.attest(one.who("erik"), case.id, AGENTS, [b""], note="I think so")

    ended = one.story(case).tell()

    assert ended.certificate is not None and ended.steps[AGENTS].state is State.ATTESTED


def test_h36_what_a_word_settles_is_looked_at_by_somebody_else_before_the_case_closes(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = opened(one)
    story = one.story(case)
    one.desk.preflight(one.who("erik"), case.id)
    story.decide("preflight")
    while not all(row.state in SETTLED for row in one.desk.case(case.id).steps.values()):
        assert story.turn() or story.move_clock()
    with pytest.raises(Refused, match="remove-agents is one person's word alone: somebody else looks"):
        one.desk.close(one.who("paul"), case.id)
    with pytest.raises(Refused, match="no word of anybody but Erik Jansen"):
        one.desk.attest(one.who("erik"), case.id, "words-checked", [b"the lists again"], note="they are right")
    one.desk.attest(one.who("emma"), case.id, "words-checked", [b"the lists"], note="I looked in the consoles, too")
    said = certificate(one, one.desk.close(one.who("paul"), case.id))
    line = next(row for row in said.lines if row.step == AGENTS)
    assert (line.grade, line.by, line.second) == ("attested", "Erik Jansen", "Emma Bakker")


def test_h18_a_whole_case_with_agents_ends_with_each_word_on_its_certificate(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    ended = one.story(opened(one)).tell()
    assert ended.certificate is not None
    assert all(ended.steps[step.id].state is State.ATTESTED and ended.steps[step.id].evidence for step in OF_AGENTS)
    assert all(by_id(step.id).plan is None for step in OF_AGENTS)
