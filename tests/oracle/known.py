"""Where minitorch is not PyTorch: the rows that differ, by the reason, which docs/differences.md gives under that name."""

from __future__ import annotations

ACCEPTED_HERE = r"""
torch.sign(c(2,3))
torch.clamp(f(2,3), f(3), 1.0)
torch.sign(c(3))
torch.prod(f(2,3), dim=None)
torch.prod(f(2,3), dim=None, keepdim=True)
torch.std(f(2,3), dim=True)
torch.std(f(2,3), dim=True, keepdim=True)
torch.var(f(2,3), dim=True)
torch.var(f(2,3), dim=True, keepdim=True)
torch.norm(f(2,3), axis=1)
torch.max(f(2,3), dim=None)
torch.max(f(2,3), dim=None, keepdim=True)
torch.min(f(2,3), dim=None)
torch.min(f(2,3), dim=None, keepdim=True)
torch.logsumexp(f(2,3), dim=())
torch.logsumexp(f(2,3), dim=None)
torch.logsumexp(f(2,3), dim=None, keepdim=True)
torch.logsumexp(f(2,3), ())
torch.reshape(f(2,3), 6)
torch.reshape(f(2,3), 3, 2)
f(1).view()
torch.permute(f(2,3,4), 2,0,1)
f().permute()
torch.flip(f(2,3))
x=g(2,3); y=g(3,3); grads(torch.scatter_add(x, 1, torch.tensor([[0,0],[1,0]]), y), x, y)
x=f(4,3,2); x[torch.tensor([0,1,0,1], dtype=torch.uint8)] = 7.; x
x=g(4,3,2); v=g(); y=x*1; y[torch.tensor([0,1,0,1], dtype=torch.uint8)] = v; grads(y, x, v)
x=g(4,3,2); v=g(); y=x*1; y[False] = v; grads(y, x, v)
x=g(4,3,2); v=g(2); y=x*1; y[False] = v; grads(y, x, v)
x=f(4,3,2); x[np.bool_(True)]
x=f(4,3,2); y=x[np.bool_(True)]; shares(x, y), y.is_contiguous()
x=f(4,3,2); x[np.bool_(True)] = 7.; x
x=f(4,3,2); x[np.bool_(True)] = x[np.bool_(True)] * 2; x
x=g(4,3,2); grads(x[np.bool_(True)], x)
x=g(4,3,2); v=g(); y=x*1; y[np.bool_(True)] = v; grads(y, x, v)
x=g(4,3,2); v=g(2); y=x*1; y[np.bool_(True)] = v; grads(y, x, v)
x=f(4,3); x[0] = np.float32(3); x
x=f(4,3); x[0] = np.array(3.); x
x=f(4,3); x[0,0] = np.array(3.); x
torch.zeros(True)
torch.full(2, 3.)
x=torch.zeros(2,3); x.copy_(src=f(3))
torch.result_type(tensor1=f(3), tensor2=i(3))
torch.device(1)
f(3) < np.ones(3)
F.cross_entropy(f(2,3), torch.tensor([0,2], dtype=torch.int32))
F.layer_norm(f(2,3), 3)
torch.softmax(f(2,3))
"""

REFUSED_HERE = r"""
b(3) ** True
torch.pow(self=2, exponent=f(3))
torch.add(f(3), f(3), out=f(3))
torch.amax(c(0,3), -1)
torch.amin(c(0,3), -1)
torch.norm(f(2,3), 'nuc')
torch.einsum(f(2,3), [0,1], f(3,4), [1,2], [0,2])
torch.scatter(torch.ones(2,3), 1, torch.tensor([[0,0]]), f(1,2), reduce='multiply')
x=f(4,3,2); x[...,...]
x=f(4,3,2); y=x[...,...]; shares(x, y), y.is_contiguous()
x=f(4,3,2); x[...,...] = 7.; x
x=f(4,3,2); x[...,...] = x[...,...] * 2; x
x=g(4,3,2); grads(x[...,...], x)
x=g(4,3,2); v=g(); y=x*1; y[...,...] = v; grads(y, x, v)
x=g(4,3,2); v=g(2); y=x*1; y[...,...] = v; grads(y, x, v)
x=f(4,3,2); x[np.array([0.,1.])]
x=f(4,3,2); y=x[np.array([0.,1.])]; shares(x, y), y.is_contiguous()
x=f(4,3,2); x[np.array([0.,1.])] = 7.; x
x=f(4,3,2); x[np.array([0.,1.])] = x[np.array([0.,1.])] * 2; x
x=g(4,3,2); grads(x[np.array([0.,1.])], x)
x=g(4,3,2); v=g(); y=x*1; y[np.array([0.,1.])] = v; grads(y, x, v)
x=g(4,3,2); v=g(2); y=x*1; y[np.array([0.,1.])] = v; grads(y, x, v)
f(3).to(1.5)
f(2,3) @ np.ones(3)
"""

