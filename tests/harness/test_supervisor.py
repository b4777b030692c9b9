"""What a script may do to the machine, and what is left of it: hostile code in a supervised process.

Every script here is bounded by itself too: without any guard it would end within seconds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest

from gradlint.harness import landlock

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="these guards are those of Linux"
)

RUN = """
import json, sys
from pathlib import Path
from gradlint.harness import guard, supervisor
from gradlint.harness.crash import note_crashes, place_of_crash
from gradlint.harness.limits import Limits
from gradlint.harness.supervisor import BEGINS, supervise, tell

folder, asked = Path(sys.argv[1]), json.loads(sys.argv[2])
if asked["elsewhere"]:
    sys.platform = "darwin"
    supervisor.end_all, supervisor.descendants = (lambda process: None), (lambda process: [])
supervisor.SLACK = 0.5
limits = Limits(asked["timeout"], 5.0, asked["memory"])
code = compile((folder / "code.py").read_text(), "/code.py", "exec")

def work():
    note_crashes(folder, "/code.py")
    (folder / "work").mkdir()
    tell(BEGINS)
    import os
    os.chdir(folder / "work")
    guards = guard.Guards(files=asked["files"], calls=asked["calls"])
    missing = guard.confine([folder / "work"], limits, asked["data"], guards)
    out = open(1, "w", closefd=False)
    print(json.dumps(missing), file=out, flush=True)
    exec(code, {"__name__": "__main__", "tell": lambda *x: print(*x, file=out, flush=True)})
    os._exit(0)

