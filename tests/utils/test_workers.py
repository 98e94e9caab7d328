"""Worker processes: the same batches in the same order, and what happens when one raises, hangs, dies or is left."""

import contextlib
import gc
import multiprocessing
import os
import random
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minitorch as mt
from minitorch.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset, get_worker_info
from minitorch.utils.data.transport import Channel, packed, pair
from minitorch.utils.data.worker import picklable_type, rebuilt

ROOT = Path(__file__).resolve().parents[2]
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the state of processes is read from /proc")
TIMEOUT = 30  # seconds; a test that fails shall not hang


def seeded(seed=0):
    return mt.Generator().manual_seed(seed)


def plain(x):
    if isinstance(x, mt.Tensor):
        return x.tolist()
    return [plain(y) for y in x] if isinstance(x, list) else x


def loader(dataset, batch_size=1, **options):
    return DataLoader(dataset, batch_size, **{"num_workers": 2, "timeout": TIMEOUT, **options})


def nobody_left():
    """No worker of this process is alive; those that are ending get a moment."""
    end = time.monotonic() + 5
    while multiprocessing.active_children() and time.monotonic() < end:
        time.sleep(0.01)
    return not multiprocessing.active_children()


@pytest.fixture(autouse=True)
def no_process_is_left_behind():
    yield
    if multiprocessing.active_children():
        gc.collect()  # pytest keeps the frames of a test for a while
    assert nobody_left()


class Items(Dataset):
    """Items made by a function of the index."""

    def __init__(self, n, make=lambda i: i):
        self.n, self.make = n, make

    def __getitem__(self, index):
        return self.make(index)

    def __len__(self):
        return self.n


# ---- the transport ---------------------------------------------------------------------------------------------------


@given(
    st.lists(
        hnp.arrays(
            st.sampled_from([np.uint8, np.float32, np.complex128, bool, ">i4", "U3"]),
            hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
        )
    )
)
def test_arrays_arrive_as_they_were_sent(arrays):
    ours, theirs = pair()
    with contextlib.closing(ours), contextlib.closing(theirs):
        given = [*arrays, *(array.T for array in arrays), *(array[..., ::-1] for array in arrays if array.ndim)]
        theirs.send(packed({"arrays": given, "text": "x"}))
        got = ours.receive()["arrays"]
    for a, b in zip(given, got, strict=True):
        native = a.astype(a.dtype.newbyteorder("="))  # NumPy makes it so when it pickles a strided array
        assert (native.dtype, a.shape) == (b.dtype.newbyteorder("="), b.shape)
        assert native.tobytes() == b.astype(native.dtype).tobytes()
        assert b.flags.writeable


def test_a_large_array_arrives_in_pieces():
    ours, theirs = pair()
    array = np.arange(3_000_000, dtype=np.int64)
    if not os.fork():  # only `theirs` is open there
        theirs.send(packed(array))
        os._exit(0)
    theirs.close()
    assert np.array_equal(ours.receive(), array)
    with pytest.raises(EOFError, match="closed the connection"):
        ours.receive()
    ours.close()
    os.wait()


def test_what_is_written_into_an_array_after_packing_is_not_sent():
    array = np.zeros(4)
    message = packed(array)
    array[:] = 1
    ours, theirs = pair()
    with contextlib.closing(ours), contextlib.closing(theirs):
        theirs.send(message)
        assert ours.receive().tolist() == [0, 0, 0, 0]


def test_half_a_message_is_an_end_not_a_hang():
    ours, theirs = socket.socketpair()
    theirs.sendall(b"".join(packed(np.zeros(100)))[:-1])
    theirs.close()
    with contextlib.closing(Channel(ours)) as channel, pytest.raises(EOFError):
        channel.receive()


