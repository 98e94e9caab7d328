"""The main process's side of the workers: starting and ending them, and taking their batches in order."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from multiprocessing.connection import wait
from typing import Any, NamedTuple

from .fetch import Recipe
from .transport import packed, pair
from .worker import GRACE, Reply, Task, WorkerInfo, rebuilt, work

AFTERWARDS = 0.01  # seconds from the end of a finalizer until an interrupt is raised again
SIGNALS = {number.value: number.name for number in signal.Signals}


class Member(NamedTuple):
    """A worker, seen from the main process."""

    process: Any
    channel: Any  # a Channel; a socket to those who wait for it
    pid: int


class Pool:
    """Worker processes, which live until `stop`, or until nobody holds the pool."""

    def __init__(self, recipe: Recipe, count: int, init: Callable[[int], None] | None, context: Any) -> None:
        self.members: list[Member] = []
        self.turn = 0  # the number of the pass that is running
        self.owner = os.getpid()
        self.at_last = weakref.finalize(self, _abandoned, self.owner, self.members)
        try:
            for number in range(count):
                self.members.append(self._start(WorkerInfo(number, count, 0, recipe.dataset), recipe, init, context))
        except BaseException:
            self.stop()
            raise

    def _start(self, info: WorkerInfo, recipe: Recipe, init: Callable[[int], None] | None, context: Any) -> Member:
        ours, theirs = pair()
        try:
            process = context.Process(target=work, args=(info, recipe, init, theirs), daemon=True)
            process.start()
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        return Member(process, ours, process.pid)

    @property
    def running(self) -> bool:
        """Tell whether the pool has not been stopped."""
        return self.at_last.alive

    def stop(self) -> None:
        """End the workers, once."""
        if self.at_last.detach():
            _stop(self.owner, self.members)

    def send(self, number: int, task: Task) -> None:
        """Give a worker a task."""
        try:
            self.members[number].channel.send(packed(task))
        except OSError:
            raise self._ended(number) from None
        except BaseException:  # Ctrl-C, or an index that cannot be pickled: half a message may be on its way
            self.stop()
            raise

    def receive(self, number: int, timeout: float) -> Reply:
        """Return what a worker has to say on the running pass; wait for it."""
        process, channel, pid = self.members[number]
        try:
            while True:
                ready: list[Any] = wait([channel, process.sentinel], timeout or None)
                if not ready:
                    raise TimeoutError
                if channel not in ready and not wait([channel], 0):
                    raise EOFError
                reply: Reply = channel.receive(timeout or None)
                if reply.turn == self.turn:
                    return reply
        except TimeoutError:
            self.stop()
            raise RuntimeError(
                f"DataLoader timed out after {timeout} seconds: worker {number} (pid {pid}) has sent no batch"
            ) from None
        except (EOFError, OSError):
            raise self._ended(number) from None
        except BaseException:
            self.stop()
            raise

    def _ended(self, number: int) -> RuntimeError:
        """Return the error that says how a worker has ended."""
        process, _, pid = self.members[number]
        process.join(GRACE)
        code = process.exitcode
        self.stop()
        reason = f"exit code {code}" + (f", {SIGNALS.get(-code, 'a signal')}" if code and code < 0 else "")
        return RuntimeError(
            f"DataLoader worker {number} (pid {pid}) exited unexpectedly: {reason}. "
            "With num_workers=0 the dataset runs in the main process, where its error can be seen"
        )


def _stop(owner: int, members: list[Member]) -> None:
    """End the workers: those that are idle at once, the others after a while of grace, or now if Ctrl-C says so."""
    for member in members:
        member.channel.close()
    if os.getpid() != owner:  # a process that was forked while the pool was alive: the workers are not its children
        return
    deadline = time.monotonic() + GRACE
    try:
        while members:
            members[-1].process.join(max(0.0, deadline - time.monotonic()))
            _end(members)
    except KeyboardInterrupt:
        while members:
            _end(members)
        raise


def _end(members: list[Member]) -> None:
    """End the last worker, if it has not ended by itself."""
    process = members[-1].process
    if process.is_alive():
        process.kill()
        process.join()
    members.pop()
    process.close()


def _abandoned(owner: int, members: list[Member]) -> None:
    """End the workers of a pool that nobody holds any more.

    Python calls this between two instructions of whatever is running, and drops an exception that comes out of here.
    So a Ctrl-C in the meantime is raised again from a moment later on.
    """
    try:
        _stop(owner, members)
    except KeyboardInterrupt:
        again = threading.Timer(AFTERWARDS, signal.pthread_kill, (threading.main_thread().ident, signal.SIGINT))
        again.daemon = True
        with contextlib.suppress(RuntimeError):  # the program is ending anyway, and starts no thread any more
            again.start()


class Batches(Iterator[Any]):
    """One pass: batch number k is made by worker k modulo their number, and is asked for ahead of time."""

    def __init__(self, pool: Pool, order: Iterator[Any], seed: int, ahead: int, timeout: float, keep: bool) -> None:
        pool.turn += 1
        self.pool, self.order, self.seed, self.timeout, self.keep = pool, order, seed, timeout, keep
        self.turn = pool.turn
        self.asked: deque[int] = deque()  # the workers that owe a batch, in the order of the batches
        for _ in range(ahead):
            for number in range(len(pool.members)):
                self._ask(number)

    def _ask(self, number: int) -> None:
        """Give the next entry of the order, if there is one, to a worker."""
        for entry in self.order:
            self.pool.send(number, Task(self.turn, self.seed, entry))
            self.asked.append(number)
            return

    def __next__(self) -> Any:
        if self.turn != self.pool.turn:
            raise RuntimeError(
                "DataLoader: this pass was given up when the next one began: persistent workers serve one at a time"
            )
        try:
            while self.asked:
                number = self.asked.popleft()
                reply = self.pool.receive(number, self.timeout)
                if reply.kind == "error":
                    raise rebuilt(*reply.content)
                if reply.kind == "batch":
                    self._ask(number)
                    return reply.content
        except BaseException:
            self._finish()
            raise
        self._finish()
        raise StopIteration

    def _finish(self) -> None:
        self.asked.clear()
        if not self.keep:
            self.pool.stop()


def context_of(choice: Any) -> Any:
    """Return how processes are started: as chosen; else by fork on Linux, which needs nothing pickled.

    Raises:  ValueError for a name that the system does not know, TypeError for what is no context.
    """
    if choice is None:
        choice = multiprocessing.get_start_method(allow_none=True) or ("fork" if sys.platform == "linux" else None)
    if choice is None or isinstance(choice, str):
        known = multiprocessing.get_all_start_methods()
        if choice not in (None, *known):
            raise ValueError(
                f"multiprocessing_context option should specify a valid start method in {known}, got {choice!r}"
            )
        return multiprocessing.get_context(choice)
    if not hasattr(choice, "Process") or not hasattr(choice, "get_start_method"):
        raise TypeError(
            "multiprocessing_context option should be a valid context object or a string specifying the start method, "
            f"but got multiprocessing_context={choice!r}"
        )
    return choice
