# SPDX-License-Identifier: BSD-2-Clause
"""The bytes that every loader has to load, in the forms they take: a file, and the last section of a PE image."""

import struct

PIECE_BYTES = 64 << 10
MIB = 1 << 20


def write(file, mib):
    """Each piece starts with its own number, counted from 1 (test/bench/efi/payload.h); the rest is not zero either."""
    rest = bytes(range(1, 256)) * (PIECE_BYTES // 255 + 1)
    for piece in range(mib * MIB // PIECE_BYTES):
        file.write(struct.pack("<Q", piece + 1) + rest[:PIECE_BYTES - 8])


def make_file(path, mib):
    with open(path, "wb") as file:
        write(file, mib)
    return path


def make_image(path, stub, mib):
    """The PE image `stub` with the payload as one more section (Microsoft, PE Format: "Section Table")."""
    with open(stub, "rb") as file:
        image = bytearray(file.read())
    header, = struct.unpack_from("<I", image, 0x3c)
    sections, = struct.unpack_from("<H", image, header + 6)
    optional_bytes, = struct.unpack_from("<H", image, header + 20)
    image_bytes, headers_bytes = struct.unpack_from("<II", image, header + 24 + 56)
    entry = header + 24 + optional_bytes + 40 * sections
    if entry + 40 > headers_bytes or any(image[entry:entry + 40]):
        raise ValueError(f"{stub}: no room for one more section")
    start = (len(image) + 511) // 512 * 512
    struct.pack_into("<8sIIIIIIHHI", image, entry, b"payload", mib * MIB, image_bytes, mib * MIB, start, 0, 0, 0, 0, 0x40000040)
    struct.pack_into("<H", image, header + 6, sections + 1)
    struct.pack_into("<I", image, header + 24 + 56, image_bytes + mib * MIB)
    with open(path, "wb") as file:
        file.write(bytes(image).ljust(start, b"\0"))
        write(file, mib)
    return path

