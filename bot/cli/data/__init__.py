"""Commands about what is stored: `export` writes it as files, `purge` deletes what has been kept long enough."""