# ---- what comes, and in which order ----------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize(
    "options",
    [
        {"batch_size": 4},
        {"batch_size": 4, "drop_last": True},
        {"batch_size": None},
        {"batch_size": 3, "sampler": [5, 1, 0, 8]},
        {"batch_sampler": [[1], [2, 3], [0]]},
        {"batch_size": 2, "collate_fn": sum},
    ],
    ids=str,
)
def test_batches_and_their_order_are_those_of_the_main_process(workers, options):
    data = Items(11, lambda i: i * i)
    assert plain(list(DataLoader(data, num_workers=workers, timeout=TIMEOUT, **options))) == plain(
        list(DataLoader(data, **options))
    )


def test_batches_come_in_order_though_some_take_longer():
    def slow(i):
        time.sleep(0.1 if i in (0, 3) else 0)
        return i

    assert plain(list(loader(Items(8, slow), num_workers=3))) == [[i] for i in range(8)]


@pytest.mark.parametrize("default", [False, True], ids=["generator", "default stream"])
def test_shuffles_are_the_same_for_any_number_of_workers(default):
    passes = []
    for workers in (0, 1, 3):
        mt.manual_seed(4)
        options = {} if default else {"generator": seeded(4)}
        if workers:
            options["timeout"] = TIMEOUT
        shuffled = DataLoader(Items(20), 3, shuffle=True, num_workers=workers, **options)
        passes.append([plain(list(shuffled)) for _ in range(3)])
    assert passes[0] == passes[1] == passes[2]
    assert passes[0][0] != passes[0][1]


def test_tensors_keep_their_type_and_values_and_may_be_written_into():
    batches = list(loader(TensorDataset(mt.arange(6).reshape(3, 2), mt.tensor([1.5, 2.5, 3.5])), 2))
    assert plain(batches) == [[[[0, 1], [2, 3]], [1.5, 2.5]], [[[4, 5]], [3.5]]]
    assert [t.dtype for t in batches[0]] == [mt.int64, mt.float32]
    batches[0][0].add_(1)
    assert batches[0][0].tolist() == [[1, 2], [3, 4]]


def test_tensors_keep_whether_they_require_gradients():
    leaves = [mt.tensor([1.0], requires_grad=True), mt.tensor([2.0])]
    assert [x.requires_grad for x in loader(Items(2, leaves.__getitem__), None)] == [True, False]


def test_batches_stay_on_the_device_of_the_data(device):
    if device.type == "cuda":
        pytest.skip("a forked process cannot use CUDA")
    data = TensorDataset(mt.arange(6.0).reshape(3, 2).to(device))
    (batch,) = next(iter(loader(data, 3)))
    assert batch.device == device
    assert batch.cpu().tolist() == [[0, 1], [2, 3], [4, 5]]


def test_large_batches_come_whole():
    data = Items(6, lambda i: np.full((300, 1000), i, np.float32))
    for number, batch in enumerate(loader(data, 2)):
        assert batch.shape == (2, 300, 1000)
        assert (batch.numpy() == np.array([2 * number, 2 * number + 1]).reshape(2, 1, 1)).all()


def test_a_long_list_of_indices_does_not_jam():
    data = Items(200_000)
    batches = list(loader(data, 100_000, collate_fn=lambda items: np.array(items)))
    assert np.array_equal(np.concatenate(batches), np.arange(200_000))


def test_a_loader_serves_pass_after_pass_and_two_at_once():
    data = loader(Items(4), 2)
    assert plain(list(data)) == plain(list(data)) == [[0, 1], [2, 3]]
    assert [plain(list(both)) for both in zip(data, data, strict=True)] == [[[0, 1]] * 2, [[2, 3]] * 2]


def test_a_loader_inside_another_gives_all_its_batches():
    outer, inner = loader(Items(3), None), loader(Items(4, lambda j: 10 * j), None)
    assert [(i, j) for i in outer for j in inner] == [(i, 10 * j) for i in range(3) for j in range(4)]
    assert nobody_left()


def test_a_dataset_may_use_a_loader_without_workers_but_workers_have_none():
    def total(**options):
        return Items(3, lambda i: sum(DataLoader(Items(4, lambda j: i + j), None, **options)))

    assert list(loader(total(), None)) == [6, 10, 14]
    with pytest.raises(AssertionError, match="daemonic processes are not allowed to have children"):
        list(loader(total(num_workers=1), None))


