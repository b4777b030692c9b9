import numpy as np

np.random.seed(13)
T, N, D, H = 4, 6, 3, 5
xs = np.random.randn(T, N, D)
target = np.random.randn(N, 2)
Wx = np.random.randn(D, 4 * H) * 0.4
Wh = np.random.randn(H, 4 * H) * 0.4
b = np.zeros(4 * H)
Wy = np.random.randn(H, 2) * 0.4
lr = 0.05


def sigmoid(v):
    return 1 / (1 + np.exp(-v))


for epoch in range(40):
    h, c = np.zeros((N, H)), np.zeros((N, H))
    caches = []
    for t in range(T):
        pre = xs[t] @ Wx + h @ Wh + b
        i = sigmoid(pre[:, :H])
        f = sigmoid(pre[:, H : 2 * H])
        o = sigmoid(pre[:, 2 * H : 3 * H])
        g = np.tanh(pre[:, 3 * H :])
        c_next = f * c + i * g
        h_next = o * np.tanh(c_next)
        caches.append((xs[t], h, c, i, f, o, g, c_next))
        h, c = h_next, c_next
    pred = h @ Wy
    loss = 0.5 * np.sum((pred - target) ** 2) / N

    dpred = (pred - target) / N
    dWy = h.T @ dpred
    dh_next = dpred @ Wy.T
    dc_next = np.zeros((N, H))
    dWx, dWh, db = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(b)
    for t in reversed(range(T)):
        x, h_prev, c_prev, i, f, o, g, c_t = caches[t]
        tanh_c = np.tanh(c_t)
        do = dh_next * tanh_c
        dc = dc_next + dh_next * o * (1 - tanh_c**2)
        di = dc * g
        df = dc * c_prev
        dg = dc * i
        dpre = np.hstack([di * i * (1 - i), df * f * (1 - f), do * o * (1 - o), dg * (1 - g**2)])
        dWx += x.T @ dpre
        dWh += h_prev.T @ dpre
        db += dpre.sum(axis=0)
        dh_next = dpre @ Wh.T
        dc_next = dc * f

    Wx -= lr * dWx
    Wh -= lr * dWh
    b -= lr * db
    Wy -= lr * dWy
    if epoch % 10 == 0:
        print(epoch, loss)
