"""How tensors and results are printed."""

from __future__ import annotations

ROWS = r"""
repr(f(3))
repr(g(3))
repr(f(3).requires_grad_())
repr((f(3).requires_grad_()*2))
repr(i(2,3))
repr(b(3))
repr(c(3))
repr(h(3))
repr(d(3))
repr(f())
repr(f(0))
repr(f(0,3))
repr(f(2,3,4))
repr(torch.zeros(1000,2))
repr(torch.zeros(2000))
repr(torch.tensor([1e-5,1.]))
repr(torch.tensor([nan, inf, -inf]))
repr(torch.nn.Parameter(f(3)))
repr(torch.max(f(2,3), 1))
repr(torch.sort(f(3)))
repr(torch.topk(f(3), 2))
str(f(3))
repr(torch.float32), repr(torch.Size([2])), repr(torch.device('cpu'))
repr(torch.Generator().manual_seed(1))[:17]
""".strip().split("\n")