@pytest.mark.parametrize("workers", [0, 2])
def test_a_dataset_that_gets_several_items_at_once_is_asked_for_a_batch(workers):
    class Many(Items):
        def __getitems__(self, indices):
            return [100 + i for i in indices]

    options = {"timeout": TIMEOUT} if workers else {}
    assert plain(list(DataLoader(Many(3), 2, num_workers=workers, **options))) == [[100, 101], [102]]


def test_workers_start_by_spawn_where_asked():
    data = TensorDataset(mt.arange(4), mt.ones(4, 2))
    batches = list(loader(data, 2, num_workers=1, multiprocessing_context="spawn"))
    assert plain(batches) == [[[0, 1], [[1, 1], [1, 1]]], [[2, 3], [[1, 1], [1, 1]]]]


def test_the_context_is_the_one_asked_for():
    spawn = multiprocessing.get_context("spawn")
    assert loader(Items(1), multiprocessing_context=spawn).multiprocessing_context is spawn
    assert loader(Items(1), multiprocessing_context="spawn").multiprocessing_context.get_start_method() == "spawn"
    if sys.platform == "linux":
        assert loader(Items(1)).multiprocessing_context.get_start_method() == "fork"
    with pytest.raises(TypeError, match="valid context object or a string"):
        loader(Items(1), multiprocessing_context=3)


def test_a_worker_works_ahead_by_the_prefetch_factor(tmp_path):
    def mark(i):
        (tmp_path / str(i)).touch()
        return np.zeros(1_000_000)  # more than any socket takes: working ahead must not wait until it is read

    for ahead in (1, 3):
        batches = iter(loader(Items(20, mark), num_workers=2, prefetch_factor=ahead, collate_fn=lambda x: x))
        end = time.monotonic() + 10
        while len(os.listdir(tmp_path)) < 2 * ahead and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep(0.1)
        assert sorted(map(int, os.listdir(tmp_path))) == list(range(2 * ahead))
        del batches
        for path in tmp_path.iterdir():
            path.unlink()


# ---- random streams --------------------------------------------------------------------------------------------------


def draws(_):
    return [get_worker_info().seed, mt.rand(1).item(), random.random(), np.random.random()]  # noqa: NPY002


def test_each_worker_draws_from_its_own_streams_which_the_seed_repeats():
    def passes(seed, **options):
        data = loader(Items(4, draws), None, num_workers=4, generator=seeded(seed), **options)
        return [list(data) for _ in range(2)]

    one = passes(0)
    assert one == passes(0) == passes(0, persistent_workers=True)
    assert one != passes(1)
    flat = [tuple(item) for rows in one for item in rows]
    for column in zip(*flat, strict=True):
        assert len(set(column)) == 8  # four workers, two passes, no draw twice
    assert [row[0] - one[0][0][0] for row in one[0]] == [0, 1, 2, 3]


def test_seeds_come_from_the_default_stream_without_a_generator():
    def first(seed):
        mt.manual_seed(seed)
        return list(loader(Items(2, draws), None))

    assert first(1) == first(1) != first(2)


# ---- information and beginnings --------------------------------------------------------------------------------------


class Stream(IterableDataset):
    """0 … n-1; `share` lets each worker give its part."""

    def __init__(self, n, share=True):
        self.n, self.share = n, share

    def __iter__(self):
        info = get_worker_info()
        return iter(range(self.n) if not self.share or info is None else range(info.id, self.n, info.num_workers))


class Measured(Stream):
    def __len__(self):
        return self.n


