"""Read and write the file formats: YAML with the place of every value, and gettext PO."""
