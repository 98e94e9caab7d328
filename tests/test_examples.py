"""Each example runs alone, from any folder, says what it reached, and leaves its picture."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

import minitorch as torch
from minitorch.backend import cuda

from .small_mnist import write_small_mnist

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
NAMES = sorted(path.stem for path in EXAMPLES.glob("[0-9]*.py"))

pytest.importorskip("matplotlib", reason="the examples extra is not installed")

# Runs a script as `python script.py` does, with some modules made impossible to import.
WITHOUT = """
import runpy, sys
sys.modules.update(dict.fromkeys(sys.argv[1].split(",")))
sys.argv = sys.argv[2:]
sys.path.insert(0, sys.argv[0].rpartition("/")[0])
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def run(folder: Path, name: str, *options: str, without: str = "", status: int = 0) -> subprocess.CompletedProcess[str]:
    """Run an example in a folder; with warnings as errors."""
    script = str(EXAMPLES / f"{name}.py")
    start = ["-c", WITHOUT, without, script] if without else [script]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1", "PYTHONUTF8": "1"}
    environment.pop("MPLBACKEND", None)
    command = [sys.executable, "-W", "error", *start, *options]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr
    return done


def summary(done: subprocess.CompletedProcess[str]) -> str:
    return done.stdout.strip().splitlines()[-1]