def test_worker_info_is_none_here_and_says_which_worker_it_is_there():
    assert get_worker_info() is None
    data = Items(3, lambda i: (get_worker_info().id, get_worker_info().num_workers, len(get_worker_info().dataset)))
    assert list(loader(data, None, num_workers=3, collate_fn=tuple)) == [(0, 3, 3), (1, 3, 3), (2, 3, 3)]
    assert get_worker_info() is None


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_a_stream_is_shared_among_workers_that_ask_which_one_they_are(workers):
    options = {"timeout": TIMEOUT} if workers else {}
    batches = plain(list(DataLoader(Stream(10), 2, num_workers=workers, **options)))
    assert sorted(x for batch in batches for x in batch) == list(range(10))
    if workers == 3:
        assert batches == [[0, 3], [1, 4], [2, 5], [6, 9], [7], [8]]


def test_a_stream_ends_when_all_workers_have_ended_and_drops_last_batches():
    class Uneven(IterableDataset):
        def __iter__(self):
            return iter(range([1, 7, 0][get_worker_info().id]))

    assert plain(list(loader(Uneven(), 2, num_workers=3))) == [[0], [0, 1], [2, 3], [4, 5], [6]]
    assert plain(list(loader(Uneven(), 2, num_workers=3, drop_last=True))) == [[0, 1], [2, 3], [4, 5]]
    assert list(loader(Stream(0), None)) == []


def test_a_stream_that_every_worker_repeats_is_reported():
    with pytest.warns(UserWarning, match=r"length 4, which makes 2 batches, but batch 3 came.*get_worker_info"):
        assert len(list(loader(Measured(4, share=False), 2))) == 4
    assert len(list(loader(Measured(4), 2))) == 2


def test_worker_init_fn_is_called_once_in_each_worker(tmp_path):
    def init(number):
        with open(tmp_path / str(number), "a") as file:
            file.write(f"{get_worker_info().id} {get_worker_info().seed}\n")

    data = loader(Items(6), worker_init_fn=init, generator=seeded(1), persistent_workers=True)
    assert plain(list(data)) == plain(list(data)) == [[i] for i in range(6)]
    lines = [(tmp_path / name).read_text().split() for name in ("0", "1")]
    assert [line[0] for line in lines] == ["0", "1"]
    assert int(lines[1][1]) == int(lines[0][1]) + 1


def test_persistent_workers_serve_all_passes_and_others_one():
    def pids(**options):
        data = loader(Items(4, lambda i: os.getpid()), 2, **options)
        return [{x for batch in data for x in batch.tolist()} for _ in range(2)]

    first, second = pids(persistent_workers=True)
    assert first == second
    assert len(first) == 2
    first, second = pids()
    assert not first & second
    assert nobody_left()


def test_a_pass_that_was_broken_off_does_not_show_in_the_next_one():
    data = loader(Items(50, lambda i: i), 5, persistent_workers=True, shuffle=True, generator=seeded(2))
    for _ in data:
        break
    rest = plain(list(data))
    assert sorted(x for batch in rest for x in batch) == list(range(50))


def test_persistent_workers_refuse_to_go_on_with_an_older_pass():
    data = loader(Items(9), persistent_workers=True)
    older = iter(data)
    next(older)
    assert plain(list(data)) == [[i] for i in range(9)]
    with pytest.raises(RuntimeError, match="given up when the next one began"):
        next(older)


def test_streams_begin_anew_with_persistent_workers():
    data = loader(Stream(6), 2, persistent_workers=True)
    assert plain(list(data)) == plain(list(data)) == [[0, 2], [1, 3], [4], [5]]


# ---- exceptions ------------------------------------------------------------------------------------------------------


class Strange(Exception):
    def __init__(self, one, two):
        super().__init__(f"{one} {two}")


class Forgetful(Exception):
    def __init__(self, text="nothing"):
        super().__init__("nothing")


