"""Tell how a running bot stands: to whoever asks by HTTP, to Prometheus, and to systemd.

- `pages`: Serve `/health` and `/metrics`; loaded by name, since its libraries take a tenth of a second to import.
- `service_manager`: Tell systemd that the bot is ready, alive, and stopping.
- `watch`: Look at the database, the channels and what waits, and say whether the bot is ready.
"""

__all__ = ["pages", "service_manager", "watch"]
