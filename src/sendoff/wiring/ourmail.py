"""Our mail server as the settings name it, and the mailbox to which letters come back."""

from sendoff.connectors.smtp.client import SmtpDoor
from sendoff.connectors.smtp.returns_client import ReturnsDoor
from sendoff.settings import SmtpSettings


def post_door(smtp: SmtpSettings) -> SmtpDoor:
    """Our mail server. BadInput when the source of the password is empty."""
    password = smtp.password.read("smtp.password") if smtp.password else None
    return SmtpDoor(url=post_url(smtp), login=smtp.login, password=password)


def returns_door(smtp: SmtpSettings) -> ReturnsDoor | None:
    """The mailbox to which letters come back; None when nobody looks. BadInput when the source of its password is
    empty."""
    source = smtp.returns_password or smtp.password
    if not smtp.returns or source is None:
        return None
    what = "smtp.returns_password" if smtp.returns_password else "smtp.password"
    return ReturnsDoor(url=smtp.returns, login=smtp.returns_login or smtp.login, password=source.read(what))


def post_url(smtp: SmtpSettings) -> str:
    """smtps:// for TLS from the first byte, smtp:// for STARTTLS."""
    return f"{'smtps' if smtp.security == 'tls' else 'smtp'}://{smtp.host}:{smtp.port}"