def raising(error):
    def make(i):
        if i == 3:
            raise error
        return i

    return Items(6, make)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ValueError("a bad item"), ValueError),
        (KeyError("a bad item"), KeyError),
        (FileNotFoundError(2, "a bad item"), FileNotFoundError),
        (StopIteration("a bad item"), RuntimeError),
        (Strange("a bad", "item"), RuntimeError),
        (Forgetful("a bad item"), RuntimeError),
        (type("Local", (LookupError,), {})("a bad item"), LookupError),
    ],
    ids=lambda x: x.__name__ if isinstance(x, type) else type(x).__name__,
)
def test_an_exception_reaches_the_caller_with_its_type_and_traceback(error, kind):
    seen = []
    with pytest.raises(kind) as caught:
        seen.extend(batch.item() for batch in loader(raising(error)))
    assert type(caught.value) is kind
    assert seen == [0, 1, 2]
    text = str(caught.value)
    assert text.startswith(f"Caught {type(error).__name__} in DataLoader worker process 1 (pid ")
    assert "Original Traceback (most recent call last)" in text
    assert "raise error" in text
    assert "nothing" in text or "bad" in text
    assert nobody_left()


def test_persistent_workers_survive_an_exception():
    data = loader(raising(ValueError("bad")), persistent_workers=True)
    for _ in range(2):
        seen = []
        with pytest.raises(ValueError, match="bad"):
            seen.extend(batch.item() for batch in data)
        assert seen == [0, 1, 2]
    assert len(multiprocessing.active_children()) == 2


def test_after_an_exception_the_pass_has_ended():
    batches = iter(loader(raising(ValueError("bad"))))
    with pytest.raises(ValueError, match="bad"):
        list(batches)
    assert list(batches) == []


def fails(_):
    raise ValueError("bad")


@pytest.mark.parametrize(
    "options",
    [
        {"worker_init_fn": fails},
        {"collate_fn": fails},
        {"dataset": type("Broken", (IterableDataset,), {"__iter__": fails})()},
    ],
    ids=["init", "collate", "iter"],
)
def test_exceptions_of_other_functions_reach_the_caller_too(options):
    with pytest.raises(ValueError, match="(?s)Caught ValueError in DataLoader worker process 0.*bad"):
        list(loader(options.pop("dataset", Items(4)), **options))


def test_a_batch_that_cannot_be_sent_is_named():
    x = mt.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match=r"history cannot: use detach\(\)"):
        list(loader(Items(2, lambda i: x * 2)))
    with pytest.raises(Exception, match="(?i)lambda"):  # of a type that depends on Python's version
        list(loader(Items(2, lambda i: lambda: 0), None))


def test_an_exception_of_the_sampler_ends_the_pass():
    def order():
        yield 0
        raise ValueError("no more")

    data = loader(Items(3), sampler=type("Order", (), {"__iter__": lambda self: order()})())
    with pytest.raises(ValueError, match="no more"):
        list(data)
    assert nobody_left()


def test_a_type_is_told_by_a_name_or_by_its_nearest_base():
    assert picklable_type(ValueError()) is ValueError
    assert picklable_type(Strange(1, 2)) is Strange
    assert picklable_type(type("Local", (Strange,), {})(1, 2)) is Strange
    assert type(rebuilt(OSError, "x")) is OSError
    assert type(rebuilt(UnicodeDecodeError, "x")) is RuntimeError
    assert str(rebuilt(KeyError, "two\nlines")) == "two\nlines"


# ---- workers that die, hang, or are left -----------------------------------------------------------------------------


def killed(i):
    if i == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return i


def test_a_killed_worker_raises_with_its_pid_and_exit_code():
    seen = []
    data = loader(Items(8, killed), timeout=0)
    with pytest.raises(RuntimeError, match=r"worker 1 \(pid \d+\) exited unexpectedly: exit code -9, SIGKILL"):
        seen.extend(batch.item() for batch in data)
    assert seen == [0, 1, 2][: len(seen)]
    assert nobody_left()
    assert plain(list(loader(Items(3)))) == [[0], [1], [2]]


@pytest.mark.parametrize("code", [0, 3])
def test_a_worker_that_exits_raises_with_its_exit_code(code):
    data = loader(Items(4, lambda i: os._exit(code)), timeout=0)
    with pytest.raises(RuntimeError, match=rf"worker 0 \(pid \d+\) exited unexpectedly: exit code {code}\."):
        list(data)


