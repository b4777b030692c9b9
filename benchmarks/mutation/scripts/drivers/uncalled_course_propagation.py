_rng = np.random.default_rng(0)
_X, _Y = _rng.normal(size=(3, 8)), (_rng.random((2, 8)) > 0.5).astype(float)
_P = {
    "W1": _rng.normal(size=(4, 3)),
    "b1": _rng.normal(size=(4, 1)),
    "W2": _rng.normal(size=(2, 4)),
    "b2": _rng.normal(size=(2, 1)),
}
for _step in range(4):
    _out, _cache = forward_propagation(_X, _P)
    loss = float(compute_cost(_out, _Y))
    _made = backward_propagation(_P, _cache, _X, _Y)
    for _key in _P:
        _P[_key] -= 0.01 * _made["d" + _key]
