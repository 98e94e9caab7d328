"""`python -m benchmarks`: time and memory beside PyTorch's, as ratios.

    --quick            under two minutes, with less precision       --threads N   for both engines
    --only WORDS       workloads whose names contain the words      --device cuda
    --peers            other engines, where they are installed      --scaling     plots against size
    --save FILE        JSON, and a picture beside it                --no-memory
    --seconds S        for each workload, 6 unless given

The two engines take turns, in rounds of a few milliseconds; the ratio is of the minima, since other processes can only add.
"""

from __future__ import annotations

import argparse
import os
import sys

parser = argparse.ArgumentParser(
    prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
)
parser.add_argument("--quick", action="store_true")
parser.add_argument("--seconds", type=float, default=6.0)
parser.add_argument("--only", default="")
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--device", default="cpu")
parser.add_argument("--peers", action="store_true")
parser.add_argument("--scaling", action="store_true")
parser.add_argument("--save", default="")
parser.add_argument("--no-memory", action="store_true")


def main() -> None:
    """Run what was asked for."""
    options = parser.parse_args()
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(options.threads)  # read when NumPy and PyTorch are imported
    from . import peers, report, scaling

    try:
        import torch  # noqa: F401
    except ImportError:
        sys.exit("the benchmarks compare with PyTorch: pip install torch")
    if options.peers:
        peers.main()
    elif options.scaling:
        scaling.main(options.threads, options.save or "scaling.png")
    else:
        report.main(options)


if __name__ == "__main__":
    main()
