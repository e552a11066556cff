"""Microsoft Graph at our own tenant: mail and calendar."""
