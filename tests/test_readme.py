"""What the README shows is true: its session, its program, its commands, its links, its line counts."""

from __future__ import annotations

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
TEXT = README.read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, flags=re.MULTILINE | re.DOTALL)


def blocks(language: str, start: str) -> list[str]:
    return [code for kind, code in BLOCKS if kind == language and code.startswith(start)]


def test_the_session_prints_what_the_readme_says():
    failures, tried = doctest.testfile(str(README), module_relative=False)
    assert failures == 0
    assert tried >= 5


def test_the_fifteen_lines_train_a_network(capsys):
    (program,) = blocks("python", "import minitorch")
    assert len([line for line in program.splitlines() if line.strip()]) == 15
    exec(compile(program, "README.md", "exec"), {})
    found = re.search(r"([\d.]+)% of 359 test digits", capsys.readouterr().out)
    assert found
    assert float(found[1]) > 95


def test_the_quoted_rule_is_in_the_table():
    (rule,) = blocks("python", "defvjp")
    assert rule in (ROOT / "minitorch" / "ops" / "elementwise" / "trigonometric.py").read_text(encoding="utf-8")


def test_there_are_two_commands_of_one_line_each():
    commands = blocks("sh", "python3 -m venv .venv && . .venv/bin/activate && pip install -e ")
    assert [len(command.splitlines()) for command in commands] == [1, 1]
    assert "python examples/05_convnet_digits.py" in commands[0]
    assert "python -m pytest -n 2 -q" in commands[1]
    assert "apt install python3-venv" in TEXT


def test_the_extras_exist():
    settings = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    for extra in {name for names in re.findall(r"\.\[([\w,]+)\]", TEXT) for name in names.split(",")}:
        assert re.search(rf"^{extra} =$", settings, flags=re.MULTILINE), extra


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#:]+)\)", TEXT))))
def test_every_link_leads_somewhere(target):
    assert (ROOT / target).exists()


def test_every_example_is_listed():
    examples = {path.name for path in (ROOT / "examples").glob("[0-9]*.py")}
    assert examples == set(re.findall(r"\(examples/(\d\d_\w+\.py)\)", TEXT))


def test_the_line_counts_of_the_reading_order_are_true():
    script = ROOT / "tools" / "reading_order.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_wrong_line_count_is_noticed(tmp_path):
    (tmp_path / "tools").mkdir()
    (tmp_path / "minitorch").mkdir()
    (tmp_path / "minitorch" / "one.py").write_text("a = 1\nb = 2\n", encoding="utf-8")
    (tmp_path / "README.md").write_text("| 1 | [`one`](minitorch/one.py) | 3 | two lines |\n", encoding="utf-8")
    script = tmp_path / "tools" / "reading_order.py"
    script.write_bytes((ROOT / "tools" / "reading_order.py").read_bytes())
    check = [sys.executable, script, "--check"]
    assert subprocess.run(check, capture_output=True, check=False).returncode == 1
    subprocess.run([sys.executable, script], check=True)
    assert subprocess.run(check, capture_output=True, check=False).returncode == 0
    assert "| 2 |" in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_the_speed_table_is_that_of_the_saved_results():
    script = ROOT / "tools" / "speed_table.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_wrong_speed_is_noticed(tmp_path):
    for name in ("tools/speed_table.py", "docs/benchmarks/one_thread.json", "docs/performance.md", "README.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    check = [sys.executable, tmp_path / "tools" / "speed_table.py", "--check"]
    assert subprocess.run(check, capture_output=True, check=False).returncode == 0
    readme = tmp_path / "README.md"
    readme.write_text(readme.read_text(encoding="utf-8").replace("**geometric mean", "**mean"), encoding="utf-8")
    assert subprocess.run(check, capture_output=True, check=False).returncode == 1
    subprocess.run(check[:-1], check=True)
    assert subprocess.run(check, capture_output=True, check=False).returncode == 0
