"""Walk at random through whole conversations as people lead them, with all that goes wrong, and check what must hold.

`people` answer what they see, `noise` does what else happens, `world` is a platform in memory with the real bot behind
it, `over_emulators` the same through the platforms' own clients. Every walk leaves `Evidence` (`evidence`): what was
shown and done, and what each turn came to. `invariants` are functions over it. Run `python -m tests.walks --help`.
"""
