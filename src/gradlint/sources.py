"""From a file's bytes to its text, and back: the encoding and line ends are the user's own."""

from __future__ import annotations

import codecs
import io
import stat
import tokenize
from dataclasses import dataclass
from pathlib import Path

SIZE_LIMIT = 10_000_000
"""In bytes. A script of ten megabytes was not written by hand."""

_WIDE_BOMS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class UnreadableFile(Exception):
    """The file cannot be read as text; the message says what it is and what to do."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file's text and the encoding it was read with."""

    text: str
    encoding: str

    def encode(self, text: str) -> bytes:
        """`text` as bytes in the encoding of this source.

        Raises:
            UnicodeEncodeError: `text` has a character that the encoding lacks.
        """
        return text.encode(self.encoding)


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

    Raises:
        UnreadableFile: it is binary, or not in that encoding.
    """
    if data.startswith(_WIDE_BOMS):
        raise UnreadableFile("encoded as UTF-16 or UTF-32; save it as UTF-8")
    if b"\0" in data:
        raise UnreadableFile("binary, not text; name a Python script")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return Source(data.decode(encoding), encoding)
    except UnicodeDecodeError as error:
        raise _misencoded(data, error.encoding, error.start) from None
    except SyntaxError as error:
        raise _unknown_encoding(data, str(error.msg)) from None
    except LookupError as error:
        raise UnreadableFile(f"{error}; save it as UTF-8") from None


def _misencoded(data: bytes, encoding: str, at: int) -> UnreadableFile:
    line = data.count(b"\n", 0, at) + 1
    name = "UTF-8" if encoding.startswith("utf") else encoding
    return UnreadableFile(
        f"not {name} (byte 0x{data[at]:02x} on line {line}); save it as UTF-8 or name its encoding "
        "in the first line: # -*- coding: latin-1 -*-"
    )


def _unknown_encoding(data: bytes, message: str) -> UnreadableFile:
    """What tokenize's SyntaxError means: no such encoding, or a first line that is not UTF-8."""
    if "unknown encoding" in message or "encoding problem" in message:
        return UnreadableFile(f"{message}; correct its coding line or save it as UTF-8")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _misencoded(data, "utf-8", error.start)
    return UnreadableFile(f"{message}; save it as UTF-8")
