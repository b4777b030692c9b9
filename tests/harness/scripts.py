"""Small scripts with a right backward pass, in the shapes that people write."""

from __future__ import annotations

NUMPY = """
    import numpy as np

    x = np.random.randn(20, 3)
    y = np.random.randn(20, 2)
    w1 = np.random.randn(3, 4)
    w2 = np.random.randn(4, 2)
    lr = 1e-3
    for t in range(50):
        h = np.maximum(x.dot(w1), 0)
        p = h.dot(w2)
        loss = np.square(p - y).sum()
        grad_p = 2.0 * (p - y)
        grad_w2 = h.T.dot(grad_p)
        grad_h = grad_p.dot(w2.T)
        grad_h[h <= 0] = 0
        grad_w1 = x.T.dot(grad_h)
        w1 -= lr * grad_w1
        w2 = w2 - lr * grad_w2
"""

TORCH = """
    import torch

    x = torch.randn(20, 3)
    y = torch.randn(20, 2)
    w1 = torch.randn(3, 4)
    b1 = torch.zeros(4)
    w2 = torch.randn(4, 2)
    for t in range(500):
        h = torch.tanh(x @ w1 + b1)
        p = h.mm(w2)
        loss = ((p - y) ** 2).mean()
        grad_p = 2.0 * (p - y) / p.numel()
        grad_w2 = h.t().mm(grad_p)
        grad_z = grad_p.mm(w2.t()) * (1 - h ** 2)
        grad_w1 = x.t().mm(grad_z)
        grad_b1 = grad_z.sum(dim=0)
        w1 -= 1e-6 * grad_w1
        b1 -= 1e-6 * grad_b1
        w2 -= 1e-6 * grad_w2
"""

PYTHON = """
    xs = [1.0, 2.0, 3.0, 4.5]
    ys = [2.1, 3.9, 6.2, 9.1]
    m, b = 0.0, 0.0
    learning_rate = 0.01
    for epoch in range(30):
        loss, dm, db = 0.0, 0.0, 0.0
        for x, y in zip(xs, ys):
            error = m * x + b - y
            loss += error ** 2
            dm += 2 * error * x
            db += 2 * error
        m -= learning_rate * dm
        b -= learning_rate * db
"""

MINI_BATCHES = """
    import numpy as np

    x = np.random.randn(60, 5)
    y = np.random.randn(60, 1)
    w = np.random.randn(5, 1) * 0.1
    for epoch in range(5):
        order = np.random.permutation(60)
        for start in range(0, 60, 12):
            rows = order[start : start + 12]
            noise = np.random.normal(0.0, 0.1, size=(12, 5))
            picked = np.random.choice(60, 12)
            xb, yb = x[rows] + noise, y[picked]
            error = xb @ w - yb
            loss = 0.5 * np.sum(error ** 2)
            grad = xb.T @ error
            w -= 0.01 * grad
"""

MINI_BATCHES_OF_A_SIZE = """
    import numpy as np

    x, y = np.random.randn(90, 5), np.random.randn(90, 1)
    w = np.random.randn(5, 1) * 0.1
    batch_size = 30
    for epoch in range(5):
        order = np.random.permutation(90)
        for start in range(0, 90, batch_size):
            rows = order[start : start + batch_size]
            error = x[rows] @ w - y[rows]
            loss = 0.5 * np.sum(error ** 2)
            grad = x[rows].T @ error
            w -= 0.01 * grad
"""

GUARDED = """
    import numpy as np

    x, y = np.random.randn(20, 5), np.random.randn(20, 2)
    w, v = 0.3 * np.random.randn(5, 7), np.random.randn(7, 2)
    for step in range(5):
        h = x @ w
        scale = (np.mean(h ** 2, axis=1, keepdims=True) + 1e-6) ** -0.5
        out = h * scale
        error = out @ v - y
        loss = 0.5 * np.sum(error ** 2)
        dv = out.T @ error
        dout = error @ v.T
        dw = x.T @ (scale * (dout - out * np.mean(dout * out, axis=1, keepdims=True)))
        v -= 0.001 * dv
        w -= 0.001 * dw
"""

FUNCTIONS = """
    import numpy as np

    def step(w, x, y, rate):
        error = x.dot(w) - y
        gradient = x.T.dot(error) / len(y)
        return w - rate * gradient

    def train(x, y):
        w = np.random.randn(3)
        for i in range(20):
            cost = np.sum((x.dot(w) - y) ** 2) / (2 * len(y))
            w = step(w, x, y, 0.05)
        return w

    train(np.random.randn(15, 3), np.random.randn(15))
"""

