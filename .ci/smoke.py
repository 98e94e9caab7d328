"""Try the installed copy, not the checkout: import, a derivative, a network, a data file, save and load."""

import sys
import tempfile
from pathlib import Path

import minitorch as torch
from minitorch import nn
from minitorch.vision.datasets import Digits

home = Path(torch.__file__).resolve()
if Path(sys.prefix).resolve() not in home.parents:
    sys.exit(f"smoke test: {home} is not the installed copy in {sys.prefix}")
if not (home.parent / "py.typed").is_file():
    sys.exit("smoke test: py.typed is missing from the wheel")

x = torch.tensor(2.0, requires_grad=True)
(x * x).backward()
if x.grad.item() != 4.0:
    sys.exit(f"smoke test: d(x²)/dx at 2 is {x.grad.item()}, not 4")

image, _ = Digits()[0]
net = nn.Linear(3, 2)
with tempfile.TemporaryDirectory() as directory:
    path = Path(directory) / "net.safetensors"
    torch.save(net.state_dict(), path)
    net.load_state_dict(torch.load(path))
print(f"smoke test: minitorch {torch.__version__} from {home.parent}, a digit of shape {tuple(image.shape)}")
