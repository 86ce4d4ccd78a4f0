"""The formats of an export: a module for each, and `registry`, which lists them.

Each is what `format_writer` describes. `whole_files` makes files appear whole or not at all, `spreadsheet_safety` keeps
texts from being run as formulas.
"""

__all__ = ["format_writer", "registry", "spreadsheet_safety", "whole_files"]