CLASS = """
    import numpy as np

    class Net:
        def __init__(self, n):
            self.weights = np.random.randn(n, 1)
            self.bias = np.zeros(1)

        def forward(self, x):
            self.x = x
            self.out = 1 / (1 + np.exp(-(x @ self.weights + self.bias)))
            return self.out

        def learn(self, y, rate):
            delta = (self.out - y) * self.out * (1 - self.out)
            self.weights -= rate * self.x.T @ delta
            self.bias -= rate * delta.sum(axis=0)

    net = Net(4)
    x, y = np.random.randn(25, 4), np.random.rand(25, 1)
    for i in range(40):
        loss = 0.5 * np.sum((net.forward(x) - y) ** 2)
        net.learn(y, 0.1)
"""

PARAMETERS_IN_A_DICT = """
    import numpy as np

    x, y = np.random.randn(18, 3), np.arange(18) % 4
    params = {"W": np.random.randn(3, 4) * 0.1, "b": np.zeros(4)}
    for t in range(30):
        scores = x @ params["W"] + params["b"]
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        probs = e / e.sum(axis=1, keepdims=True)
        loss = -np.log(probs[np.arange(18), y]).mean()
        d = probs.copy()
        d[np.arange(18), y] -= 1
        d /= 18
        grads = {"W": x.T @ d, "b": d.sum(axis=0)}
        for name in params:
            params[name] -= 0.5 * grads[name]
"""

DECAYED = """
    import numpy as np

    rng = np.random.default_rng(2)
    x = rng.normal(size=(30, 4))
    y = x @ rng.normal(size=(4, 2))
    w = rng.normal(size=(4, 2))
    b = np.zeros(2)
    for _ in range(5):
        error = (x @ w + b - y) / len(x)
        w -= 0.1 * (x.T @ error + 0.02 * w)
        b -= 0.1 * error.sum(axis=0)
"""

MOMENTUM = """
    import numpy as np

    x, y = np.random.randn(20, 3), np.random.randn(20, 1)
    w = np.random.randn(3, 1)
    v = np.zeros_like(w)
    lr, mu = 0.01, 0.9
    for t in range(40):
        error = x @ w - y
        dw = x.T @ error / 20
        v = mu * v - lr * dw
        w += v
        if t % 10 == 0:
            print(t, 0.5 * np.mean(error ** 2))
"""

ADAM = """
    import numpy as np

    x, y = np.random.randn(20, 3), np.random.randn(20, 1)
    w = np.random.randn(3, 1)
    m, v = np.zeros((3, 1)), np.zeros((3, 1))
    beta1, beta2, eps, lr = 0.9, 0.999, 1e-8, 0.01
    for t in range(1, 41):
        error = x @ w - y
        loss = np.sum(error ** 2)
        g = 2 * x.T @ error
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g ** 2
        w -= lr * (m / (1 - beta1 ** t)) / (np.sqrt(v / (1 - beta2 ** t)) + eps)
"""

CLIPPED = """
    import numpy as np

    x, y = 10 * np.random.randn(20, 3), np.random.randn(20, 1)
    w = np.random.randn(3, 1)
    for t in range(40):
        error = x @ w - y
        loss = np.sum(error ** 2)
        dw = 2 * x.T @ error
        np.clip(dw, -1, 1, out=dw)
        w -= 0.001 * dw
"""

COLUMNS = """
    import numpy as np

    x, y = np.random.randn(20, 3), np.random.randn(20, 1)
    theta, bias = np.zeros((3, 1)), np.zeros(1)
    lr = 0.01
    for t in range(40):
        error = x @ theta + bias - y
        loss = np.sum(error ** 2)
        gradient = 2 * x.T @ error
        theta[:, 0] = theta[:, 0] - lr * gradient[:, 0]
        bias -= lr * 2 * error.sum()
"""

NO_LOOP = """
    import numpy as np

    x, y = np.random.randn(20, 3), np.random.randn(20, 1)
    w = np.random.randn(3, 1)
    lr = 0.1
    error = x @ w - y
    loss = np.sum(error ** 2)
    w -= lr * 2 * x.T @ error
"""

NON_ASCII = """
    import numpy as np

    größe, ziel = np.random.randn(20, 3), np.random.randn(20, 1)
    gewicht = np.random.randn(3, 1)
    for schritt in range(9):
        übrig = größe @ gewicht - ziel; custo = np.sum(übrig ** 2)
        steigung = 2 * größe.T @ übrig
        gewicht = gewicht - 0.01 * steigung  # ein Schritt zurück, für dich
"""

