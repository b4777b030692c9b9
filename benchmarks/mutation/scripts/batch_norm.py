import numpy as np

rng = np.random.default_rng(11)
X = rng.normal(size=(24, 5))
T = rng.normal(size=(24, 2))
W = rng.normal(size=(5, 6)) * 0.4
gamma = np.ones(6)
beta = np.zeros(6)
V = rng.normal(size=(6, 2)) * 0.4
eps = 1e-5
lr = 0.05


def batchnorm_forward(x, gamma, beta):
    mu = x.mean(axis=0)
    xc = x - mu
    var = (xc**2).mean(axis=0)
    std = np.sqrt(var + eps)
    xhat = xc / std
    return gamma * xhat + beta, (xhat, xc, std, gamma)


def batchnorm_backward(dout, cache):
    xhat, xc, std, gamma = cache
    n = dout.shape[0]
    dbeta = dout.sum(axis=0)
    dgamma = (dout * xhat).sum(axis=0)
    dxhat = dout * gamma
    dstd = -np.sum(dxhat * xc, axis=0) / std**2
    dvar = 0.5 * dstd / std
    dxc = dxhat / std + 2 * xc * dvar / n
    dmu = -dxc.sum(axis=0)
    dx = dxc + dmu / n
    return dx, dgamma, dbeta


for step in range(80):
    s = X @ W
    bn, cache = batchnorm_forward(s, gamma, beta)
    h = np.maximum(bn, 0)
    out = h @ V
    loss = np.mean((out - T) ** 2)

    dout = 2 * (out - T) / out.size
    dV = h.T @ dout
    dh = dout @ V.T
    dbn = np.where(bn > 0, dh, 0)
    ds, dgamma, dbeta = batchnorm_backward(dbn, cache)
    dW = X.T @ ds

    V -= lr * dV
    gamma -= lr * dgamma
    beta -= lr * dbeta
    W -= lr * dW
    if step % 20 == 0:
        print(step, loss)
