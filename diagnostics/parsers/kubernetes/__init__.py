"""How Kubernetes writes things, shared by the parsers of its events and of its pods."""
