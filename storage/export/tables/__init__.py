"""The tables of an export: a module for each family of tables, and `registry`, which lists them in order.

What all share (`ExportSelection`, `ExportTable`, cells) is in `table`.
"""