def test_a_worker_that_is_killed_between_batches_is_noticed():
    data = loader(Items(100, lambda i: os.getpid()), timeout=0, persistent_workers=True)
    batches = iter(data)
    pid = next(batches).item()
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(RuntimeError, match=rf"pid {pid}\) exited unexpectedly.*SIGKILL"):
        list(batches)
    assert nobody_left()
    assert len({x for batch in data for x in batch.tolist()} | {pid}) == 3  # the next pass has two new ones


@settings(max_examples=8)
@given(st.floats(0, 0.03))
def test_a_worker_killed_at_any_moment_gives_an_error_or_nothing(delay):
    data = loader(Items(30, lambda i: np.zeros(50_000)), timeout=0)
    batches = iter(data)
    pids = [process.pid for process in multiprocessing.active_children()]
    time.sleep(delay)
    os.kill(min(pids), signal.SIGKILL)
    seen = 0
    with contextlib.suppress(RuntimeError):
        for batch in batches:
            assert batch.shape == (1, 50_000)
            seen += 1
        assert seen == 30
    assert nobody_left()


def test_a_worker_that_hangs_is_given_up_after_the_timeout():
    data = loader(Items(4, lambda i: time.sleep(60 if i == 1 else 0)), None, timeout=0.3)
    start = time.monotonic()
    batches = iter(data)
    next(batches)
    with pytest.raises(RuntimeError, match=r"timed out after 0.3 seconds: worker 1 \(pid \d+\) has sent no batch"):
        next(batches)
    assert time.monotonic() - start < 10
    assert nobody_left()


@LINUX
def test_a_worker_that_stops_in_the_middle_of_a_batch_is_given_up_after_the_timeout():
    batches = iter(loader(Items(9, lambda i: np.full(2_000_000, os.getpid())), None, num_workers=1, timeout=0.3))
    pid = int(next(batches)[0])
    time.sleep(0.3)  # the next one is larger than any socket, so a part of it is on its way
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(RuntimeError, match=rf"timed out after 0.3 seconds: worker 0 \(pid {pid}\)"):
        list(batches)
    assert nobody_left()


def test_leaving_a_loop_early_ends_the_workers():
    for batch in loader(Items(1000)):
        if batch.item() == 3:
            break
    assert nobody_left()


def test_leaving_a_loop_does_not_wait_long_for_a_busy_worker():
    batches = iter(loader(Items(4, lambda i: time.sleep(60 if i > 1 else 0) or i)))
    next(batches)
    start = time.monotonic()
    del batches
    assert nobody_left()
    assert time.monotonic() - start < 10


@pytest.mark.parametrize("abandoned", [True, False], ids=["nobody holds it", "stopped"])
def test_an_interrupt_while_workers_are_ended_is_not_lost_and_ends_them_at_once(abandoned):
    batches = iter(loader(Items(4, lambda i: time.sleep(60 if i > 1 else 0) or i)))
    next(batches)
    start = time.monotonic()
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        if abandoned:
            del batches  # Python drops what is raised from here
            time.sleep(10)
        else:
            batches.pool.stop()
    assert time.monotonic() - start < 0.9  # the grace would take a second
    assert nobody_left()


def test_collecting_a_loader_ends_its_persistent_workers():
    data = loader(Items(4), persistent_workers=True)
    list(data)
    assert len(multiprocessing.active_children()) == 2
    del data
    assert nobody_left()


def test_workers_that_cannot_start_leave_nothing_behind(monkeypatch):
    starts = []

    class Failing(multiprocessing.get_context("fork").Process):
        def start(self):
            starts.append(self)
            if len(starts) == 2:
                raise OSError("no more processes")
            super().start()

    data = loader(Items(4))
    monkeypatch.setattr(type(data.multiprocessing_context), "Process", Failing)
    with pytest.raises(OSError, match="no more processes"):
        iter(data)
    assert nobody_left()


# ---- whole programs --------------------------------------------------------------------------------------------------

