import numpy as np


class Dense:
    def __init__(self, n_in, n_out):
        self.W = np.random.randn(n_in, n_out) * np.sqrt(2 / n_in)
        self.b = np.zeros(n_out)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, grad):
        self.dW = self.x.T @ grad
        self.db = grad.sum(axis=0)
        return grad @ self.W.T

    def step(self, lr):
        self.W -= lr * self.dW
        self.b -= lr * self.db


class Tanh:
    def forward(self, x):
        self.y = np.tanh(x)
        return self.y

    def backward(self, grad):
        return grad * (1 - self.y**2)

    def step(self, lr):
        pass


np.random.seed(5)
x = np.random.randn(25, 3)
t = np.sin(x[:, :1]) + 0.5 * x[:, 1:2]
layers = [Dense(3, 8), Tanh(), Dense(8, 5), Tanh(), Dense(5, 1)]

for epoch in range(60):
    out = x
    for layer in layers:
        out = layer.forward(out)
    loss = ((out - t) ** 2).mean()
    grad = 2 * (out - t) / out.size
    for layer in reversed(layers):
        grad = layer.backward(grad)
    for layer in layers:
        layer.step(0.1)
    if epoch % 20 == 0:
        print(epoch, loss)
