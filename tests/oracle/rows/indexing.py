"""Indexing: every kind of key, get and set, with gradients."""

from __future__ import annotations

KEYS = r"""
0
-1
1
4
-5
0,1
0,1,2
0,1,2,3
:
...
None
1:
:-1
::2
1:3
3:1
-2:
:10
10:
::3
::-1
::0
None,0
0,None
...,0
0,...
...,None
None,...
:,0
:,1:,::2
0,...,0
...,...
:,None,:
None,None
torch.tensor(0)
torch.tensor(-1)
torch.tensor(5)
torch.tensor([0,1])
torch.tensor([0,-1,1])
torch.tensor([[0,1],[1,2]])
torch.tensor([5])
torch.tensor([-5])
torch.tensor([])
torch.tensor([], dtype=torch.int64)
torch.tensor([0,1], dtype=torch.int32)
torch.tensor([0,1], dtype=torch.int16)
torch.tensor([0,1], dtype=torch.int8)
torch.tensor([0,1,0,1], dtype=torch.uint8)
torch.tensor([0.,1.])
torch.tensor(1.)
torch.tensor(True)
torch.tensor(False)
True
False
None,True
True,0
[0,1]
[0,-1]
[1]
[]
[[0,1],[1,0]]
[[0,1]]
[True,False,True,False]
[True,False]
[0,1],[1,0]
([0,1],[1,0])
(0,1)
[0,1],0
0,[0,1]
[0,1],:
:,[0,1]
:,[2,0],:
:,:,[0,1]
:,[0,1],0
0,:,[0,1]
[0,1],:,[0,1]
[0,1],None,[0,1]
[0,1],None
None,[0,1]
None,[0,1],None
[[0],[1]],[0,1]
[[0],[1]],:,[0,1]
:,[[0],[1]],[0,1]
[0,1],[0,1,2]
[0,1],[0,1],[1,1]
[0],[0,1],[1]
...,[0,1]
[0,1],...
[0,1],...,0
0,...,[0,1]
[0,1],...,[0,1]
1:,[0,1]
1:,[0,1],::2
::2,[0,1]
[0,1],1
1,[0,1],[1,0]
[0,1],1,[1,0]
[0,1],1,:
:,1,[0,1]
torch.tensor([0,1]),torch.tensor([1,0])
torch.tensor([0,1]),torch.tensor(0)
torch.tensor(0),torch.tensor(1)
torch.tensor(0),:,torch.tensor(1)
torch.tensor(0),:,torch.tensor([1])
torch.tensor([0,1]),:,torch.tensor(1)
torch.tensor([[0],[1]]),torch.tensor([0,1])
torch.tensor([0,1]),slice(None),torch.tensor([1,0])
b(4)
b(4,3)
b(4,3,2)
b(3)
b(4,2)
b(4,3,2,1)
torch.zeros(4,dtype=torch.bool)
torch.zeros(4,3,dtype=torch.bool)
torch.ones(4,dtype=torch.bool)
b(4),0
b(4),:,0
:,b(3)
:,b(3),0
...,b(2)
:,:,b(2)
:,b(3,2)
b(4,3),0
b(4,3),[0]
b(4),b(3)
b(4),[0,1]
b(4),[0]
[0,1],b(3)
None,b(4)
b(4),None
b(4),...
0,b(3)
0,b(3,2)
x>0
x>100
x[:,0,0]>0
np.array([0,1])
np.array([True,False,True,False])
np.array(1)
np.int64(1)
np.int32(1),np.int64(0)
np.bool_(True)
np.array([0,1],dtype=np.int32)
np.array([0,1],dtype=np.uint8)
np.array([0.,1.])
slice(0,2)
slice(None)
slice(torch.tensor(0),torch.tensor(2))
slice(np.int64(0),2)
slice(0.,2)
slice(0,3,torch.tensor(2))
1.0
1.5
'a'
{}
range(2)
(0,slice(None))
[0,slice(None)]
[slice(None),0]
[None]
[...]
[torch.tensor(0),torch.tensor(1)]
[torch.tensor([0,1]),torch.tensor([1,0])]
[np.int64(0),1]
(torch.tensor([0,1]),)
((0,1),)
((0,1),(1,0))
((0,1),0)
[(0,1),(1,0)]
torch.where(x>0)
x.nonzero(as_tuple=True)
1j
()
(...,)
b(4,3).nonzero(as_tuple=True)
""".strip().split("\n")
KEYS_OF_FEW = (
    "0 : ... None () True False [0] torch.tensor(0) torch.tensor(True) torch.tensor([True]) ...,None None,None 0,0 1 [] "
    "slice(0,1) torch.tensor([]) torch.tensor([],dtype=torch.int64) True,True True,False torch.tensor([[True]])"
).split()


