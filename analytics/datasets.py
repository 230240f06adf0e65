"""Names of datasets, and of the symbols in them: `BTCUSDT@NAME` is BTCUSDT as it stands in the dataset NAME."""

from __future__ import annotations

import re
from typing import Final

from analytics.errors import BadInput

LONGEST_NAME: Final = 40
_NAME: Final = re.compile(rf"[A-Z0-9][A-Z0-9_]{{0,{LONGEST_NAME - 1}}}")
_SYMBOL: Final = re.compile(r"[A-Z0-9]{2,30}")
_ENDINGS: Final = re.compile(r"(\.(csv|gz|zip|txt))+$", re.IGNORECASE)


def dataset_of(symbol: str) -> str | None:
    """The dataset that a symbol is asked of; None for one of the running market.

    >>> dataset_of("BTCUSDT@JANUARY"), dataset_of("BTCUSDT")
    ('JANUARY', None)
    """
    _, at, name = symbol.partition("@")
    return name if at else None


def bare(symbol: str) -> str:
    """The symbol without its dataset.

    >>> bare("BTCUSDT@JANUARY")
    'BTCUSDT'
    """
    return symbol.partition("@")[0]


def within(symbol: str, dataset: str) -> str:
    """The symbol as it is asked of a dataset."""
    return f"{symbol}@{dataset}"


def dataset_name(text: str) -> str:
    """The name that was given, in upper case. Raises BadInput with a sentence.

    >>> dataset_name(" january_24 ")
    'JANUARY_24'
    """
    name = text.strip().upper()
    if not _NAME.fullmatch(name):
        raise BadInput(
            f"“{text[:60]}” cannot be the name of a dataset; it takes 1 to {LONGEST_NAME} letters, digits and _"
        )
    return name


def symbol_name(text: str) -> str:
    """The symbol that was given, in upper case. Raises BadInput with a sentence."""
    symbol = text.strip().upper()
    if not _SYMBOL.fullmatch(symbol):
        raise BadInput(f"“{text[:60]}” is not a symbol; write it as the exchange does, such as BTCUSDT")
    return symbol


def suggested_name(file_name: str) -> str:
    """A name for the dataset of a file: what of the file's own name can be one.

    >>> suggested_name("BTCUSDT-aggTrades-2025-01-01.csv.gz"), suggested_name("../.."), suggested_name("")
    ('BTCUSDT_AGGTRADES_2025_01_01', 'UPLOAD', 'UPLOAD')
    """
    name = re.sub(r"[^A-Z0-9]+", "_", _ENDINGS.sub("", file_name).upper()).strip("_")
    return name[:LONGEST_NAME].strip("_") or "UPLOAD"


def of_datasets(*symbols: str) -> bool:
    """Whether the symbols are those of datasets. Raises BadInput when only some of them are."""
    asked = [dataset_of(symbol) is not None for symbol in symbols]
    if any(asked) and not all(asked):
        raise BadInput(
            f"{' and '.join(symbols)}: a dataset is compared with a dataset only, never with the market of now"
        )
    return all(asked)
