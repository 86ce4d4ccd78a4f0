"""Read and write the file formats: YAML with the place of every value, and gettext PO.

Public modules:

- `po_files`: Read and write translations as files: gettext PO, by Babel.
- `yaml_source`: Read YAML with places: plain values, and for each the line and column where it stands.
- `yaml_problems`: Compose YAML 1.2 into nodes, or say where a text is not YAML, and what to do about it.
"""

__all__ = ["po_files", "yaml_problems", "yaml_source"]
