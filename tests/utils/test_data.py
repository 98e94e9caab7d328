"""Datasets, samplers, collating, the loader: what comes, in which order, and what is refused."""

from collections import Counter, OrderedDict, namedtuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minitorch as mt
from minitorch.utils.data import (
    BatchSampler,
    ConcatDataset,
    DataLoader,
    Dataset,
    IterableDataset,
    RandomSampler,
    Sampler,
    SequentialSampler,
    Subset,
    SubsetRandomSampler,
    TensorDataset,
    WeightedRandomSampler,
    default_collate,
    default_convert,
    random_split,
)


def seeded(seed=0):
    return mt.Generator().manual_seed(seed)


def plain(batches):
    """Turn tensors inside lists into lists."""
    if isinstance(batches, mt.Tensor):
        return batches.tolist()
    return [plain(batch) for batch in batches] if isinstance(batches, list) else batches


class Squares(Dataset):
    def __init__(self, n):
        self.n = n

    def __getitem__(self, index):
        return index * index

    def __len__(self):
        return self.n


class Stream(IterableDataset):
    def __init__(self, n, promised=None):
        self.n = n
        if promised is not None:
            self.__class__ = type("Measured", (Stream,), {"__len__": lambda self: promised})

    def __iter__(self):
        return iter(range(self.n))


# ---- datasets --------------------------------------------------------------------------------------------------------


def test_tensor_dataset_gives_rows():
    data = TensorDataset(mt.arange(6).reshape(3, 2), mt.tensor([5, 6, 7]))
    assert len(data) == 3
    assert plain(list(data[1])) == [[2, 3], 6]
    assert plain(list(data[-1])) == [[4, 5], 7]
    assert plain(list(data[[0, 2]])) == [[[0, 1], [4, 5]], [5, 7]]


def test_concat_dataset_is_one_after_the_other():
    data = Squares(3) + Squares(0) + Squares(2)
    assert isinstance(data, ConcatDataset)
    assert [data[i] for i in range(len(data))] == [0, 1, 4, 0, 1]
    assert data[-1] == 1
    assert data[-5] == 0
    for index in (5, -6):
        with pytest.raises(IndexError, match=f"index {index} is out of range for 5 items"):
            data[index]


def test_subset_gives_the_items_of_its_indices():
    data = Subset(Squares(10), [3, 1, 3])
    assert [data[i] for i in range(len(data))] == [9, 1, 9]


@given(st.integers(1, 200), st.lists(st.integers(1, 9), min_size=1, max_size=5), st.integers(0, 2**64 - 1))
def test_random_split_by_fractions_covers_everything_once(n, weights, seed):
    fractions = [weight / sum(weights) for weight in weights]
    parts = random_split(range(n), fractions, generator=seeded(seed))
    assert sorted(item for part in parts for item in part) == list(range(n))
    assert all(abs(len(part) - n * fraction) <= 1 for part, fraction in zip(parts, fractions, strict=True))


def test_random_split_depends_on_the_seed_alone():
    first, second, other = ([list(part) for part in random_split(range(50), [40, 10], seeded(s))] for s in (1, 1, 2))
    assert first == second != other
    assert first[0] != sorted(first[0])
    mt.manual_seed(7)
    third = [list(part) for part in random_split(range(50), [40, 10])]
    mt.manual_seed(7)
    assert third == [list(part) for part in random_split(range(50), [40, 10])]


@pytest.mark.parametrize(
    ("lengths", "match"),
    [
        ([1, 1], r"\[1, 1\] sum to 2, the dataset has 3"),
        ([4, -1], "sum to 3"),
        ([0.5, 0.2], "must sum to 1"),
        ([1.5, -0.5], "Fraction at index 0 is not between 0 and 1"),
        ([], "sum to 0"),
    ],
)
def test_random_split_refuses_lengths_that_do_not_fit(lengths, match):
    with pytest.raises(ValueError, match=match):
        random_split(range(3), lengths)


