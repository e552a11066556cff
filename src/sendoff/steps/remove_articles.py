"""CSM >> Remove the customer's articles from Reassure."""

from sendoff.model.inventory import System, Verb
from sendoff.model.people import Role
from sendoff.model.state import StepId
from sendoff.model.step import Step

REMOVE_ARTICLES = Step(
    id=StepId("remove-articles"),
    line="Remove the customer's articles from Reassure",
    role=Role.CSM,
    aliases=(
        "Remove articals in Reassure",
        "Remove articles in Reassure",
        "Remove the articles in Reassure",
    ),
    systems=frozenset({System.REASSURE}),
    verbs=frozenset({Verb.END}),
    after=frozenset({StepId("notice"), StepId("confirm-termination")}),
)