OTHER_WORDS_OR_ANOTHER_EXCEPTION = r"""
~f(3)
torch.lerp(f(3), d(3), 0.5)
f(2,3).reshape()
f(2,3).view()
f(2,3,4).movedim(0,(1,2))
torch.bmm(f(5,2,3), d(5,3,4))
torch.addmm(f(2,4), f(2,3), d(3,4))
torch.einsum('ij,jk->ik', f(2,3), d(3,4))
torch.einsum('ij,jk->ik')
torch.index_select(f(2,3), 1, torch.tensor([3]))
torch.index_select(f(2,3), 1, torch.tensor([-1]))
x=f(0,3); x[[0]]
x=f(0,3); x[[0]] = 2.; x
x=f(); x[torch.tensor(0)]
x=f(); x[torch.tensor(0)] = 2.; x
x=f(); x[0,0]
x=f(); x[0,0] = 2.; x
x=f(); x[1]
x=f(); x[1] = 2.; x
x=f(); x[torch.tensor([])]
x=f(); x[torch.tensor([])] = 2.; x
torch.zeros(-1)
torch.zeros(2,-3)
torch.randint(0, 300, (2,), dtype=torch.uint8)
torch.bernoulli(torch.tensor([2.]))
torch.bernoulli(torch.tensor([-.1]))
f(3).to('float32')
f(3).cuda()
f(3).to('cuda')
torch.zeros(2, device='cuda')
x=g(3); y=g(3); torch.autograd.grad(x.sum(), y)
F.linear(f(2,3), f(4,3), f(3))
F.linear(f(2,3), d(4,3))
F.embedding(torch.tensor([0.]), f(3,2))
F.pad(f(1,2,3), (3,3), mode='reflect')
F.pad(f(2,3), (1,))
"""

MEMORY_LAYOUT = r"""
torch.where(b(2,3))
torch.nonzero(i(2,3), as_tuple=True)
f(4,6)[1:1].storage_offset()
f(4,6)[4:].storage_offset()
(f(3,2).t() * f(2,3)).stride()
torch.zeros_like(f(3,2).t()).stride()
torch.empty_like(f(3,2).t()).stride()
f(3,2).t().clone().is_contiguous()
x=f(4,3,2); y=x[3:1]; shares(x, y), y.is_contiguous()
x=f(4,3,2); y=x[10:]; shares(x, y), y.is_contiguous()
torch.from_numpy(np.arange(6.)[::-1])
"""

NOT_A_NUMBER = r"""
x=torch.tensor([1.,nan,2.],requires_grad=True); grads(x.amax(), x)
torch.sign(torch.tensor([0., -0., inf, -inf, nan, 1., -1., 1e30]))
torch.sign(torch.tensor([nan, -0., 0., 2.]))
x=torch.tensor([1.,2.],requires_grad=True); y=torch.tensor([1.,nan],requires_grad=True); grads(torch.minimum(x,y), x, y)
x=torch.tensor([-1.,0.,1.,nan],requires_grad=True); grads(x.abs(), x)
x=torch.tensor([-inf,-inf],requires_grad=True); grads(x.logsumexp(0), x)
"""

WRITES = r"""
x=g(5,3); y=x*1; y[0] *= y[1]; grads(y, x)
x=g(2,3); y=x*1; y.mul_(y); grads(y, x)
"""

NUMPY_S_FUNCTIONS = r"""
np.exp(f(3))
np.sqrt(torch.tensor([4.]))
np.add(f(3), 1)
np.ones(3) + f(3)
np.ones(3, dtype=np.float32) * f(3)
np.isnan(f(3))
np.maximum(f(3), 0)
"""

COPIES = r"""
import copy; x=f(4,3)[1:]; y=copy.deepcopy(x); y, y.storage_offset()
import copy; x=f(2,3).t(); y=copy.deepcopy(x); y.stride()
import copy; x=f(4); v=x[1:]; a,b_=copy.deepcopy((x,v)); a[1]=9; b_
"""

NAMES = r"""
torch.set_rng_state(torch.zeros(3, dtype=torch.uint8))
f(3).__dlpack_device__()
x=g(3); type((x*2).grad_fn).__name__
repr(torch.Generator().manual_seed(1))[:17]
"""

KNOWN: dict[str, str] = {
    "accepted here": ACCEPTED_HERE,
    "refused here": REFUSED_HERE,
    "other words or another exception": OTHER_WORDS_OR_ANOTHER_EXCEPTION,
    "memory layout": MEMORY_LAYOUT,
    "not a number": NOT_A_NUMBER,
    "writes": WRITES,
    "NumPy's functions": NUMPY_S_FUNCTIONS,
    "copies": COPIES,
    "names": NAMES,
}
REASON = {row: reason for reason, rows in KNOWN.items() for row in rows.strip().split("\n")}
