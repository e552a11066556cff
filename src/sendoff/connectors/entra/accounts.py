"""One account or app of ours: disabled and signed out, deleted, or put back when a termination is withdrawn.

Pages: learn.microsoft.com/graph/api for user-update, user-revokesigninsessions, user-delete, serviceprincipal-delete
and directory-deleteditems-restore.
"""

from collections.abc import Mapping

from sendoff.connectors.entra.client import Directory
from sendoff.connectors.entra.traces import in_the_bin
from sendoff.connectors.entra.traces_client import Traces
from sendoff.connectors.wire.client import Answer
from sendoff.model.inventory import Kind, Verb
from sendoff.model.plan import Action, Outcome, Receipt


def changed(directory: Directory, action: Action, path: str) -> Receipt:
    """Disable and sign out, or delete and say until when it can be restored."""
    if action.verb is Verb.REMOVE:
        receipt = _meant(directory.delete(path))
        gone = receipt.outcome in (Outcome.DONE, Outcome.FOUND)
        said = in_the_bin(directory, action.target) if gone else ()
        return Receipt(outcome=receipt.outcome, code=receipt.code, said=said)
    if action.verb is Verb.PUT_BACK:
        return _back(directory, action, path)
    receipt = _meant(directory.disable(path))
    if receipt.outcome is Outcome.DONE and action.kind is not Kind.SERVICE_PRINCIPAL:
        return _signed_out(directory, action)
    return receipt


def _back(directory: Directory, action: Action, path: str) -> Receipt:
    """Out of the bin when it lies there, and enabled again."""
    if Traces(directory).deleted_item(action.target) is not None:
        restored = _meant(directory.restore(action.target))
        if restored.outcome is not Outcome.DONE:
            return restored
    return _meant(directory.enable(path))


def _signed_out(directory: Directory, action: Action) -> Receipt:
    """What was signed in is signed out here. A guest signs in at home, and no tenant ends sessions of another [K]."""
    receipt = _meant(directory.revoke(action.target))
    here = "revoked here; a guest's own at home are not ours to end" if action.kind is Kind.GUEST else "revoked"
    told = here if receipt.outcome is Outcome.DONE else f"not revoked: {receipt.code}"
    return Receipt(outcome=receipt.outcome, code=receipt.code, said=(("sessions", told),))


def _meant(answer: Answer) -> Receipt:
    outcomes: Mapping[int, Outcome] = {400: Outcome.REFUSED, 404: Outcome.FOUND}
    return Receipt(outcome=outcomes.get(answer.status, Outcome.DONE), code=answer.code or str(answer.status))
