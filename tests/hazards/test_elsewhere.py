"""H16, H28: what no key of ours opens may still point to us. It is said, and a person may be asked."""

from pathlib import Path

from fakes.houses import TEMPLATE, stage
from fakes.leavings import Told, certificate
from sendoff.engine.desk import read_checklist
from sendoff.model.state import State, StepId
from sendoff.model.template import Tier

LOOKS = StepId("look-into-mailboxes")
ASKS = b"- [ ] CSM >> Ask the customer to look in its mailboxes for rules and forwarding to %provider%\n"


def test_h28_that_nobody_looked_into_mailboxes_is_printed(full: Told) -> None:
    said = [row for row in certificate(full.stage, full.case).not_looked if row.startswith("mailboxes: ")]
    assert said == ["mailboxes: not looked; rules and forwarding to addresses of Intercept may be in them"]


def test_h28_who_asks_the_customer_has_a_line_for_it_and_the_certificate_points_there(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    template = read_checklist(TEMPLATE.read_bytes() + b"\n### Mailboxes\n\n" + ASKS, "offboarding.md")
    assert not template.errors and template.boxes[-1].step == LOOKS
    case = one.desk.open_case(one.who("carla"), template, one.facts(), by_hand={}, notice=one.notice())
    ended = one.story(case).tell()
    told = certificate(one, ended)
    assert ended.steps[LOOKS].state is State.ATTESTED and ended.steps[LOOKS].evidence
    assert [row for row in told.not_looked if row.startswith("mailboxes: ") and row.endswith("see that line")]


def test_h16_the_rule_in_a_firewall_that_let_the_probe_call_is_printed_as_not_looked_for(full: Told, csp: Told) -> None:
    with_probe = [row for row in certificate(full.stage, full.case).not_looked if row.startswith("firewalls: ")]
    without = [row for row in certificate(csp.stage, csp.case).not_looked if row.startswith("firewalls: ")]
    assert len(with_probe) == 1 and without == [], "a customer without a probe has no such rule"
