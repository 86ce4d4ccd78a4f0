"""The formats of an export: a module for each, and `registry`, which lists them.

Each is a `format_writer.FormatWriter`. `whole_files` makes files appear whole or not at all.
"""
