"""hub: entry points of a directory, modules beside them, and the directory that the document tells how to make."""

import re
import sys
import textwrap
from pathlib import Path

import pytest

import minitorch as mt
from minitorch import hub

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def make(tmp_path):
    """Write a directory of files; return its path."""

    def make(name="repo", **files):
        directory = tmp_path / name
        directory.mkdir()
        for file, text in files.items():
            path = directory / (file.replace("__", "/") + ".py")
            path.parent.mkdir(exist_ok=True)
            path.write_text(textwrap.dedent(text))
        return directory

    return make


HUBCONF = """
    dependencies = ["numpy"]
    number = 3

    def add(a, b=1):
        "Add two numbers."
        return a + b

    def _hidden():
        pass
"""


def test_an_entry_point_is_called_with_the_arguments(make):
    directory = make(hubconf=HUBCONF)
    assert hub.load(directory, "add", 2, source="local") == 3
    assert hub.load(str(directory), "add", 2, b=5, source="local") == 7
    assert hub.load(directory, "add", 2, source="local", trust_repo=True, force_reload=True, verbose=False) == 3


def test_list_and_help_tell_what_there_is(make):
    directory = make(hubconf=HUBCONF)
    assert hub.list(directory, source="local") == ["add"]
    assert hub.help(directory, "add", source="local") == "Add two numbers."


def test_hub_is_reachable_from_the_package(make):
    assert mt.hub.load(make(hubconf=HUBCONF), "add", 1, source="local") == 2


@pytest.mark.parametrize("call", [hub.load, hub.help, lambda *args, **options: hub.list(args[0], **options)])
def test_sources_that_would_be_downloaded_are_refused(call):
    with pytest.raises(ValueError, match=r"source='github' would download.*'pytorch/vision'.*source='local'"):
        call("pytorch/vision", "resnet18")
    with pytest.raises(ValueError, match="source='web'"):
        call("pytorch/vision", "resnet18", source="web")


def test_what_is_missing_is_named(make, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no hubconf.py in the directory .*nowhere"):
        hub.load(tmp_path / "nowhere", "add", source="local")
    for name in ("multiply", "_hidden", "number", "dependencies"):
        with pytest.raises(RuntimeError, match=f"Cannot find callable {name} in hubconf.py.*there are: add"):
            hub.load(tmp_path / "repo" if name != "multiply" else make(hubconf=HUBCONF), name, source="local")
    needy = make("needy", hubconf="dependencies = ['numpy', 'no_such_library', 'no.such.part']")
    with pytest.raises(RuntimeError, match="not installed: no_such_library, no.such.part"):
        hub.list(needy, source="local")


def test_errors_of_the_hubconf_come_through(make):
    with pytest.raises(ZeroDivisionError):
        hub.list(make(hubconf="1 / 0"), source="local")
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        hub.load(make("two", hubconf=HUBCONF), "add", source="local")


def test_modules_beside_the_hubconf_are_imported_and_forgotten(make):
    hubconf = """
        from model import make
        def late():
            from parts.deep import value
            return make() + value
    """
    path, modules = list(sys.path), set(sys.modules)
    one = make("one", hubconf=hubconf, model="make = lambda: 1", parts__deep="value = 10")
    two = make("two", hubconf=hubconf, model="make = lambda: 2", parts__deep="value = 20")
    assert [hub.load(where, "late", source="local") for where in (one, two, one)] == [11, 22, 11]
    assert sys.path == path
    assert not {name for name in set(sys.modules) - modules if name.startswith(("model", "parts", "hubconf"))}


def test_a_module_of_ones_own_with_the_same_name_stays(make, monkeypatch):
    mine = type(sys)("model")
    monkeypatch.setitem(sys.modules, "model", mine)
    directory = make(hubconf="from model import value\ndef get(): return value", model="value = 5")
    assert hub.load(directory, "get", source="local") == 5
    assert sys.modules["model"] is mine


def test_a_directory_cannot_replace_minitorch_itself(make):
    directory = make(hubconf="import minitorch\ndef get(): return minitorch", minitorch="value = 5")
    assert hub.load(directory, "get", source="local") is mt


def test_after_an_error_the_path_is_as_before(make):
    path = list(sys.path)
    with pytest.raises(ImportError):
        hub.list(make(hubconf="import model, no_such_module", model=""), source="local")
    assert sys.path == path
    assert "model" not in sys.modules


# ---- the document ----------------------------------------------------------------------------------------------------


def document():
    return (ROOT / "docs" / "publishing-a-model.md").read_text(encoding="utf-8")


@pytest.fixture
def published(tmp_path):
    """The directory that the document tells how to make, with weights."""
    blocks = re.findall(r"```python\n(.*?)```", document(), re.S)
    directory = tmp_path / "digits-model"
    directory.mkdir()
    (directory / "model.py").write_text(next(block for block in blocks if "class DigitsNet" in block))
    (directory / "hubconf.py").write_text(next(block for block in blocks if "dependencies" in block))
    net = hub.load(directory, "digits_net", pretrained=False, source="local")
    mt.save(net.state_dict(), directory / "weights.safetensors")
    return directory, net


def test_the_directory_of_the_document_works(published, monkeypatch, tmp_path):
    directory, net = published
    monkeypatch.chdir(tmp_path)
    again = hub.load("digits-model", "digits_net", source="local")
    assert not again.training
    x = mt.rand(2, 1, 8, 8)
    assert again(x).tolist() == net(x).tolist()
    assert hub.list(directory, source="local") == ["digits_net"]
    assert "UCI digits" in hub.help(directory, "digits_net", source="local")
    assert hub.load(directory, "digits_net", pretrained=False, hidden=5, source="local").fc1.weight.shape == (5, 64)


def test_weights_of_the_document_are_read_by_pytorchs_safetensors(published, oracle):
    pytest.importorskip("safetensors", reason="the safetensors library is not installed")
    from safetensors.torch import load_file

    directory, net = published
    theirs = load_file(directory / "weights.safetensors")
    assert {name: value.tolist() for name, value in theirs.items()} == {
        name: value.tolist() for name, value in net.state_dict().items()
    }


def test_weights_that_torch_save_wrote_are_published_as_the_document_says(published, oracle, tmp_path):
    directory, net = published
    theirs = {name: oracle.tensor(value.tolist()) + 1 for name, value in net.state_dict().items()}
    oracle.save(theirs, tmp_path / "from_pytorch.pt")
    net.load_state_dict(mt.load(tmp_path / "from_pytorch.pt"))
    mt.save(net.state_dict(), directory / "weights.safetensors")
    again = hub.load(directory, "digits_net", source="local")
    assert again.fc2.bias.tolist() == theirs["fc2.bias"].tolist()


def test_damaged_weights_are_refused_by_name(published):
    directory, _ = published
    path = directory / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(mt.serialization.SerializationError, match=r"weights\.safetensors cannot be loaded"):
        hub.load(directory, "digits_net", source="local")
