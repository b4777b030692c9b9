"""A script whose data are read from a file is confirmed at the data that it really reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gradlint.harness.result import RunResult
from gradlint.model import Agreement


def test_gradients_on_data_from_a_file_are_confirmed(
    tmp_path: Path, confirm: Callable[..., RunResult]
) -> None:
    rows = "".join(f"{0.1 * i},{(i * 7) % 5},{i % 3}\n" for i in range(20))
    (tmp_path / "rows.csv").write_text(rows, encoding="utf-8")
    result = confirm(
        """
        import numpy as np

        rows = np.loadtxt("rows.csv", delimiter=",")
        x, y = rows[:, :2], rows[:, 2]
        w = np.zeros(2)
        for epoch in range(10):
            error = x.dot(w) - y
            loss = np.mean(error ** 2)
            grad = 2 * x.T.dot(error) / len(y)
            w -= 0.01 * grad
        """
    )
    assert result.run.status == "ok", result.run.detail
    assert [w.autograd for w in result.witnesses] == [Agreement.EQUAL]
