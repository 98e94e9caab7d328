"""The public functions, with PyTorch's names, signatures and errors, on top of the table in `ops/`."""