def test_tensor_dataset_refuses_what_has_no_common_rows():
    with pytest.raises(AssertionError, match=r"Size mismatch between tensors.*\[2, 3\]"):
        TensorDataset(mt.zeros(2), mt.zeros(3))
    with pytest.raises(TypeError, match="argument 1 is ndarray"):
        TensorDataset(mt.zeros(2), np.zeros(2))
    with pytest.raises(TypeError, match="tensor 0 has no dimensions"):
        TensorDataset(mt.tensor(1.0))
    with pytest.raises(TypeError, match="at least one"):
        TensorDataset()


def test_abstract_methods_and_lengths_that_are_missing_are_named():
    with pytest.raises(NotImplementedError, match="__getitem__"):
        Dataset()[0]
    with pytest.raises(NotImplementedError, match="__iter__"):
        iter(IterableDataset())
    with pytest.raises(NotImplementedError, match="__iter__"):
        iter(Sampler())
    with pytest.raises(TypeError, match="Dataset has no __len__"):
        DataLoader(Dataset())
    with pytest.raises(AssertionError, match="empty iterable"):
        ConcatDataset([])
    with pytest.raises(AssertionError, match="IterableDataset"):
        ConcatDataset([Stream(3)])


# ---- samplers --------------------------------------------------------------------------------------------------------


def test_sequential_sampler_counts():
    sampler = SequentialSampler("abc")
    assert (list(sampler), len(sampler)) == ([0, 1, 2], 3)


@given(st.integers(1, 60), st.integers(1, 150), st.integers(0, 99))
def test_random_sampler_gives_each_item_equally_often(n, wanted, seed):
    sampler = RandomSampler(range(n), num_samples=wanted, generator=seeded(seed))
    drawn = list(sampler)
    assert len(drawn) == len(sampler) == wanted
    counts = Counter({i: 0 for i in range(n)}) + Counter()
    counts.update(drawn)
    assert set(drawn) <= set(range(n))
    assert {counts[i] for i in range(n)} <= {wanted // n, wanted // n + 1}


def test_random_sampler_with_replacement_repeats_items():
    drawn = list(RandomSampler(range(5), replacement=True, num_samples=1000, generator=seeded()))
    assert all(150 < count < 250 for count in Counter(drawn).values())
    assert len(set(drawn)) == 5


def test_each_pass_draws_a_new_order_and_a_seed_repeats_all_of_them():
    def passes(seed):
        sampler = RandomSampler(range(20), generator=seeded(seed))
        return [list(sampler) for _ in range(3)]

    one = passes(0)
    assert one == passes(0)
    assert one[0] != one[1] != one[2]
    assert one != passes(1)


def test_an_order_does_not_depend_on_what_is_drawn_while_it_runs():
    mt.manual_seed(3)
    quiet = list(RandomSampler(range(9), replacement=True))
    mt.manual_seed(3)
    noisy = []
    for index in RandomSampler(range(9), replacement=True):
        noisy.append(index)
        mt.rand(4)
    assert quiet == noisy


def test_subset_random_sampler_shuffles_its_indices():
    sampler = SubsetRandomSampler([3, 5, 7, 9, 11, 13], generator=seeded())
    assert sorted(sampler) == [3, 5, 7, 9, 11, 13]
    assert list(sampler) != list(sampler)
    assert len(sampler) == 6


@pytest.mark.parametrize("scale", [1.0, 5e307, 1e-300])
def test_weighted_random_sampler_draws_in_proportion(scale):
    weights = mt.tensor([0.0, 1.0, 3.0], dtype=mt.float64).numpy() * scale
    drawn = Counter(WeightedRandomSampler(weights, 4000, generator=seeded()))
    assert drawn[0] == 0
    assert drawn[2] / drawn[1] == pytest.approx(3, rel=0.15)


def test_weighted_random_sampler_without_replacement_draws_each_once():
    sampler = WeightedRandomSampler(mt.tensor([1.0, 0.0, 2.0, 5.0]), 3, replacement=False, generator=seeded())
    assert sorted(sampler) == [0, 2, 3]
    assert len(sampler) == 3


@given(st.integers(0, 30), st.integers(1, 10), st.booleans())
def test_batch_sampler_cuts_without_loss(n, size, drop_last):
    sampler = BatchSampler(range(n), size, drop_last)
    batches = list(sampler)
    assert len(batches) == len(sampler)
    assert all(len(batch) == size for batch in batches[:-1])
    flat = [i for batch in batches for i in batch]
    assert flat == list(range(n - n % size if drop_last else n))


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: RandomSampler(range(3), num_samples=0), ValueError),
        (lambda: RandomSampler([]), ValueError),
        (lambda: RandomSampler(range(3), replacement=1), TypeError),
        (lambda: WeightedRandomSampler([0.0, 0.0], 1), ValueError),
        (lambda: WeightedRandomSampler([-1.0, 2.0], 1), ValueError),
        (lambda: WeightedRandomSampler([float("nan"), 2.0], 1), ValueError),
        (lambda: WeightedRandomSampler([[1.0]], 1), ValueError),
        (lambda: WeightedRandomSampler([1.0, 0.0], 2, replacement=False), ValueError),
        (lambda: WeightedRandomSampler([1.0], 1, replacement=None), ValueError),
        (lambda: WeightedRandomSampler([1.0], True), ValueError),
        (lambda: BatchSampler(range(3), 0, False), ValueError),
        (lambda: BatchSampler(range(3), 2.0, False), ValueError),
        (lambda: BatchSampler(range(3), 2, 1), ValueError),
    ],
)
def test_samplers_refuse_bad_arguments(make, error):
    with pytest.raises(error):
        make()


