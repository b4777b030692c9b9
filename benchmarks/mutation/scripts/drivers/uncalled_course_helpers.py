_rng = np.random.default_rng(0)
_X, _Y = _rng.normal(size=(3, 8)), (_rng.random((2, 8)) > 0.5).astype(float)
_P = {_key: 30 * _value + 0.1 for _key, _value in initialize_parameters_deep([3, 5, 2]).items()}
for _step in range(4):
    _a, _first = linear_activation_forward(_X, _P["W1"], _P["b1"], "relu")
    _out, _second = linear_activation_forward(_a, _P["W2"], _P["b2"], "sigmoid")
    loss = float(compute_cost(_out, _Y))
    _d = -(_Y / _out - (1 - _Y) / (1 - _out))
    _d, _dw2, _db2 = linear_activation_backward(_d, _second, "sigmoid")
    _, _dw1, _db1 = linear_activation_backward(_d, _first, "relu")
    _P = update_parameters(_P, {"dW1": _dw1, "db1": _db1, "dW2": _dw2, "db2": _db2}, 0.01)