ways = (True, False) if asked["namespaces"] else (False,)
ended = supervise(work, limits, folder, ways)
print("END", ended.code, ended.status, ended.why + place_of_crash(folder), sep="|", flush=True)
"""


@dataclass(frozen=True)
class Outcome:
    """What the script told, how it ended, and which processes were left."""

    told: list[str]
    code: int
    status: str
    why: str
    unguarded: list[str]


Hostile = Callable[..., Outcome]


@pytest.fixture
def hostile(tmp_path: Path) -> Hostile:
    def run(code: str, **asked: object) -> Outcome:
        usual = {"timeout": 60.0, "memory": 1024, "data": True, "files": True, "calls": True}
        (tmp_path / "run").mkdir()
        (tmp_path / "run" / "code.py").write_text(dedent(code), encoding="utf-8")
        arguments = json.dumps({"namespaces": True, "elsewhere": False, **usual, **asked})
        found = subprocess.run(
            [sys.executable, "-c", RUN, str(tmp_path / "run"), arguments],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        *told, end = found.stdout.splitlines() or [found.stderr]
        assert end.startswith("END|"), found.stdout + found.stderr
        _, ended, status, why = end.split("|")
        return Outcome(told[1:], int(ended), status, why, json.loads(told[0]))

    return run


WAYS = [
    pytest.param(True, id="with namespaces where they are"),
    pytest.param(False, id="without namespaces"),
]


@pytest.mark.parametrize("namespaces", WAYS)
def test_a_fork_bomb_is_ended_with_all_of_its_processes(
    hostile: Hostile, tmp_path: Path, namespaces: bool
) -> None:
    bomb = """
        import os, time
        for _ in range(8):
            os.fork()
        time.sleep(20)
        """
    found = hostile(bomb, namespaces=namespaces)
    assert found.status == "failed"
    assert found.why.startswith("the run started more than 100 processes")
    assert not _left(tmp_path)


@pytest.mark.parametrize("namespaces", WAYS)
def test_a_daemon_does_not_outlive_its_run(
    hostile: Hostile, tmp_path: Path, namespaces: bool
) -> None:
    daemon = """
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                for _ in range(30):
                    time.sleep(1)
            os._exit(0)
        os.wait()
        tell("gone")
        """
    found = hostile(daemon, namespaces=namespaces)
    assert (found.told, found.code) == (["gone"], 0)
    assert not _left(tmp_path)


def test_memory_of_all_processes_together_is_bounded(hostile: Hostile) -> None:
    hog = """
        import os, time
        os.fork() and os.fork()
        hoard = bytearray(os.urandom(1)) * (60 << 20)
        time.sleep(20)
        """
    found = hostile(hog, memory=100)
    assert found.status == "failed"
    assert found.why.startswith("the run needs more than 100 MiB of memory (--memory)")


def test_asking_for_too_much_memory_is_an_error_in_its_line(hostile: Hostile) -> None:
    found = hostile(
        """
        try:
            bytearray(200 << 20)
        except MemoryError:
            tell("refused")
        """,
        memory=100,
    )
    assert found.told == ["refused"]


def test_too_much_written_is_ended(hostile: Hostile) -> None:
    sparse = """
        import time
        for name in ("a", "b", "c"):
            with open(name, "wb") as file:
                file.truncate(1 << 30)
        time.sleep(20)
        """
    found = hostile(sparse)
    assert (found.status, found.why) == (
        "failed",
        "the run wrote more than 2048 MiB to files (line 6)",
    )


def test_time_that_is_up_is_told_with_the_line(hostile: Hostile) -> None:
    stubborn = """
        import signal, time
        for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP, signal.SIGABRT}:
            signal.signal(number, signal.SIG_IGN)
        end = time.monotonic() + 30
        while time.monotonic() < end:
            pass
        """
    found = hostile(stubborn, timeout=0.1)
    assert found.status == "timeout"
    assert found.why.startswith("stopped after 0.1 s (line ")


@pytest.mark.parametrize(
    "code, ended, where",
    [
        pytest.param("os.kill(os.getpid(), 9)", 128 + 9, "", id="kills itself"),
        pytest.param("os.kill(os.getpid(), 19)", 128 + 19, "", id="stops itself"),
        pytest.param("os.killpg(0, 15)", 128 + 15, "", id="ends its group"),
        pytest.param("import ctypes; ctypes.string_at(0)", 128 + 11, " (line 2)", id="segfault"),
        pytest.param("os.abort()", 128 + 6, " (line 2)", id="aborts"),
        pytest.param("os._exit(3)", 3, "", id="exits at once"),
    ],
)
def test_an_ending_is_known(hostile: Hostile, code: str, ended: int, where: str) -> None:
    found = hostile(f"import os\n{code}\n")
    assert (found.code, found.status, found.why) == (ended, "", where)


WRITES = """
    import os, shutil, socket, subprocess, sys
    from pathlib import Path
    user = Path({user!r})
    deeds = {{
        "overwrite": lambda: (user / "data.csv").write_text("lost"),
        "append": lambda: open(user / "data.csv", "a"),
        "by a way round": lambda: open(os.path.relpath(user / "data.csv"), "r+"),
        "create": lambda: (user / "new").write_text("x"),
        "remove": lambda: os.remove(user / "data.csv"),
        "rename": lambda: os.rename(user / "data.csv", user / "other"),
        "move": lambda: shutil.move(user / "data.csv", "here"),
        "remove all": lambda: shutil.rmtree(user),
        "folder": lambda: os.makedirs(user / "a" / "b"),
        "truncate": lambda: os.truncate(user / "data.csv", 0),
        "link": lambda: os.link(user / "data.csv", "linked"),
        "symbolic link": lambda: os.symlink("x", user / "link"),
    }}
    os.symlink(user, "way")
    deeds["through a link"] = lambda: open("way/data.csv", "w")
    for name, deed in deeds.items():
        try:
            deed()
            tell(name)
        except OSError as error:
            pass
    for deed in (lambda: os.chmod(user / "data.csv", 0), lambda: os.utime(user / "data.csv", (0, 0))):
        try:
            deed()
        except OSError:
            pass
    try:
        subprocess.run(["sh", "-c", f"echo lost > {{user}}/data.csv"], stderr=subprocess.DEVNULL)
    except OSError:
        pass
    Path("own").write_text("x"); os.rename("own", "other"); os.remove("other")
    os.mkdir("below"); Path("below/file").write_text("x"); shutil.rmtree("below")
    open(os.devnull, "w").write("x")
    tell((user / "data.csv").read_text())
    """
NETWORK = """
    import socket
    for family, address in ((socket.AF_INET, ("127.0.0.1", 9)), (socket.AF_INET6, ("::1", 9))):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            try:
                with socket.socket(family, kind) as made:
                    made.connect(address)
                    tell("connected", family, kind)
            except OSError:
                pass
    try:
        socket.getaddrinfo("localhost", 80)
        tell("resolved")
    except OSError:
        pass
    a, b = socket.socketpair()
    a.send(b"x")
    tell(b.recv(1).decode())
    """
LAYERS = [
    pytest.param({}, id="all guards"),
    pytest.param({"namespaces": False}, id="no namespaces"),
    pytest.param({"namespaces": False, "files": False, "calls": False}, id="Python's own refusals"),
    pytest.param({"elsewhere": True}, id="another system than Linux"),
]


@pytest.mark.parametrize("layers", LAYERS)
def test_the_files_of_the_user_can_be_read_and_not_changed(
    hostile: Hostile, tmp_path: Path, layers: dict[str, bool]
) -> None:
    user = tmp_path / "user"
    user.mkdir()
    data = user / "data.csv"
    data.write_text("1,2,3", encoding="utf-8")
    before = data.stat()
    found = hostile(WRITES.format(user=str(user)), **layers)
    assert found.told == ["1,2,3"], "what was told before was allowed"
    assert [p.name for p in user.iterdir()] == ["data.csv"]
    after = data.stat()
    assert (after.st_mode, after.st_mtime_ns) == (before.st_mode, before.st_mtime_ns)


@pytest.mark.parametrize("layers", LAYERS)
def test_there_is_no_network(hostile: Hostile, layers: dict[str, bool]) -> None:
    assert hostile(NETWORK, **layers).told == ["x"]


def test_what_is_not_guarded_is_told(hostile: Hostile) -> None:
    found = hostile("pass", namespaces=False, files=False, calls=False)
    assert [what.partition(" ")[0] for what in found.unguarded] == ["files", "the"]


def test_elsewhere_than_on_linux_the_group_of_a_run_is_ended(
    hostile: Hostile, tmp_path: Path
) -> None:
    found = hostile(
        """
        import os, time
        if os.fork():
            tell("left")
            os._exit(7)
        time.sleep(30)
        """,
        elsewhere=True,
    )
    assert (found.told, found.code) == (["left"], 7)
    assert [what.rpartition(" ")[2] for what in found.unguarded] == ["only", "only", "limited"]
    assert not _left(tmp_path)


@pytest.mark.skipif(not landlock.version(), reason="this kernel has no Landlock")
def test_with_all_guards_there_is_nothing_to_tell(hostile: Hostile) -> None:
    assert hostile("pass").unguarded == []


@pytest.mark.parametrize("namespaces", WAYS)
def test_nobody_else_can_be_signalled(hostile: Hostile, namespaces: bool) -> None:
    asks = f"""
        import os
        for process in (-1, 1, os.getppid(), {os.getpid()}):
            try:
                os.kill(process, 0)
                tell(process)
            except OSError:
                pass
        """
    expected = [] if namespaces or landlock.version() > 5 else [str(os.getpid())]
    assert hostile(asks, namespaces=namespaces).told == expected


def test_threads_and_programs_and_locks_work(hostile: Hostile) -> None:
    found = hostile("""
        import multiprocessing, subprocess, threading
        threads = [threading.Thread(target=tell, args=("thread",)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        tell(subprocess.run(["echo", "program"], capture_output=True, text=True).stdout.strip())
        with multiprocessing.get_context("fork").Pool(1) as pool:
            tell(pool.apply(len, ("1234",)))
        """)
    assert found.told == ["thread", "thread", "program", "4"]


def test_the_run_ends_with_the_process_that_asked_for_it(tmp_path: Path) -> None:
    code = dedent("""
        import os, subprocess, sys, time
        from pathlib import Path
        from gradlint.harness.limits import Limits
        from gradlint.harness.supervisor import supervise
        if os.fork():
            time.sleep(0.5)
            os._exit(0)
        supervise(lambda: time.sleep(30), Limits(60.0, 5.0, 1024), Path(sys.argv[1]))
        """)
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], timeout=120, check=True)
    until = time.monotonic() + 60
    while _left(tmp_path) and time.monotonic() < until:
        time.sleep(0.1)
    assert not _left(tmp_path)


def _left(folder: Path) -> set[int]:
    """The processes of a run in `folder` that are still there, whoever their parent is now."""
    found = set()
    for name in os.listdir("/proc"):
        if name.isdigit() and name != str(os.getpid()):
            try:
                command = Path(f"/proc/{name}/cmdline").read_bytes()
                state = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if os.fsencode(folder) in command and state != "Z":
                found.add(int(name))
    return found
