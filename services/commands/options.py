"""What stands behind a command's name on the command line: its own options, and all those of the product."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NoReturn

from settings import BadSetting, Settings, read_settings

_FROM_PRODUCT = "product_"


class CommandParser(argparse.ArgumentParser):
    """A command's own options; those of the product are understood too and become `Settings`."""

    def __init__(self, command: str, description: str) -> None:
        super().__init__(
            prog=f"python app.py {command}",
            description=description,
            epilog="The options of the product are understood too, such as --data-dir DIR or --source demo; "
            "python app.py --help lists them.",
            allow_abbrev=False,
        )
        # By name, because only so is the value of such an option told from a file.
        for name, field in Settings.model_fields.items():
            self.add_argument(
                f"--{name.replace('_', '-')}",
                dest=_FROM_PRODUCT + name,
                action="store_true" if field.annotation is bool else "store",
                default=argparse.SUPPRESS,
                help=argparse.SUPPRESS,
            )

    def read(self, arguments: Sequence[str]) -> tuple[argparse.Namespace, Settings]:
        """The command's options and the product's. Raises BadSetting with one sentence."""
        parsed = self.parse_args(arguments)
        given = {name: value for name, value in vars(parsed).items() if name.startswith(_FROM_PRODUCT)}
        flags = []
        for name, value in given.items():
            option = f"--{name.removeprefix(_FROM_PRODUCT).replace('_', '-')}"
            flags.append(option if value is True else f"{option}={value}")
        return parsed, read_settings(flags)

    def error(self, message: str) -> NoReturn:
        """One sentence instead of the usage."""
        raise BadSetting(f"{message}; see {self.prog} --help")
