"""Our hands: one folder a system, client.py the wire and connector.py the meaning."""
