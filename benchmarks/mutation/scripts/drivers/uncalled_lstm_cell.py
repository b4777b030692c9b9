_rng = np.random.default_rng(0)
_x, _h0, _c0 = _rng.normal(size=(5, 3)), _rng.normal(size=(5, 4)), _rng.normal(size=(5, 4))
_wx, _wh, _b = _rng.normal(size=(3, 16)), _rng.normal(size=(4, 16)), _rng.normal(size=16)
_rh, _rc = _rng.normal(size=(5, 4)), _rng.normal(size=(5, 4))
for _step in range(4):
    _h, _c, _cache = lstm_step_forward(_x, _h0, _c0, _wx, _wh, _b)
    loss = float(np.sum(_h * _rh) + np.sum(_c * _rc))
    _made = lstm_step_backward(_rh, _rc, _cache)
    for _p, _d in zip((_x, _h0, _c0, _wx, _wh, _b), _made):
        _p -= 0.01 * _d
