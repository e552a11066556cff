"""H13: a vault of ours that keeps backups of the customer is handed over."""

from pathlib import Path

from fakes.houses import stage
from fakes.leavings import plan, planned
from sendoff.model.plan import Disposition
from sendoff.model.template import Tier

STEP = "remove-resources"
VAULT = "rsv-intercept"


def test_h13_a_vault_that_keeps_backups_is_handed_over_and_not_removed(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    one.control("POST", "/hands", do="arm.plant-leftovers", customer="vandermeer", only="bin")
    case = one.opened()
    one.until(case, STEP, "ready")
    planned(one, case, STEP)

    kept = [row for row in plan(one, case, STEP).left if row.item.name == VAULT]
    removes = [row.name for row in plan(one, case, STEP).actions]

    assert [row.disposition for row in kept] == [Disposition.HAND_OVER]
    assert "it keeps 2 backups of the customer" in kept[0].why
    assert removes and VAULT not in removes
