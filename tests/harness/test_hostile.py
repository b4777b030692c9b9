"""Scripts that misbehave: one clear line, the steps that were seen, and nothing left behind."""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
from pathlib import Path

import pytest

from gradlint import harness
from gradlint.harness import props
from gradlint.harness.result import RunResult
from gradlint.model import Agreement
from gradlint.settings import CheckOptions
from tests.harness.conftest import Confirm, judged

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="process groups are POSIX")

SCRIPT = """
import sys, os
import numpy as np

x, y = np.random.randn(20, 3), np.random.randn(20, 1)
w = np.random.randn(3, 1)
{before}
for t in range(50):
    error = x @ w - y
    loss = np.sum(error ** 2)
    {inside}
    gradient = 2 * x.T @ error
    w -= 0.001 * gradient
"""


def script(before: str = "pass", inside: str = "pass") -> str:
    """The script with something in line 7, or in line 11 of the loop."""
    return SCRIPT.format(before=before, inside=inside)


ENDINGS = [
    pytest.param(script(before="int('four')"), "failed", 0,
                 "ValueError: invalid literal for int() with base 10: 'four' (line 7)",
                 id="raises before the loop"),
    pytest.param(script(inside="if t == 2: raise KeyError('k')"), "failed", 2,
                 "KeyError: 'k' (line 11)", id="raises at the third step"),
    pytest.param(script(before="import nowhere_to_be_found"), "failed", 0,
                 "ModuleNotFoundError: No module named 'nowhere_to_be_found' (line 7)",
                 id="imports what is not installed"),
    pytest.param(script(before="n = input('how many? ')"), "failed", 0,
                 "the script reads standard input (line 7)", id="asks for input"),
    pytest.param(script(before="n = sys.stdin.read()"), "failed", 0,
                 "the script reads standard input (line 7)", id="reads standard input"),
    pytest.param(script(before="sys.exit(3)"), "failed", 0,
                 "the script called sys.exit(3) (line 7)", id="exits before the loop"),
    pytest.param(script(inside="if t == 1: sys.exit()"), "ok", 1, None,
                 id="exits without an error after a step"),
    pytest.param(script(inside="if t == 1: os._exit(4)"), "failed", 1,
                 "the script called os._exit(4) (line 11)", id="ends the process at once"),
    pytest.param(script(before="while True: pass").replace("while", "n = 0\nwhile"), "timeout", 0,
                 "stopped after 2 s (line 8)", id="loops for ever"),
    pytest.param(script(before="while True: print('x' * 100)"), "timeout", 0,
                 "stopped after 2 s (line 7)", id="prints for ever"),
    pytest.param(script(inside="if t == 2: raise MemoryError"), "failed", 2,
                 "MemoryError (line 11); the run may use 8192 MiB of memory (--memory)",
                 id="has too little memory"),
    pytest.param(script(before="os.fork() or os._exit(0)"), "ok", 3, None, id="forks"),
    pytest.param(script(inside="np.seterr(all='raise'); np.random.seed(t)"), "ok", 3, None,
                 id="makes numpy strict"),
    pytest.param(script(before="import warnings; warnings.simplefilter('error')"), "ok", 3, None,
                 id="makes warnings errors"),
]  # fmt: skip


@pytest.mark.parametrize("source, status, steps, detail", ENDINGS)
def test_an_ending_is_told_in_one_line(
    confirm: Confirm, source: str, status: str, steps: int, detail: str | None
) -> None:
    result = confirm(source, limit=2.0)
    assert (result.status, result.iterations, result.detail) == (status, steps, detail)
    said = [w.autograd for w in result.witnesses]
    assert said == [Agreement.EQUAL if steps else Agreement.NOT_RUN]


def test_a_script_that_swallows_everything_is_cut_all_the_same(confirm: Confirm) -> None:
    result = confirm("""
        import numpy as np

        x, y = np.random.randn(20, 3), np.random.randn(20, 1)
        w = np.random.randn(3, 1)
        while True:
            try:
                error = x @ w - y
                loss = np.sum(error ** 2)
                gradient = 2 * x.T @ error
                w -= 0.001 * gradient
            except:
                pass
        """)
    assert result.status == "ok"
    assert result.witnesses[0].autograd is Agreement.EQUAL


