"""A reader of pickles that makes plain values and nothing else.

A pickle is a program for a small machine with a stack.  Python's own machine may call any function that the program
names.  This one knows the instructions that plain values need; a name stands only for what the caller's table gives it.

Source:  the comments of Python's `pickletools`, which takes the instructions apart (and runs nothing).
"""

from __future__ import annotations

import pickletools
import warnings
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

DEEPEST = 100  # levels of containers
PLAIN = (str, bytes, int, float, bool, type(None))
CONTAINERS = (list, tuple, dict, OrderedDict)
CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
VALUES = {
    "BININT", "BININT1", "BININT2", "LONG1", "LONG4", "BINFLOAT", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8",
    "BINBYTES", "SHORT_BINBYTES", "BINBYTES8",
}  # fmt: skip
EMPTY: dict[str, Callable[[], Any]] = {"EMPTY_LIST": list, "EMPTY_DICT": dict, "EMPTY_TUPLE": tuple}


class Named:
    """What a pickle refers to by its name."""

    def __init__(self, name: str, meaning: Any) -> None:
        self.name, self.meaning = name, meaning


class Machine:
    """Reads one pickle.

    `names` says what the names in it stand for; `persistent` makes an object of what it keeps elsewhere.
    """

    def __init__(self, names: Mapping[str, Any], persistent: Callable[[Any], Any]) -> None:
        self.names, self.persistent = names, persistent
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: dict[int, Any] = {}

    def run(self, data: bytes) -> Any:
        """Return the object that the pickle makes.

        Raises:  ValueError that says what is damaged, or what was refused.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of a backslash in a name, which no known name has
            return self.result(data)

    def result(self, data: bytes) -> Any:
        """Do all instructions."""
        for opcode, argument, position in pickletools.genops(data):
            if opcode.name == "STOP":
                if len(self.stack) != 1 or position != len(data) - 1:
                    raise ValueError("the pickle leaves something over")
                return self.stack[0]
            try:
                self.step(opcode.name, argument)
            except IndexError:
                raise ValueError(f"the pickle's instruction {opcode.name} finds nothing to work on") from None
        raise ValueError("the pickle has no end")

    def step(self, name: str, argument: Any) -> None:
        """Do one instruction."""
        stack = self.stack
        if name in VALUES:
            stack.append(argument)
        elif name in CONSTANTS:
            stack.append(CONSTANTS[name])
        elif name in EMPTY:
            stack.append(EMPTY[name]())
        elif name in ("BINPUT", "LONG_BINPUT"):
            self.memo[argument] = stack[-1]
        elif name == "MEMOIZE":
            self.memo[len(self.memo)] = stack[-1]
        elif name in ("BINGET", "LONG_BINGET"):
            stack.append(self.recalled(argument))
        elif name == "MARK":
            self.marks.append(len(stack))
        elif name == "TUPLE":
            self.put(tuple(self.since_mark()))
        elif name in ("TUPLE1", "TUPLE2", "TUPLE3"):
            self.put(tuple(self.taken(int(name[-1]))))
        elif name in ("APPEND", "APPENDS"):
            self.extend(self.taken(1) if name == "APPEND" else self.since_mark())
        elif name in ("SETITEM", "SETITEMS"):
            self.update(self.taken(2) if name == "SETITEM" else self.since_mark())
        elif name == "GLOBAL":
            self.put(self.named(argument.replace(" ", ".")))
        elif name == "STACK_GLOBAL":
            self.put(self.named(".".join(brief(part) for part in self.taken(2))))
        elif name == "BINPERSID":
            self.put(self.persistent(*self.taken(1)))
        elif name == "REDUCE":
            self.call(*self.taken(2))
        elif name == "BUILD":
            self.build(*self.taken(1))
        elif name not in ("PROTO", "FRAME"):
            raise ValueError(f"the pickle has the instruction {name}, which plain values do not need: it is refused")

    def put(self, value: Any) -> None:
        """Put a value on the stack."""
        self.stack.append(value)

    def taken(self, n: int) -> list[Any]:
        """Take the last n values from the stack."""
        if len(self.stack) < n:
            raise IndexError
        return self.cut(len(self.stack) - n)

    def since_mark(self) -> list[Any]:
        """Take all values since the last mark."""
        return self.cut(self.marks.pop())

    def cut(self, start: int) -> list[Any]:
        """Take all values from a place of the stack on."""
        values = self.stack[start:]
        del self.stack[start:]
        return values

    def recalled(self, number: int) -> Any:
        """Return what was stored under a number."""
        if number not in self.memo:
            raise ValueError(f"the pickle recalls number {number}, which it did not store")
        return self.memo[number]

    def named(self, name: str) -> Named:
        """Return what a name stands for."""
        if name not in self.names:
            raise ValueError(
                f"it refers to {name[:200]}, and only tensors, numbers, strings and plain containers are read: "
                "save a state dict, torch.save(model.state_dict(), path)"
            )
        return Named(name, self.names[name])

    def extend(self, values: list[Any]) -> None:
        """Put values into a list."""
        target = self.stack[-1]
        if type(target) is not list:
            raise ValueError(f"the pickle appends to a {type(target).__name__}")
        target.extend(values)

    def update(self, values: list[Any]) -> None:
        """Put keys and values into a dict."""
        target = self.stack[-1]
        if type(target) not in (dict, OrderedDict) or len(values) % 2:
            raise ValueError(f"the pickle sets {len(values)} keys and values of a {type(target).__name__}")
        for key, value in zip(values[::2], values[1::2], strict=True):
            # A tuple can be built so that hashing it takes for ever, and integers so that they collide.
            if type(key) not in (str, int, bool, type(None)) or (type(key) is int and abs(key) >= 2**53):
                raise ValueError(f"a dict has a key of type {type(key).__name__}, a key must be a string or an integer")
            target[key] = value

    def call(self, function: Any, arguments: Any) -> None:
        """Call what a name stands for."""
        if type(function) is not Named or not callable(function.meaning) or type(arguments) is not tuple:
            raise ValueError(f"the pickle calls {getattr(function, 'name', 'what is no function')}: it is refused")
        try:
            self.put(function.meaning(*arguments))
        except TypeError as error:
            raise ValueError(f"the pickle calls {function.name} with arguments that do not fit: {error}") from error

    def build(self, state: Any) -> None:
        """Give an OrderedDict the attribute that PyTorch's state dicts have."""
        target = self.stack[-1]
        if type(target) is not OrderedDict or type(state) is not dict or set(state) != {"_metadata"}:
            raise ValueError(f"the pickle sets attributes of a {type(target).__name__}: it is refused")
        target._metadata = state["_metadata"]  # type: ignore[attr-defined]


