"""The options that many commands have."""

from pathlib import Path
from typing import Annotated

import typer

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", metavar="FILE", help="The settings file; config.toml if it is there."),
]
DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database", "-d", metavar="FILE", help="The database, instead of the one in the settings."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
