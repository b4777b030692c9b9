_rng = np.random.default_rng(0)
_x, _w, _b = _rng.normal(size=(7, 2, 3)), _rng.normal(size=(6, 5)), _rng.normal(size=5)
_v, _c = _rng.normal(size=(5, 4)), _rng.normal(size=4)
_scores = _rng.normal(size=(7, 4))
_labels = np.array([0, 3, 1, 1, 2, 0, 3])
for _step in range(4):
    _h, _c1 = affine_relu_forward(_x, _w, _b)
    _o, _c2 = affine_forward(_h, _v, _c)
    _first, _do = softmax_loss(_o, _labels)
    _second, _ds = svm_loss(_scores, _labels)
    loss = float(_first + _second)
    _dh, _dv, _dc = affine_backward(_do, _c2)
    _dx, _dw, _db = affine_relu_backward(_dh, _c1)
    for _p, _d in [(_x, _dx), (_w, _dw), (_b, _db), (_v, _dv), (_c, _dc), (_scores, _ds)]:
        _p -= 0.01 * _d
