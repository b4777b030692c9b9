_rng = np.random.default_rng(0)
_x = _rng.normal(size=(8, 3))
_bits = (_rng.random((8, 1)) > 0.5).astype(float)
_u, _w = (_rng.normal(size=(3, 1)) for _ in range(2))
for _step in range(4):
    _l1, _du = cross_entropy(_x, _bits, _u, 0.3)
    _l2, _dw = hinge(_x, 2 * _bits - 1, _w, 0.3)
    loss = float(_l1 + _l2)
    _u -= 0.01 * _du
    _w -= 0.01 * _dw
