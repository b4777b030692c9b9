import numpy as np

np.random.seed(9)
x = np.random.randn(32, 6)
y = np.eye(3)[np.random.randint(0, 3, 32)]
w1 = np.random.randn(6, 12) * 0.3
w2 = np.random.randn(12, 3) * 0.3
v1 = np.zeros_like(w1)
v2 = np.zeros_like(w2)
keep = 0.8
lam = 1e-2
lr, mu = 0.05, 0.9

for epoch in range(60):
    z = x @ w1
    a = np.where(z > 0, z, 0.01 * z)
    mask = (np.random.rand(*a.shape) < keep) / keep
    d = a * mask
    logits = d @ w2
    logits = logits - logits.max(axis=1, keepdims=True)
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    loss = -np.sum(y * np.log(p)) / len(x) + 0.5 * lam * (np.sum(w1**2) + np.sum(w2**2))

    dlogits = (p - y) / len(x)
    dw2 = d.T @ dlogits + lam * w2
    dd = dlogits @ w2.T
    da = dd * mask
    dz = da * np.where(z > 0, 1, 0.01)
    dw1 = x.T @ dz + lam * w1

    v1 = mu * v1 - lr * dw1
    v2 = mu * v2 - lr * dw2
    w1 += v1
    w2 += v2
    if epoch % 20 == 0:
        print(epoch, loss)