PREDICTED_BEFORE = """
import numpy as np

x = np.random.randn(30, 3)
target = (x[:, 0] > 0).astype(float)
w = np.random.randn(3)

def squash(z):
    return 1 / (1 + np.exp(-z))

score = x @ w
p = squash(score)
for t in range(50):
    loss = -np.sum(target * np.log(p) + (1 - target) * np.log(1 - p))
    w -= 0.01 * x.T @ (p - target)
    score = x @ w
    p = squash(score)
"""

SUMMED_FROM_A_BIAS = """
import numpy as np

x = np.random.randn(12, 2)
y = x @ np.array([1.0, -2.0]) + 0.5
w, b = np.zeros(2), 0.0
for t in range(50):
    cost, dw, db = 0.0, np.zeros(2), 0.0
    for i in range(12):
        z = b
        for j in range(2):
            z += w[j] * x[i, j]
        cost += 0.5 * (z - y[i]) ** 2
        dw += (z - y[i]) * x[i]
        db += z - y[i]
    w = w - 0.01 * dw
    b = b - 0.01 * db
    print(cost)
"""

KEPT_FOR_A_WHILE = """
def f(x):
    return x ** 4 - 3 * x ** 3 + 2

x = 6.0
for t in range(50):
    previous = x
    x = previous - 0.01 * (4 * previous ** 3 - 9 * previous ** 2)
print(f(x))
"""

OPPONENTS = """
import numpy as np

w, v, rate = np.random.randn(3, 2), np.random.randn(2, 1), 0.1
for t in range(50):
    seen, noise = np.random.randn(9, 2) + 1, np.random.randn(9, 3)
    made = noise @ w
    told, fooled = 1 / (1 + np.exp(-seen @ v)), 1 / (1 + np.exp(-made @ v))
    critic_loss = -np.mean(np.log(told) + np.log(1 - fooled))
    v -= rate * (seen.T @ (told - 1) + made.T @ fooled) / 9
    fooled = 1 / (1 + np.exp(-made @ v))
    forger_loss = -np.mean(np.log(fooled))
    w -= rate * noise.T @ ((fooled - 1) @ v.T) / 9
"""

ONE_STEP_AND_TWO_TRAININGS = """
import numpy as np

x = np.random.randn(30, 3)
y = x @ np.array([1.0, -2.0, 0.5])
w = np.zeros(3)
loss = np.mean((x @ w - y) ** 2)
gradient = 2 * x.T @ (x @ w - y) / 30
w -= 0.1 * gradient
for t in range(50):
    loss = np.mean((x @ w - y) ** 2)
    gradient = 2 * x.T @ (x @ w - y) / 30
    w -= 0.1 * gradient
velocity = np.zeros(3)
for t in range(50):
    loss = np.mean((x @ w - y) ** 2)
    gradient = 2 * x.T @ (x @ w - y) / 30
    velocity = 0.9 * velocity + gradient
    w -= 0.1 * velocity
"""

KEPT_AS_IT_WAS = """
import numpy as np

states, after = np.random.randn(20, 3), np.random.randn(20, 3)
rewards = np.random.randn(20)
w = np.random.randn(3)
anchor = w.copy()
for t in range(50):
    error = states @ w - (rewards + 0.9 * (after @ anchor))
    loss = np.mean(error ** 2)
    gradient = 2 * states.T @ error / 20
    w -= 0.05 * gradient
    if t % 10 == 0:
        anchor = w.copy()
"""

BAGS = """
import numpy as np

bags = [[1, 4, 2], [3, 3, 0, 5], [2, 1]]
tags = [0, 1, 0]
table, weights = np.random.randn(6, 8) * 0.1, np.random.randn(8) * 0.1
for epoch in range(60):
    total = 0.0
    for bag, tag in zip(bags, tags):
        mixed = table[bag].mean(axis=0)
        p = 1 / (1 + np.exp(-(mixed @ weights)))
        total -= tag * np.log(p) + (1 - tag) * np.log(1 - p)
        d = p - tag
        d_weights = d * mixed
        d_mixed = d * weights
        weights -= 0.2 * d_weights
        for word in bag:
            table[word] -= 0.2 * d_mixed / len(bag)
    print(total)
"""
CUT = """
import numpy as np

x, y = np.random.randn(30, 4), np.array([0.001, 9.0, 0.0])
w = np.zeros((4, 3))
for step in range(20):
    error = x @ w - y
    loss = np.sum(error ** 2)
    dw = 2 * x.T @ error
    w -= 0.001 * np.clip(dw, -30, 30)
"""
DECAYED_ROW = """
import numpy as np

x, y = np.random.randn(9, 6), np.random.randn(9)
w = np.random.randn(4, 6)
rate, decay = 0.01, 0.1
for step in range(60):
    i = step % 4
    error = y[step % 9] - w[i] @ x[step % 9]
    w[i] += rate * (error * x[step % 9] - decay * w[i])
"""
