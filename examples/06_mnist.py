"""MNIST: the network and the training of example 05, on pictures of 28 by 28 pixels.

60,000 handwritten digits to train on, 10,000 to test on.  `--data DIR` says where the four files are: in DIR
itself or in DIR/MNIST/raw, gzipped or not.  What is not there is downloaded to DIR/MNIST/raw (12 MB).
"""

import importlib
from pathlib import Path

import common

import minitorch as torch
from minitorch.vision import datasets, transforms

convnet = importlib.import_module("05_convnet_digits")  # a module whose name begins with a digit


class FlatMNIST(datasets.MNIST):
    """MNIST whose files lie in the folder itself."""

    @property
    def raw_folder(self):
        return self.root


def main():
    parser = common.options(__doc__, epochs=5)
    parser.add_argument("--data", type=Path, default=Path("data"), help="folder of the MNIST files (default: ./data)")
    args = common.parse(parser)
    torch.manual_seed(args.seed)
    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])
    MNIST = FlatMNIST if any(args.data.glob("train-images-idx3-ubyte*")) else datasets.MNIST
    try:
        train_set, test_set = (MNIST(args.data, train, transform, download=True) for train in (True, False))
    except (RuntimeError, OSError) as error:
        parser.error(str(error))
    convnet.run("06_mnist", args, train_set, test_set, side=28, batch_size=64)


if __name__ == "__main__":
    main()
