"""Types, devices, conversions, interchange with Python and NumPy, copies."""

from __future__ import annotations

ROWS = r"""
f(3).float()
f(3).double()
f(3).half()
f(3).int()
f(3).long()
f(3).short()
f(3).byte()
f(3).char()
f(3).bool()
f(3).cfloat()
f(3).cdouble()
torch.tensor([1.9,-1.9,0.5]).int()
torch.tensor([300.,-1.]).to(torch.int64).to(torch.uint8)
torch.tensor([256, 257, -1]).byte()
torch.tensor([200]).to(torch.int8)
torch.tensor([1e10]).half()
torch.tensor([0., 0.1, nan]).bool()
b(3).float()
b(3).int()
c(3).float()
c(3).bool()
c(3).to(torch.float64)
i(3).to(torch.complex64)
f(3).to(torch.float64)
f(3).to(dtype=torch.float64)
f(3).to('cpu')
f(3).to('cpu', torch.float64)
f(3).to(device='cpu', dtype=torch.float64)
f(3).to(torch.device('cpu'))
f(3).to(d(3))
f(3).to(other=d(3))
f(3).to(torch.float64, copy=True)
f(3).to(torch.float64, non_blocking=True)
f(3).to('cpu', non_blocking=True)
f(3).to('cpu', torch.float64, False, True)
f(3).to(float)
f(3).to(int)
f(3).to(bool)
f(3).to('float32')
f(3).to('foo')
f(3).to()
f(3).to(None)
f(3).to(1.5)
f(3).to(np.float32)
f(3).to(foo=1)
x=f(3); x.to(torch.float32) is x
x=f(3); x.to('cpu') is x
x=f(3); x.to(torch.float32, copy=True) is x
x=f(3); x.float() is x
x=f(3); x.cpu() is x
x=f(3); x.contiguous() is x
x=f(3); x.type(torch.float32) is x
x=f(3); x.type_as(x) is x
x=f(3); x.detach() is x
x=f(3); x.data is x
x=f(3); x.clone() is x
x=f(3); x.view_as(x) is x
x=f(3); x.requires_grad_() is x
x=f(3); x.squeeze() is x
x=f(2,3); x.flatten() is x
x=f(3); x.flatten() is x
x=f(3); x.reshape(3) is x
x=f(3); x.real is x
x=f(3); x.conj() is x
x=f(3); (+x) is x
x=f(3); x.expand(3) is x
x=f(3); x.T is x
x=f(3); torch.positive(x) is x
f(3).type()
i(3).type()
b(3).type()
h(3).type()
u(3).type()
i8(3).type()
i32(3).type()
c(3).type()
f(3).type(torch.int64)
f(3).type('torch.LongTensor')
f(3).type(torch.LongTensor)
f(3).type('foo')
f(3).type_as(i(3))
f(3).dtype
f(3).dtype == torch.float32
f(3).dtype is torch.float32
torch.float32 == torch.float
str(torch.float32), repr(torch.int64)
torch.long is torch.int64
torch.float is torch.float32
torch.double is torch.float64
torch.half is torch.float16
torch.int is torch.int32
torch.short is torch.int16
torch.cfloat is torch.complex64
torch.float32.is_floating_point
torch.int64.is_floating_point
torch.complex64.is_complex
torch.float32.itemsize
torch.uint8.is_signed
torch.bool.is_signed
torch.float32.to_complex()
torch.complex128.to_real()
isinstance(torch.float32, torch.dtype)
{torch.float32: 1}[torch.float32]
torch.promote_types(torch.int32, torch.float32)
torch.promote_types(torch.uint8, torch.int8)
torch.promote_types(torch.bool, torch.uint8)
torch.promote_types(torch.float16, torch.complex64)
torch.promote_types(type1=torch.int32, type2=torch.int64)
torch.promote_types(torch.int32, 'a')
torch.result_type(i(3), 1.)
torch.result_type(i(3), f())
torch.result_type(f(3), d())
torch.result_type(1, 2.)
torch.result_type(1, True)
torch.result_type(f(), 1j)
torch.result_type(tensor1=f(3), tensor2=i(3))
torch.result_type(u(3), 300)
torch.result_type('a', 1)
torch.can_cast(torch.float64, torch.float32)
torch.can_cast(torch.float32, torch.int64)
torch.can_cast(torch.int64, torch.bool)
torch.can_cast(torch.int64, torch.uint8)
torch.can_cast(from_=torch.int64, to=torch.float16)
torch.finfo(torch.float32).eps
torch.finfo(torch.float32).max
torch.finfo(torch.float32).min
torch.finfo(torch.float32).tiny
torch.finfo(torch.float32).bits
torch.finfo(torch.float32).dtype
torch.finfo(torch.float32).resolution
torch.finfo(torch.float32).smallest_normal
torch.finfo(torch.float16).max
torch.finfo(torch.float64).eps
torch.finfo(torch.complex64).eps
torch.finfo().eps
torch.finfo(torch.int64)
torch.finfo(type=torch.float32).eps
str(torch.finfo(torch.float32))
str(torch.finfo(torch.float64))
str(torch.finfo(torch.float16))
torch.iinfo(torch.int64).max
torch.iinfo(torch.uint8).min
torch.iinfo(torch.int8).bits
torch.iinfo(torch.int8).dtype
torch.iinfo(torch.float32)
torch.iinfo(torch.bool)
str(torch.iinfo(torch.int32))
str(torch.iinfo(torch.int64))
torch.is_tensor(f(3)), torch.is_tensor(1), torch.is_tensor(np.zeros(3))
torch.is_floating_point(f(3)), torch.is_floating_point(i(3)), torch.is_floating_point(c(3))
f(3).is_floating_point(), i(3).is_floating_point(), h(3).is_floating_point()
torch.is_complex(c(3)), f(3).is_complex()
f(3).is_signed(), u(3).is_signed(), b(3).is_signed()
torch.is_nonzero(torch.tensor([1.]))
torch.is_nonzero(f(3))
f(3).device
f(3).device.type
f(3).device.index
f(3).device == torch.device('cpu')
f(3).device == 'cpu'
torch.device('cpu')
torch.device('cuda')
torch.device('cuda:1')
torch.device('cuda', 1)
torch.device(1)
torch.device(type='cuda', index=1)
torch.device('foo')
torch.device('cuda:-1')
torch.device('cpu', 0)
torch.device('cpu:0') == torch.device('cpu')
str(torch.device('cuda:1'))
hash(torch.device('cpu')) == hash(torch.device('cpu'))
f(3).get_device()
torch.tensor(5).item()
torch.tensor(5.).item()
torch.tensor(True).item()
torch.tensor(1j).item()
torch.tensor([[5]]).item()
f(3).item()
f(0).item()
h().item()
torch.tensor(0.1).item()
f(2,3).tolist()
f().tolist()
i(2,3).tolist()
b(3).tolist()
torch.zeros(0).tolist()
torch.zeros(2,0).tolist()
c(2).tolist()
f(3).numpy()
i(2,3).numpy()
f().numpy()
g(3).numpy()
g(3).detach().numpy()
g(3).numpy(force=True)
x=f(3); y=x.numpy(); y[0]=9; x
x=f(3); y=x.numpy(); x[0]=9; y
x=f(3); y=x.detach().numpy(); x.add_(1); y
f(2,3).t().numpy().strides
np.asarray(f(3))
np.array(f(3))
np.array(g(3))
np.array(f(3), dtype=np.float64)
np.array([f(), f()])
np.sum(f(3))
np.mean(f(2,3))
np.exp(f(3))
np.sqrt(torch.tensor([4.]))
np.add(f(3), 1)
np.stack([f(3), f(3)])
np.concatenate([f(3), np.ones(3)])
np.ones(3) + f(3)
np.ones(3, dtype=np.float32) * f(3)
f(3) + np.ones(3)
f(3) + np.ones(3, dtype=np.float32)
f(3) * np.float64(2)
np.float64(2) * f(3)
np.float32(2) * d(3)
np.int64(2) * f(3)
np.float64(2) * i(3)
np.float64(2) - f(3)
np.float64(2) / f(3)
np.float64(2) ** f(3)
f(3) == np.ones(3)
np.ones(3) == f(3)
f(3) < np.ones(3)
np.ones((2,3)) @ f(3)
f(2,3) @ np.ones(3)
np.isnan(f(3))
np.maximum(f(3), 0)
len(np.asarray(f(2,3)))
list(np.asarray(f(3)))
float(f())
float(torch.tensor([2.5]))
float(f(3))
float(torch.tensor(1j))
int(torch.tensor(2.7))
int(torch.tensor(-2.7))
int(torch.tensor(nan))
int(f(3))
complex(torch.tensor(2.))
bool(torch.tensor(0.))
bool(torch.tensor([1.]))
bool(f(3))
bool(f(0))
bool(torch.tensor([[0]]))
not torch.tensor(0.)
round(torch.tensor(2.567), 1)
round(torch.tensor(2.567))
round(torch.tensor([2.567, 1.234]), 2)
math.floor(torch.tensor(2.5))
math.sqrt(torch.tensor(4.))
math.ceil(torch.tensor(2.5))
math.trunc(torch.tensor(2.5))
divmod(torch.tensor(7), torch.tensor(2))
abs(torch.tensor(-2.))
torch.tensor(2).__index__()
hex(torch.tensor(255))
x=f(3); hash(x) == hash(x)
x=f(3); {x: 1}[x]
x=f(3); y=f(3); x in [y, x]
x=f(3); x in [x]
x=f(); y=f(); y in [x]
x=f(3); [x].index(x)
x=f(3); x is x
format(torch.tensor(2.567), '.1f')
format(torch.tensor(7), '03d')
format(torch.tensor(2.567))
format(f(3), '.2f')
format(torch.tensor([2.567]), '.1f')
f"{torch.tensor(2.567):.1f}"
f"{torch.tensor(2.567)}"
f"{torch.tensor(True)}"
f"{f(3)}"
'%.2f' % torch.tensor(2.567)
'%d' % torch.tensor(7)
'{:.2f}'.format(torch.tensor(2.567))
'{:>10}'.format(torch.tensor(2.5))
str(torch.tensor(2.567))
import copy; x=g(3); y=copy.deepcopy(x); (y, y is x)
import copy; x=g(3); y=copy.copy(x); shares(x, y), y.requires_grad, y is x
import copy; x=g(3)*2; copy.deepcopy(x)
import copy; x=f(4,3)[1:]; y=copy.deepcopy(x); y, y.storage_offset()
import copy; x=f(2,3).t(); y=copy.deepcopy(x); y.stride()
import copy; x=f(3); y=copy.deepcopy([x, x]); y[0] is y[1]
import copy; x=g(3); (x*2).sum().backward(); y=copy.deepcopy(x); y.grad
import copy; x=f(4); v=x[1:]; a,b_=copy.deepcopy((x,v)); a[1]=9; b_
import pickle; pickle.loads(pickle.dumps(g(3)))
import pickle; pickle.loads(pickle.dumps(f(2,3).t())).stride()
import pickle; pickle.loads(pickle.dumps(i(3)))
import pickle; pickle.loads(pickle.dumps(g(3)*2))
import pickle; pickle.loads(pickle.dumps(torch.float32)) is torch.float32
import pickle; pickle.loads(pickle.dumps(torch.Size([2,3])))
import pickle; pickle.loads(pickle.dumps(torch.device('cpu')))
import pickle; x=f(3); a,b_=pickle.loads(pickle.dumps((x,x))); a is b_
import pickle; pickle.loads(pickle.dumps(torch.nn.Parameter(f(3))))
np.from_dlpack(f(3))
x=f(3); y=np.from_dlpack(x); y[0]=9; x
torch.from_dlpack(np.arange(3.))
x=np.arange(3.); y=torch.from_dlpack(x); y[0]=9; x
torch.from_dlpack(f(3))
np.from_dlpack(g(3))
f(3).__dlpack_device__()
f(3).__cuda_array_interface__
hasattr(f(3), '__cuda_array_interface__')
f(3).cuda()
f(3).to('cuda')
torch.zeros(2, device='cuda')
torch.cuda.is_available()
torch.cuda.device_count()
torch.cuda.memory_allocated()
torch.cuda.empty_cache()
torch.cuda.manual_seed(1)
torch.cuda.manual_seed_all(1)
torch.accelerator.is_available()
torch.accelerator.current_accelerator()
torch.accelerator.device_count()
torch.inf, torch.nan, torch.pi, torch.e, torch.newaxis
f(3)[torch.newaxis].shape
x=f(3); x.foo
x=f(3); x.foo = 5; x.foo
x=f(3); x.shape = (3,1)
x=f(3); x.dtype = torch.float64
x=f(3); x.data = f(4); x
x=f(3); x.data = i(4)
x=g(3); x.data = f(3)
x=g(3); x.data[0] = 5; x
x=g(3); x.data.add_(1); x
x=g(3); x.data.requires_grad
f(3).grad
x=g(3); x.grad = f(3)
x=g(3); x.grad = d(3); x.grad
x=g(3); x.grad = d(4)
x=g(3); x.grad = 1
x=g(3); x.grad = None; x.grad
x=f(3); x.grad = f(3); x.grad
x=f(3); x.requires_grad = True; x
x=i(3); x.requires_grad = True
x=i(3); x.requires_grad_()
x=f(3); x.requires_grad = 1
x=f(3); x.requires_grad_(requires_grad=False)
x=g(3); y=x*2; y.requires_grad = False
x=g(3); y=x*2; y.requires_grad_(True).requires_grad
x=g(3); y=x*2; y.is_leaf, x.is_leaf, f(3).is_leaf
x=g(3); y=x*2; y.retains_grad, x.retains_grad
x=g(3); y=x*2; y.retain_grad(); y.sum().backward(); y.grad
x=f(3); x.retain_grad()
x=g(3); x.output_nr
x=g(3); (x*2).grad_fn.name()
x=g(3); type((x*2).grad_fn).__name__
x=g(3); x.grad_fn
x=f(3); x._version
x=f(3); x.add_(1); x._version
x=f(3); x[0]=1; x._version
x=f(3); y=x.view(3); y.add_(1); x._version
x=f(3); x.detach().add_(1); x._version
x=f(3); x.data.add_(1); x._version
x=f(3); y=x[1:]; y._base is x
x=f(3); y=x[1:][1:]; y._base is x
x=f(3); x._base
x=torch.zeros(3); x.fill_(1e300)
x=torch.zeros(3); x[0] = 1e300; x
x=torch.zeros(3); x[[0]] = 1e300; x
x=h(3); x.fill_(1e10)
x=h(3); x.fill_(65504.)
x=h(3); x.fill_(65520.)
h(3).masked_fill(b(3), -1e9)
h(3).masked_fill(b(3), -inf)
torch.full((2,), 1e300)
torch.full_like(h(3), 1e5)
h(3).new_full((2,), 1e5)
h(3).clamp(-1e10, 1e10)
torch.where(b(3), h(3), 1e10)
torch.scatter(h(3), 0, torch.tensor([0]), 1e10)
c(3).fill_(1e300)
torch.zeros(3, dtype=torch.int32).fill_(nan)
h(3) * 1e10
h(3) < 1e10
f(3) * 1e300
torch.arange(0, 1e308, 1e307, dtype=torch.float32)
torch.logspace(0, 400, 3)
torch.as_tensor(np.array([1e300]), dtype=torch.float32)
torch.Tensor([1e300])
x=torch.zeros(3); x.fill_(torch.tensor(1e300, dtype=torch.float64))
torch.tensor([3e38,-3e38]).std()
(torch.full((2,2),3e38) @ torch.full((2,2),3e38))
torch.full((4,),3e38).sum(), torch.full((4,),3e38).mean()
torch.tensor([nan,1e300,-1e300],dtype=torch.float64).float()
f(3).sum(dtype=np.float64)
torch.from_numpy(np.array(['a']))
torch.tensor(np.array([None]))
f(3)[np.array(['a'])]
f(3) * 'a'
torch.exp('a')
torch.add('a', f(3))
torch.from_dlpack(np.arange(3.))
torch.from_dlpack(f(3), copy=True)
x=f(3); y=torch.from_dlpack(x); y[0]=5; x
f(3).is_inference(), torch.is_inference(f(3))
g(3).detach(), torch.detach(g(3))
torch.rand_like(f(2), generator=torch.Generator()).shape, torch.randn_like(f(2), generator=torch.Generator()).shape
torch.randint_like(f(2), 3, generator=torch.Generator(), requires_grad=True).requires_grad
torch.randperm(3, dtype=torch.float32, requires_grad=True).requires_grad
""".strip().split("\n")
