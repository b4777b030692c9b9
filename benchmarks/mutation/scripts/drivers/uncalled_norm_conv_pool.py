_rng = np.random.default_rng(0)
_x, _w, _b = _rng.normal(size=(2, 3, 6, 5)), _rng.normal(size=(4, 3, 3, 2)), _rng.normal(size=4)
_rows, _gamma, _beta = _rng.normal(size=(8, 5)), 1 + _rng.normal(size=5), _rng.normal(size=5)
_how = {"stride": 1, "pad": 1}
_pool = {"pool_height": 3, "pool_width": 2, "stride": 2}
_r2 = _rng.normal(size=(8, 5))
_o, _ = conv_forward_naive(_x, _w, _b, _how)
_p, _ = max_pool_forward(_o, _pool)
_r = _rng.normal(size=_p.shape)
for _step in range(4):
    _o, _c1 = conv_forward_naive(_x, _w, _b, _how)
    _p, _c2 = max_pool_forward(_o, _pool)
    _n, _c3 = batchnorm_forward(_rows, _gamma, _beta)
    loss = float(np.sum(_p * _r) + np.sum(_n * _r2))
    _do = max_pool_backward(_r, _c2)
    _dx, _dw, _db = conv_backward_naive(_do, _c1)
    _drows, _dgamma, _dbeta = batchnorm_backward(_r2, _c3)
    _x -= 0.001 * _dx
    _w -= 0.001 * _dw
    _b -= 0.001 * _db
    _rows -= 0.001 * _drows
    _gamma -= 0.001 * _dgamma
    _beta -= 0.001 * _dbeta