# ---- collating -------------------------------------------------------------------------------------------------------

Point = namedtuple("Point", "x y")


def test_numbers_become_tensors_of_pytorchs_types():
    kinds = [([1, 2], mt.int64), ([1.5, 2.5], mt.float64), ([True, False], mt.bool), ([np.float32(1)] * 2, mt.float32)]
    for batch, dtype in kinds:
        assert default_collate(batch).dtype == dtype
        assert default_collate(batch).tolist() == batch
    assert default_collate([np.zeros((2, 3), np.uint8)] * 4).shape == (4, 2, 3)


def test_containers_are_collated_place_by_place():
    assert plain(default_collate([(1, "a"), (2, "b")])) == [[1, 2], ("a", "b")]
    assert plain(default_collate([[1, [2]], [3, [4]]])) == [[1, 3], [[2, 4]]]
    point = default_collate([Point(1, 2), Point(3, 4)])
    assert type(point) is Point
    assert plain(list(point)) == [[1, 3], [2, 4]]
    both = default_collate([OrderedDict(a=1, b="x"), OrderedDict(a=2, b="y")])
    assert type(both) is OrderedDict
    assert plain(both["a"]) == [1, 2]
    assert both["b"] == ["x", "y"]


def test_collated_tensors_keep_their_place_in_the_graph():
    x = mt.tensor([1.0, 2.0], requires_grad=True)
    (default_collate([x, x * 2]) * mt.tensor([[1.0], [10.0]])).sum().backward()
    assert x.grad.tolist() == [21, 21]


@pytest.mark.parametrize(
    ("batch", "error", "match"),
    [
        ([mt.zeros(2), mt.zeros(3)], RuntimeError, r"equal size, but got \[2\] at entry 0 and \[3\] at entry 1"),
        ([np.zeros(2), np.zeros(3)], RuntimeError, r"\[2\] at entry 0 and \[3\] at entry 1"),
        ([mt.zeros(2), 1.0], TypeError, "entry 1 is"),
        ([[1, 2], [3]], RuntimeError, "entry 0 has 2 places and entry 1 has 1"),
        ([[1, 2], 3], RuntimeError, "entry 1 has no"),
        ([{"a": 1}, {"b": 1}], KeyError, "key 'a'"),
        ([None, None], TypeError, r"NoneType.*collate_fn"),
        ([np.array("a")], TypeError, "<U1.*collate_fn"),
        ([], IndexError, "the batch is empty"),
    ],
)
def test_what_has_no_batch_is_refused(batch, error, match):
    with pytest.raises(error, match=match):
        default_collate(batch)


