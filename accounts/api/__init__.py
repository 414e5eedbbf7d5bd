"""HTTP for people: log-in, tokens per device, me."""
