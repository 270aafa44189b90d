# SPDX-License-Identifier: BSD-2-Clause
"""The report on the screen page by page: each page is read from QEMU's picture of it, letter by letter, and all of them together
must hold what the serial line said."""

import functools
import os
import re
import time
from dataclasses import dataclass

from vm import qemu

from .boot import SECONDS, TREE, disk
from .expect import verdict
from .pictures import PASS_COLOUR, ScreenBoot, complaints

# kernel-stub/page.c at 640x480, where the font is not scaled.
SIZE, TEXT_COLOUR = "640x480", bytes((0xE6, 0xE9, 0xEF))
WIDTH, HEIGHT, LINE, MARGIN, TOP, FOOTER_TOP = 8, 16, 18, 16, 72, 454
COLUMNS, ROWS = 76, (FOOTER_TOP - TOP) // LINE
FOOTER = re.compile(r"page (\d+) of (\d+), next in (\d+) s")
PAGE_SECONDS = 3
GLYPH = re.compile(r"\{(0x.*?)\}, /\* U\+([0-9A-F]{4}) \*/")


@functools.cache
def letters():
    """{the sixteen bytes of a glyph: its character}."""
    with open(os.path.join(TREE, "lib", "font_spleen.c"), encoding="utf-8") as file:
        glyphs = GLYPH.findall(file.read())
    # Of two that look the same (x and a cross) it is the first, the one of ASCII.
    return {bytes(int(byte, 16) for byte in rows.split(",")): chr(int(code, 16)) for rows, code in reversed(glyphs)}


def read_row(picture, top):
    """The text that stands at the margin, its first line of pixels being `top`; what is no letter reads as U+FFFD."""
    glyphs = [bytearray() for _ in range(COLUMNS)]
    for y in range(top, top + HEIGHT):
        start = (y * picture.width + MARGIN) * 3
        line = picture.pixels[start:start + COLUMNS * WIDTH * 3]
        dots = [line[at:at + 3] == TEXT_COLOUR for at in range(0, len(line), 3)]
        for column, glyph in enumerate(glyphs):
            glyph.append(sum(dot << (7 - bit) for bit, dot in enumerate(dots[column * WIDTH:(column + 1) * WIDTH])))
    return "".join(letters().get(bytes(glyph), "\ufffd") for glyph in glyphs).rstrip()


def read_page(picture):
    """(page, pages, rows); None where no page number stands at the bottom."""
    found = FOOTER.fullmatch(read_row(picture, FOOTER_TOP + HEIGHT // 4)) if f"{picture.width}x{picture.height}" == SIZE else None
    return found and (int(found[1]), int(found[2]), [read_row(picture, TOP + LINE * row) for row in range(ROWS)])


@dataclass(frozen=True)
class PagesBoot(ScreenBoot):
    """Looks until each page was seen; pages turn for ever, so one that was missed comes again."""

    def look(self, monitor):
        seen, last, pages, limit = {}, None, 1, time.monotonic() + SECONDS / 2
        while len(seen) < pages and time.monotonic() < limit:
            picture = monitor.picture()
            page = read_page(picture)
            # Seen twice the same: not half drawn.
            if page and page == last:
                seen.setdefault(page[0], picture)
                pages = page[1]
            last = page
            time.sleep(0.2)
        return [seen[number] for number in sorted(seen)]


def joined(pages):
    """The rows of all pages; a page begins with rows of the one before."""
    rows = []
    for page in pages:
        shared = next((n for n in range(len(page), 0, -1) if rows[-n:] == page[:n]), 0)
        rows += page[shared:]
    return rows


def packed(text):
    """Without blanks: rows are broken and indented."""
    return re.sub(r"\s", "", text)


def reported(text):
    """The lines of the report on the serial line, from the banner on."""
    return [line for line in re.search(r"^Baton kernel stub: .*?(?=^baton: verdict )", text, re.MULTILINE | re.DOTALL)[0].splitlines() if line]


def shows_all_pages(_machine, outcome):
    words, problems = verdict(outcome)
    if problems or not re.match("pass ", words):
        return problems or [f"verdict {words}"]
    pages = [read_page(picture) for picture in outcome.pictures]
    if None in pages:
        return ["a picture without a page number"]
    numbers = [page[0] for page in pages]
    if not pages or numbers != list(range(1, pages[0][1] + 1)) or len(pages) < 3:
        return [f"pages seen: {numbers} of {pages[0][1] if pages else 'none'}"]
    problems = complaints(outcome.pictures[0], SIZE)
    problems += [f"page {number}: no verdict on it" for number, picture in zip(numbers, outcome.pictures)
                 if picture.colours().get(PASS_COLOUR, 0) < 1000]
    if not any(row.startswith("Findings: ") for row in pages[1][2][:2]):
        problems.append(f"page 2 does not begin with the findings: {pages[1][2][:2]}")
    shown = packed("".join(joined([page[2] for page in pages[1:]])))
    return problems + [f"not on any page: {line}" for line in reported(outcome.text) if packed(line) not in shown]


def stays_one_picture(_machine, outcome):
    """With pages=off nothing is written over the picture's bottom."""
    return ["no picture"] if not outcome.pictures else ["a page number"] if read_page(outcome.pictures[0]) else complaints(outcome.pictures[0], SIZE)


CONF = f"resolution = {SIZE}\n"
PAGES = [
    PagesBoot("pages", (shows_all_pages,), qemu.Machine(), disk(cmdline=f"exit=wait pages={PAGE_SECONDS}", conf=CONF), fast=True),
    ScreenBoot("pages-off", (stays_one_picture,), qemu.Machine(), disk(cmdline="exit=wait pages=off", conf=CONF)),
]
