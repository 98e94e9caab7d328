"""New tensors, filled and drawn; seeds and states."""

from __future__ import annotations

ROWS = r"""
torch.tensor(1)
torch.tensor(1.)
torch.tensor(True)
torch.tensor(1j)
torch.tensor([1,2])
torch.tensor([1.,2])
torch.tensor([True,False])
torch.tensor([True,2])
torch.tensor([True,2.])
torch.tensor([1,2.5])
torch.tensor([1,2j])
torch.tensor([])
torch.tensor([[]])
torch.tensor([[],[]])
torch.tensor([[1,2],[3,4]])
torch.tensor([[1,2],[3]])
torch.tensor([[1,2],3])
torch.tensor([1,[2]])
torch.tensor(((1,2),(3,4)))
torch.tensor((1,2))
torch.tensor(range(3))
torch.tensor('a')
torch.tensor(['a'])
torch.tensor(None)
torch.tensor([None])
torch.tensor([1,None])
torch.tensor({1,2})
torch.tensor({})
torch.tensor(x for x in range(3))
torch.tensor(object())
torch.tensor()
torch.tensor(1,2)
torch.tensor(np.array([1,2]))
torch.tensor(np.array([1.,2]))
torch.tensor(np.array([1,2],dtype=np.float32))
torch.tensor(np.array([1,2],dtype=np.int8))
torch.tensor(np.array([True]))
torch.tensor(np.array([1,2],dtype=np.float16))
torch.tensor(np.array([1,2],dtype=np.complex128))
torch.tensor(np.array(['a']))
torch.tensor(np.array([1,2],dtype=object))
torch.tensor(np.array([1,2],dtype=np.longdouble))
torch.tensor(np.array([1,2],dtype='>i4'))
torch.tensor(np.arange(6).reshape(2,3)[:, ::-1].copy())
torch.tensor(np.arange(6).reshape(2,3).T)
torch.tensor(np.float64(1.5))
torch.tensor(np.float32(1.5))
torch.tensor(np.int32(1))
torch.tensor(np.bool_(True))
torch.tensor([np.float64(1.5), 2])
torch.tensor([np.float32(1.5)])
torch.tensor([np.int32(1)])
torch.tensor([np.int64(1), 2.])
torch.tensor([1, np.float64(2)])
torch.tensor([np.array([1,2]), np.array([3,4])])
torch.tensor([np.array([1.,2])])
torch.tensor([np.array([1.,2],dtype=np.float32)])
torch.tensor([[np.float32(1)],[np.float32(2)]])
torch.tensor([torch.tensor(1), torch.tensor(2)])
torch.tensor([torch.tensor(1.), torch.tensor(2.)])
torch.tensor([torch.tensor(1.), 2])
torch.tensor([torch.tensor([1.]), torch.tensor([2.])])
torch.tensor([torch.tensor([1.,2.]), torch.tensor([2.,3.])])
torch.tensor(torch.tensor([1.]))
torch.tensor(torch.tensor(1, dtype=torch.int8))
torch.tensor([1,2], dtype=torch.float64)
torch.tensor([1.9,-1.9], dtype=torch.int64)
torch.tensor([0.5,0], dtype=torch.bool)
torch.tensor(1.5, dtype=torch.int32)
torch.tensor([1,2], dtype=torch.float16)
torch.tensor([1,2], dtype=torch.complex64)
torch.tensor([1j], dtype=torch.float32)
torch.tensor(nan, dtype=torch.int64)
torch.tensor([inf], dtype=torch.int64)
torch.tensor([1e40])
torch.tensor([1e40], dtype=torch.float32)
torch.tensor([1e10], dtype=torch.float16)
torch.tensor([2**40])
torch.tensor([2**40], dtype=torch.int32)
torch.tensor(2**63)
torch.tensor([2**64])
torch.tensor(2**63-1)
torch.tensor(-2**63)
torch.tensor([2**63], dtype=torch.float32)
torch.tensor(128, dtype=torch.int8)
torch.tensor(np.array([300]), dtype=torch.uint8)
torch.tensor(np.array([1.5]), dtype=torch.int64)
torch.tensor([1,2], dtype=float)
torch.tensor([1,2], dtype=int)
torch.tensor([1,2], dtype=bool)
torch.tensor([1,2], dtype='float32')
torch.tensor([1,2], dtype=np.float32)
torch.tensor([1,2], device='cpu')
torch.tensor([1,2], device=torch.device('cpu'))
torch.tensor([1,2], device='foo')
torch.tensor([1.,2.], requires_grad=True)
torch.tensor([1,2], requires_grad=True)
torch.tensor(1j, requires_grad=True)
torch.tensor(data=[1])
torch.tensor([1.], pin_memory=False)
torch.tensor(f(3))
torch.tensor(g(3).detach())
x=f(3); y=torch.tensor(x); y[0]=9; x
x=np.zeros(3); y=torch.tensor(x); y[0]=9; x
x=np.zeros(3); y=torch.from_numpy(x); y[0]=9; x
x=np.zeros(3); y=torch.from_numpy(x); x[0]=9; y
x=np.zeros(3); y=torch.as_tensor(x); x[0]=9; y
x=np.zeros(3); y=torch.as_tensor(x, dtype=torch.float32); x[0]=9; y
x=np.zeros(3); y=torch.asarray(x); x[0]=9; y
x=np.zeros(3); y=torch.asarray(x, copy=True); x[0]=9; y
x=f(3); torch.as_tensor(x) is x
x=f(3); torch.as_tensor(x, dtype=torch.float32) is x
x=f(3); torch.as_tensor(x, dtype=torch.float64)
torch.as_tensor([1,2])
torch.as_tensor(1.5)
torch.as_tensor(np.float32(2))
torch.as_tensor([1.,2.], dtype=torch.int64)
torch.from_numpy([1,2])
torch.from_numpy(np.array('a'))
torch.from_numpy(np.zeros(3, dtype=np.uint16))
torch.from_numpy(np.zeros(3, dtype='>f4'))
torch.from_numpy(np.arange(6.)[::-1])
torch.from_numpy(np.arange(6.).reshape(2,3).T)
torch.from_numpy(np.arange(6.)[::2])
torch.from_numpy(np.array(1.))
torch.from_numpy(np.float64(1.))
torch.from_numpy(np.zeros((0,3)))
torch.from_numpy(np.broadcast_to(np.zeros(1), (3,)).copy())
torch.zeros(2,3)
torch.zeros((2,3))
torch.zeros([2,3])
torch.zeros(torch.Size([2,3]))
torch.zeros(size=(2,3))
torch.zeros(3)
torch.zeros(())
torch.zeros()
torch.zeros(0)
torch.zeros(2,0)
torch.zeros(-1)
torch.zeros(2,-3)
torch.zeros(2.)
torch.zeros('a')
torch.zeros(2, 3, dtype=torch.int64)
torch.zeros(2, dtype=torch.bool)
torch.zeros(2, dtype=torch.complex64)
torch.zeros(2, dtype=float)
torch.zeros(2, requires_grad=True)
torch.zeros(2, dtype=torch.int64, requires_grad=True)
torch.zeros(torch.tensor(3))
torch.zeros(np.int64(3))
torch.zeros(2, device='cpu')
torch.zeros(True)
torch.ones(2,3)
torch.ones((2,), dtype=torch.int32)
torch.ones(size=(1,))
torch.ones(2, dtype=torch.bool)
torch.full((2,3), 7)
torch.full((2,3), 7.)
torch.full((2,3), True)
torch.full((2,3), 1j)
torch.full((2,3), 7, dtype=torch.float32)
torch.full((2,3), 7.5, dtype=torch.int64)
torch.full((2,), nan)
torch.full((2,), nan, dtype=torch.int64)
torch.full((2,), torch.tensor(3.))
torch.full((2,), torch.tensor(3))
torch.full((2,), f(3))
torch.full(2, 3.)
torch.full((), 3.)
torch.full([2], fill_value=3.)
torch.full(size=(2,), fill_value=3.)
torch.full((2,), 'a')
torch.full((-2,), 1.)
torch.full((2,), np.float32(3))
torch.empty(2,3).shape
torch.empty((2,3), dtype=torch.int64).dtype
torch.empty(0)
torch.empty(-1)
torch.eye(3)
torch.eye(2,3)
torch.eye(3, m=2)
torch.eye(n=2)
torch.eye(0)
torch.eye(-1)
torch.eye(2, -1)
torch.eye(2, dtype=torch.int64)
torch.eye(2, dtype=torch.bool)
torch.eye(2, requires_grad=True)
torch.eye(2.5)
torch.arange(5)
torch.arange(5.)
torch.arange(2,5)
torch.arange(2,5,2)
torch.arange(5,2,-1)
torch.arange(5,2)
torch.arange(0,1,0.1)
torch.arange(0,1,0.25)
torch.arange(1,0,-0.25)
torch.arange(0)
torch.arange(0,5,0)
torch.arange(0,-5)
torch.arange(5, dtype=torch.float32)
torch.arange(5., dtype=torch.int64)
torch.arange(0, 5.5, dtype=torch.int64)
torch.arange(0.5, 5)
torch.arange(start=1, end=4)
torch.arange(end=4)
torch.arange(1, 4, step=2)
torch.arange(start=0, end=1, step=0.5)
torch.arange(torch.tensor(3))
torch.arange(nan)
torch.arange(inf)
torch.arange(3, requires_grad=True)
torch.arange(3., requires_grad=True)
torch.arange(3, dtype=torch.uint8)
torch.arange(3, device='cpu')
torch.arange(1, 2, 0.3)
torch.arange(0, 3, 0.1).shape
torch.arange('a')
torch.arange()
torch.arange(True)
torch.arange(2**31, 2**31+2)
torch.linspace(0,1,5)
torch.linspace(0,1,1)
torch.linspace(0,1,0)
torch.linspace(0,1,-1)
torch.linspace(1,0,3)
torch.linspace(0,10,5, dtype=torch.int64)
torch.linspace(0,10,4, dtype=torch.int64)
torch.linspace(-3,10,5, dtype=torch.int64)
torch.linspace(start=0, end=1, steps=3)
torch.linspace(0,1)
torch.linspace(0,1,3, dtype=torch.float64)
torch.linspace(0,1,3, requires_grad=True)
torch.linspace(torch.tensor(0.), torch.tensor(1.), 3)
torch.linspace(-10, 10, 7)
torch.linspace(0, 1j, 3)
torch.linspace(3, 10, steps=5)
torch.logspace(0,2,3)
torch.logspace(0,3,4, base=2)
torch.logspace(start=0, end=1, steps=3)
torch.logspace(0,1,0)
torch.logspace(-10,10,5)
torch.zeros_like(f(2,3))
torch.zeros_like(i(2,3))
torch.zeros_like(f(2,3), dtype=torch.int64)
torch.zeros_like(g(2))
torch.zeros_like(f(2), requires_grad=True)
torch.zeros_like([1,2])
torch.zeros_like(input=f(2))
torch.ones_like(f(2,3))
torch.ones_like(b(2,3))
torch.full_like(f(2,3), 7)
torch.full_like(i(2,3), 7.5)
torch.full_like(i(2,3), 7, dtype=torch.float64)
torch.full_like(f(2,3), fill_value=7)
torch.full_like(f(2,3), nan)
torch.full_like(i(2,3), nan)
torch.full_like(f(2), torch.tensor(3.))
torch.empty_like(f(2,3)).shape
torch.empty_like(i(2,3)).dtype
torch.rand_like(f(2,3)).shape
torch.rand_like(i(2,3))
torch.randn_like(i(2,3))
torch.randn_like(d(2,3)).dtype
torch.randint_like(f(2,3), 5).dtype
torch.randint_like(i(2,3), 2, 5).shape
torch.rand(2,3).shape
torch.rand((2,3)).dtype
torch.rand(2, dtype=torch.float64).dtype
torch.rand(2, dtype=torch.int64)
torch.rand(2, requires_grad=True).requires_grad
torch.rand(0)
torch.rand(-1)
torch.rand(size=(2,)).shape
torch.randn(2,3).shape
torch.randn((2,3), dtype=torch.float64).dtype
torch.randn(2, dtype=torch.complex64).dtype
torch.randn(2, dtype=torch.int64)
torch.randn(2, generator=torch.Generator().manual_seed(1)).shape
torch.randint(5, (3,)).dtype
torch.randint(0, 5, (3,)).shape
torch.randint(0, 5, size=(3,)).shape
torch.randint(low=0, high=5, size=(3,)).shape
torch.randint(5, size=(3,)).shape
torch.randint(high=5, size=(3,)).shape
torch.randint(5, 5, (3,))
torch.randint(5, 2, (3,))
torch.randint(0, (3,))
torch.randint(5, 3)
torch.randint(5, (2,), dtype=torch.float32).dtype
torch.randint(0, 300, (2,), dtype=torch.uint8)
torch.randint(0, 256, (2,), dtype=torch.uint8).dtype
torch.randperm(5).dtype
torch.randperm(5).sort().values
torch.randperm(0)
torch.randperm(-1)
torch.randperm(5, dtype=torch.int32).dtype
torch.randperm(n=5).shape
torch.normal(0., 1., (2,)).shape
torch.normal(0., 1., size=(2,3)).shape
torch.normal(mean=0., std=1., size=(2,3)).dtype
torch.normal(f(3), 1.).shape
torch.normal(f(3), f(3).abs()).shape
torch.normal(0., f(3).abs()).shape
torch.normal(f(3)).shape
torch.normal(f(3), f(3))
torch.normal(0., -1., (2,))
torch.normal(0., 1.)
torch.normal(mean=f(2,1), std=torch.ones(3)).shape
torch.bernoulli(torch.tensor([0.,1.,1.]))
torch.bernoulli(torch.tensor([2.]))
torch.bernoulli(torch.tensor([-.1]))
torch.bernoulli(torch.tensor([1,0]))
torch.bernoulli(f(3).abs()/4).dtype
torch.bernoulli(torch.tensor([0.,1.]), p=1.)
torch.tensor([0.,1.]).bernoulli()
torch.multinomial(torch.tensor([0.,1.,0.]), 1)
torch.multinomial(torch.tensor([0.,1.,0.]), 2)
torch.multinomial(torch.tensor([0.,1.,0.]), 2, replacement=True)
torch.multinomial(torch.tensor([[0.,1.,0.],[1.,0.,0.]]), 1)
torch.multinomial(torch.tensor([0.,0.]), 1)
torch.multinomial(torch.tensor([-1.,1.]), 1)
torch.multinomial(torch.tensor([nan,1.]), 1)
torch.multinomial(torch.tensor([0.,1.,2.]), 0)
torch.multinomial(torch.tensor([1,2]), 1)
torch.multinomial(torch.tensor(1.), 1)
torch.multinomial(torch.tensor([[[1.]]]), 1)
torch.multinomial(torch.tensor([0.,1.,0.]), num_samples=1)
torch.tensor([0.,1.,0.]).multinomial(1)
torch.multinomial(torch.tensor([0.5,0.5]), 3)
x=torch.zeros(3); x.fill_(2); x
x=torch.zeros(3); x.fill_(torch.tensor(2.)); x
x=torch.zeros(3); x.fill_(value=2); x
x=torch.zeros(3); x.fill_(f(3))
x=torch.zeros(3); x.fill_('a')
x=i(3); x.fill_(2.7); x
x=i(3); x.fill_(nan)
x=b(3); x.fill_(2); x
x=f(3); x.fill_(1j)
x=f(3); x.zero_(); x
x=g(3); x.fill_(1)
x=torch.zeros(2,3); x.copy_(f(3)); x
x=torch.zeros(2,3); x.copy_(i(3)); x
x=torch.zeros(3); x.copy_(f(2,3))
x=torch.zeros(2,3); x.copy_(5.); x
x=torch.zeros(2,3); x.copy_([1,2,3])
x=i(3); x.copy_(f(3)); x
x=torch.zeros(2,3); x.copy_(src=f(3))
x=torch.zeros(3); x.normal_().shape
x=torch.zeros(3); x.normal_(0, -1)
x=torch.zeros(3); x.normal_(mean=2, std=0); x
x=i(3); x.normal_()
x=torch.zeros(3); x.uniform_(2, 1)
x=torch.zeros(3); x.uniform_(1, 1); x
x=torch.zeros(3); x.uniform_(to=2).shape
x=i(3); x.uniform_()
x=torch.zeros(3); x.bernoulli_(1.); x
x=torch.zeros(3); x.bernoulli_(2.)
x=torch.zeros(3); x.bernoulli_(torch.tensor([0.,1.,0.])); x
x=i(3); x.bernoulli_(1.); x
x=torch.zeros(3); x.exponential_().shape
x=torch.zeros(3); x.exponential_(-1)
x=i(3); x.exponential_()
x=i(3); x.random_(0,1); x
x=i(3); x.random_(1); x
x=i(3); x.random_(5,5)
x=f(3); x.random_(0,1); x
f(3).new_zeros(2,3)
f(3).new_zeros((2,3))
i(3).new_zeros(2)
i(3).new_zeros(2, dtype=torch.float32)
f(3).new_zeros(size=(2,))
f(3).new_ones(2)
f(3).new_ones((2,), requires_grad=True)
f(3).new_full((2,), 7)
f(3).new_full((2,), fill_value=7, dtype=torch.int64)
i(3).new_full((2,), 7.5)
f(3).new_empty(2).shape
f(3).new_empty((2,3)).dtype
f(3).new_tensor([1,2])
i(3).new_tensor([1.5,2])
f(3).new_tensor(np.array([1,2]))
f(3).new_tensor([1,2], dtype=torch.int64)
f(3).new_tensor(d(3))
f(3).new_tensor([1.], requires_grad=True)
f(3).new_tensor(1)
torch.Tensor(2,3).shape
torch.Tensor([1,2])
torch.Tensor([[1,2],[3,4]])
torch.Tensor((1,2))
torch.Tensor()
torch.Tensor(3).shape
torch.Tensor(f(3))
torch.Tensor(i(3))
torch.Tensor(2.5)
torch.Tensor(np.array([1.,2.]))
torch.Tensor(np.array([1.,2.],dtype=np.float32))
torch.Tensor(torch.Size([2,3])).shape
torch.Tensor('a')
torch.FloatTensor([1,2])
torch.FloatTensor(2,3).shape
torch.LongTensor([1,2])
torch.LongTensor([1.5])
torch.LongTensor(2).shape
torch.DoubleTensor([1,2])
torch.IntTensor([1,2])
torch.ByteTensor([1,2])
torch.BoolTensor([True,False])
torch.HalfTensor([1,2])
torch.FloatTensor(f(3))
isinstance(f(3), torch.FloatTensor)
isinstance(i(3), torch.LongTensor)
isinstance(i(3), torch.FloatTensor)
isinstance(f(3), torch.Tensor)
torch.complex(f(3), f(3))
torch.Generator().manual_seed(5).initial_seed()
torch.manual_seed(5).initial_seed()
torch.initial_seed()
torch.manual_seed(7); torch.initial_seed()
torch.manual_seed('a')
torch.manual_seed(-1).initial_seed()
torch.Generator(device='cpu').device
torch.Generator().get_state().dtype
torch.get_rng_state().dtype
torch.get_rng_state().device
s=torch.get_rng_state(); a=torch.rand(3); torch.set_rng_state(s); (a == torch.rand(3)).all()
g_=torch.Generator(); s=g_.get_state(); a=torch.rand(3, generator=g_); g_.set_state(s); (a == torch.rand(3, generator=g_)).all()
torch.set_rng_state(torch.zeros(3, dtype=torch.uint8))
torch.set_rng_state([1])
torch.manual_seed(1); a=torch.randn(3); torch.manual_seed(1); (a == torch.randn(3)).all()
torch.seed() > 0
torch.default_generator.initial_seed() >= 0
torch.set_default_dtype(torch.float64); r=(torch.tensor(1.), torch.zeros(1), torch.tensor([1,2])/2, torch.arange(2.), torch.get_default_dtype(), torch.tensor(1j), f(2)*1.5); torch.set_default_dtype(torch.float32); r
torch.set_default_dtype(torch.float16); r=(torch.tensor(1.), torch.zeros(1)); torch.set_default_dtype(torch.float32); r
torch.set_default_dtype(torch.int64)
torch.set_default_dtype('float32')
torch.get_default_dtype()
torch.set_default_device('cpu')
torch.get_default_device()
""".strip().split("\n")
