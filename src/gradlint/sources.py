"""From a file's bytes to its text, and back: the encoding and line ends are the user's own."""

from __future__ import annotations

import codecs
import io
import re
import stat
import tokenize
from dataclasses import dataclass
from pathlib import Path

SIZE_LIMIT = 10_000_000
"""In bytes. A script of ten megabytes was not written by hand."""

_WIDE = (
    (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
_CONTROL = re.compile(r"[\x00-\x06\x0e-\x1a]")


class UnreadableFile(Exception):
    """The file cannot be read as text; the message says what it is and what to do."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file's text, the encoding it was read with, and the mark that stood before it."""

    text: str
    encoding: str
    mark: bytes = b""

    def encode(self, text: str) -> bytes:
        """`text` as bytes in the encoding of this source.

        Raises:
            UnicodeEncodeError: `text` has a character that the encoding lacks.
        """
        return self.mark + text.encode(self.encoding)


def read_source(path: str) -> Source:
    """The text of the file at `path`.

    Raises:
        UnreadableFile: it is not there, not a regular file, not permitted, too large or not text.
    """
    try:
        status = Path(path).stat()
        _expect_script(status.st_mode, status.st_size)
        return decode_source(Path(path).read_bytes())
    except FileNotFoundError:
        raise UnreadableFile("no such file; check the path") from None
    except PermissionError:
        raise UnreadableFile("permission denied; make it readable (chmod u+r)") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnreadableFile(f"cannot be read ({reason})") from None


def _expect_script(mode: int, size: int) -> None:
    if stat.S_ISDIR(mode):
        raise UnreadableFile("is a directory; name a script in it")
    if not stat.S_ISREG(mode):
        raise UnreadableFile("not a regular file; hand its text in on standard input with `-`")
    if size > SIZE_LIMIT:
        raise UnreadableFile(f"larger than {SIZE_LIMIT // 1_000_000} MB; name a script")


def decode_source(data: bytes) -> Source:
    """`data` as text, in the encoding of its byte order mark or coding line (PEP 263), or UTF-8.

    What is not in that encoding is read as GB18030 if it looks Chinese, and else as a Western one.

    Raises:
        UnreadableFile: it is binary, or its coding line names no encoding.
    """
    for mark, encoding in _WIDE:
        if data.startswith(mark):
            return _decoded(data[len(mark) :], encoding, mark)
    if b"\0" in data:
        raise UnreadableFile("binary, not text; name a Python script")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return Source(data.decode(encoding), encoding)
    except UnicodeDecodeError:
        return _guessed(data)
    except SyntaxError as error:
        return _undeclared(data, str(error.msg))
    except LookupError as error:
        raise UnreadableFile(f"{error}; save it as UTF-8") from None


def _decoded(data: bytes, encoding: str, mark: bytes) -> Source:
    try:
        return Source(data.decode(encoding), encoding, mark)
    except UnicodeDecodeError:
        name = encoding.rpartition("-")[0].upper()
        raise UnreadableFile(f"not {name}, as its first bytes say; save it as UTF-8") from None


def _undeclared(data: bytes, message: str) -> Source:
    """What tokenize's SyntaxError means: no such encoding, or a first line that is not UTF-8."""
    if "unknown encoding" in message or "encoding problem" in message:
        raise UnreadableFile(f"{message}; correct its coding line or save it as UTF-8")
    return _guessed(data)


def _guessed(data: bytes) -> Source:
    """`data`, which is not in the encoding that it should have, in the one that it most likely has."""
    others = ("gb18030", "cp1252") if _looks_chinese(data) else ("cp1252", "latin-1")
    for encoding in ("utf-8", *others):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text.encode(encoding) == data and not _CONTROL.search(text):
            return Source(text, encoding)
    raise UnreadableFile("neither UTF-8 nor text in another encoding; save it as UTF-8")


def _looks_chinese(data: bytes) -> bool:
    """Whether the bytes beyond ASCII come in pairs: an accented letter mostly stands alone."""
    runs = re.findall(rb"[\x80-\xff]+", data)
    pairs = sum(len(run) % 2 == 0 for run in runs)
    return bool(runs) and pairs > 0.8 * len(runs)