def brief(value: Any) -> str:
    """Write a value for an error message; of a container its type only, as a small pickle can make an endless one."""
    return str(value)[:200] if type(value) in (str, bool, float, type(None)) else f"a {type(value).__name__}"


def check_plain(value: Any, *allowed: type) -> None:
    """Refuse an object in which something is neither plain nor of an allowed type, or which is nested too deep."""
    level: list[Any] = [[value]]
    seen: set[int] = set()  # containers that have been looked into: one may be in many places
    for _ in range(DEEPEST + 2):
        below: list[Any] = []
        for container in level:
            for item in _inside(container):
                if type(item) in CONTAINERS:
                    if id(item) not in seen and (item or type(item) is OrderedDict):
                        seen.add(id(item))
                        below.append(item)
                elif type(item) not in PLAIN and not isinstance(item, allowed):
                    what = item.name if type(item) is Named else brief(item)
                    raise ValueError(f"{what} is there as a value: it is refused")
        if not below:
            return
        level = below
    raise ValueError(f"it is nested more than {DEEPEST} containers deep")


def _inside(container: Any) -> list[Any]:
    """Return what is in a container, its attributes included."""
    if isinstance(container, dict):
        return [*container.values(), *getattr(container, "__dict__", {}).values()]
    return list(container)
