"""Microsoft Graph at the customer: their directory."""
