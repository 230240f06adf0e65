"""A bounded memory of computed things: the market is a pure function, so whatever is forgotten can be made again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

_Key = TypeVar("_Key", bound=Hashable)
_Value = TypeVar("_Value")


class Recent(Generic[_Key, _Value]):
    """The `capacity` values that were asked for last. Belongs to one thread."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._values: OrderedDict[_Key, _Value] = OrderedDict()

    def __contains__(self, key: _Key) -> bool:
        return key in self._values

    def __len__(self) -> int:
        return len(self._values)

    def value(self, key: _Key, make: Callable[[], _Value]) -> _Value:
        """The remembered value of `key`, made (and remembered) when there is none."""
        if key in self._values:
            self._values.move_to_end(key)
            return self._values[key]
        made = make()
        self._values[key] = made
        if len(self._values) > self._capacity:
            self._values.popitem(last=False)
        return made