def _key(key: str) -> list[str]:
    """One key: what it gives, whether that is a view, and writing through it; the gradients of both."""
    return [
        f"x=f(4,3,2); x[{key}]",
        f"x=f(4,3,2); y=x[{key}]; shares(x, y), y.is_contiguous()",
        f"x=f(4,3,2); x[{key}] = 7.; x",
        f"x=f(4,3,2); x[{key}] = x[{key}] * 2; x",
        f"x=g(4,3,2); grads(x[{key}], x)",
        f"x=g(4,3,2); v=g(); y=x*1; y[{key}] = v; grads(y, x, v)",
        f"x=g(4,3,2); v=g(2); y=x*1; y[{key}] = v; grads(y, x, v)",
    ]


ROWS = [row for key in KEYS for row in _key(key)]
ROWS += [
    f"x={x}; x[{key}]{write}" for key in KEYS_OF_FEW for x in ("f()", "f(0,3)", "f(3)") for write in ("", " = 2.; x")
]
ROWS += r"""
x=f(4,3); x[0] = f(3); x
x=f(4,3); x[0] = f(1,3); x
x=f(4,3); x[0] = f(1,1,3); x
x=f(4,3); x[0] = f(2,3)
x=f(4,3); x[0] = f(2)
x=f(4,3); x[:, 0] = f(4); x
x=f(4,3); x[:, 0] = f(4,1)
x=f(4,3); x[:, :1] = f(4,1); x
x=f(4,3); x[:] = f(3); x
x=f(4,3); x[:] = f(4)
x=f(4,3); x[...] = 0; x
x=f(4,3); x[0] = [1,2,3]
x=f(4,3); x[0] = (1,2,3)
x=f(4,3); x[0] = np.ones(3)
x=f(4,3); x[0] = np.float32(3); x
x=f(4,3); x[0] = np.array(3.); x
x=f(4,3); x[0,0] = np.array(3.); x
x=f(4,3); x[0] = None
x=f(4,3); x[0] = 'a'
x=f(4,3); x[0] = True; x
x=f(4,3); x[0] = 1j
x=f(4,3); x[0] = i(3); x
x=f(4,3); x[0] = d(3); x
x=f(4,3); x[0] = c(3); x
x=f(4,3); x[0] = b(3); x
x=i(4,3); x[0] = 2.7; x
x=i(4,3); x[0] = f(3); x
x=i(4,3); x[0] = True; x
x=i(4,3); x[0] = nan
x=u(4,3); x[0] = 300
x=u(4,3); x[0] = -1; x
x=b(4,3); x[0] = 2; x
x=b(4,3); x[0] = 0.5; x
x=b(4,3); x[0] = f(3); x
x=i(4,3); x[[0,1]] = 2.7; x
x=i(4,3); x[[0,1]] = f(3)
x=i(4,3); x[[0,1]] = i(3); x
x=f(4,3); x[[0,1]] = i(3)
x=f(4,3); x[[0,1]] = d(3)
x=f(4,3); x[[0,1]] = f(2,3); x
x=f(4,3); x[[0,1]] = f(2,1); x
x=f(4,3); x[[0,1]] = f(1,2,3); x
x=f(4,3); x[[0,1]] = f(3,3)
x=f(4,3); x[[0,1]] = f(2)
x=f(4,3); x[[0,1]] = [1,2]
x=f(4,3); x[b(4)] = f(3); x
x=f(4,3); x[b(4,3)] = 0; x
x=f(4,3); x[b(4,3)] = f(int(b(4,3).sum())); x
x=f(4,3); x[b(4,3)] = f(2)
x=f(4,3); x[b(4,3)] = f(1); x
x=f(4,3); x[b(4,3)] = d(1)
x=f(4,3); x[b(4,3)] = i(1)
x=f(4,3); x[b(4,3)] = torch.tensor(5); x
x=f(4,3); x[b(4,3)] = torch.tensor(5, dtype=torch.float64); x
x=f(4,3); x[x<0] = 0; x
x=f(4,3); x[x<0] *= 2; x
x=f(4,3); x[0] += 1; x
x=f(4,3); x[[0,1]] += 1; x
x=f(4,3); x[[0,0]] += 1; x
x=f(4,3); x[:, [0,2]] = torch.zeros(2); x
x=f(4,3); x[:, [0,2]] = torch.zeros(4,2); x
x=f(4,3); x[:, [0,2]] = torch.zeros(2,4)
x=f(4,3); x[[0,1],[1,2]] = torch.tensor([5.,6.]); x
x=f(4,3); x[[0,1],[1,2]] = 5; x
x=f(4,3); x[0, [1,2]] = torch.tensor([5.,6.]); x
x=f(4,3); x.t()[0] = 5; x
x=f(4,3); x.t()[[0,1]] = 5; x
x=f(4,3); x[1:3][:, 0] = 5; x
x=f(4,3); x[::2, 1:][0] = 5; x
x=f(4,3); x.view(-1)[0] = 5; x
x=f(4,3); x.expand(2,4,3)[0] = 5
x=f(4,3); x[None][0,0] = 5; x
x=f(4,3); x.diagonal()[:] = 0; x
x=f(4,3); x[x.isnan()] = 0; x
x=torch.zeros(3,3); x[torch.arange(3), torch.tensor([2,0,1])] = 1; x
x=torch.zeros(3,3); x[range(3), [2,0,1]] = 1; x
x=f(5); x[torch.tensor([0,0,1])] = torch.tensor([1.,1.,2.]); x
x=g(5); grads(x[torch.tensor([0,0,1])], x)
x=g(5); grads(x[[0,0,1]].sum(), x)
x=g(5,3); grads(x[torch.tensor([[0,0],[1,1]])], x)
x=g(5,3); grads(x[[0,0],[1,1]], x)
x=g(5,3); grads(x[b(5,3)], x)
x=g(5,3); grads(x[torch.zeros(5,3,dtype=torch.bool)], x)
x=g(5,3); y=x*1; y[0] = y[1]; grads(y, x)
x=g(5,3); y=x*1; y[0:2] = y[1:3].clone(); grads(y, x)
x=g(5,3); y=x*1; y[:, 0] = 0; grads(y, x)
x=g(5,3); y=x*1; y[y>0] = 0; grads(y, x)
x=g(5,3); y=x*1; y[[0,1]] *= 2; grads(y, x)
x=g(5,3); y=x*1; y[0] *= y[1]; grads(y, x)
x=g(5,3); x[0] = 1
x=g(5,3); x[0] += 1
x=g(5,3); x[[0,1]] = 1
x=i(3); x[1.5]
x=f(3); x['a'] = 1
x=f(3); x[5] = 1
x=f(3); x[torch.tensor([5])] = 1
x=f(3); x[-4]
x=f(3); x[0][0]
x=f(3); x[0,0]
x=f(3); del x[0]
x=f(2,3); list(x)[1]
x=f(2,3); [y.shape for y in x]
x=f(2,3); a,b_ = x; b_
x=f(3); a,b_,c_ = x; c_
x=f(2,3); reversed(x)
x=f(3); 0.72 in x
x=f(3); x[0] in x
x=i(3); 2 in x
x=f(3); 'a' in x
x=f(3); None in x
x=f(3); [1,2][torch.tensor(1)]
x=f(3); 'ab' * torch.tensor(2)
x=f(3); range(torch.tensor(3))
x=f(3); [1,2,3][torch.tensor(1):]
x=f(3); [1,2][torch.tensor([1])]
x=f(3); [1,2][torch.tensor(1.)]
x=f(3); [1,2][torch.tensor(True)]
x=f(3); [1,2][b(3)]
x=f(3); np.arange(5)[torch.tensor([1,2])]
x=f(3); len(x), len(f(2,3))
len(f())
iter(f())
list(f(0,3))
x=f(4,3)[:, 1]; x[0] = 9; x
h(3)[0]
c(3)[[0,1]]
x=c(3); x[0] = 1+2j; x
x=c(3); x[0] = 1; x
x=f(2,3); x[1, 2].item()
x=f(2,3); x[1][2].item()
x=f(2,3); x[(1,2)].item()
""".strip().split("\n")
