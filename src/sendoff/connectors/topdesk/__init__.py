"""TOPdesk, our own service desk."""
