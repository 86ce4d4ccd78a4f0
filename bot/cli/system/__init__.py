"""Commands about the installation: run it, check it, and look after its database, key and audit trail."""
