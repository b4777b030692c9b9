_rng = np.random.default_rng(0)
_x, _r = _rng.normal(size=(6, 5)), _rng.normal(size=(6, 5))
_norm = LayerNorm()
_norm.forward(_x)
for _step in range(4):
    _norm.seen = []
    loss = float(np.sum(_norm.forward(_x) * _r))
    _x = _x - 0.01 * _norm.backward(_r)
