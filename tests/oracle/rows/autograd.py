"""Gradients at kinks and edges, writes in place, hooks, modes, errors."""

from __future__ import annotations

ROWS = r"""
x=torch.tensor([1.,2.,2.],requires_grad=True); grads(x.max(), x)
x=torch.tensor([1.,1.,0.],requires_grad=True); grads(x.min(dim=0).values, x)
x=torch.tensor([[1.,1.],[0.,2.]],requires_grad=True); grads(x.max(1).values, x)
x=torch.tensor([1.,2.,2.],requires_grad=True); grads(x.amax(), x)
x=torch.tensor([1.,2.,2.],requires_grad=True); grads(x.amax(0), x)
x=torch.tensor([1.,nan,2.],requires_grad=True); grads(x.max(), x)
x=torch.tensor([1.,nan,2.],requires_grad=True); grads(x.amax(), x)
x=torch.tensor([1.,nan,nan],requires_grad=True); grads(x.max(0).values, x)
x=torch.tensor([1.,2.],requires_grad=True); y=torch.tensor([1.,1.],requires_grad=True); grads(torch.maximum(x,y), x, y)
x=torch.tensor([1.,2.],requires_grad=True); y=torch.tensor([1.,nan],requires_grad=True); grads(torch.minimum(x,y), x, y)
x=torch.tensor([-1.,0.,1.,nan],requires_grad=True); grads(x.abs(), x)
x=torch.tensor([-1.,0.,1.],requires_grad=True); grads(x.relu(), x)
x=torch.tensor([-1.,0.,nan],requires_grad=True); grads(x.relu(), x)
x=torch.tensor([-1.,0.,1.,2.],requires_grad=True); grads(x.clamp(0,1), x)
x=torch.tensor([-1.,0.,1.,2.],requires_grad=True); grads(x.clamp(min=0), x)
x=torch.tensor([-1.,0.,1.,nan],requires_grad=True); grads(x.clamp(0,1), x)
x=torch.tensor([-1.,0.,1.,2.],requires_grad=True); a=torch.tensor([0.,0.,0.,0.],requires_grad=True); b_=torch.tensor(1.,requires_grad=True); grads(x.clamp(a,b_), x, a, b_)
x=torch.tensor([3.,3.,3.],requires_grad=True); a=torch.tensor(4.,requires_grad=True); b_=torch.tensor(2.,requires_grad=True); grads(x.clamp(a,b_), x, a, b_)
x=torch.tensor([0.,0.,-2.,4.],requires_grad=True); grads(x.pow(2), x)
x=torch.tensor([0.,0.,-2.,4.],requires_grad=True); grads(x.pow(0), x)
x=torch.tensor([0.,0.,-2.,4.],requires_grad=True); grads(x.pow(1), x)
x=torch.tensor([0.,0.,-2.,4.],requires_grad=True); grads(x.pow(0.5), x)
x=torch.tensor([0.,0.,-2.,4.],requires_grad=True); grads(x.pow(-1), x)
x=torch.tensor([0.,0.,-2.,4.],requires_grad=True); e_=torch.tensor([0.,2.,2.,0.5],requires_grad=True); grads(x.pow(e_), x, e_)
x=torch.tensor([0.,0.,-2.,4.],requires_grad=True); e_=torch.tensor([-1.,1.,0.,0.],requires_grad=True); grads(x.pow(e_), x, e_)
e_=torch.tensor([0.,2.,-1.],requires_grad=True); grads(2.**e_, e_)
e_=torch.tensor([0.,2.,-1.],requires_grad=True); grads(0.**e_, e_)
e_=torch.tensor([0.,2.,3.],requires_grad=True); grads((-2.)**e_, e_)
x=torch.tensor([0.,4.],requires_grad=True); grads(x.sqrt(), x)
x=torch.tensor([0.,4.],requires_grad=True); grads(x.rsqrt(), x)
x=torch.tensor([0.,1.,-1.],requires_grad=True); grads(x.log(), x)
x=torch.tensor([0.,1.,-1.],requires_grad=True); grads(x.reciprocal(), x)
x=torch.tensor([0.,1.],requires_grad=True); y=torch.tensor([0.,0.],requires_grad=True); grads(x/y, x, y)
x=torch.tensor([0.,0.],requires_grad=True); grads(x.norm(), x)
x=torch.tensor([0.,3.],requires_grad=True); grads(x.norm(1), x)
x=torch.tensor([0.,0.],requires_grad=True); grads(x.norm(1), x)
x=torch.tensor([0.,0.],requires_grad=True); grads(x.norm(3), x)
x=torch.tensor([0.,2.,2.],requires_grad=True); grads(x.norm(inf), x)
x=torch.tensor([0.,2.,-2.],requires_grad=True); grads(x.norm(-inf), x)
x=torch.tensor([0.,2.,-2.],requires_grad=True); grads(x.norm(0), x)
x=torch.tensor([0.,2.,-2.],requires_grad=True); grads(x.norm(0.5), x)
x=torch.tensor([0.,0.],requires_grad=True); grads(x.norm(inf), x)
x=torch.tensor([[0.,0.],[3.,4.]],requires_grad=True); grads(x.norm(dim=1), x)
x=torch.tensor([2.,0.,3.],requires_grad=True); grads(x.prod(), x)
x=torch.tensor([0.,0.,3.],requires_grad=True); grads(x.prod(), x)
x=torch.tensor([[2.,0.],[3.,4.]],requires_grad=True); grads(x.prod(1), x)
x=torch.tensor([2.,3.],requires_grad=True); grads(x.prod(), x)
x=torch.tensor([2.,2.],requires_grad=True); grads(x.std(), x)
x=torch.tensor([2.,3.],requires_grad=True); grads(x.std(), x)
x=torch.tensor([2.],requires_grad=True); grads(x.std(correction=0), x)
x=torch.tensor([2.],requires_grad=True); grads(x.var(), x)
x=torch.tensor([2.,3.,5.],requires_grad=True); grads(x.var(correction=0), x)
x=torch.tensor([[2.,3.,5.],[1.,1.,1.]],requires_grad=True); grads(torch.std_mean(x,1), x)
x=torch.tensor([-inf,-inf],requires_grad=True); grads(x.logsumexp(0), x)
x=torch.tensor([inf,1.],requires_grad=True); grads(x.logsumexp(0), x)
x=torch.tensor([1000.,1000.],requires_grad=True); grads(x.logsumexp(0), x)
x=torch.tensor([1.,2.],requires_grad=True); grads(torch.where(x>1, x, torch.tensor(nan)), x)
x=torch.tensor([0.,2.],requires_grad=True); grads(torch.where(x>0, x.log(), 0.), x)
x=torch.tensor([0.,2.],requires_grad=True); grads(torch.where(x>0, x, 1.).log(), x)
x=torch.tensor([0.,2.],requires_grad=True); grads(torch.where(x>0, x.sqrt(), x), x)
x=torch.tensor([0.,2.,-1.],requires_grad=True); grads(x.sign(), x)
x=torch.tensor([0.5,2.5],requires_grad=True); grads(x.round(), x)
x=torch.tensor([0.5,2.5],requires_grad=True); grads(x.floor(), x)
x=torch.tensor([7.,-7.],requires_grad=True); y=torch.tensor([2.,2.],requires_grad=True); grads(x % y, x, y)
x=torch.tensor([7.,-7.],requires_grad=True); y=torch.tensor([2.,2.],requires_grad=True); grads(x // y, x, y)
x=torch.tensor([7.,-7.],requires_grad=True); grads(x % 2, x)
x=torch.tensor([7.,-7.],requires_grad=True); grads(torch.div(x, 2, rounding_mode='trunc'), x)
x=torch.tensor([0.,1000.,-1000.],requires_grad=True); grads(x.sigmoid(), x)
x=torch.tensor([0.,1000.,-1000.],requires_grad=True); grads(x.tanh(), x)
x=torch.tensor([0.,100.,-100.],requires_grad=True); grads(x.exp(), x)
x=torch.tensor([0.,100.,-100.],requires_grad=True); grads(F.softplus(x), x)
x=torch.tensor([0.,0.],requires_grad=True); grads(x.softmax(0), x)
x=torch.tensor([-inf,0.],requires_grad=True); grads(x.softmax(0), x)
x=torch.tensor([-inf,-inf],requires_grad=True); grads(x.softmax(0), x)
x=torch.tensor([-inf,0.],requires_grad=True); grads(x.log_softmax(0), x)
x=torch.tensor([0.,1.],requires_grad=True); grads(torch.atan2(x, torch.tensor([0.,0.])), x)
x=torch.tensor([0.,0.],requires_grad=True); grads((x*x).sum().sqrt(), x)
x=torch.tensor([1.,2.,3.],requires_grad=True); grads(x.cumsum(0), x)
x=gc(3); grads(x.abs(), x)
x=torch.zeros(2,dtype=torch.complex128).requires_grad_(); grads(x.abs(), x)
x=gc(3); grads(x*x, x)
x=gc(3); y=gc(3); grads(x/y, x, y)
x=gc(3); grads(x.real, x)
x=gc(3); grads(x.imag, x)
x=gc(3); grads(x.conj(), x)
x=gc(3); grads(x.exp(), x)
x=gc(3); grads(x.log(), x)
x=gc(3); grads(x.sqrt(), x)
x=gc(3); grads(x**2, x)
x=gc(3); grads(x**3, x)
x=gc(3); y=gc(3); grads(x**y, x, y)
x=gc(3); grads(x.sum(), x)
x=gc(3); grads(x.mean(), x)
x=gc(3); grads(x.prod(), x)
x=gc(3); grads(x.norm(), x)
x=gc(3); y=g(3); grads(x*y, x, y)
x=gc(3); y=g(3); grads(x+y, x, y)
x=g(3); y=g(3); grads(torch.complex(x, y), x, y)
x=gc(3); grads(x.sin(), x)
x=gc(3); grads(x.tanh(), x)
x=gc(3); grads(x.var(), x)
x=gc(3); x.sum().backward()
x=gc(3); (x.abs()**2).sum().backward(); x.grad
x=gc(3); y=x*2j; y.real.sum().backward(); x.grad
x=g(3); y=x*x; y.sum().backward(); y.sum().backward()
x=g(3); y=(x*x).sum(); y.backward(); y.backward()
x=g(3); y=(x*x).sum(); y.backward(retain_graph=True); y.backward(); x.grad
x=g(3); (x*2).sum().backward(); (x*3).sum().backward(); x.grad
x=g(3); (x*2).backward()
x=g(3); (x*2).backward(torch.ones(3)); x.grad
x=g(3); (x*2).backward(torch.ones(3, dtype=torch.float64)); x.grad
x=g(3); (x*2).backward(torch.ones(2))
x=g(3); (x*2).backward(gradient=torch.ones(3, dtype=torch.float64)); x.grad
x=g(3); (x*2).backward(1.)
x=f(3); x.sum().backward()
x=f(3); (x*2).sum().backward()
x=i(3); x.sum().backward()
x=g(3); x.detach().sum().backward()
x=g(3); x.backward(torch.ones(3,dtype=torch.float64)); x.grad
x=g(); x.backward(); x.grad
x=g(1); (x*2).backward(); x.grad
x=g(3); y=x*2; y.add_(1); y.sum().backward(); x.grad
x=g(3); y=x*x; x.data.add_(1); y.sum().backward(); x.grad
x=g(3); y=x.exp(); y.add_(1); y.sum().backward()
x=g(3); y=x*1; z=y*y; y.add_(1); z.sum().backward()
x=g(3); y=x*1; z=y+y; y.add_(1); z.sum().backward(); x.grad
x=g(3); y=x.sigmoid(); y.mul_(2); y.sum().backward()
x=g(3); x.add_(1)
x=g(3); x += 1
x=g(3); x.zero_()
x=g(3); x.view(3).add_(1)
x=g(3); x[0].add_(1)
x=g(3); x.detach().add_(1); x
x=g(3); x.copy_(f(3))
x=g(3); x.requires_grad_(False); x.add_(1); x
x=g(3); x.t_()
x=g(3); x.squeeze_()
x=g(3); x.detach_(); x.requires_grad
x=g(3); y=x*2; y.detach_(); y.requires_grad, y.grad_fn
x=g(3); y=(x*2)[0:2]; y.detach_()
x=g(3); a,b_,c_=(x*1).unbind(); a.add_(1)
x=g(4); a,b_=(x*1).split(2); a.add_(1)
x=g(4); a,b_=(x*1).chunk(2); a.mul_(2)
x=g(3); torch.autograd.grad(x.sum(), x)
x=g(3); y=g(3); torch.autograd.grad(x.sum(), y)
x=g(3); y=g(3); torch.autograd.grad(x.sum(), [x,y], allow_unused=True)
x=g(3); y=g(3); torch.autograd.grad(x.sum(), [x,y], materialize_grads=True)
x=g(3); torch.autograd.grad(x*2, x)
x=g(3); torch.autograd.grad(x.sum(), f(3))
x=g(3); torch.autograd.grad((x**3).sum(), x, create_graph=True)[0].sum().backward(); x.grad
x=g(3); torch.autograd.grad([x.sum(), (x*x).sum()], x)
x=g(3); torch.autograd.grad(x*2, x, torch.ones(2))
x=g(3); y=x*2; torch.autograd.grad(y.sum(), y)
x=g(3); y=x*2; z=y*3; torch.autograd.grad(z.sum(), [x,y])
x=g(3); torch.autograd.backward([x.sum(), (x*2).sum()]); x.grad
x=g(3); y=g(3); (x*y).sum().backward(inputs=[x]); x.grad, y.grad
x=g(3); y=g(3); (x*y).sum().backward(inputs=x); x.grad, y.grad
x=g(3); (x*2).sum().backward(inputs=[])
x=g(3); r=[]; x.register_hook(lambda q: r.append(q)); (x*2).sum().backward(); r
x=g(3); x.register_hook(lambda q: q*2); (x*2).sum().backward(); x.grad
x=g(3); h_=x.register_hook(lambda q: q*2); h_.remove(); (x*2).sum().backward(); x.grad
x=g(3); y=x*2; y.register_hook(lambda q: q*10); y.sum().backward(); x.grad
x=f(3); x.register_hook(lambda q: q)
x=g(3); x.register_hook(lambda q: 5); (x*2).sum().backward()
x=g(3); x.register_hook(lambda q: q.float()); (x*2).sum().backward()
x=g(3); r=[]; x.register_post_accumulate_grad_hook(lambda p: r.append(p.grad.clone())); (x*2).sum().backward(); r
x=g(3); (x*2).register_post_accumulate_grad_hook(lambda p: None)
x=g(3); (x*2).grad
x=g(3); y=x*2; y.retain_grad(); z=y*3; z.sum().backward(); y.grad
with torch.no_grad():
    y=g(3)*2
y.requires_grad
x=g(3)
with torch.no_grad():
    x.add_(1)
x
x=g(3)
with torch.no_grad():
    x -= 0.1
x
x=g(3)
with torch.inference_mode():
    y=x*2
y.requires_grad, y.is_inference()
x=g(3)
with torch.inference_mode():
    y=x*2
y.add_(1)
x=g(3)
with torch.inference_mode():
    y=f(3)*2
(y*x).sum()
with torch.set_grad_enabled(False):
    y=g(3)*2
y.requires_grad
torch.is_grad_enabled()
with torch.no_grad():
    r=torch.is_grad_enabled()
r
with torch.enable_grad():
    r=torch.is_grad_enabled()
r
torch.is_inference_mode_enabled()
@torch.no_grad()
def fn(x):
    return x*2
fn(g(3)).requires_grad
x=g(3); y=x.float(); grads(y, x)
x=g(3); y=x.to(torch.float32).to(torch.float64); grads(y, x)
x=g(3); y=x.half(); grads(y, x)
x=g(3); y=x.to(torch.complex128); grads(y, x)
x=g(3); y=x.long(); y.requires_grad
x=g(3); y=x.bool(); y.requires_grad
x=g(3); (x>0).requires_grad, x.argmax().requires_grad
x=g(3); x.sort().indices.requires_grad, x.sort().values.requires_grad
x=g(3); x.max(0).indices.requires_grad
x=g(3); torch.zeros_like(x).requires_grad, torch.ones_like(x).requires_grad
x=g(3); x.new_zeros(2).requires_grad, x.detach().requires_grad, x.data.requires_grad
x=g(3); x.clone().requires_grad, x.contiguous().requires_grad
x=g(2,3); grads(x.t() @ x, x)
x=g(2,3); grads(x[0] + x[:, 0].sum(), x)
x=g(2,3); grads(x.expand(4,2,3), x)
x=g(3); grads(x.repeat(2,2), x)
x=g(2,3); grads(torch.cat([x, x], 1), x)
x=g(2,3); grads(torch.stack([x, x*2]), x)
x=g(2,3); grads(x.split(2, 1), x)
x=g(2,3); grads(x.unbind(1), x)
x=g(2,3); grads(x.unbind(1)[0], x)
x=g(2,3); grads(x.chunk(2, 1)[1], x)
x=g(2,3); grads(x.flip(0,1), x)
x=g(3,3); grads(x.tril(), x)
x=g(3,3); grads(x.triu(1), x)
x=g(3,3); grads(x.diagonal(), x)
x=g(2,3); grads(x.permute(1,0), x)
x=g(2,3); grads(x.movedim(0,1), x)
x=g(2,3); grads(x.reshape(3,2), x)
x=g(2,3); grads(x.unsqueeze(1).squeeze(), x)
x=g(2,3); grads(x.sum((0,1), keepdim=True), x)
x=g(2,3); grads(x.mean(1), x)
x=g(2,3); y=g(3); grads(x*y, x, y)
x=g(2,1); y=g(3); grads(x-y, x, y)
x=g(); y=g(3); grads(x*y, x, y)
x=g(2,3); y=x*1; y.mul_(y); grads(y, x)
x=g(2,3); y=x*1; y[0].mul_(2); grads(y, x)
x=g(2,3); y=x*1; v=y[0]; v.mul_(2); grads(v, x)
x=g(2,3); y=x*1; v=y.t(); v[0]=1.; grads(y, x)
x=g(2,3); y=x*1; v=y.view(-1); y.mul_(3); grads(v, x)
x=g(2,3); y=torch.zeros(2,3,dtype=torch.float64); y[0]=x[0]; y[1]=x[1]*2; grads(y, x)
x=g(2,3); y=torch.zeros(2,3,dtype=torch.float64); y.copy_(x); grads(y, x)
x=g(3); y=torch.zeros(2,3,dtype=torch.float32); y.copy_(x); y.requires_grad, y.dtype
x=g(3); y=torch.zeros(3,dtype=torch.int64); y.copy_(x); y.requires_grad
x=g(3); y=f(3); y += x; y.requires_grad
x=g(3); y=f(3).double(); y += x; grads(y, x)
x=g(3); y=x.clone(); y.fill_(1); grads(y, x)
x=g(3); y=x.clone(); y.zero_(); y.requires_grad
x=g(3); y=x*2; y.clamp_(0,1); grads(y, x)
x=g(3); y=x*2; y.relu_(); grads(y, x)
x=g(3); y=x*2; y.exp_(); grads(y, x)
x=g(3); y=x*2; y.pow_(2); grads(y, x)
x=g(3); y=x*2; y.div_(x); grads(y, x)
x=g(3); y=x*2; y.unsqueeze_(0); grads(y, x)
x=g(2,3); y=x*2; y.t_(); grads(y, x)
x=g(3); y=x*2; y.random_(0,1)
x=g(3); y=x*2; y.normal_(0,0); grads(y, x)
from torch.autograd import Variable; Variable(f(3), requires_grad=True)
from torch.autograd.functional import jacobian; jacobian(lambda x: x**2, f(3))
from torch.autograd.functional import hessian; hessian(lambda x: (x**3).sum(), d(3))
from torch.autograd.functional import vjp; vjp(lambda x: x**2, d(3), d(3))
from torch.autograd.functional import jvp; jvp(lambda x: x**2, d(3), d(3))
from torch.autograd.functional import hvp; hvp(lambda x: (x**3).sum(), d(3), d(3))
from torch.autograd.functional import vhp; vhp(lambda x: (x**3).sum(), d(3), d(3))
from torch.autograd.functional import jacobian; jacobian(lambda x, y: x*y.sum(), (d(3), d(2)))
from torch.autograd.functional import hessian; hessian(lambda x, y: (x*y).sum(), (d(3), d(3)))
from torch.func import grad; grad(lambda x: (x**2).sum())(d(3))
from torch.func import grad; grad(grad(lambda x: x**3))(d())
from torch.func import grad; grad(lambda x: x**2)(d(3))
from torch.func import grad_and_value; grad_and_value(lambda x: (x**2).sum())(d(3))
from torch.func import vjp; y,fn=vjp(lambda x: x**2, d(3)); y, fn(d(3))
from torch.func import jacrev; jacrev(lambda x: x**2)(d(3))
from torch.func import hessian; hessian(lambda x: (x**3).sum())(d(3))
torch.autograd.gradcheck(lambda x: x**2, (g(3),))
torch.autograd.gradgradcheck(lambda x: x**3, (g(3),))
with torch.inference_mode(): x=torch.ones(3)*2\nx.add_(1)\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.ones(3)*2\nx[0] = 1\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.ones(3)*2\nx[0].fill_(1)\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.ones(3)*2\nx.view(3)[1:].mul_(2)\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.ones(3)*2\nx[[0,1]] = 1\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.ones(3)*2\nx.detach().fill_(1)\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.ones(3)*2\nx.data.fill_(1)\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.ones(3)*2\nx.squeeze_()\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.ones(3)*2\nx.zero_()\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.ones(3)*2\nx.copy_(torch.ones(3))\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.ones(3)*2\nx.requires_grad_()\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.ones(3)*2\nx[0].requires_grad_()\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.ones(3)*2\nx.clone().add_(1)\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.ones(3)*2\n(x + 1).add_(1)\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.ones(3)*2\nw=torch.ones(3,requires_grad=True)\n(w*x).sum().backward()\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.ones(3)*2\nw=torch.ones(3,requires_grad=True)\n(w+x).sum().backward()\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.ones(3)*2\nw=torch.ones(3,requires_grad=True)\n(w*x[:]).sum().backward()\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.ones(3)\nx.add_(1)\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.ones(3)\nx[0] = 1\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.ones(3)\nx[0].fill_(1)\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.ones(3)\nx.view(3)[1:].mul_(2)\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.ones(3)\nx[[0,1]] = 1\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.ones(3)\nx.detach().fill_(1)\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.ones(3)\nx.data.fill_(1)\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.ones(3)\nx.squeeze_()\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.ones(3)\nx.zero_()\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.ones(3)\nx.copy_(torch.ones(3))\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.ones(3)\nx.requires_grad_()\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.ones(3)\nx[0].requires_grad_()\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.ones(3)\nx.clone().add_(1)\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.ones(3)\n(x + 1).add_(1)\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.ones(3)\nw=torch.ones(3,requires_grad=True)\n(w*x).sum().backward()\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.ones(3)\nw=torch.ones(3,requires_grad=True)\n(w+x).sum().backward()\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.ones(3)\nw=torch.ones(3,requires_grad=True)\n(w*x[:]).sum().backward()\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.tensor([1.,2.,3.])\nx.add_(1)\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.tensor([1.,2.,3.])\nx[0] = 1\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.tensor([1.,2.,3.])\nx[0].fill_(1)\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.tensor([1.,2.,3.])\nx.view(3)[1:].mul_(2)\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.tensor([1.,2.,3.])\nx[[0,1]] = 1\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.tensor([1.,2.,3.])\nx.detach().fill_(1)\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.tensor([1.,2.,3.])\nx.data.fill_(1)\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.tensor([1.,2.,3.])\nx.squeeze_()\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.tensor([1.,2.,3.])\nx.zero_()\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.tensor([1.,2.,3.])\nx.copy_(torch.ones(3))\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.tensor([1.,2.,3.])\nx.requires_grad_()\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.tensor([1.,2.,3.])\nx[0].requires_grad_()\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.tensor([1.,2.,3.])\nx.clone().add_(1)\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.tensor([1.,2.,3.])\n(x + 1).add_(1)\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.tensor([1.,2.,3.])\nw=torch.ones(3,requires_grad=True)\n(w*x).sum().backward()\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.tensor([1.,2.,3.])\nw=torch.ones(3,requires_grad=True)\n(w+x).sum().backward()\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.tensor([1.,2.,3.])\nw=torch.ones(3,requires_grad=True)\n(w*x[:]).sum().backward()\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.rand(3)*0+1\nx.add_(1)\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.rand(3)*0+1\nx[0] = 1\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.rand(3)*0+1\nx[0].fill_(1)\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.rand(3)*0+1\nx.view(3)[1:].mul_(2)\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.rand(3)*0+1\nx[[0,1]] = 1\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.rand(3)*0+1\nx.detach().fill_(1)\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.rand(3)*0+1\nx.data.fill_(1)\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.rand(3)*0+1\nx.squeeze_()\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.rand(3)*0+1\nx.zero_()\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.rand(3)*0+1\nx.copy_(torch.ones(3))\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.rand(3)*0+1\nx.requires_grad_()\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.rand(3)*0+1\nx[0].requires_grad_()\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.rand(3)*0+1\nx.clone().add_(1)\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.rand(3)*0+1\n(x + 1).add_(1)\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.rand(3)*0+1\nw=torch.ones(3,requires_grad=True)\n(w*x).sum().backward()\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.rand(3)*0+1\nw=torch.ones(3,requires_grad=True)\n(w+x).sum().backward()\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.rand(3)*0+1\nw=torch.ones(3,requires_grad=True)\n(w*x[:]).sum().backward()\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.zeros(3).fill_(1.)\nx.add_(1)\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.zeros(3).fill_(1.)\nx[0] = 1\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.zeros(3).fill_(1.)\nx[0].fill_(1)\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.zeros(3).fill_(1.)\nx.view(3)[1:].mul_(2)\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.zeros(3).fill_(1.)\nx[[0,1]] = 1\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.zeros(3).fill_(1.)\nx.detach().fill_(1)\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.zeros(3).fill_(1.)\nx.data.fill_(1)\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.zeros(3).fill_(1.)\nx.squeeze_()\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.zeros(3).fill_(1.)\nx.zero_()\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.zeros(3).fill_(1.)\nx.copy_(torch.ones(3))\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.zeros(3).fill_(1.)\nx.requires_grad_()\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.zeros(3).fill_(1.)\nx[0].requires_grad_()\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.zeros(3).fill_(1.)\nx.clone().add_(1)\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.zeros(3).fill_(1.)\n(x + 1).add_(1)\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.zeros(3).fill_(1.)\nw=torch.ones(3,requires_grad=True)\n(w*x).sum().backward()\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.zeros(3).fill_(1.)\nw=torch.ones(3,requires_grad=True)\n(w+x).sum().backward()\nx.is_inference(), x.sum()
with torch.inference_mode(): x=torch.zeros(3).fill_(1.)\nw=torch.ones(3,requires_grad=True)\n(w*x[:]).sum().backward()\nx.is_inference(), x.sum()
x=torch.ones(3)\nwith torch.inference_mode(): v=x[:2]\nv.add_(1)\nx
x=torch.ones(3)\nwith torch.inference_mode(): v,y,z,u=x[:2],x.detach(),x.float(),x*1\n[t.is_inference() for t in (v,y,z,u)]
x=torch.ones(3,requires_grad=True)\nwith torch.inference_mode(): x.add_(1)\nx._version, x
with torch.inference_mode(): y=(x:=torch.randn(3,requires_grad=True))*2\ny.requires_grad, x.requires_grad
with torch.inference_mode(): x=torch.ones(3).requires_grad_()\nx.requires_grad
""".strip().split("\n")