PROGRAM = """
import os, sys, time
import minitorch as torch
from minitorch.utils.data import DataLoader, Dataset

class Items(Dataset):
    def __len__(self): return 1000
    def __getitem__(self, i):
        time.sleep(SLEEP)
        return os.getpid()

if __name__ == "__main__":
    loader = DataLoader(Items(), 2, num_workers=2, persistent_workers=PERSISTENT)
    batches = iter(loader)
    pids = {pid for _ in range(4) for pid in next(batches).tolist()}
    print(*pids, flush=True)
    END
"""


def program(end, sleep=0.001, persistent=False):
    """Start a program with two workers; return it and the pids of its workers."""
    text = textwrap.dedent(PROGRAM).replace("SLEEP", str(sleep)).replace("PERSISTENT", str(persistent))
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", text.replace("END", end)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,  # a process group of its own, as in a shell
    )
    pids = [int(pid) for pid in process.stdout.readline().split()]
    assert len(pids) == 2
    return process, pids


def gone(pids):
    """Tell whether processes have ended; they get a moment."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if not any(_alive(pid) for pid in pids):
            return True
        time.sleep(0.02)
    return False


def _alive(pid):
    with contextlib.suppress(OSError):
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    return False


@LINUX
@pytest.mark.parametrize("whole_group", [True, False], ids=["Ctrl-C", "kill -INT"])
def test_an_interrupt_ends_the_program_and_its_workers(whole_group):
    process, pids = program("[None for _ in range(9) for batch in loader]", sleep=0.02)
    time.sleep(0.1)
    (os.killpg if whole_group else os.kill)(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=TIMEOUT)
    assert process.returncode == -signal.SIGINT
    assert errors.count("Traceback") == 1
    assert "KeyboardInterrupt" in errors
    assert "DataLoader worker" not in errors
    assert gone(pids)


@LINUX
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_workers_end_when_the_main_process_is_killed(how):
    process, pids = program("time.sleep(60)")
    process.send_signal(how)
    process.communicate(timeout=TIMEOUT)
    assert gone(pids)


@LINUX
@pytest.mark.parametrize("persistent", [False, True])
@pytest.mark.parametrize("end", ["", "sys.exit(0)", "del batches, loader; import gc; gc.collect()"])
def test_a_program_that_ends_in_the_middle_of_a_pass_ends_quietly(end, persistent):
    process, pids = program(end, persistent=persistent)
    _, errors = process.communicate(timeout=TIMEOUT)
    assert (process.returncode, errors) == (0, "")
    assert gone(pids)


@LINUX
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_workers_of_any_kind_end_with_the_program_and_leave_no_shared_memory(method, tmp_path):
    text = """
        import os, sys
        import numpy as np
        from minitorch.utils.data import DataLoader, Dataset

        class Items(Dataset):
            def __len__(self): return 1000
            def __getitem__(self, i): return np.full(300_000, os.getpid())

        if __name__ == "__main__":
            batches = iter(DataLoader(Items(), 2, num_workers=2, multiprocessing_context=sys.argv[1]))
            print(*(int(next(batches)[0, 0]) for _ in range(2)), flush=True)
            for batch in batches: pass
    """
    (tmp_path / "program.py").write_text(textwrap.dedent(text))
    shared = set(os.listdir("/dev/shm"))
    for how in (signal.SIGINT, signal.SIGKILL):
        process = subprocess.Popen(
            [sys.executable, str(tmp_path / "program.py"), method],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            start_new_session=True,
        )
        pids = [int(pid) for pid in process.stdout.readline().split()]
        assert len(pids) == 2
        assert not {name for name in set(os.listdir("/dev/shm")) - shared if "mini" in name or "psm" in name}
        process.send_signal(how)
        _, errors = process.communicate(timeout=TIMEOUT)
        assert process.returncode == -how, errors
        assert gone(pids)
    assert not {name for name in set(os.listdir("/dev/shm")) - shared if "mini" in name or "psm" in name}


def test_the_main_process_gets_no_thread():
    before = threading.active_count()
    for _ in loader(Items(4)):
        assert threading.active_count() == before
