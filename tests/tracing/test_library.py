"""What numpy and Python's library do, the walk does: each text is walked and executed."""

from __future__ import annotations

import pytest

from .running import DATA, assert_walks_as_it_runs

IMPORTS = "import math, copy, operator, itertools, functools, collections, statistics\n"


def _cases(*texts: str) -> list[object]:
    return [pytest.param(text, id=text.replace("\n", "; ")[:70]) for text in texts]


@pytest.mark.parametrize(
    "text",
    _cases(
        "a = v.copy()\nnp.subtract.at(a, [0, 0], 1.5)",
        "a = v.copy()\nnp.multiply.at(a, [0, 0, 2], 2.0)",
        "a = v.copy()\nnp.maximum.at(a, [0, 1, 1], np.array([0.0, 3.0, 1.0]))",
        "a = 0 * x.T\nnp.add.at(a, (slice(None), [0, 1, 1]), x.T[:, [0, 1, 0]])",
        "a = 0 * x\nnp.add.at(a, ([0, 1, 0], [1, 2, 1]), v)",
        "a = x.copy()\nnp.copyto(a, 0.0, where=a < 0)",
        "a = x.copy()\nnp.copyto(a, x * 2)",
        "a = x.copy()\nnp.putmask(a, a < 0, 0.5)",
        "a = x @ x.T\nnp.fill_diagonal(a, 0)",
        "a = x.copy()\nnp.put(a, [0, 4], [7.0, 8.0])",
        "a = x.copy()\na.put([0, 4], 7.0)",
        "a = x.copy()\nnp.put_along_axis(a, np.array([[0], [2]]), 9.0, 1)",
        "a = x.copy()\na.flat[2] = 9\na.flat[[0, 4]] += 1",
        "a = x.copy()\na.sort()",
        "a = x.copy()\na.sort(axis=0)",
        "a = x.copy()\na.fill(2)",
    ),
)
def test_an_array_is_changed_in_place_as_numpy_does(text: str) -> None:
    assert_walks_as_it_runs(f"{DATA}{text}\nc = a * 1", "c")


@pytest.mark.parametrize(
    "text",
    _cases(
        "i = np.where(x > 0)\na = x[i]",
        "r, k = np.where(x > 0)\na = x[r, k] * r",
        "i = np.nonzero(v)[0]\na = v[i] * i",
        "i = (v > 0).nonzero()\na = v[i]",
        "a = np.argwhere(x < 0)",
        "a = v[np.flatnonzero(v > 0)]",
        "a = v[np.argsort(v)[::-1]]",
        "a = np.sort(x, axis=0)",
        "a = np.unique(np.array([2, 0, 2, 1]))",
        "u, k, n = np.unique(np.array([2, 0, 2, 1]), return_inverse=True, return_counts=True)\n"
        "a = u[k] * 10 + n[k]",
        "i, j = np.unravel_index(np.argmax(x), x.shape)\na = x[i, j]",
        "a = x.ravel()[np.ravel_multi_index((1, 2), x.shape)]",
        "a = np.bincount(np.array([0, 2, 2]), weights=v)",
        "a = np.bincount(np.array([0, 2, 2]))",
        "a = np.take_along_axis(x, np.argmax(x, axis=1)[:, None], axis=1)",
        "a = np.searchsorted(np.sort(v), 0.7)",
        "a = x.take([0, 5])",
        "a = np.isin(np.array([3, 1]), [1, 2]) * 1",
        "m = np.zeros(v.shape, dtype=bool)\nm[1] = True\na = v[m]",
        "m = np.zeros_like(v, dtype=bool)\nm[[0, 2]] = 1\na = v[~m]",
        "m = np.ones_like(x, dtype=np.bool_)\nm[0, 1] = False\na = x[m]",
    ),
)
def test_places_that_depend_on_values_are_found_as_numpy_finds_them(text: str) -> None:
    assert_walks_as_it_runs(f"{DATA}{text}\nc = a * 1", "c")


@pytest.mark.parametrize(
    "text",
    _cases(
        "a = np.pad(x, ((1, 1), (0, 2)), 'constant', constant_values=0)",
        "a = np.pad(x, 1, mode='edge')",
        "a = np.pad(v, (1, 2), mode='reflect')",
        "a = np.lib.stride_tricks.sliding_window_view(x, (2, 2))",
        "s0, s1 = x.strides\n"
        "a = np.lib.stride_tricks.as_strided(x, shape=(1, 2, 2, 2), strides=(s0, s1, s0, s1))",
        "a = np.rot90(x)",
        "a = np.rot90(w, 2)",
        "a = np.roll(x, 1, axis=1)",
        "a = np.flip(x, 0) + x[:, ::-1]",
        "a = np.insert(x, 0, 1, axis=1)",
        "a = np.append(v, 4.0)",
        "a = np.append(x, x, axis=0)",
        "a = np.delete(x, 1, axis=1)",
        "g, h = np.meshgrid(v, np.arange(2))\na = g + 10 * h",
        "g, h = np.meshgrid(v, np.arange(2), indexing='ij')\na = g + 10 * h",
        "a = np.multiply.outer(v, v)",
        "a = np.add.reduce(x)",
        "a = np.cumprod(v)",
        "a = np.diff(x, axis=1)",
        "a = np.median(x, axis=1)",
        "a = np.percentile(x, 30)",
        "a = np.tril(x)",
        "a = np.split(x, 3, axis=1)[2]",
        "a = np.array_split(v, 2)[0]",
        "a = np.select([x > 1, x > 0], [x, 2 * x], default=-1)",
        "a = np.piecewise(v, [v < 0, v >= 0], [lambda t: -t, lambda t: t * t])",
        "a = np.vectorize(lambda t: math.exp(t) if t > 0 else 0.0)(x)",
        "@np.vectorize\ndef f(t):\n    return max(t, 0.0)\na = f(x)",
        "a = np.apply_along_axis(lambda r: r - r.max(), 1, x)",
        "a = np.apply_along_axis(np.sum, 0, x)",
        "a = np.fromiter((t * 2 for t in [1.0, 2.0]), float)",
        "a = np.ndim(x) + np.size(x) + np.shape(x)[0]",
        "a = np.finfo(np.float64).eps * 1e16",
        "a = sum(x[i] * 2 for i in np.ndindex(2, 3))",
        "a = sum(k[1] * t for k, t in np.ndenumerate(x))",
        "a = np.indices(x.shape)[1] * x",
        "a = np.eye(2)[np.array([1, 0])]",
        "a = np.nansum(x) + np.nanmean(v)",
        "a = np.ptp(x)",
    ),
)
def test_arrays_are_rearranged_and_summed_up_as_numpy_does(text: str) -> None:
    assert_walks_as_it_runs(f"{IMPORTS}{DATA}{text}\nc = a * 1 + 0 * s", "c")


