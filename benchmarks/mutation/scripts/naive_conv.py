import numpy as np

rng = np.random.default_rng(21)
images = rng.normal(size=(5, 7, 6))
labels = rng.normal(size=(5, 1))
kernel = rng.normal(size=(3, 2)) * 0.5
bias = 0.1
W = rng.normal(size=(25, 1)) * 0.2
lr = 0.02

for epoch in range(20):
    out = np.zeros((5, 5, 5))
    for r in range(5):
        for c in range(5):
            patch = images[:, r : r + 3, c : c + 2]
            out[:, r, c] = np.sum(patch * kernel, axis=(1, 2)) + bias
    act = np.maximum(out, 0)
    flat = act.reshape(5, -1)
    pred = flat @ W
    loss = np.mean((pred - labels) ** 2)

    dpred = 2 * (pred - labels) / labels.size
    dW = flat.T @ dpred
    dflat = dpred @ W.T
    dact = dflat.reshape(act.shape)
    dout = dact * (out > 0)
    dkernel = np.zeros_like(kernel)
    for r in range(5):
        for c in range(5):
            patch = images[:, r : r + 3, c : c + 2]
            dkernel += np.sum(patch * dout[:, r, c][:, None, None], axis=0)
    dbias = dout.sum()

    W -= lr * dW
    kernel -= lr * dkernel
    bias -= lr * dbias
    if epoch % 5 == 0:
        print(epoch, loss)
