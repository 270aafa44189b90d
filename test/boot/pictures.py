# SPDX-License-Identifier: BSD-2-Clause
"""What is on the screen when the stub has ended: QEMU's own picture of it, measured by the colours of the drawing."""

import os
import re
from dataclasses import dataclass

from vm import image, qemu, screen

from .boot import BUILD, SECONDS, Boot, disk
from .expect import facts_of, verdict

# kernel-stub/picture.c
PASS_COLOUR, FAIL_COLOUR, BACKGROUND = 0x2F9E5B, 0xC8403C, 0x0F1420
KINDS = {"free": 0x2F8F5B, "boot services": 0x2B6F86, "runtime": 0x9A6FE0, "loader": 0xF08A4B, "kernel": 0xFFD75E}
WAITING = r"halted: you may switch the machine off\n"


def complaints(picture, size):
    """What is wrong with the picture of a boot that passed; size: "WIDTHxHEIGHT"."""
    problems, all_pixels = [], picture.width * picture.height
    share = {colour: count / all_pixels for colour, count in picture.colours().items()}
    if f"{picture.width}x{picture.height}" != size:
        problems.append(f"the screen has {picture.width}x{picture.height} pixels, the block says {size}")
    if share.get(PASS_COLOUR, 0) < 0.002 or FAIL_COLOUR in share:
        problems.append("the verdict does not stand there as a pass")
    if not 0.4 < share.get(BACKGROUND, 0) < 0.95:
        problems.append("the page is not drawn from edge to edge")
    # Each kind of memory has a square in the legend at the least.
    problems += [f"no {kind} memory in the drawing" for kind, colour in KINDS.items() if share.get(colour, 0) * all_pixels < 64]
    return problems


@dataclass(frozen=True)
class ScreenBoot(Boot):
    """A boot whose screen is looked at; the pictures stay in build/boot/NAME/screen.png, screen-2.png and so on."""

    def look(self, monitor):
        """The pictures, taken while the machine runs."""
        return [monitor.picture()]

    def boot(self, folder):
        path = os.path.join(folder, "disk.img")
        image.make_image(path, self.files)
        pictures = []
        with screen.monitor_folder() as place:
            monitor = screen.Monitor(place)
            command = qemu.arguments(self.machine, path, qemu.accelerator(), os.path.join(folder, "debugcon.txt"))
            outcome = qemu.run([*command, *monitor.arguments()], SECONDS, until=WAITING,
                               at_match=lambda: pictures.extend(self.look(monitor)))
        os.remove(path)
        outcome.pictures = pictures
        for number, taken in enumerate(pictures, 1):
            with open(os.path.join(folder, f"screen-{number}.png" if number > 1 else "screen.png"), "wb") as file:
                file.write(taken.png())
        return outcome


def shows_the_report(_machine, outcome):
    words, problems = verdict(outcome)
    if problems or not re.match("pass ", words):
        return problems or [f"verdict {words}"]
    if not outcome.pictures:
        return ["no picture"]
    return complaints(outcome.pictures[0], facts_of(outcome).get("framebuffer"))


def picture(name, conf=None, fast=False, **machine):
    return ScreenBoot(f"picture-{name}", (shows_the_report,), qemu.Machine(**machine), disk(cmdline="exit=wait", conf=conf), fast=fast)


PICTURES = [
    *(picture(kind, fast=kind == "std", screen=kind) for kind in ("std", "bochs", "virtio", "ramfb")),
    picture("640x480", "resolution = 640x480\n"),
    picture("3840x2160", "resolution = 3840x2160\n", screen="none", more=("-device", "VGA,vgamem_mb=64")),
]
