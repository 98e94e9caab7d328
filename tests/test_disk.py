"""Saving while the disk fills up, or while the program is interrupted or killed: the old file stays what it was."""

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

import minitorch as mt
from minitorch.serialization import load, save

ROOT = Path(__file__).resolve().parents[1]
POSIX = pytest.mark.skipif(os.name != "posix", reason="the system has neither limits nor signals")


def run(program, *command, **options):
    """Run a program in a process of its own."""
    return subprocess.run(
        [*command, sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        **options,
    )


FULL = """
    import os, resource, signal
    import minitorch as torch
    from minitorch.utils.safetensors import save_file
    path, limit = PATH, LIMIT
    torch.save({"version": 1}, path)
    if limit:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    big = torch.zeros(100_000)
    for write in (lambda: torch.save({"version": 2, "w": big}, path), lambda: save_file({"w": big}, path)):
        try:
            write()
        except OSError as error:
            print(error.strerror)
        print(torch.load(path), os.listdir(os.path.dirname(path)))
"""


@POSIX
def test_a_file_that_grows_beyond_the_limit_leaves_the_old_one(tmp_path):
    result = run(FULL.replace("PATH", repr(str(tmp_path / "x"))).replace("LIMIT", "60_000", 1))
    assert result.stderr == ""
    assert result.stdout.splitlines() == ["File too large", "{'version': 1} ['x']"] * 2


@POSIX
def test_a_full_disk_leaves_the_old_file(tmp_path):
    if os.geteuid() or not shutil.which("unshare"):
        pytest.skip("only root may mount a small disk")
    # The disk is mounted in a name space of its own, so nobody else sees it, and it is gone with the process.
    mount = 'mount -t tmpfs -o size=256k tmpfs "$1" || exit 77; shift; exec "$@"'
    program = FULL.replace("PATH", repr(str(tmp_path / "x"))).replace("LIMIT", "None", 1)
    result = run(program, "unshare", "-m", "sh", "-c", mount, "sh", str(tmp_path))
    if result.returncode in (1, 77) and "Traceback" not in result.stderr:
        pytest.skip(f"no small disk can be mounted: {result.stderr.strip()}")
    assert result.stderr == ""
    assert result.stdout.splitlines() == ["No space left on device", "{'version': 1} ['x']"] * 2
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the system has no /dev/full")
def test_a_file_object_that_is_full_says_so():
    with open("/dev/full", "wb", buffering=0) as file, pytest.raises(OSError, match="No space left"):
        save({"w": mt.zeros(3)}, file)


ENDLESS = """
    import itertools, signal, sys
    import minitorch as torch
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs begin with it ignored
    for version in itertools.count():
        torch.save({"version": version, "w": torch.full((300_000,), float(version))}, sys.argv[1])
        if version == 0:
            print("saved", flush=True)
"""


@POSIX
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_program_stopped_while_it_saves_leaves_a_whole_file(tmp_path, how):
    path = tmp_path / "x"
    for delay in (0.0, 0.03, 0.05):
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(ENDLESS), str(path)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        with process:
            assert process.stdout.readline() == b"saved\n"
            time.sleep(delay)
            process.send_signal(how)
        loaded = load(path)
        assert (loaded["w"] == loaded["version"]).all()
        if how == signal.SIGINT:
            assert os.listdir(tmp_path) == ["x"]
