_rng = np.random.default_rng(0)
_net = Network([4, 5, 6, 3])
_batch = [(_rng.normal(size=(4, 1)), _rng.random((3, 1))) for _ in range(3)]
for _step in range(4):
    loss = float(sum(0.5 * np.sum((_net.feedforward(_x) - _y) ** 2) for _x, _y in _batch))
    _net.update_mini_batch(_batch, 0.1)
