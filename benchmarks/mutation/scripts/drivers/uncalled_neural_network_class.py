_rng = np.random.default_rng(0)
_net = NeuralNetwork(_rng.normal(size=(6, 3)), _rng.random((6, 1)))
for _step in range(4):
    _net.feedforward()
    loss = float(np.sum((_net.y - _net.output) ** 2))
    _net.backprop()
