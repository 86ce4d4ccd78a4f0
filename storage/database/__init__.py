"""Open the database, bring it to this program's schema, and keep it whole and secret.

`connection` opens it (by `engines`) and runs work in transactions, `reading` opens it to read, also on a full disk,
`open_file` notices when the file is taken away, `statements` runs the hot path. `journal` keeps what a restored
backup must be told: transactions note it in `commit_notes`, and `journal_keeper` writes it. `migrate` and `backup`
look after the file, `table_statistics` after SQLite's plans; `audit` chains the trail, `address_keys` and
`key_rotation` seal addresses, and `key_check` tells whose key it is. `wakeups`, `periodic_jobs` and `process_lock`
serve the process that runs on it.
"""

__all__ = [
    "address_keys",
    "audit",
    "backup",
    "commit_notes",
    "connection",
    "journal",
    "journal_keeper",
    "key_check",
    "key_rotation",
    "migrate",
    "open_file",
    "periodic_jobs",
    "process_lock",
    "reading",
    "statements",
    "wakeups",
]
