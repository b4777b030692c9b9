_rng = np.random.default_rng(0)
LogisticRegression(n_iters=6).fit(_rng.normal(size=(9, 3)), _rng.random(9))
