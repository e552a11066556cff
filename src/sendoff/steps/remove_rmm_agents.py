"""Engineer >> Remove the RMM agents of %provider% from all machines, after all others. Optional (H18).

The RMM removes the other agents, so it goes after them.
"""

from sendoff.model.inventory import Verb
from sendoff.model.people import Role
from sendoff.model.state import StepId
from sendoff.model.step import Step

REMOVE_RMM_AGENTS = Step(
    id=StepId("remove-rmm-agents"),
    line="Remove the RMM agents of %provider% from all machines, after all others",
    role=Role.ENGINEER,
    aliases=("Remove the RMM agents of %provider% from all machines",),
    verbs=frozenset({Verb.REMOVE}),
    after=frozenset({StepId("notice"), StepId("confirm-termination"), StepId("remove-agents")}),
)