def number(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    assert found, text
    return float(found[1])


def assert_is_picture(path: Path) -> None:
    """Check that a file is a PNG of a decent size with something in it."""
    data = path.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = (int.from_bytes(data[i : i + 4], "big") for i in (16, 20))
    assert width >= 800
    assert height >= 400
    assert len(data) > 20_000


def test_the_chain_rule_multiplies_local_derivatives(tmp_path):
    done = run(tmp_path, "01_chain_rule")
    products = re.findall(r"= +(-?[\d.]+) · +(-?[\d.]+) = +(-?[\d.]+)", done.stdout)
    assert len(products) == 8  # one for each argument of each operation
    for gradient, local, result in (map(float, product) for product in products):
        assert gradient * local == pytest.approx(result, abs=2e-4)
    analytic, numeric = map(float, re.findall(r"(-?\d+\.\d+) by", summary(done)))
    assert analytic == pytest.approx(numeric, rel=1e-6)
    svg = ET.parse(tmp_path / "runs" / "01_chain_rule.svg").getroot()
    texts = {t.text for t in svg.iter("{http://www.w3.org/2000/svg}text")}
    assert {"x", "w", "b", "t", "a", "z", "y", "e", "L", "tanh", "grad 1"} <= texts


def test_the_scalar_perceptron_learns(tmp_path):
    done = run(tmp_path, "02_scalar_mlp_moons", "--epochs", "4")
    assert number(r"accuracy ([\d.]+)% on the points seen", summary(done)) > 80
    assert_is_picture(tmp_path / "runs" / "02_scalar_mlp_moons.png")


def test_linear_regression_arrives_at_least_squares(tmp_path):
    line = summary(run(tmp_path, "03_linear_regression", "--epochs", "1500"))
    (t0, t1), (b0, b1) = (map(float, pair) for pair in re.findall(r"y = (\S+) \+ (\S+) x", line))
    assert (t0, t1) == pytest.approx((b0, b1), abs=1e-3)
    assert_is_picture(tmp_path / "runs" / "03_linear_regression.png")


def test_the_perceptron_parts_the_spirals(tmp_path):
    done = run(tmp_path, "04_mlp", "--epochs", "20")
    assert number(r"([\d.]+)% on 600 new ones", summary(done)) > 95
    assert_is_picture(tmp_path / "runs" / "04_mlp.png")


def test_the_convnet_learns_in_two_epochs(tmp_path):
    done = run(tmp_path, "05_convnet_digits", "--epochs", "2", "--out", "elsewhere/deep")
    assert number(r"test accuracy ([\d.]+)%", summary(done)) > 80
    assert_is_picture(tmp_path / "elsewhere" / "deep" / "05_convnet_digits.png")
    assert (tmp_path / "elsewhere" / "deep" / "05_convnet_digits.safetensors").stat().st_size > 50_000
    assert not (tmp_path / "runs").exists()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_the_convnet_reads_98_percent_in_a_minute(tmp_path, seed):
    line = summary(run(tmp_path, "05_convnet_digits", "--seed", str(seed)))
    assert number(r"test accuracy ([\d.]+)%", line) >= 98
    assert number(r"epochs in ([\d.]+) s", line) < 60


@pytest.mark.parametrize("inside", ["", "MNIST/raw"])
def test_mnist_is_found_in_the_folder_and_in_its_subfolder(tmp_path, inside):
    write_small_mnist(tmp_path / "files" / inside, train=320, test=100)
    line = summary(run(tmp_path, "06_mnist", "--data", "files", "--epochs", "1"))
    assert number(r"of (\d+) wrong", line) == 100
    assert_is_picture(tmp_path / "runs" / "06_mnist.png")


def test_a_damaged_mnist_is_refused_by_name(tmp_path):
    folder = write_small_mnist(tmp_path / "data" / "MNIST" / "raw", train=40, test=40)
    path = folder / "train-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:-1])
    done = run(tmp_path, "06_mnist", status=2)
    assert "train-images-idx3-ubyte is damaged" in done.stderr


def test_the_cifar_convnet_tells_shapes_apart(tmp_path):
    line = summary(run(tmp_path, "07_cifar_convnet", "--epochs", "3"))
    assert number(r"test accuracy ([\d.]+)%", line) > 45
    assert_is_picture(tmp_path / "runs" / "07_cifar_convnet.png")


def test_the_cifar_convnet_reads_files(tmp_path):
    records = np.random.default_rng(0).integers(0, 10, (40, 1 + 3 * 32 * 32), np.uint8)
    for name in ("data_batch_1.bin", "data_batch_2.bin", "test_batch.bin"):
        records.tofile(tmp_path / name)
    line = summary(run(tmp_path, "07_cifar_convnet", "--data", ".", "--epochs", "1"))
    assert number(r"(\d+) pictures", line) == 80
    (tmp_path / "test_batch.bin").unlink()
    assert "there is no test*.bin" in run(tmp_path, "07_cifar_convnet", "--data", ".", status=2).stderr


def test_the_recurrent_network_invents_names(tmp_path):
    done = run(tmp_path, "08_names_rnn", "--epochs", "2")
    assert number(r"([\d.]+) on 396 new names", summary(done)) < 2.5  # letter frequencies alone: 2.8
    invented = ", ".join(done.stdout.splitlines()[:3]).split(", ")
    assert len(invented) == 30
    assert sum(bool(re.fullmatch(r"[a-z]{2,16}\*?", name)) for name in invented) > 20
    assert_is_picture(tmp_path / "runs" / "08_names_rnn.png")


def test_the_autoencoder_learns_to_draw(tmp_path):
    line = summary(run(tmp_path, "09_vae_digits", "--epochs", "15"))
    assert number(r"([\d.]+) on 355 new ones", line) < 26.5  # the mean digit, whatever is shown: 27.1
    assert_is_picture(tmp_path / "runs" / "09_vae_digits.png")


def test_the_forger_learns(tmp_path):
    line = summary(run(tmp_path, "10_gan_digits", "--epochs", "20"))
    assert number(r"sure of ([\d.]+)% of 1000 forgeries", line) > 40
    assert number(r"at least ([\d.]+)% of them", line) > 1
    assert_is_picture(tmp_path / "runs" / "10_gan_digits.png")


def test_the_gpt_learns_letters(tmp_path):
    done = run(tmp_path, "11_gpt_shakespeare", "--epochs", "4")
    assert number(r"([\d.]+) on new text", summary(done)) < 2.8  # letter frequencies alone: 3.3
    assert len(done.stdout) > 500
    assert_is_picture(tmp_path / "runs" / "11_gpt_shakespeare.png")


def test_the_translator_translates(tmp_path):
    done = run(tmp_path, "12_translation", "--epochs", "12")
    assert number(r"loss ([\d.]+)", summary(done)) < 1.5  # guessing: 5
    assert number(r"(\d+) of 50 new sentences", summary(done)) >= 5
    assert_is_picture(tmp_path / "runs" / "12_translation.png")


def test_topics_are_told_apart_and_words_that_belong_to_one_count_most(tmp_path):
    done = run(tmp_path, "13_text_topics", "--epochs", "6")
    assert number(r"accuracy ([\d.]+)%", summary(done)) > 80
    topic, *words = done.stdout.splitlines()[1].split()
    assert topic == "music"
    assert len(set(words) & set("song drum note band guitar melody choir piano concert singer rhythm".split())) >= 6
    assert_is_picture(tmp_path / "runs" / "13_text_topics.png")


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("08_names_rnn", "short.txt"),
        ("08_names_rnn", "bytes.bin"),
        ("11_gpt_shakespeare", "short.txt"),
        ("12_translation", "short.txt"),
        ("12_translation", "nowhere.txt"),
    ],
)
def test_data_that_cannot_be_read_is_refused_by_name(tmp_path, name, file):
    (tmp_path / "short.txt").write_text("Hello.\n")
    (tmp_path / "bytes.bin").write_bytes(b"\xff\xfe\xff")
    done = run(tmp_path, name, "--data", file, status=2)
    assert f"error: --data {file}: " in done.stderr
    assert "Traceback" not in done.stderr


def test_bundled_data_has_its_licence_beside_it():
    for path in (EXAMPLES / "data").iterdir():
        assert path.name.endswith(".LICENSE.txt") or path.with_suffix(".LICENSE.txt").exists()


def test_augmentation_helps_with_moved_digits(tmp_path):
    line = summary(run(tmp_path, "14_augmentation", "--epochs", "12"))
    plain, augmented = map(float, re.findall(r"moved ([\d.]+)%", line))
    assert plain < 60
    assert augmented > plain + 15
    assert_is_picture(tmp_path / "runs" / "14_augmentation.png")


