"""Event WebSockets that Asterisk opens: `AriListener` and its sessions."""
