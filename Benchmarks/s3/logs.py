"""How much log a restart has to read: what the manifest's log start leaves, by docs/format/log.md and manifest.md."""

import struct
from pathlib import Path

from harness.failure import CannotRun

BLOCK = 4096
LOG_START = 2
FRAME_HEADER_BYTES = 96


def unread_log_bytes(store: Path) -> int:
    """The length of the log from the manifest's log start to the last frame. No one may serve the store."""
    start, first_segment = _log_start(store)
    segments = []
    for file in store.rglob("*.log"):
        with open(file, "rb") as stream:
            header = stream.read(BLOCK)
        if header[:8] == b"VARVELOG":
            number, _, begins = struct.unpack_from("<QQQ", header, 32)
            if number >= first_segment:
                segments.append((number, begins, file))
    position = start
    for number, begins, file in sorted(segments):
        if begins > position:
            break
        position = _end_of_frames(file, number, begins, position)
    return position - start


def _end_of_frames(file: Path, segment: int, begins: int, position: int) -> int:
    """Where the frames of a segment end that follow each other from `position` on."""
    with open(file, "rb") as stream:
        while True:
            stream.seek(BLOCK + position - begins)
            header = stream.read(FRAME_HEADER_BYTES)
            if len(header) < FRAME_HEADER_BYTES or header[:4] != b"VFRM":
                return position
            length, = struct.unpack_from("<I", header, 4)
            at, = struct.unpack_from("<Q", header, 16)
            of, = struct.unpack_from("<Q", header, 40)
            if at != position or of != segment:
                return position
            position += -(-(FRAME_HEADER_BYTES + length) // BLOCK) * BLOCK


def _log_start(store: Path) -> tuple[int, int]:
    """The last log start of the manifest in force: position and segment number."""
    current = next(store.rglob("CURRENT"), None)
    if current is None:
        raise CannotRun(f"{store} holds no store")
    data = (current.parent / current.read_text().split("\n")[0]).read_bytes()
    found, offset = (0, 0), BLOCK
    while data[offset:offset + 4] == b"VEDT":
        length, = struct.unpack_from("<I", data, offset + 4)
        payload = data[offset + 32:offset + 32 + length]
        offset += -(-(32 + length) // BLOCK) * BLOCK
        at = 0
        while at < len(payload):
            tag, at = _varint(payload, at)
            size, at = _varint(payload, at)
            if tag == LOG_START:
                position, next_field = _varint(payload, at)
                found = (position, _varint(payload, next_field)[0])
            at += size
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """An unsigned LEB128 number and the offset behind it."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