@pytest.mark.parametrize(
    "text",
    _cases(
        "a = x.astype(int)",
        "a = (-v).astype(np.int32) // 2",
        "a = (x > 0).astype(float) * x",
        "a = x.astype(bool) * 2.0",
        "a = np.array([1.7, -1.7], dtype=int)",
        "a = np.int64(7) // 2",
        "a = np.float32(2.5)",
        "a = np.arange(2, dtype=float) / 2",
        "a = np.zeros(2, dtype=int) + 7 // 2",
        "a = np.asarray(x, dtype=np.float64)",
        "a = np.full((2, 2), True).sum()",
        "b = np.asarray(x)\nb[0, 0] = 9.0\na = x",
        "b = np.array(x)\nb[0, 0] = 9.0\na = x",
        "a = x.round(1) + np.trunc(x)",
        "a = x.std(ddof=1) + x.var(axis=0)",
        "a = x.clip(0, 1) + x.swapaxes(0, 1).trace()",
    ),
)
def test_dtypes_store_what_they_store_in_numpy(text: str) -> None:
    assert_walks_as_it_runs(f"{DATA}{text}\nc = a * 1 + 0 * s", "c")


@pytest.mark.parametrize(
    "text",
    _cases(
        "a = sum(i * j for i, j in itertools.product(range(3), range(2)))",
        "a = list(itertools.accumulate([1.0, 2.0, 3.0], operator.mul))[-1]",
        "a = list(itertools.chain([1, 2], [3]))[2]",
        "a = sum(p + q for p, q in itertools.zip_longest([1, 2], [3], fillvalue=10))",
        "a = sum(p * q for p, q in zip(itertools.count(2), [1.0, 2.0]))",
        "a = functools.reduce(np.dot, [x, w, x])",
        "f = functools.partial(np.sum, axis=0)\na = f(x)",
        "d = collections.defaultdict(float)\nd['k'] += 2.5\na = d['k'] + d['m']",
        "d = collections.defaultdict(lambda: 0 * v)\nd[0] += v\na = d[0] + d[1]",
        "d = collections.OrderedDict()\nd['w'] = x\na = d['w']",
        "q = collections.deque([1, 2, 3], maxlen=3)\nq.append(4)\na = q[0] * 10 + q[-1]",
        "P = collections.namedtuple('P', 'x y')\np = P(x, 2.0)\na = p.x * p.y",
        "d = {'W': x.copy()}\ne = copy.deepcopy(d)\ne['W'] += 1\na = d['W'] + 10 * e['W']",
        "class C:\n    def __init__(self):\n        self.w = x.copy()\n"
        "p = C()\nq = copy.deepcopy(p)\nq.w += 1\na = p.w",
        "a = math.ceil(2.3) + math.floor(-2.3) + math.comb(5, 2)",
        "a = math.sqrt(math.fsum([1.0, 2.0])) + math.hypot(3.0, 4.0)",
        "a = statistics.mean([1.0, 2.0, 4.0]) + statistics.stdev([1.0, 2.0, 4.0])",
        "a = divmod(7, 2)[1] + x[slice(0, 1)].sum()",
        "k = [3, 1, 2]\nk.sort(key=lambda t: -t)\na = k[0]",
        "a = max([(1, 2.0), (0, 5.0)], key=operator.itemgetter(1))[1]",
        "a = math.isnan(s) + math.isfinite(s)",
        "d = {f'W{i}': x * i for i in range(3)}\na = d['W2'] + d['W' + str(1)]",
        "d = {}\nfor i in range(3):\n    d['dW%d' % i] = x * i\na = d['dW2']",
        "d = {}\nfor i in range(3):\n    d['dW%d_%s' % (i, 'a')] = x * i\na = d['dW2_a']",
        "d = {'W{}'.format(i): x * i for i in range(3)}\na = d['W2']",
        "t = 'three'.encode('utf-8').decode('utf-8')\na = len(t) * 0.5",
        "d = {f'{k}_{i}': x * i for i in range(3) for k in 'Wb'}\na = d['b_2']",
    ),
)
def test_the_standard_library_means_what_it_means(text: str) -> None:
    assert_walks_as_it_runs(f"{IMPORTS}{DATA}{text}\nc = a * 1 + 0 * s", "c")