def test_default_convert_turns_arrays_inside_into_tensors():
    converted = default_convert((np.zeros(2), 1, "a", {"x": np.float32(2)}, Point(np.ones(1), b"")))
    assert type(converted) is list
    assert plain([converted[0], converted[3]["x"], converted[4].x]) == [[0, 0], 2.0, [1]]
    assert converted[1:3] == [1, "a"]


# ---- the loader ------------------------------------------------------------------------------------------------------


def test_loader_gives_batches_in_order():
    loader = DataLoader(Squares(5), batch_size=2)
    assert plain(list(loader)) == [[0, 1], [4, 9], [16]]
    assert len(loader) == 3
    assert plain(list(DataLoader(Squares(5), 2, drop_last=True))) == [[0, 1], [4, 9]]
    assert len(DataLoader(Squares(5), 2, drop_last=True)) == 2
    assert plain(list(DataLoader([7, 8]))) == [[7], [8]]
    assert list(DataLoader([])) == []


def test_loader_can_be_gone_through_again_and_twice_at_once():
    loader = DataLoader(Squares(4), 2)
    assert plain(list(loader)) == plain(list(loader))
    assert [plain(list(pair)) for pair in zip(loader, loader, strict=True)] == [[[0, 1], [0, 1]], [[4, 9], [4, 9]]]


def test_shuffles_depend_on_the_seed_alone():
    def passes(seed, **options):
        loader = DataLoader(Squares(30), 4, shuffle=True, generator=seeded(seed), **options)
        return [plain(list(loader)) for _ in range(2)]

    assert passes(0) == passes(0) != passes(1)
    assert passes(0)[0] != passes(0)[1]
    assert sorted(x for batch in passes(0)[0] for x in batch) == [i * i for i in range(30)]
    mt.manual_seed(5)
    first = plain(list(DataLoader(Squares(30), 4, shuffle=True)))
    mt.manual_seed(5)
    assert first == plain(list(DataLoader(Squares(30), 4, shuffle=True)))
    mt.manual_seed(6)
    assert first != plain(list(DataLoader(Squares(30), 4, shuffle=True)))


def test_the_order_does_not_depend_on_the_batch_size():
    orders = [
        [x for batch in DataLoader(Squares(30), size, shuffle=True, generator=seeded()) for x in batch.tolist()]
        for size in (1, 7, 30)
    ]
    assert orders[0] == orders[1] == orders[2]


def test_samplers_and_collate_fn_are_used():
    assert plain(list(DataLoader(Squares(5), 2, sampler=[4, 0, 2]))) == [[16, 0], [4]]
    loader = DataLoader(Squares(5), batch_sampler=[[4], [1, 2]])
    assert plain(list(loader)) == [[16], [1, 4]]
    assert (len(loader), loader.batch_size) == (2, None)
    assert list(DataLoader(Squares(5), 2, collate_fn=sum)) == [1, 13, 16]


def test_without_a_batch_size_items_come_one_by_one():
    assert list(DataLoader(Squares(3), batch_size=None)) == [0, 1, 4]
    assert plain(list(DataLoader(np.arange(3.0), batch_size=None))) == [0, 1, 2]
    assert sorted(DataLoader(Squares(3), batch_size=None, shuffle=True)) == [0, 1, 4]
    assert len(DataLoader(Squares(3), batch_size=None)) == 3
    assert list(DataLoader(Squares(3), batch_size=None, collate_fn=str)) == ["0", "1", "4"]


