"""Keys: the five doors into a customer, and the doors of our own house."""

from enum import StrEnum


class Key(StrEnum):
    """One way in. What each opens, and what it cannot, is told in docs/safety.md."""

    LIGHTHOUSE = "lighthouse"
    """Our principal in our tenant, through Azure Lighthouse: the customer's subscriptions, never role assignments."""
    AOBO = "aobo"
    """A person of ours in the Admin agents group, a foreign principal with Owner."""
    GDAP = "gdap"
    """A granular delegated admin relationship: Microsoft Graph, for as long as it lasts."""
    APP = "app"
    """Our app registration in the customer's tenant: Graph, and Azure with the roles it was given."""
    PARTNER_CENTER = "partner-center"
    """App and user in Partner Center: transfers and the reseller relationship."""
    HOUSE = "house"
    """Our own tenant: our mailboxes and calendars. Opens nothing of a customer."""
    PRTG = "prtg"
    """Our monitoring core."""
    VAULT = "vault"
    """Our Passwordstate."""
    TOPDESK = "topdesk"
    """Our service desk."""
    REASSURE = "reassure"
    """Our customer portal."""
    GITHUB = "github"
    """The repository with our checklists."""
    PERSON = "person"
    """No machine key: a person does it in the vendor's own page, and we look whether it was done."""


DOORS = (Key.LIGHTHOUSE, Key.AOBO, Key.GDAP, Key.APP, Key.PARTNER_CENTER)
"""The doors into a customer, which must all be shut at the end."""
