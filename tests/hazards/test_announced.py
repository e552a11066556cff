"""Before a mass read of the vault our own security people are told; without it no secret is read."""

from dataclasses import replace
from pathlib import Path

import pytest

from fakes.houses import Stage, stage
from fakes.leavings import approved, at_gate, plan, planned, run, standing, trouble, verdicts
from sendoff.model.case import Case
from sendoff.model.errors import Refused
from sendoff.model.facts import Facts
from sendoff.model.state import State
from sendoff.model.template import Tier
from sendoff.model.verdict import Verdict
from sendoff.sandbox.wire import text

TELL, EXPORT = "announce-reading", "export-secrets"
SOC = "emma@intercept.example"


def watched(facts: Facts) -> Facts:
    """Somebody of ours watches over the vault."""
    return replace(facts, provider=replace(facts.provider, security=SOC))


def opened_secrets(one: Stage) -> int:
    """How many records were read with their passwords, by the sandbox's own count of calls."""
    reads = [call for call in one.wire.seen if call.method == "GET" and "/api/passwords/" in call.url.path]
    return len([call for call in reads if b"ExcludePassword" not in call.url.query])


def told(one: Stage) -> list[str]:
    """What came into the mailbox of our security people, or left for it."""
    mails = one.sandbox.world.all("graph", "message")
    return [text(mail.raw, "subject") for mail in mails if SOC in str(mail.raw.get("toRecipients"))]


def test_no_secret_is_read_before_our_security_people_were_told(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.PREMIUM)
    case = one.until(one.opened(watched), TELL, "ready")
    assert standing(one, case, TELL).added and "not on your checklist" in standing(one, case, TELL).reason
    planned(one, case, TELL)
    letter = plan(one, case, TELL).actions[0]
    assert [value for name, value in letter.content if name == "to"] == [SOC]
    assert standing(one, case, EXPORT).state is State.WAITING and opened_secrets(one) == 0 and told(one) == []
    approved(one, case, TELL)

    case = one.until(case, EXPORT, "done")

    assert len(told(one)) >= 1 and "worden uit Passwordstate gelezen" in told(one)[0]
    assert standing(one, case, TELL).state is State.DONE and opened_secrets(one) > 10
    assert verdicts(one, case, TELL, Verdict.THERE)


def test_a_letter_that_does_not_leave_keeps_the_secrets_unread(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.PREMIUM)
    case = one.until(one.opened(watched), TELL, "approved")
    trouble(one, do="forbid", vendor="graph", path="messages")
    run(one, case)
    assert standing(one, case, TELL).state is not State.DONE
    with pytest.raises(Refused, match="export-secrets is waiting"):
        planned(one, case, EXPORT)
    assert opened_secrets(one) == 0


def test_a_plan_that_nobody_announced_is_held_at_its_gate(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.PREMIUM)
    case = one.until(one.opened(), EXPORT, "approved")
    assert at_gate(one, case, EXPORT, "announcement") is None, "where nobody wants to be told, nothing waits"
    changed = watched(one.desk.case(case.id).facts)
    one.desk.change_facts(one.who("carla"), case.id, changed, reason="they want to know now")
    gate = at_gate(one, case, EXPORT, "announcement")
    assert gate is not None and SOC in gate.reason
    run(one, case)
    assert opened_secrets(one) == 0


def test_without_somebody_to_tell_no_step_is_added(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.PREMIUM)
    case = one.until(one.opened(), EXPORT, "done")
    assert TELL not in one.desk.case(case.id).steps and told(one) == []
    assert isinstance(case, Case)
