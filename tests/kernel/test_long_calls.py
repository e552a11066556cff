"""One call that takes longer than a lease: a beat keeps the lease, and the worker goes on."""

import threading
from pathlib import Path

from fakes.houses import stage
from sendoff.engine.fence import Fence
from sendoff.engine.worker import beating
from sendoff.model.state import StepId
from sendoff.model.template import Tier
from sendoff.ports import Work


def test_a_beat_keeps_the_lease_while_one_call_takes_long_and_ends_with_the_move(tmp_path: Path) -> None:
    lease, mono = [1000.0], [1000.0]
    one = stage(tmp_path, tier=Tier.CSP, lease_clock=lambda: lease[0])
    dispatch = one.desk.ports.dispatch
    dispatch.ready("L1", StepId("export-resources"))
    work = dispatch.take("first")
    assert isinstance(work, Work)
    fence = Fence(one.desk.ports, work, lambda: mono[0])
    fence.begin()

    with beating(fence, every=0.01):
        for _ in range(10):
            lease[0] += 9
            mono[0] += 9
            beaten = fence.held_until
            for _ in range(500):
                if fence.held_until > beaten:
                    break
                threading.Event().wait(0.01)
        fence.check()
        assert dispatch.take("second") is None, "nobody else may have it"
    lease[0] += 31

    assert dispatch.take("second") is not None, "without a beat the lease runs out"
