# SPDX-License-Identifier: BSD-2-Clause
"""Pictures of screens: tools/vm/screen.py and what test/boot/pictures.py says about them."""

import struct
import unittest
import zlib

from boot import pictures
from vm import screen


def drawing(*shares, size=(100, 100)):
    """A picture with (colour, number of pixels) one after the other, the rest background."""
    pixels = b"".join(colour.to_bytes(3, "big") * count for colour, count in shares)
    return screen.Picture(*size, pixels + pictures.BACKGROUND.to_bytes(3, "big") * (size[0] * size[1] - len(pixels) // 3))


GOOD = [(pictures.PASS_COLOUR, 100), (0xFFFFFF, 2000), *((colour, 64) for colour in pictures.KINDS.values())]


class Reading(unittest.TestCase):
    def test_ppm(self):
        picture = screen.read_ppm(b"P6\n2 1\n255\n\x00\n\x02\xff\xfe\xfd")
        self.assertEqual((picture.width, picture.height, picture.colours()), (2, 1, {0x000A02: 1, 0xFFFEFD: 1}))

    def test_other_files_are_refused(self):
        for data in (b"P5\n2 1\n255\n" + bytes(6), b"P6\n2 1\n255\n" + bytes(5), b"P6\n2 1\n65535\n" + bytes(6), b""):
            with self.assertRaises(ValueError):
                screen.read_ppm(data)

    def test_png_holds_the_pixels(self):
        picture = screen.Picture(2, 2, bytes(range(12)))
        png, at, data = picture.png(), 8, b""
        while at < len(png):
            size, = struct.unpack_from(">I", png, at)
            kind, body = png[at + 4:at + 8], png[at + 8:at + 8 + size]
            self.assertEqual(struct.unpack_from(">I", png, at + 8 + size)[0], zlib.crc32(kind + body))
            data += body if kind == b"IDAT" else b""
            at += 12 + size
        rows = zlib.decompress(data)
        self.assertEqual(rows, b"\x02" + bytes(range(6)) + b"\x02" + bytes([6] * 6))


class Judging(unittest.TestCase):
    def test_good(self):
        self.assertEqual(pictures.complaints(drawing(*GOOD), "100x100"), [])

    def test_each_complaint(self):
        for name, picture, size in (
                ("other size", drawing(*GOOD), "100x101"),
                ("no verdict", drawing(*GOOD[1:]), "100x100"),
                ("a failure", drawing(*GOOD, (pictures.FAIL_COLOUR, 5)), "100x100"),
                ("hardly drawn", drawing(*GOOD, size=(1000, 500)), "1000x500"),
                ("all drawn over", drawing(*GOOD, (0xFFFFFF, 6000)), "100x100"),
                ("no kernel in the legend", drawing(*GOOD[:-1]), "100x100")):
            with self.subTest(name):
                self.assertTrue(pictures.complaints(picture, size))
