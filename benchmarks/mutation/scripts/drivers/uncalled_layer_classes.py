_rng = np.random.default_rng(0)
_x, _r = _rng.normal(size=(9, 4)), _rng.normal(size=(9, 3))
_chain = [Linear(4, 6), Tanh(), Linear(6, 5), ReLU(), Dropout(), Linear(5, 3), Sigmoid()]
for _step in range(4):
    _o = _x
    for _layer in _chain:
        _o = _layer.forward(_o)
    loss = float(np.sum(_o * _r))
    _d = _r.copy()
    for _layer in reversed(_chain):
        _d = _layer.backward(_d)
    _x -= 0.01 * _d
    for _layer in _chain:
        for _key in _layer.params:
            _layer.params[_key] -= 0.01 * _layer.grads[_key]
