"""Code free text by a codebook: the file, what is proposed, how two coders agree, and when nothing new comes.

Public modules:

- `agreement`: Measure how two coders agree: Cohen's kappa of each code and of all together.
- `codebook`: Define what a team writes into a codebook: codes, what belongs to each, and their parents.
- `loader`: Load a codebook from its file; every problem has its place and a remedy.
- `proposals`: Propose codes for a text, by words of the codebook and by likeness to what people coded before.
- `saturation`: Tell which interview brought the last new code.
"""

__all__ = ["agreement", "codebook", "loader", "proposals", "saturation"]
