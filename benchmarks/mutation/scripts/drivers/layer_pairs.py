_rng = np.random.default_rng(0)
_x, _w, _b = _rng.normal(size=(9, 4)), _rng.normal(size=(4, 5)), _rng.normal(size=5)
_gamma, _beta = 1 + _rng.normal(size=5), _rng.normal(size=5)
_r = _rng.normal(size=(9, 5))
for _step in range(4):
    _a, _c1 = linear_forward(_x, _w, _b)
    _h, _c2 = sigmoid_forward(_a)
    _o, _c3 = layernorm_forward(_h, _gamma, _beta)
    loss = float(np.sum(_o * _r))
    _dh, _dgamma, _dbeta = layernorm_backward(_r, _c3)
    _da = sigmoid_backward(_dh, _c2)
    _dx, _dw, _db = linear_backward(_da, _c1)
    _x = _x - 0.01 * _dx
    _w = _w - 0.01 * _dw
    _b = _b - 0.01 * _db
    _gamma = _gamma - 0.01 * _dgamma
    _beta = _beta - 0.01 * _dbeta