def test_streams_are_cut_into_batches():
    assert plain(list(DataLoader(Stream(5), 2))) == [[0, 1], [2, 3], [4]]
    assert plain(list(DataLoader(Stream(5), 2, drop_last=True))) == [[0, 1], [2, 3]]
    assert list(DataLoader(Stream(2), batch_size=None)) == [0, 1]
    assert len(DataLoader(Stream(5, promised=5), 2)) == 3
    assert len(DataLoader(Stream(5, promised=5), 2, drop_last=True)) == 2
    with pytest.raises(TypeError, match="Stream has no __len__"):
        len(DataLoader(Stream(5)))


def test_a_stream_longer_than_it_says_is_reported():
    with pytest.warns(UserWarning, match="has the length 3, which makes 2 batches, but batch 3 came"):
        assert plain(list(DataLoader(Stream(5, promised=3), 2))) == [[0, 1], [2, 3], [4]]


class Slow(TensorDataset):
    """Has TensorDataset's items, and is collated one by one as every other dataset."""


@given(st.integers(1, 12), st.integers(1, 5), st.booleans(), st.booleans())
def test_the_fast_way_for_tensors_gives_what_collating_gives(n, size, shuffle, subset):
    tensors = mt.arange(n * 6).reshape(n, 2, 3), mt.linspace(0, 1, n), mt.zeros(n, 0)
    batches = []
    for kind in (TensorDataset, Slow):
        data = kind(*tensors)
        if subset:
            data = Subset(Subset(data, range(n - 1, -1, -1)), list(range(0, n, 2)))
        batches.append(list(DataLoader(data, size, shuffle=shuffle, generator=seeded(n))))
    for fast, slow in zip(*batches, strict=True):
        assert type(fast) is type(slow) is list
        for a, b in zip(fast, slow, strict=True):
            assert (a.dtype, a.shape, a.device, a.requires_grad) == (b.dtype, b.shape, b.device, b.requires_grad)
            assert a.tolist() == b.tolist()
            assert a.is_contiguous() == b.is_contiguous()


@pytest.mark.parametrize("kind", [TensorDataset, Slow])
def test_batches_stay_on_the_device_of_the_data(device, kind):
    data = kind(mt.arange(10.0).reshape(5, 2).to(device), mt.arange(5).to(device))
    x, y = next(iter(DataLoader(Subset(data, [4, 2, 0]), 2)))
    assert (x.device, y.device) == (device, device)
    assert (x.cpu().tolist(), y.cpu().tolist()) == ([[8, 9], [4, 5]], [4, 2])


def test_writing_into_a_batch_does_not_touch_the_data():
    data = mt.zeros(4, 2)
    for (batch,) in DataLoader(TensorDataset(data), 2):
        batch.add_(1)
    assert data.tolist() == [[0, 0]] * 4


def test_a_collate_fn_is_used_for_tensors_too():
    data = TensorDataset(mt.arange(3))
    assert list(DataLoader(data, 3, collate_fn=lambda rows: [int(row[0]) for row in rows])) == [[0, 1, 2]]


def test_a_subclass_that_changes_its_items_is_not_taken_the_fast_way():
    class Doubled(TensorDataset):
        def __getitem__(self, index):
            return tuple(2 * column for column in super().__getitem__(index))

    assert plain(next(iter(DataLoader(Doubled(mt.arange(3)), 3)))) == [[0, 2, 4]]


