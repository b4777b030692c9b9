_a, _b, _c, _d, _e = Value(0.7), Value(-1.3), Value(0.4), Value(1.9), Value(-0.6)
for _step in range(4):
    for _v in (_a, _b, _c, _d, _e):
        _v.grad = 0.0
    _out = (_a * _b + _c).tanh() * _d + (_e * _a).exp() - (_d * _c + 2).relu() * _b
    _out = _out + (_d**3) / (_c + 4) + _a * _a + (_b - _e).relu() + (-_e) * _c
    loss = _out.data
    _out.backward()
    for _v in (_a, _b, _c, _d, _e):
        _v.data = _v.data - 0.01 * _v.grad
