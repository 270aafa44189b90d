# SPDX-License-Identifier: BSD-2-Clause
"""What test/boot/pages.py reads from pictures of pages, and what it says of them."""

import unittest
from types import SimpleNamespace

from boot import pages, pictures
from vm import screen

from .test_screen import GOOD

BACKGROUND = pictures.BACKGROUND.to_bytes(3, "big")
REPORT = ["Baton kernel stub: handed over", *(f"row {number}, long enough" for number in range(30)), "baton: fact one=1"]
VERDICT = "baton: verdict pass checks=1 repaired=0 warned=0 attempts=1\n"


def drawing(rows, footer, verdict=True, extra=()):
    """A picture of a page with these rows of text."""
    shapes = {letter: glyph for glyph, letter in pages.letters().items()}
    width, height = map(int, pages.SIZE.split("x"))
    pixels = bytearray(BACKGROUND * (width * height))

    def write(top, text):
        for column, letter in enumerate(text):
            for y, row in enumerate(shapes[letter]):
                for x in range(pages.WIDTH):
                    at = ((top + y) * width + pages.MARGIN + column * pages.WIDTH + x) * 3
                    if row << x & 0x80:
                        pixels[at:at + 3] = pages.TEXT_COLOUR
    for number, row in enumerate(rows):
        write(pages.TOP + number * pages.LINE, row)
    write(pages.FOOTER_TOP + pages.HEIGHT // 4, footer)
    # The colours that are counted, at the top.
    colours = b"".join(colour.to_bytes(3, "big") * count for colour, count in [*(GOOD[:1] * 20 if verdict else ()), *extra])
    pixels[:len(colours)] = colours
    return screen.Picture(width, height, bytes(pixels))


PICTURE = drawing([], "page 1 of 3, next in 3 s", extra=[(0x123456, 20000), *GOOD[2:]])
TEXT = ["Findings: none", *REPORT[1:], REPORT[0]]
SECOND = drawing(TEXT[:pages.ROWS], "page 2 of 3, next in 1 s")
THIRD = drawing(TEXT[-pages.ROWS:], "page 3 of 3, next in 2 s")


def said(*shown, text="\n".join(REPORT) + "\n" + VERDICT):
    outcome = SimpleNamespace(text=text, pictures=list(shown), reason="matched", status=0)
    return pages.shows_all_pages(None, outcome)


class Reading(unittest.TestCase):
    def test_a_page(self):
        number, count, rows = pages.read_page(SECOND)
        self.assertEqual((number, count, rows), (2, 3, TEXT[:pages.ROWS]))

    def test_no_page_number(self):
        self.assertIsNone(pages.read_page(drawing(["x"], "page 2 of 3")))
        self.assertIsNone(pages.read_page(screen.Picture(1, 1, bytes(3))))

    def test_rows_that_two_pages_share_are_one(self):
        self.assertEqual(pages.joined([["a", "b"], ["b", "c"], ["b", "c"], ["d"]]), ["a", "b", "c", "d"])


class Judging(unittest.TestCase):
    def test_good(self):
        self.assertEqual(said(PICTURE, SECOND, THIRD), [])

    def test_each_complaint(self):
        for name, shown in (("no picture", ()), ("only the picture", (PICTURE,)), ("a page was never seen", (PICTURE, THIRD)),
                            ("page 2 is the picture", (PICTURE, drawing([], "page 2 of 3, next in 1 s"), THIRD)),
                            ("no number", (PICTURE, SECOND, drawing(TEXT[-pages.ROWS:], ""))),
                            ("no verdict", (PICTURE, drawing(TEXT[:pages.ROWS], "page 2 of 3, next in 1 s", verdict=False), THIRD)),
                            ("a line is missing", (PICTURE, SECOND, drawing(TEXT[-pages.ROWS:-1], "page 3 of 3, next in 2 s"))),
                            ("text in place of the picture", (drawing([], "page 1 of 3, next in 3 s"), SECOND, THIRD))):
            with self.subTest(name):
                self.assertTrue(said(*shown))

    def test_a_boot_that_failed(self):
        self.assertTrue(said(PICTURE, SECOND, THIRD, text="\n".join(REPORT) + "\n" + VERDICT.replace("pass", "fail")))

    def test_pages_off(self):
        self.assertEqual(pages.stays_one_picture(None, SimpleNamespace(pictures=[drawing([], "", extra=[(0x123456, 20000), *GOOD[2:]])])), [])
        self.assertTrue(pages.stays_one_picture(None, SimpleNamespace(pictures=[PICTURE])))
        self.assertTrue(pages.stays_one_picture(None, SimpleNamespace(pictures=[])))
