"""The checklist: its lines in their order, one file each, and which tier has which."""

from collections.abc import Mapping

from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.model.template import Tier
from sendoff.steps.accept_transfer import ACCEPT_TRANSFER
from sendoff.steps.announce_reading import ANNOUNCE_READING
from sendoff.steps.close_consoles import CLOSE_CONSOLES
from sendoff.steps.confirm_termination import CONFIRM_TERMINATION
from sendoff.steps.create_administrator import CREATE_ADMINISTRATOR
from sendoff.steps.disable_accounts import DISABLE_ACCOUNTS
from sendoff.steps.disable_reassure import DISABLE_REASSURE
from sendoff.steps.end_relationships import END_RELATIONSHIPS
from sendoff.steps.erase_secrets import ERASE_SECRETS
from sendoff.steps.export_resources import EXPORT_RESOURCES
from sendoff.steps.export_secrets import EXPORT_SECRETS
from sendoff.steps.hand_over_secrets import HAND_OVER_SECRETS
from sendoff.steps.keep_uninstall_tokens import KEEP_UNINSTALL_TOKENS
from sendoff.steps.look_into_mailboxes import LOOK_INTO_MAILBOXES
from sendoff.steps.make_administrators import MAKE_ADMINISTRATORS
from sendoff.steps.meet import MEET
from sendoff.steps.migration_details import MIGRATION_DETAILS
from sendoff.steps.move_meeting import MOVE_MEETING
from sendoff.steps.notice import NOTICE
from sendoff.steps.put_back_settings import PUT_BACK_SETTINGS
from sendoff.steps.put_back_withdrawn import PUT_BACK_WITHDRAWN
from sendoff.steps.remove_accounts import REMOVE_ACCOUNTS
from sendoff.steps.remove_agents import REMOVE_AGENTS
from sendoff.steps.remove_app_registration import REMOVE_APP_REGISTRATION
from sendoff.steps.remove_articles import REMOVE_ARTICLES
from sendoff.steps.remove_directory_access import REMOVE_DIRECTORY_ACCESS
from sendoff.steps.remove_from_prtg import REMOVE_FROM_PRTG
from sendoff.steps.remove_lighthouse import REMOVE_LIGHTHOUSE
from sendoff.steps.remove_policies import REMOVE_POLICIES
from sendoff.steps.remove_prtg_probe import REMOVE_PRTG_PROBE
from sendoff.steps.remove_resources import REMOVE_RESOURCES
from sendoff.steps.remove_rmm_agents import REMOVE_RMM_AGENTS
from sendoff.steps.remove_role_assignments import REMOVE_ROLE_ASSIGNMENTS
from sendoff.steps.remove_service_principals import REMOVE_SERVICE_PRINCIPALS
from sendoff.steps.stop_renewals import STOP_RENEWALS
from sendoff.steps.take_out_traces import TAKE_OUT_TRACES
from sendoff.steps.terminate_contract import TERMINATE_CONTRACT

ALL: tuple[Step, ...] = (
    NOTICE,
    CONFIRM_TERMINATION,
    MEET,
    MIGRATION_DETAILS,
    EXPORT_RESOURCES,
    EXPORT_SECRETS,
    REMOVE_FROM_PRTG,
    REMOVE_PRTG_PROBE,
    CREATE_ADMINISTRATOR,
    REMOVE_ACCOUNTS,
    HAND_OVER_SECRETS,
    REMOVE_POLICIES,
    REMOVE_RESOURCES,
    REMOVE_LIGHTHOUSE,
    ACCEPT_TRANSFER,
    DISABLE_REASSURE,
    REMOVE_ARTICLES,
    TERMINATE_CONTRACT,
)

ADDED: tuple[Step, ...] = (
    ANNOUNCE_READING,
    MOVE_MEETING,
    MAKE_ADMINISTRATORS,
    STOP_RENEWALS,
    DISABLE_ACCOUNTS,
    PUT_BACK_SETTINGS,
    ERASE_SECRETS,
    REMOVE_ROLE_ASSIGNMENTS,
    REMOVE_SERVICE_PRINCIPALS,
    TAKE_OUT_TRACES,
    REMOVE_DIRECTORY_ACCESS,
    END_RELATIONSHIPS,
    REMOVE_APP_REGISTRATION,
    PUT_BACK_WITHDRAWN,
)
"""Steps that are on nobody's checklist: a look adds them when it finds what they make an end to."""

OPTIONAL: tuple[Step, ...] = (
    KEEP_UNINSTALL_TOKENS,
    REMOVE_AGENTS,
    REMOVE_RMM_AGENTS,
    CLOSE_CONSOLES,
    LOOK_INTO_MAILBOXES,
)
"""Lines that a checklist may have and need not: one that lacks them does not lack anything. Persons do them
(H18, H28)."""

READ: tuple[Step, ...] = ALL + OPTIONAL
"""The lines that a checklist is read with."""

EVERY: tuple[Step, ...] = READ + ADDED

_STAGE_ZERO = (NOTICE, CONFIRM_TERMINATION)
_FULL_STACK = (
    MEET,
    MIGRATION_DETAILS,
    EXPORT_RESOURCES,
    EXPORT_SECRETS,
    REMOVE_FROM_PRTG,
    REMOVE_PRTG_PROBE,
    CREATE_ADMINISTRATOR,
    HAND_OVER_SECRETS,
    REMOVE_POLICIES,
    REMOVE_RESOURCES,
    REMOVE_ACCOUNTS,
    REMOVE_LIGHTHOUSE,
    ACCEPT_TRANSFER,
    DISABLE_REASSURE,
    REMOVE_ARTICLES,
    TERMINATE_CONTRACT,
)
_PREMIUM = tuple(step for step in _FULL_STACK if step is not EXPORT_RESOURCES)
_CSP = (
    MIGRATION_DETAILS,
    REMOVE_POLICIES,
    REMOVE_RESOURCES,
    REMOVE_LIGHTHOUSE,
    ACCEPT_TRANSFER,
    DISABLE_REASSURE,
    REMOVE_ARTICLES,
    TERMINATE_CONTRACT,
)

CHECKLIST: Mapping[Tier | None, tuple[StepId, ...]] = {
    None: tuple(step.id for step in _STAGE_ZERO),
    Tier.FULL_STACK: tuple(step.id for step in _FULL_STACK),
    Tier.PREMIUM: tuple(step.id for step in _PREMIUM),
    Tier.CSP: tuple(step.id for step in _CSP),
}
"""What each section of `templates/offboarding.md` has, in the order in which it is run; None is stage 0."""


def by_id(step: StepId) -> Step:
    """The step of that id; KeyError when there is none."""
    return _BY_ID[step]


_BY_ID: Mapping[StepId, Step] = {step.id: step for step in EVERY}
