"""Detection of CUDA: it never raises, never imports what nobody asked for, and explains itself."""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

from minitorch.backend import cuda

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def ask_again():
    cuda.why_not.cache_clear()
    yield
    cuda.why_not.cache_clear()


class Square:
    """What is left of an array of ones."""

    def __matmul__(self, other):
        return self

    def get(self):
        return None


def fake(monkeypatch, *, driver=(13, 0), found=True, packages=("cupy-cuda13x",), version="14.2.0", **rest):
    """Make an environment: a driver, packages, and a module that behaves like CuPy in it."""
    monkeypatch.setattr(cuda, "driver_version", lambda: driver)
    monkeypatch.setattr(cuda, "_found", lambda: found)
    monkeypatch.setattr(cuda, "installed", lambda: list(packages))
    module = types.ModuleType("cupy")
    module.__version__, module.float32 = version, "float32"
    module.ones = rest.get("ones", lambda shape, dtype: Square())
    runtime = types.SimpleNamespace(runtimeGetVersion=lambda: 13020, getDeviceCount=rest.get("count", lambda: 2))
    module.cuda = types.SimpleNamespace(runtime=runtime)
    monkeypatch.setitem(sys.modules, "cupy", module)
    return module


def raising(error):
    def function(*args, **options):
        raise error

    return function


def test_usable_device_is_available(monkeypatch):
    module = fake(monkeypatch)
    assert cuda.why_not() == ""
    assert cuda.is_available()
    assert cuda.module() is module
    assert cuda.device_count() == 2


CASES = {
    "no driver": ({"driver": None, "found": False}, "^no NVIDIA driver was found"),
    "no driver, CuPy": ({"driver": None}, "^CuPy is installed, but no NVIDIA driver was found"),
    "old driver": ({"driver": (11, 8)}, r"supports CUDA 11\.8 only: update it"),
    "no CuPy, 12": ({"driver": (12, 4), "found": False}, r"not installed; the driver supports CUDA 12\.4: .*cuda12"),
    "no CuPy, 13": ({"found": False}, r"CuPy is not installed; .*cupy-cuda13x"),
    "two CuPys": (
        {"packages": ("cupy-cuda12x", "cupy-cuda13x")},
        r"several CuPy packages are installed \(cupy-cuda12x, cupy-cuda13x\)",
    ),
    "old CuPy": ({"version": "13.6.0"}, r"CuPy 13\.6\.0 is too old, 14\.0 or newer is needed"),
    "driver too old for CuPy": (
        {"driver": (12, 4)},
        r"cupy-cuda13x needs a CUDA 13 driver, this one supports 12\.4: pip uninstall cupy-cuda13x, .*cupy-cuda12x",
    ),
    "no device": ({"count": lambda: 0}, "reports no CUDA device"),
    "missing library": (
        {"ones": raising(ImportError("Failure finding libcublasLt.so.13\nmore"))},
        r"a CUDA library is missing \(Failure finding libcublasLt\.so\.13\): .*cupy-cuda13x",
    ),
    "broken device": ({"ones": raising(RuntimeError("cudaErrorECCUncorrectable: bad"))}, "RuntimeError: cudaErrorECC"),
    "silent error": ({"count": raising(RuntimeError())}, "RuntimeError: no message"),
    "strange version": ({"version": "unknown"}, "CuPy cannot use the device: ValueError"),
}


@pytest.mark.parametrize(("environment", "sentence"), CASES.values(), ids=CASES)
def test_reason_is_one_sentence_that_says_what_to_do(monkeypatch, environment, sentence):
    fake(monkeypatch, **environment)
    assert not cuda.is_available()
    assert cuda.device_count() == 0
    with pytest.raises(cuda.CUDAUnavailable, match=sentence.removeprefix("^")) as raised:
        cuda.module()
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", ["driver_version", "_found", "installed"])
def test_asking_never_raises(monkeypatch, name):
    fake(monkeypatch)
    monkeypatch.setattr(cuda, name, raising(ValueError("cupy.__spec__ is None")))
    assert "ValueError" in cuda.why_not()


@pytest.mark.parametrize(
    ("answer", "version", "expected"),
    [(0, 12040, (12, 4)), (0, 13000, (13, 0)), (0, 0, None), (35, 12040, None)],
)
def test_driver_version_is_that_of_the_library(monkeypatch, answer, version, expected):
    def get_version(pointer):
        pointer._obj.value = version
        return answer

    library = types.SimpleNamespace(cuDriverGetVersion=get_version)
    monkeypatch.setattr(cuda.ctypes, "CDLL", lambda name: library)
    assert cuda.driver_version() == expected


@pytest.mark.parametrize("load", [raising(OSError("no such file")), lambda name: types.SimpleNamespace()])
def test_no_driver_or_an_empty_one_is_none(monkeypatch, load):
    monkeypatch.setattr(cuda.ctypes, "CDLL", load)
    assert cuda.driver_version() is None


def test_installed_packages_are_cupys_own(monkeypatch):
    names = ["numpy", "cupy-cuda12x", "cupy_cuda13x", "CuPy", "cupy-xarray", None]
    found = [types.SimpleNamespace(name=n) for n in names]
    monkeypatch.setattr(importlib.metadata, "distributions", lambda: found)
    assert cuda.installed() == ["cupy", "cupy-cuda12x", "cupy-cuda13x"]


def run(code: str, path: Path | None = None) -> str:
    """Run Python in a process of its own."""
    folders = [str(p) for p in (path, ROOT) if p]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(folders)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_stray_folder_named_cupy_is_not_cupy(tmp_path):
    (tmp_path / "cupy" / "notes").mkdir(parents=True)
    code = """
import cupy, numpy as np
from minitorch.backend import cuda, devices
cuda.driver_version = lambda: (13, 0)
assert cupy.__path__ and cuda.real(cupy) is None
assert devices.library(np.ones(2)) is np
try:
    devices.library("text")
except TypeError as error:
    print(type(error).__name__)
print(cuda.why_not())
"""
    if cuda._found():
        pytest.skip("an installed CuPy wins over the folder")
    first, why = run(code, tmp_path).splitlines()
    assert first == "TypeError"
    assert why.startswith("CuPy is not installed; the driver supports CUDA 13.0")


@pytest.mark.parametrize("name", ["cupy", "matplotlib", "tqdm", "torch", "PIL", "safetensors", "hypothesis"])
def test_importing_minitorch_does_not_import(name, tmp_path):
    """Even where it is installed: here a stand-in that would be found, and complains."""
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").write_text("raise RuntimeError('imported')\n")
    assert run(f"import sys, minitorch; print({name!r} in sys.modules)", tmp_path) == "False"


def test_importing_minitorch_imports_no_library_but_numpy():
    code = "import sys, {}; print(*sorted({{m.partition('.')[0] for m in sys.modules if m[0] != '_'}}))"
    allowed = {"minitorch", *run(code.format("numpy.random")).split(), *sys.stdlib_module_names}
    assert set(run(code.format("minitorch")).split()) <= allowed
