"""Read and write the file formats: YAML with the place of every value, and gettext PO.

Public modules:

- `po_files`: Read and write translations as files: gettext PO, by Babel.
- `yaml_source`: Read YAML with places: plain values, and for each the line and column where it stands.
"""

__all__ = ["po_files", "yaml_source"]
