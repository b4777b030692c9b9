"""Data sets of images in binary files: headers, pixels and labels that are not there."""

from __future__ import annotations

import pytest

from gradlint.model import Verdict

from ..analysing import report_of

HEADERS = """
import struct
import numpy as np

def load(path):
    with open(path + "-images-idx3-ubyte", "rb") as f:
        magic, num, rows, cols = struct.unpack(">IIII", f.read(16))
        images = np.fromfile(f, dtype=np.uint8).reshape(num, rows * cols)
    with open(path + "-labels-idx1-ubyte", "rb") as f:
        magic, n = struct.unpack(">II", f.read(8))
        labels = np.fromfile(f, dtype=np.uint8)
    return images / 255.0, labels

X, y = load("train")
"""
OFFSETS = """
import gzip
import numpy as np

def load(path, start):
    with gzip.open(path, "rb") as f:
        return np.frombuffer(f.read(), np.uint8, offset=start)

X = load("train-images.gz", 16).reshape(-1, 28 * 28).astype(np.float32) / 255
y = load("train-labels.gz", 8)
"""
TRAINING = """
Y = np.eye(10)[y]
W1, b1 = 0.1 * np.random.randn(784, 30), np.zeros(30)
W2 = 0.1 * np.random.randn(30, 10)
for epoch in range(20):
    h = np.tanh(X @ W1 + b1)
    p = np.exp(h @ W2)
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.mean(np.sum(Y * np.log(p), axis=1))
    d2 = (p - Y) / len(X)
    dW2 = h.T @ d2
    d1 = d2 @ W2.T * (1 - h ** 2)
    dW1, db1 = X.T @ d1, d1.sum(axis=0)
    W1 -= 0.1 * dW1
    b1 -= 0.1 * db1
    W2 -= 0.1 * dW2
"""


HALVES = HEADERS.replace(
    'magic, num, rows, cols = struct.unpack(">IIII", f.read(16))',
    'magic, num = struct.unpack(">II", f.read(8))\n'
    '        rows, cols = struct.unpack(">II", f.read(8))',
)


@pytest.mark.parametrize("loaded", [HEADERS, HALVES, OFFSETS], ids=["headers", "halves", "offsets"])
def test_what_is_learnt_from_images_in_binary_files_is_judged(loaded: str) -> None:
    found = report_of(loaded + TRAINING)
    assert (found.verdict, found.reason) == (Verdict.CORRECT, None)


def test_a_slip_in_what_is_learnt_from_them_is_found() -> None:
    assert report_of(OFFSETS + TRAINING.replace("h ** 2", "h")).verdict is Verdict.WRONG


def test_bytes_that_come_from_no_file_are_not_known() -> None:
    text = TRAINING.replace("for epoch", "X = np.frombuffer(W1.tobytes())\nfor epoch")
    assert report_of(HEADERS + text).verdict is Verdict.UNVERIFIED
