"""Open the database, bring it to this program's schema, and keep it whole and secret.

`connection.Database` is the entry. `statements` runs the hot path, `audit` chains the trail, `address_keys` and
`key_rotation` seal addresses, `migrate` and `backup` look after the file, `wakeups`, `periodic_jobs` and
`process_lock` serve the process that runs on it.
"""