@pytest.mark.skipif(importlib.util.find_spec("matplotlib") is not None, reason="it is installed")
def test_a_script_that_plots_runs_without_matplotlib(confirm: Confirm) -> None:
    plots = """
import matplotlib.pyplot as plt
from mpl_toolkits.mplot3d import Axes3D
fig, (left, right) = plt.subplots(1, 2)[0], (1, 2)
fig, axes = plt.subplots(2)
line, = axes[0].plot([1, 2], [3, 4])
plt.show()
"""
    result = confirm(script(before=plots.strip(), inside="plt.pause(0.5); plt.plot(t, loss)"))
    assert (result.status, result.iterations) == ("ok", 3)


def test_a_script_reads_the_files_beside_it_and_overwrites_only_copies(
    confirm: Confirm, tmp_path: Path
) -> None:
    (tmp_path / "data.csv").write_text("1,2,3\n4,5,6\n", encoding="utf-8")
    before = "n = np.loadtxt('data.csv', delimiter=','); open('data.csv', 'w').close()"
    result = confirm(script(before=before, inside="np.save('weights.npy', w)"))
    assert (result.status, result.detail) == ("ok", None)
    assert (tmp_path / "data.csv").read_text(encoding="utf-8") == "1,2,3\n4,5,6\n"
    assert not (tmp_path / "weights.npy").exists()


def test_data_above_the_working_folder_and_large_data_are_found(
    confirm: Confirm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "rows.txt").write_text("1 2 3\n", encoding="utf-8")
    with open(tmp_path / "src" / "large.bin", "wb") as file:
        file.truncate(props.MOST + 8)
    monkeypatch.chdir(tmp_path / "src")
    before = "n = np.loadtxt('../data/rows.txt').sum() + np.fromfile('large.bin', count=1).sum()"
    result = confirm(script(before=before + "; assert n == 6"))
    assert (result.status, result.detail) == ("ok", None)
    lost = confirm(script(before="open('large.bin', 'r+')"))
    assert lost.detail is not None
    assert lost.detail.startswith("PermissionError: ")
    assert lost.detail.endswith("(line 7); a run may write only in its own temporary folder")


def test_windows_are_not_opened(confirm: Confirm, tmp_path: Path) -> None:
    window = "def imshow(*args): raise RuntimeError('no display')\nwaitKey = imshow\n"
    (tmp_path / "cv2.py").write_text(window, encoding="utf-8")
    shows = "import cv2; cv2.imshow('w', np.zeros((2, 2))); key = cv2.waitKey(0)"
    result = confirm(script(before=shows))
    assert (result.status, result.detail) == ("ok", None)


@pytest.mark.skipif(importlib.util.find_spec("matplotlib") is None, reason="it is not installed")
def test_a_backend_for_windows_is_not_needed(confirm: Confirm) -> None:
    shows = (
        "import matplotlib; matplotlib.use('TkAgg'); import matplotlib.pyplot as plt; "
        "plt.plot([1, 2]); plt.savefig('plot.png'); plt.show()"
    )
    result = confirm(script(before=shows))
    assert (result.status, result.detail) == ("ok", None)


DEEDS = [
    pytest.param("import shutil; shutil.rmtree(os.getcwd())", "ok", id="deletes its folder"),
    pytest.param("os.environ.clear(); os.environ['HOME'] = '/'", "ok", id="changes its environment"),
    pytest.param("import threading; threading.Thread(target=threading.Event().wait).start()", "ok",
                 id="starts a thread that never ends"),
    pytest.param("import signal; signal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True: pass",
                 "timeout", id="takes the alarm for itself"),
    pytest.param("sys.setrecursionlimit(10**6); f = lambda n: f(n + 1) if n < 10**5 else n; f(0)", "ok",
                 id="recurses deeply"),
    pytest.param("sys.exit = print; sys.exit(1); exit = 0", "ok", id="takes names for itself"),
    pytest.param("os.read(0, 1) == b'' or os.abort()", "ok", id="reads the standard input by number"),
    pytest.param("[np.ones((1000, 1000)) for _ in range(120)]", "failed", id="hoards arrays"),
    pytest.param("import socket; socket.create_connection(('127.0.0.1', 9))", "failed",
                 id="connects to a socket"),
]  # fmt: skip


