# SPDX-License-Identifier: BSD-2-Clause
"""The screen of a coded stop on displays of many shapes: the QR code is read by zbar, and says what the stop says."""

import os
import subprocess
import tempfile
import unittest

from boot.stops import read_codes
from vm import screen

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DRAW = os.path.join(TREE, "build", "loader-tests", "draw_stop")
BATON = os.path.join(TREE, "build", "baton")
BGR, RGB, TEN_BITS, FIVE_BITS = ("ff0000", "ff00", "ff"), ("ff", "ff00", "ff0000"), ("3ff00000", "ffc00", "3ff"), ("f8000000", "7c00000", "3e0000")
# width, height, pitch, masks
SHAPES = {
    "VGA": (640, 480, 640, BGR),
    "VGA, red first": (640, 480, 640, RGB),
    "SVGA, high pitch": (800, 600, 1024, BGR),
    "XGA, ten bits a colour": (1024, 768, 1024, TEN_BITS),
    "WXGA": (1280, 800, 1280, BGR),
    "netbook, five bits": (1366, 768, 1376, FIVE_BITS),
    "Full HD": (1920, 1080, 1920, RGB),
    "4K": (3840, 2160, 3840, BGR),
    "5K, ultra-wide": (5120, 1440, 5120, BGR),
    "tablet, portrait": (800, 1280, 832, BGR),
    "phone, portrait": (1080, 1920, 1088, RGB),
    "portrait 4K": (2160, 3840, 2160, TEN_BITS),
    "square": (1024, 1024, 1024, BGR),
}


def draw(shape, kind):
    width, height, pitch, masks = shape
    return subprocess.run([DRAW, *map(str, (width, height, pitch)), *masks, kind], stdout=subprocess.PIPE, check=False)


class StopScreen(unittest.TestCase):
    def code_of(self, shape, kind):
        done = draw(shape, kind)
        self.assertEqual(done.returncode, 0)
        picture = screen.read_ppm(done.stdout)
        self.assertEqual((picture.width, picture.height), shape[:2])
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "stop.png")
            with open(path, "wb") as file:
                file.write(picture.png())
            codes = read_codes(path)
        self.assertEqual(len(codes), 1, "one QR code is due")
        return codes[0]

    def test_an_exception_is_readable_on_every_display(self):
        for name, shape in SHAPES.items():
            with self.subTest(name):
                code = self.code_of(shape, "exception")
                self.assertTrue(code.startswith("BATON STOP "), code)
                self.assertIn(" CODE 9 STAGE 8 VECTOR 14 ERROR 1F RIP 9E3779B97F4A7C15 ", code)
                self.assertTrue(code.endswith(f" R15 {0x9e3779b97f4a7c15 * 21 % (1 << 64):X}"), code)

    def test_any_stop_is_readable_on_every_display(self):
        for name, shape in SHAPES.items():
            with self.subTest(name):
                self.assertTrue(self.code_of(shape, "stop").endswith(" CODE 1 STAGE 8 A 8 B 8000000000000002 C 0 D 0"))

    def test_the_tool_reads_what_the_code_says(self):
        done = subprocess.run([BATON, "stop", "decode", self.code_of(SHAPES["WXGA"], "stop")], stdout=subprocess.PIPE, check=False, text=True)
        self.assertEqual(done.returncode, 0)
        self.assertIn("the firmware refused every memory map key", done.stdout)

    def test_a_picture_without_a_code_has_none(self):
        """The reader does not find codes where none are."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "empty.png")
            with open(path, "wb") as file:
                file.write(screen.Picture(64, 64, bytes(64 * 64 * 3)).png())
            self.assertEqual(read_codes(path), [])

    def test_a_display_too_small_for_the_code_shows_the_text(self):
        """320x200 has room for neither code nor all of the text; what there is must be drawn, and nothing outside."""
        done = draw((320, 200, 320, BGR), "exception")
        self.assertEqual(done.returncode, 0)
        self.assertGreater(len(screen.read_ppm(done.stdout).colours()), 1)
