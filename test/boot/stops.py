# SPDX-License-Identifier: BSD-2-Clause
"""Exceptions and coded stops on a live machine, as four witnesses saw them: serial line, debug port, screen and boot record."""

import os
import re
import struct
import subprocess
import time
from dataclasses import dataclass

from vm import image, qemu, screen

from .boot import BUILD, SECONDS, Boot, disk
from .expect import ends, says

LAST_LINE = r"baton: short [0-9A-Z-]+\n"
# The code stays for 30 seconds; what is not drawn after that never was.
LOOKS, SECONDS_BETWEEN_LOOKS = 40, 0.5
RECORD = struct.Struct("<QIIIIII4Q16Q8000s")
RECORD_MAGIC = int.from_bytes(b"BBootRec", "little")
PLACE = re.compile(r"^boot record at (0x[0-9a-f]+)$", re.MULTILINE)
LINES = re.compile(r"^baton: (?:stop|exception|registers|short) .*$", re.MULTILINE)


def read_codes(path):
    """The texts of the QR codes in a picture, as zbar reads them."""
    done = subprocess.run(["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", path],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False, encoding="utf-8")
    if done.returncode not in (0, 4):  # 4: no code
        raise OSError(f"zbarimg {path}: status {done.returncode}")
    return done.stdout.splitlines()


@dataclass
class Witnesses:
    codes: list        # of the screen
    size: tuple = ()
    record: bytes = b""
    debug: str = ""


@dataclass(frozen=True)
class StopBoot(Boot):
    """A boot that ends in a stop, which is looked at from all sides; the picture stays in build/boot/NAME/screen.png."""

    def boot(self, folder):
        path, debug = (os.path.join(folder, name) for name in ("disk.img", "debugcon.txt"))
        image.make_image(path, self.files)
        seen = Witnesses([])
        with screen.monitor_folder() as place:
            monitor = screen.Monitor(place)
            command = qemu.arguments(self.machine, path, qemu.accelerator(), debug)
            outcome = qemu.run([*command, *monitor.arguments()], SECONDS, until=self.until, at_match=lambda: self.look(monitor, folder, seen))
        os.remove(path)
        with open(debug, encoding="utf-8", errors="replace") as file:
            seen.debug = file.read()
        outcome.pictures = seen
        return outcome

    @staticmethod
    def look(monitor, folder, seen):
        """The machine is halted as soon as its code is there: what follows takes time, and the stop ends in a reset."""
        raw = os.path.join(folder, "screen.ppm")
        for _ in range(LOOKS):
            shown = monitor.picture()
            with open(raw, "wb") as file:
                file.write(b"P6\n%d %d\n255\n" % (shown.width, shown.height) + shown.pixels)
            seen.size, seen.codes = (shown.width, shown.height), read_codes(raw)
            if seen.codes:
                break
            time.sleep(SECONDS_BETWEEN_LOOKS)
        monitor.ask("stop")
        os.remove(raw)
        with open(os.path.join(folder, "screen.png"), "wb") as file:
            file.write(shown.png())
        with open(os.path.join(folder, "debugcon.txt"), encoding="utf-8", errors="replace") as file:
            where = PLACE.search(qemu.plain(file.read().encode()))
        if where:
            seen.record = monitor.memory(int(where.group(1), 16), RECORD.size)


def reported(vector, error, *more):
    """All four witnesses tell of this exception; more: patterns of the lines."""
    def check(_machine, outcome):
        seen, lines = outcome.pictures, LINES.findall(outcome.text)
        return ([f"serial: /{pattern}/ is missing" for pattern in (
                    rf"^baton: stop code=9 stage=jump .* a={vector:#x} b={error:#x} c=0x[0-9a-f]+ d=0x[0-9a-f]+$",
                    rf"^baton: exception vector={vector} name=\"[a-z ]+\" error={error:#x} ", *more)
                 if not re.search(pattern, "\n".join(lines), re.MULTILINE)] +
                ([] if LINES.findall(seen.debug) == lines else ["the debug port says something else than the serial line"]) +
                wrong_code(seen, lines, vector, error) + wrong_record(seen.record, lines, vector, error))
    return check


def wrong_code(seen, lines, vector, error):
    """The QR code begins with the short form that the serial line ends with."""
    due = f"BATON STOP {lines[-1].split()[-1]} CODE 9 STAGE 12 VECTOR {vector} ERROR {error:X} " if lines else "anything"
    if len(seen.codes) != 1 or not (seen.codes[0] + " ").startswith(due):
        return [f"screen: {due}is due, {seen.codes} was read"]
    return []


