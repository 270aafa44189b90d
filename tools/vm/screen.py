# SPDX-License-Identifier: BSD-2-Clause
"""What a machine shows on its screen: taken over QMP (QEMU docs/interop/qmp-spec), read as PPM, written as PNG."""

import collections
import json
import os
import socket
import struct
import tempfile
import zlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Picture:
    width: int
    height: int
    pixels: bytes  # three bytes each: red, green, blue

    def colours(self):
        """{0xRRGGBB: how many pixels have it}."""
        counts = collections.Counter(zip(*(iter(self.pixels),) * 3))
        return {red << 16 | green << 8 | blue: count for (red, green, blue), count in counts.items()}

    def png(self):
        """PNG (ISO/IEC 15948): one IDAT chunk, each row filtered against the one above, which suits drawings."""
        stride, rows, above = self.width * 3, [], bytes(self.width * 3)
        for start in range(0, len(self.pixels), stride):
            row = self.pixels[start:start + stride]
            rows.append(b"\x02" + bytes((one - other) & 0xFF for one, other in zip(row, above)))
            above = row

        def chunk(kind, data):
            return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        header = struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)
        return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"".join(rows), 9)) + chunk(b"IEND", b"")


def read_ppm(data):
    """A binary PPM as QEMU writes it: "P6", width, height and 255 on lines of their own."""
    magic, size, depth, pixels = data.split(b"\n", 3)
    width, height = map(int, size.split())
    if magic != b"P6" or depth != b"255" or len(pixels) != width * height * 3:
        raise ValueError("not a picture of QEMU's")
    return Picture(width, height, pixels)


class Monitor:
    """QEMU's machine protocol on a socket: give arguments() to QEMU, then ask."""

    def __init__(self, folder):
        self.folder = folder
        self.path = os.path.join(folder, "qmp")

    def arguments(self):
        return ("-qmp", f"unix:{self.path},server=on,wait=off")

    def ask(self, command, **arguments):
        with socket.socket(socket.AF_UNIX) as link:
            link.connect(self.path)
            with link.makefile("rw", encoding="utf-8") as lines:
                ask(lines, "qmp_capabilities")
                ask(lines, command, **arguments)

    def picture(self):
        target = os.path.join(self.folder, "screen.ppm")
        self.ask("screendump", filename=target)
        with open(target, "rb") as file:
            return read_ppm(file.read())

    def memory(self, phys, count):
        """count bytes of physical memory."""
        target = os.path.join(self.folder, "memory")
        self.ask("pmemsave", val=phys, size=count, filename=target)
        with open(target, "rb") as file:
            return file.read()


def ask(lines, command, **arguments):
    lines.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
    lines.flush()
    for line in lines:
        answer = json.loads(line)
        if "error" in answer:
            raise OSError(f"QEMU: {command}: {answer['error']['desc']}")
        if "return" in answer:
            return
    raise OSError(f"QEMU ended before it answered {command}")


def monitor_folder():
    """A folder for a Monitor: the path of a socket may have no more than 107 bytes, so it lies in the system's own place."""
    return tempfile.TemporaryDirectory(prefix="baton-")