@pytest.mark.parametrize("deed, status", DEEDS)
def test_the_verdict_of_a_run_survives_its_deeds(confirm: Confirm, deed: str, status: str) -> None:
    limit = 2.0 if status == "timeout" else 60.0
    result = confirm(script(before=deed), limit=limit, memory=700)
    assert result.status == status, result.detail
    if status == "ok":
        assert [w.autograd for w in result.witnesses] == [Agreement.EQUAL]
    else:
        assert result.detail is not None and "(line " in result.detail


def test_a_script_imports_its_neighbours_and_knows_its_own_file(
    confirm: Confirm, tmp_path: Path
) -> None:
    (tmp_path / "neighbour.py").write_text("rows = 20\n", encoding="utf-8")
    before = "import neighbour; assert __name__ == '__main__' and sys.argv == [__file__]"
    assert confirm(script(before=before)).status == "ok"


# The whole road: a process of its own.


def test_a_run_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result, folder = _run(tmp_path, monkeypatch, script(inside="open('a', 'w').write('x')"))
    assert (result.status, result.iterations) == ("ok", 3)
    assert list(folder.iterdir()) == []
    assert sorted(p.name for p in tmp_path.iterdir()) == ["script.py", "temporary"]


def test_what_cannot_be_stopped_from_inside_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stubborn = "import signal; signal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True: pass"
    monkeypatch.setattr("gradlint.harness.parent.GRACE", 3.0)
    result, folder = _run(tmp_path, monkeypatch, script(before=stubborn), timeout=1.0)
    assert result.status == "timeout"
    assert result.detail is not None  # with the line, where the watcher is quicker than the parent
    assert result.detail.startswith("stopped after 1 s")
    assert list(folder.iterdir()) == []


def test_a_crash_of_the_interpreter_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crash = "os.kill(os.getpid(), 11)"
    result, _ = _run(tmp_path, monkeypatch, script(before=crash))
    assert (result.status, result.detail) == ("failed", "the run was ended by SIGSEGV (line 7)")


def test_a_child_without_a_job_goes_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = _temporary(tmp_path, monkeypatch)
    with harness.start(CheckOptions(timeout=5.0)) as child:
        process = child._process
        assert process.poll() is None
    assert process.poll() is not None
    assert list(folder.iterdir()) == []


def test_a_child_without_a_job_has_no_result_to_wait_for() -> None:
    assert harness.start(CheckOptions(timeout=1e6)).result().status == "not-run"


def test_without_torch_the_run_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden" / "torch.py").write_text("raise ImportError('not here')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "hidden"), prepend=os.pathsep)
    result, _ = _run(tmp_path, monkeypatch, script())
    assert result.status == "not-run"
    assert result.detail == "torch is not installed: pip install 'gradlint[torch]'"


def test_the_parent_does_not_import_torch() -> None:
    import subprocess

    code = (
        "import sys; from gradlint import harness; from gradlint.settings import CheckOptions\n"
        "harness.start(CheckOptions()).cancel(); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def _temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def _run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, timeout: float = 20.0
) -> tuple[RunResult, Path]:
    """Run a script in a real child; the result, and the folder of its temporary files."""
    folder = _temporary(tmp_path, monkeypatch)
    path = tmp_path / "script.py"
    path.write_text(source, encoding="utf-8")
    child = harness.start(CheckOptions(timeout=timeout, device="cpu"))
    case, judgement = judged(source, path)
    child.submit(case, judgement.spec)
    return child.result(), folder