def test_indices_may_be_tensors_or_numpy_integers():
    data = TensorDataset(mt.arange(5) * 10)
    assert plain(list(DataLoader(data, 2, sampler=list(mt.tensor([4, 0]))))) == [[[40, 0]]]
    assert plain(list(DataLoader(data, batch_sampler=[np.array([3, 1])]))) == [[[30, 10]]]
    assert plain(list(DataLoader(Subset(data, mt.tensor([4, 2])), 2))) == [[[40, 20]]]


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"shuffle": True, "sampler": [0]}, "sampler option is mutually exclusive with shuffle"),
        ({"batch_sampler": [[0]], "batch_size": 2}, "batch_sampler option is mutually exclusive"),
        ({"batch_sampler": [[0]], "batch_size": None}, "batch_sampler option is mutually exclusive"),
        ({"batch_sampler": [[0]], "shuffle": True}, "batch_sampler option is mutually exclusive"),
        ({"batch_sampler": [[0]], "sampler": [0]}, "batch_sampler option is mutually exclusive"),
        ({"batch_sampler": [[0]], "drop_last": True}, "batch_sampler option is mutually exclusive"),
        ({"batch_size": None, "drop_last": True}, "mutually exclusive with drop_last"),
        ({"batch_size": 0}, "batch_size should be a positive integer value, but got batch_size=0"),
        ({"batch_size": 2.5}, "batch_size should be a positive integer"),
        ({"drop_last": 1}, "drop_last should be a boolean"),
        ({"num_workers": -1}, "num_workers option should be non-negative"),
        ({"timeout": -1}, "timeout option should be non-negative"),
        ({"timeout": 5}, "num_workers is 0"),
        ({"prefetch_factor": 2}, "prefetch_factor option could only be specified in multiprocessing"),
        ({"persistent_workers": True}, "persistent_workers option needs num_workers > 0"),
        ({"multiprocessing_context": "spawn"}, "multi-process loading"),
        ({"num_workers": 1, "prefetch_factor": 0}, "prefetch_factor option should be at least 1, got 0"),
        ({"num_workers": 1, "multiprocessing_context": "spoon"}, "valid start method in .*, got 'spoon'"),
    ],
)
def test_arguments_that_contradict_each_other_are_refused(options, match):
    with pytest.raises(ValueError, match=match):
        DataLoader(Squares(3), **options)


@pytest.mark.parametrize("options", [{"shuffle": True}, {"sampler": [0]}, {"batch_sampler": [[0]]}])
def test_a_stream_has_no_order_to_choose(options):
    with pytest.raises(ValueError, match=f"expected unspecified {next(iter(options))} option"):
        DataLoader(Stream(3), **options)
    assert plain(list(DataLoader(Stream(1), shuffle=False))) == [[0]]


def test_what_has_been_used_cannot_be_changed_afterwards():
    loader = DataLoader(Squares(3))
    with pytest.raises(ValueError, match="batch_size attribute should not be set"):
        loader.batch_size = 2


def test_an_empty_batch_is_refused_on_both_ways():
    for data in (TensorDataset(mt.zeros(2)), Squares(2)):
        with pytest.raises(IndexError, match="the batch is empty"):
            list(DataLoader(data, batch_sampler=[[]]))


# ---- PyTorch ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"batch_size": 3},
        {"batch_size": 3, "drop_last": True},
        {"batch_size": None},
        {"batch_size": 2, "sampler": [3, 1, 0]},
        {"batch_sampler": [[0], [3, 2]]},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "items",
    [
        [1, 2, 3, 4],
        [1.5] * 4,
        [(i, np.float32(i), "x") for i in range(4)],
        [{"a": np.ones((2, i * 0 + 1)), "b": [i, (i, b"y")]} for i in range(4)],
    ],
    ids=["ints", "floats", "tuples", "dicts"],
)
def test_batches_equal_pytorchs(options, items, oracle):
    torch = oracle

    def described(x):
        if isinstance(x, mt.Tensor | torch.Tensor):
            return str(x.dtype), tuple(x.shape), x.tolist()
        if isinstance(x, dict):
            return {key: described(value) for key, value in x.items()}
        return (type(x), [described(y) for y in x]) if isinstance(x, list | tuple) else x

    ours, theirs = DataLoader(items, **options), torch.utils.data.DataLoader(items, **options)
    assert len(ours) == len(theirs)
    assert [described(batch) for batch in ours] == [described(batch) for batch in theirs]