def wrong_record(record, lines, vector, error):
    if len(record) != RECORD.size:
        return ["the boot record was not found"]
    magic, _, _, stage, code, attempts, log_bytes, *rest = RECORD.unpack(record)
    log = rest[-1][:log_bytes].decode("utf-8", errors="replace")
    problems = [f"boot record: {name} is {found:#x}, where {due:#x} is due" for name, found, due in (
        ("magic", magic, RECORD_MAGIC), ("stage", stage, 12), ("stop code", code, 9), ("attempts", attempts, 1),
        ("vector", rest[0], vector), ("error code", rest[1], error)) if found != due]
    return problems + ([] if LINES.findall(log) == lines else ["boot record: its log says something else than the serial line"])


def offset_of(name):
    """Of a function of the loader in its image."""
    said = subprocess.run(["nm", os.path.join(BUILD, "loader.so")], stdout=subprocess.PIPE, check=True, encoding="utf-8").stdout
    return int(re.search(rf"^([0-9a-f]+) [tT] {name}$", said, re.MULTILINE).group(1), 16)


def kernel(words, **more):
    return disk(kernel=os.path.join(BUILD, "kernels", "exceptions.elf"), cmdline=f"exit=qemu {words}", **more)


def witnessed(word, expect, fast=False, conf=None, **machine):
    return StopBoot(f"stop-{word}", (expect, says("baton: verdict", times=0), ends("matched")), qemu.Machine(**{"screen": "std", **machine}),
                    files=kernel(f"provoke={word.split('@')[0]}", conf=conf), until=LAST_LINE, fast=fast)


class LoaderStop(StopBoot):
    """An exception in the loader's own code: its function must be named.  The offset is known when the loader is built."""

    def run(self):
        return StopBoot(self.name, self.expect, self.machine, kernel(f"provoke=loader offset={offset_of('memcpy'):#x}"), (), self.until).run()


def is_shown_at(width, height, check):
    def both(machine, outcome):
        size = outcome.pictures.size
        return check(machine, outcome) + ([] if size == (width, height) else [f"the screen is {size}, not {width}x{height}"])
    return both


IN_MEMCPY = reported(14, 0, r"^baton: exception .* at=memcpy\+0x[0-9a-f]+ \(loader\+0x[0-9a-f]+\)$",
                     r"^baton: registers RIP=0x[0-9a-f]+ RSP=0x[0-9a-f]+ RFL=0x[0-9a-f]+ CS=0x8 CR2=0xffff9b0000000000$")

STOPS = [
    witnessed("page-zero", reported(14, 2, r'meaning="write to a page that is not mapped" at=kernel\+0x[0-9a-f]+$', r" CR2=0x0$")),
    witnessed("gp", reported(13, 0)),
    witnessed("ud", reported(6, 0)),
    witnessed("df", reported(8, 0), fast=True),
    witnessed("df-stack", reported(8, 0)),
    # Into the guard page, found by a handler on a stack of its own; the smallest screen, and the largest.
    witnessed("stack@640x480", is_shown_at(640, 480, reported(14, 2, r" at=kernel\+0x[0-9a-f]+$")), True, "resolution = 640x480\n"),
    witnessed("stack@3840x2160", is_shown_at(3840, 2160, reported(14, 2)), False, "resolution = 3840x2160\n",
              screen="none", more=("-device", "VGA,vgamem_mb=64")),
    witnessed("gp@virtio", reported(13, 0), screen="virtio"),
    witnessed("gp@ramfb", reported(13, 0), screen="ramfb"),
    LoaderStop("stop-in-the-loader", (IN_MEMCPY, ends("matched")), qemu.Machine(screen="std"), until=LAST_LINE),
    # The machine resets by itself in the end: QEMU was told to end then.
    Boot("stop-resets", (says(r"^baton: stop code=9 "), ends("ended")), qemu.Machine(screen="none"), kernel("provoke=ud")),
    # An exception within the report of another: straight to the reset.
    Boot("stop-within-a-stop", (says(r"^baton: stop code=9 stage=jump .* a=0x6 "), says("baton: stop ", times=1), ends("ended")),
         qemu.Machine(screen="std"), kernel("provoke=screen-gone"), fast=True),
]

# Part of the boots on other firmware.
STOPS_ON_OTHER_FIRMWARE = [
    witnessed("ud@u-boot", reported(6, 0), machine="pc", firmware="u-boot"),
    witnessed("stack@trixie", reported(14, 2), firmware="trixie"),
]
