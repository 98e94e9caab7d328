"""Downloading: from the first mirror that gives the right bytes, into place only when they are all there."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ...utils.files import replacing

CHUNK = 1 << 16
TIMEOUT = 30.0  # seconds without a byte


def md5(path: Path) -> str:
    """Return the MD5 of a file (against damage, not against an enemy)."""
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def fetch(urls: Sequence[str], path: Path, checksum: str | None) -> None:
    """Download a file from the first of several addresses that has it whole, and put it at `path`.

    Nothing is at `path` before the file is complete and its MD5 is right; an interrupted download leaves nothing.

    Raises:  RuntimeError that names every address and what was wrong with it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    failures = []
    for url in urls:
        try:
            _from(url, path, checksum)
            return
        except (OSError, ValueError, http.client.HTTPException) as error:
            failures.append(f"  {url}: {type(error).__name__}: {error}")
    raise RuntimeError(
        f"{path.name} could not be downloaded:\n"
        + "\n".join(failures)
        + f"\nRun again, or copy the file to {path} by hand."
    )


def _from(url: str, path: Path, checksum: str | None) -> None:
    """Download one address; a short or wrong file is an error, and leaves `path` alone."""
    request = urllib.request.Request(url, headers={"User-Agent": "minitorch"})
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer, replacing(path) as file:
        promised = int(answer.headers.get("Content-Length") or 0)
        digest, received = hashlib.md5(usedforsecurity=False), 0
        with _progress(path.name, promised) as bar:
            while block := answer.read(CHUNK):
                file.write(block)
                digest.update(block)
                received += len(block)
                bar.update(len(block))
        if received < promised:
            raise OSError(f"the connection broke off after {received} of {promised} bytes")
        if checksum is not None and digest.hexdigest() != checksum:
            raise ValueError(f"{received} bytes came with the MD5 {digest.hexdigest()}, expected {checksum}")


class _Silent:
    """A progress bar that shows nothing."""

    def update(self, n: int) -> None:
        """Take note of n more bytes."""


@contextlib.contextmanager
def _progress(name: str, total: int) -> Iterator[Any]:
    """Show a progress bar where tqdm is installed."""
    try:
        from tqdm import tqdm
    except ImportError:
        yield _Silent()
        return
    with tqdm(total=total or None, desc=name, unit="B", unit_scale=True) as bar:
        yield bar
