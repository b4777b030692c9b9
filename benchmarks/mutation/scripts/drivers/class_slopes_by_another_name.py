_rng = np.random.default_rng(0)
_a, _b, _c = (_rng.normal(size=(4, 3)) for _ in range(3))
_all = [Sigmoid(), SoftPlus(), LeakyReLU()]
_r = _rng.normal(size=(4, 3))
for _step in range(4):
    loss = float(sum(np.sum(_r * _one(_z)) for _one, _z in zip(_all, (_a, _b, _c))))
    for _one, _z in zip(_all, (_a, _b, _c)):
        _z -= 0.01 * _r * _one.grad(_z)
