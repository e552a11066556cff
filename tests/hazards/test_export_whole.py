"""An export that is not whole is not delivered: the step says what is missing, and goes on when it is there."""

from pathlib import Path

from fakes.houses import stage
from fakes.leavings import approved, calm, plan, planned, run, standing, trouble
from sendoff.engine.reporting import report
from sendoff.model.inventory import Kind, Verb
from sendoff.model.proof import ProofKind
from sendoff.model.state import State
from sendoff.model.template import Tier

EXPORT = "export-resources"


def test_an_export_that_is_not_whole_is_named_and_not_delivered(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.FULL_STACK)
    case = one.until(one.opened(), EXPORT, "approved")
    assert any(act.verb is Verb.SEND for act in plan(one, case, EXPORT).actions), "the delivery stands in the plan"
    trouble(one, do="status", status=403, code="AuthorizationFailed", vendor="arm", path="disks/disk-vdm-web-01")
    run(one, case)
    now = standing(one, case, EXPORT)
    assert now.state is State.LEFT
    assert "partly NotComplete" in now.reason and "disk-vdm-web-01 could not be read" in now.reason
    assert one.desk.case(case.id).proven(ProofKind.EXPORTED) is None
    assert not [mail for mail in one.sandbox.world.all("graph", "message") if "export" in str(mail.raw.get("subject"))]

    calm(one)
    planned(one, case, EXPORT)
    approved(one, case, EXPORT)
    run(one, case)
    assert standing(one, case, EXPORT).state is State.DONE
    assert one.desk.case(case.id).proven(ProofKind.EXPORTED) is not None
    assert all(act.kind is not Kind.RESOURCE or act.verb is Verb.EXPORT for act in plan(one, case, EXPORT).actions)
    files = report(one.desk.ports, one.desk.case(case.id))
    manifests = [
        data
        for name, data in files.items()
        if name.startswith("exit-package/azure/") and name.endswith("/manifest.json")
    ]
    assert len(manifests) >= 2 and all(b'"complete": false' not in data for data in manifests)
