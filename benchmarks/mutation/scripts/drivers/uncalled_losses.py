_rng = np.random.default_rng(0)
_t, _p = _rng.normal(size=(6, 3)), _rng.normal(size=(6, 3))
_a, _h, _e, _f, _s = (_rng.uniform(0.4, 0.6, size=(6, 3)) for _ in range(5))
_h *= 5
_y, _onehot = _rng.uniform(0.2, 0.8, size=(6, 3)), np.eye(3)[[0, 2, 1, 1, 0, 2]]
_entropy, _squared = CrossEntropyLoss(), SquaredError()
for _step in range(4):
    _head, _ds = softmax_cross_entropy(_s, _onehot)
    loss = float(
        mse(_t, _p)
        + binary_cross_entropy(_y, _a)
        + huber_loss(_t, _h)
        + _entropy.loss(_y, _e)
        + _squared(_t, _f)
        + _head
    )
    _p -= 0.001 * mse_prime(_t, _p)
    _a -= 0.001 * binary_cross_entropy_prime(_y, _a)
    _h -= 0.001 * huber_loss_prime(_t, _h)
    _e -= 0.001 * _entropy.gradient(_y, _e)
    _f -= 0.001 * _squared.gradient(_t, _f)
    _s -= 0.001 * _ds
