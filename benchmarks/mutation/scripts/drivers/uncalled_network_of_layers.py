_rng = np.random.default_rng(0)
_net = Classifier(4, [5, 6], 3, "tanh", decay_rate=0.2)
_rows, _labels = _rng.normal(size=(7, 4)), np.array([0, 2, 1, 1, 2, 0, 1])
_other = Classifier(4, [8], 3)
for _step in range(4):
    loss = float(_net.loss(_rows, _labels) + _other.loss(_rows, _labels))
    for _one in (_net, _other):
        for _key, _d in _one.gradient(_rows, _labels).items():
            _one.params[_key] -= 0.01 * _d