def test_the_detector_finds_objects(tmp_path):
    line = summary(run(tmp_path, "15_detector", "--epochs", "3"))
    assert number(r"AP ([\d.]+)% at IoU 0.5", line) > 40
    assert_is_picture(tmp_path / "runs" / "15_detector.png")


def test_the_spectrogram_is_that_of_a_fourier_transform(monkeypatch):
    monkeypatch.syspath_prepend(str(EXAMPLES))
    speech = importlib.import_module("16_spoken_tones")
    x = torch.randn(2, speech.LENGTH)
    frames = np.stack([x.numpy()[:, m * speech.HOP :][:, : speech.N] for m in range(37)], axis=2)
    window = np.hanning(speech.N + 1)[:-1]
    power = np.abs(np.fft.rfft(frames * window[:, None], axis=1)) ** 2
    np.testing.assert_allclose(speech.Spectrogram()(x)[:, 0].numpy(), np.log(power + 1), rtol=1e-3, atol=1e-3)


def test_vowels_are_heard(tmp_path):
    line = summary(run(tmp_path, "16_spoken_tones", "--epochs", "2"))
    assert number(r"([\d.]+)% of 500 new ones", line) > 80
    assert_is_picture(tmp_path / "runs" / "16_spoken_tones.png")


def test_gradients_point_at_what_the_network_saw(tmp_path):
    line = summary(run(tmp_path, "17_saliency_gradcam", "--epochs", "2"))
    saliency, cam, chance = map(float, re.findall(r"(?:saliency|Grad-CAM|chance) ([\d.]+)%", line))
    assert saliency > 2 * chance
    assert cam > 3 * chance
    assert_is_picture(tmp_path / "runs" / "17_saliency_gradcam.png")


def test_adversarial_training_withstands_the_attack(tmp_path):
    line = summary(run(tmp_path, "18_adversarial", "--epochs", "5"))
    ordinary, adversarial = map(float, re.findall(r"attacked ([\d.]+)%", line))
    assert number(r"ordinary training ([\d.]+)%", line) > ordinary + 30
    assert adversarial > ordinary + 20
    assert_is_picture(tmp_path / "runs" / "18_adversarial.png")


def test_a_published_network_is_taken_further(tmp_path):
    line = summary(run(tmp_path, "19_transfer_hub", "--epochs", "4"))
    transferred, scratch = number(r"([\d.]+)% transferred", line), number(r"([\d.]+)% from scratch", line)
    assert transferred > scratch + 5
    assert torch.hub.list(tmp_path / "runs" / "digits-model", source="local") == ["digits_net"]
    assert_is_picture(tmp_path / "runs" / "19_transfer_hub.png")


def test_hessian_free_trains_the_autoencoder(tmp_path):
    done = run(tmp_path, "20_hessian_free", "--epochs", "3")
    names = re.findall(r"^(\w+) +\d+ steps   error \d", done.stdout, flags=re.MULTILINE)
    assert names == ["SGD", "Adam", "HessianFree"]
    assert number(r"HessianFree +3 steps   error (\S+),", done.stdout) < 2.5  # it starts at 4.6
    assert_is_picture(tmp_path / "runs" / "20_hessian_free.png")


@pytest.mark.slow
def test_hessian_free_is_better_than_adam_and_sgd_in_the_same_time(tmp_path):
    assert number(r"error is ([\d.]+) times smaller", summary(run(tmp_path, "20_hessian_free"))) > 3


def test_a_curve_of_one_epoch_is_seen(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(EXAMPLES))
    common = importlib.import_module("common")
    figure = importlib.import_module("matplotlib.figure").Figure()
    axes = figure.add_subplot()
    one, two = axes.plot([1], [0.5]) + axes.plot([1, 2], [0.5, 0.6])
    common.save(figure, tmp_path / "curves.png")
    assert (one.get_marker(), two.get_marker()) == ("o", "None")


def test_the_seed_decides(tmp_path):
    lines = [summary(run(tmp_path, "01_chain_rule", "--seed", seed)) for seed in ("1", "1", "2")]
    assert lines[0] == lines[1] != lines[2]


@pytest.mark.parametrize("name", NAMES)
def test_every_example_explains_itself_and_its_options(tmp_path, name):
    text = run(tmp_path, name, "--help").stdout
    for option in ("--device", "--seed", "--epochs", "--out"):
        assert option in text
    assert len(text.splitlines()) > 12


def test_without_tqdm_progress_is_lines(tmp_path):
    done = run(tmp_path, "04_mlp", "--epochs", "10", without="tqdm")
    assert re.search(r"^training: 10/10 loss \d", done.stderr, flags=re.MULTILINE)
    assert len(done.stderr.splitlines()) == 10


def test_without_matplotlib_the_message_says_what_to_install(tmp_path):
    done = run(tmp_path, "04_mlp", without="matplotlib", status=1)
    assert "pip install matplotlib" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not cuda.why_not(), reason="there is a GPU")
def test_without_a_gpu_cuda_is_refused_with_the_reason(tmp_path):
    done = run(tmp_path, "04_mlp", "--device", "cuda", status=2)
    assert cuda.why_not() in done.stderr
    assert "Traceback" not in done.stderr
