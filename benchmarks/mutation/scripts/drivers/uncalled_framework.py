_rng = np.random.default_rng(0)
_x, _t, _u = _rng.normal(size=(9, 4)), _rng.normal(size=(9, 3)), _rng.normal(size=(9, 3))
_stack = Stack([Linear(4, 6), Tanh(), Linear(6, 5), Dropped(), Linear(5, 3)])
_squared, _absolute = SquaredError(), AbsoluteError()
for _step in range(4):
    _o = _stack.layers[0].forward(_x)
    for _layer in _stack.layers[1:]:
        _o = _layer.forward(_o, True) if isinstance(_layer, Dropped) else _layer.forward(_o)
    loss = float(_squared.loss(_o, _t) + _absolute.loss(_u, _t))
    _x -= 0.01 * _stack.backward(_squared.grad(_o, _t))
    _u -= 0.01 * _absolute.grad(_u, _t)
    for _layer in _stack.layers:
        for _value, _d in _layer.parameters():
            _value -= 0.01 * _d
