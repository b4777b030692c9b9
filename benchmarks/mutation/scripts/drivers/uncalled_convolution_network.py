_rng = np.random.default_rng(0)
_net = Recogniser((1, 6, 6), {"count": 2, "size": 3}, 4)
for _key in _net.params:
    _net.params[_key] += 0.3 * _rng.normal(size=_net.params[_key].shape)
_images, _labels = _rng.normal(size=(5, 1, 6, 6)), np.array([0, 3, 1, 2, 1])
for _step in range(4):
    loss = float(_net.loss(_images, _labels))
    for _key, _d in _net.gradient(_images, _labels).items():
        _net.params[_key] -= 0.01 * _d
