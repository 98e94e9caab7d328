"""A worker process: it takes entries of the order, one after the other, and sends back their batches.

Its main thread makes batches.  A second one listens to the main process, so that the connection never jams, and so
that the worker ends with it; a third one sends, so that work goes on while a large batch waits to be read.
"""

from __future__ import annotations

import os
import pickle
import queue
import random
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import wait
from typing import Any, NamedTuple

import numpy as np

from ...backend.random import manual_seed
from .fetch import Recipe
from .transport import Channel, Message, packed

GRACE = 1.0  # seconds that a worker has to finish its batch when nobody wants it any more
LOOK_AROUND = 5.0  # seconds between two looks whether the main process is still there


@dataclass
class WorkerInfo:
    """Which worker this is: what an IterableDataset needs to know to give its part of the stream only."""

    id: int
    num_workers: int
    seed: int
    dataset: Any


class Task(NamedTuple):
    """One entry of the order, in which pass, and the seed of that pass; for a stream the entry is None."""

    turn: int
    seed: int
    entry: Any


class Reply(NamedTuple):
    """A batch; or the end of a worker's stream; or (type, text) of an exception."""

    turn: int
    kind: str  # "batch", "end" or "error"
    content: Any


_this: list[WorkerInfo] = []  # empty in the main process


def get_worker_info() -> WorkerInfo | None:
    """Return which worker this is: id, num_workers, seed and dataset; None in the main process."""
    return _this[0] if _this else None


class Worker:
    """The work itself: from tasks to replies."""

    def __init__(self, info: WorkerInfo, recipe: Recipe, init: Callable[[int], None] | None) -> None:
        self.info, self.recipe, self.init = info, recipe, init
        self.base, self.turn = info.seed, 0
        self.stream: Iterator[Any] = iter(())

    def reply(self, task: Task) -> Message:
        """Do a task; whatever goes wrong is sent to the main process."""
        try:
            if task.turn != self.turn:
                self.begin(task)
            if not self.recipe.streams:
                return packed(Reply(task.turn, "batch", self.recipe.fetch(task.entry)))
            for batch in self.stream:
                return packed(Reply(task.turn, "batch", batch))
            return packed(Reply(task.turn, "end", None))
        except Exception as error:
            return packed(Reply(task.turn, "error", (picklable_type(error), self.report(error))))

    def begin(self, task: Task) -> None:
        """Begin a pass: with random streams of its own, which depend on the pass and on the worker alone."""
        first, self.turn = self.turn == 0, task.turn
        self.info.seed = (task.seed + self.info.id) % 2**64
        seed_everything(self.info.seed)
        if first and self.init is not None:
            self.init(self.info.id)
        if self.recipe.streams:
            self.stream = self.recipe.stream()

    def report(self, error: BaseException) -> str:
        """Return the text of an exception as the main process will show it."""
        lines = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        return (
            f"Caught {type(error).__name__} in DataLoader worker process {self.info.id} (pid {os.getpid()}).\n"
            f"Original {lines}"
        )


def work(info: WorkerInfo, recipe: Recipe, init: Callable[[int], None] | None, channel: Channel) -> None:
    """Run a worker until the main process closes the channel."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; the main one decides, and ends us
    _this[:] = [info]
    tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
    replies: queue.SimpleQueue[Message] = queue.SimpleQueue()
    newest = [0]
    threading.Thread(target=_listen, args=(channel, tasks, newest, os.getppid()), daemon=True).start()
    threading.Thread(target=_speak, args=(channel, replies), daemon=True).start()
    worker = Worker(info, recipe, init)
    while (task := tasks.get()) is not None:
        if task.turn == newest[0]:  # else it is left over from a pass that was broken off
            replies.put(worker.reply(task))


def _listen(channel: Channel, tasks: queue.SimpleQueue[Task | None], newest: list[int], parent: int) -> None:
    """Take tasks as they come, and end the process when the main one is gone."""
    try:
        while wait([channel], LOOK_AROUND) or os.getppid() == parent:  # type: ignore[list-item]
            if wait([channel], 0):  # type: ignore[list-item]
                task = channel.receive()
                newest[0] = task.turn
                tasks.put(task)
    except (EOFError, OSError):
        pass
    tasks.put(None)
    time.sleep(GRACE)
    os._exit(0)


def _speak(channel: Channel, replies: queue.SimpleQueue[Message]) -> None:
    try:
        while True:
            channel.send(replies.get())
    except OSError:  # nobody listens any more: the other thread ends the process
        pass


def seed_everything(seed: int) -> None:
    """Seed every random stream that a dataset may draw from; a fork has the same ones in all workers."""
    manual_seed(seed)
    random.seed(seed)
    np.random.seed(seed % 2**32)  # noqa: NPY002 -- datasets draw from the global stream, so it is seeded


def picklable_type(error: BaseException) -> type:
    """Return the type of an exception, or the nearest base that the main process can be told."""
    for kind in type(error).__mro__:
        try:
            if pickle.loads(pickle.dumps(kind)) is kind:
                return kind
        except Exception:  # a local class, or a module that cannot be imported
            continue
    return Exception


class _KeyText(str):
    """The text of a KeyError, which prints what `repr` gives."""

    def __repr__(self) -> str:
        return str(self)


def rebuilt(kind: type[Exception], text: str) -> Exception:
    """Make the exception of a worker again; a RuntimeError where its type wants something else than a text."""
    if kind is StopIteration:  # it would end the loop without a word
        return RuntimeError(text)
    try:
        error = kind(_KeyText(text) if issubclass(kind, KeyError) else text)
    except Exception:
        return RuntimeError(text)
    return error if text in str(error) else RuntimeError(text)
