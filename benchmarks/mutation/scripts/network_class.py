import numpy as np


class NeuralNetwork:
    """One hidden layer, trained on the whole batch."""

    def __init__(self, n_in, n_hidden, n_out, rate=0.1):
        rng = np.random.RandomState(1)
        self.w1 = rng.randn(n_in, n_hidden) * 0.5
        self.b1 = np.zeros((1, n_hidden))
        self.w2 = rng.randn(n_hidden, n_out) * 0.5
        self.b2 = np.zeros((1, n_out))
        self.rate = rate

    def sigmoid(self, s):
        return 1 / (1 + np.exp(-s))

    def sigmoid_prime(self, s):
        return s * (1 - s)

    def forward(self, X):
        self.z1 = np.dot(X, self.w1) + self.b1
        self.a1 = np.tanh(self.z1)
        self.z2 = np.dot(self.a1, self.w2) + self.b2
        self.out = self.sigmoid(self.z2)
        return self.out

    def backward(self, X, y):
        m = X.shape[0]
        self.out_error = (self.out - y) / m
        self.out_delta = self.out_error * self.sigmoid_prime(self.out)
        self.hidden_delta = self.out_delta.dot(self.w2.T) * (1 - self.a1**2)

        self.w2 -= self.rate * self.a1.T.dot(self.out_delta)
        self.b2 -= self.rate * self.out_delta.sum(axis=0, keepdims=True)
        self.w1 -= self.rate * X.T.dot(self.hidden_delta)
        self.b1 -= self.rate * self.hidden_delta.sum(axis=0, keepdims=True)

    def train(self, X, y, epochs):
        for i in range(epochs):
            out = self.forward(X)
            loss = 0.5 * np.sum((out - y) ** 2) / X.shape[0]
            self.backward(X, y)
            if i % 50 == 0:
                print("epoch", i, "loss", loss)


np.random.seed(3)
X = np.random.rand(30, 4)
y = (X.sum(axis=1, keepdims=True) > 2).astype(float)
nn = NeuralNetwork(4, 6, 1)
nn.train(X, y, 200)
