"""Files that are read line by line: rows of numbers, however they are split, named or converted."""

from __future__ import annotations

import pytest

from gradlint.model import Agreement, Verdict

from ..analysing import report_of

TRAINING = """
X, y = np.array(X), np.array(y)
w, b = np.zeros(X.shape[1]), 0.0
for epoch in range(100):
    p = X @ w + b
    loss = np.mean((p - y) ** 2)
    dw = 2 * X.T @ (p - y) / len(y)
    db = 2 * np.mean(p - y)
    w -= 0.1 * dw
    b -= 0.1 * db
"""

READING = {
    "lines of an open file": """
for line in open('a.csv'):
    parts = line.strip().split(',')
    X.append([float(part) for part in parts[:-1]])
    y.append(float(parts[-1]))
""",
    "all lines at once, with white space": """
with open('a.txt') as source:
    for line in source.readlines()[1:]:
        X.append(list(map(float, line.split()[1:])))
        y.append(int(line.split()[0]))
""",
    "by numpy": """
for line in open('a.csv', 'rb'):
    row = np.array(line.decode().rstrip('\\n').split(';'), dtype=float)
    X.append(row[:4])
    y.append(row[-1])
""",
    "by csv": """
reader = csv.reader(open('a.csv'))
next(reader)
for row in reader:
    X.append([float(value) for value in row[:-1]])
    y.append(float(row[-1]))
""",
    "with a name for each field": """
for line in open('iris.data'):
    long, wide, kind = line.split(',')
    X.append([float(long), float(wide)])
    y.append({'setosa': 0, 'other': 1}[kind.strip()])
""",
    "with a star": """
for line in open('a.csv'):
    *values, target = line.split(',')
    X.append([float(value) for value in values])
    y.append(float(target))
""",
    "changed in place": """
rows = [row for row in csv.reader(open('a.csv'))]
for row in rows:
    for i in range(len(row)):
        row[i] = float(row[i].strip())
X, y = [row[:-1] for row in rows], [row[-1] for row in rows]
""",
    "as many fields as the first line has": """
count = len(open('a.txt').readline().split('\\t')) - 1
for line in open('a.txt').readlines():
    parts = line.strip().split('\\t')
    X.append([float(parts[i]) for i in range(count)])
    y.append(float(parts[count]))
""",
    "by a far field": """
for line in open('a.csv'):
    parts = line.split(',')
    X.append([float(parts[0]), float(parts[33])])
    y.append(float(parts[57]))
""",
}  # fmt: skip


def _script(reading: str) -> str:
    return f"import csv\nimport numpy as np\nX, y = [], []\n{reading}{TRAINING}"


@pytest.mark.parametrize("name", READING)
def test_what_is_learnt_from_the_lines_of_a_file_is_judged(name: str) -> None:
    found = report_of(_script(READING[name]))
    assert (found.verdict, found.reason, len(found.gradients)) == (Verdict.CORRECT, None, 2)


@pytest.mark.parametrize("name", READING)
def test_a_mistake_in_what_is_learnt_from_them_is_found(name: str) -> None:
    text = _script(READING[name]).replace(
        "dw = 2 * X.T @ (p - y) / len(y)", "dw = X.T @ p / len(y)"
    )
    found = report_of(text)
    assert found.verdict is Verdict.WRONG
    (wrong,) = [g for g in found.gradients if g.static is Agreement.DIFFERENT]
    assert wrong.name == "dw"


def test_a_layer_of_784_inputs_fits_the_pixels_of_a_line() -> None:
    found = report_of("""
import numpy as np
w = np.random.randn(784, 10) * 0.01
for record in open('digits.csv').readlines():
    values = record.split(',')
    pixels = np.asarray(values[1:], dtype=float) / 255.0
    wanted = np.zeros(10)
    wanted[int(values[0])] = 1.0
    error = pixels @ w - wanted
    loss = 0.5 * np.sum(error ** 2)
    dw = np.outer(pixels, error)
    w -= 0.1 * dw
""")
    assert (found.verdict, found.reason) == (Verdict.CORRECT, None)


def test_a_file_that_is_read_as_a_whole_is_a_text() -> None:
    found = report_of("""
import numpy as np
text = open('book.txt').read()
chars = sorted(set(text))
w = np.random.randn(len(chars), len(chars)) * 0.01
for a, b in zip(text, text[1:]):
    i, j = chars.index(a), chars.index(b)
    p = np.exp(w[i]) / np.exp(w[i]).sum()
    loss = -np.log(p[j])
    d = p.copy()
    d[j] -= 1
    w[i] -= 0.1 * d
""")
    assert (found.verdict, found.reason) == (Verdict.CORRECT, None)


def test_each_character_of_a_text_is_looked_at_where_a_walk_is_long() -> None:
    found = report_of("""
import numpy as np
text = open('poem.txt').read()
letters = sorted(set(text))
code = {letter: i for i, letter in enumerate(letters)}
data = list(text)
for i, letter in enumerate(data):
    data[i] = code[letter]
n, length = len(letters), 100
W = np.random.randn(n, n) * 0.1
for epoch in range(50):
    start = 0
    while start + length + 1 <= len(data):
        x, y = np.zeros((length, n)), np.zeros((length, n))
        for t in range(length):
            x[t][data[start + t]] = 1
            y[t][data[start + t + 1]] = 1
        p = np.exp(x @ W)
        p /= p.sum(axis=1, keepdims=True)
        loss = -np.sum(y * np.log(p))
        W -= 0.01 * (x.T @ (p - y))
        start += length
""")
    assert (found.verdict, found.reason) == (Verdict.CORRECT, None)
