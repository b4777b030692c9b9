"""Two layers out of forward and backward functions that hand a cache on."""

import numpy as np


def affine_forward(x, w, b):
    out = x.dot(w) + b
    cache = (x, w, b)
    return out, cache


def affine_backward(dout, cache):
    x, w, b = cache
    dx = dout.dot(w.T)
    dw = x.T.dot(dout)
    db = dout.sum(axis=0)
    return dx, dw, db


def relu_forward(x):
    return np.maximum(0, x), x


def relu_backward(dout, cache):
    x = cache
    return dout * (x > 0)


def softmax_loss(x, y):
    shifted = x - x.max(axis=1, keepdims=True)
    probs = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
    n = x.shape[0]
    loss = -np.log(probs[np.arange(n), y]).mean()
    dx = probs.copy()
    dx[np.arange(n), y] -= 1
    dx /= n
    return loss, dx


np.random.seed(0)
X = np.random.randn(40, 7)
y = np.random.randint(4, size=40)
W1 = np.random.randn(7, 10) * 0.3
b1 = np.zeros(10)
W2 = np.random.randn(10, 4) * 0.3
b2 = np.zeros(4)
lr = 0.2

for it in range(100):
    a1, cache1 = affine_forward(X, W1, b1)
    h, cache_relu = relu_forward(a1)
    scores, cache2 = affine_forward(h, W2, b2)
    loss, dscores = softmax_loss(scores, y)

    dh, dW2, db2 = affine_backward(dscores, cache2)
    da1 = relu_backward(dh, cache_relu)
    dX, dW1, db1 = affine_backward(da1, cache1)

    W1 -= lr * dW1
    b1 -= lr * db1
    W2 -= lr * dW2
    b2 -= lr * db2
    if it % 25 == 0:
        print("iteration", it, "loss", loss)
