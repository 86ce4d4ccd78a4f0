"""Read and write the file formats: YAML with the place of every value, and gettext PO.

Public modules:

- `plain_files`: Read a file that a person names: so many bytes of it at most, whatever kind of file it is.
- `po_files`: Read and write translations as files: gettext PO, by Babel.
- `yaml_events`: Compose YAML into nodes by a parser in C, or tell that the pure parser must read the text.
- `yaml_source`: Read YAML with places: plain values, and for each the line and column where it stands.
- `yaml_problems`: Compose YAML 1.2 into nodes, or say where a text is not YAML, and what to do about it.
"""

__all__ = ["plain_files", "po_files", "yaml_events", "yaml_problems", "yaml_source"]
