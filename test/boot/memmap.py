# SPDX-License-Identifier: BSD-2-Clause
"""memmap.efi in virtual machines: what it shows, what it saves, what it finds out about the firmware, and that it leaves nothing behind.

leakcheck starts it, several times: it must come back each time, and the firmware must have then what it had before.
"""

import glob
import os
import re
from dataclasses import dataclass

from vm import image, qemu
from vm.qemu import PASS, Machine

from .bad_input import LEAKCHECK, starts_of
from .boot import BUILD, LOADER, Boot, disk
from .expect import ends, passes, says

MEMMAP = os.path.join(BUILD, "memmap.efi")
VOLUME = f"@@{image.FIRST_MIB}M"
TYPES = ("Reserved", "LoaderCode", "LoaderData", "BootServicesCode", "BootServicesData", "RuntimeServicesCode", "RuntimeServicesData",
         "ConventionalMemory", "UnusableMemory", "ACPIReclaimMemory", "ACPIMemoryNVS", "MemoryMappedIO")
RAM = range(1, 11)
HIDDEN_MIB = 20  # at most: some of the first MiB, and SMRAM
# Tests in which OVMF does not do what the specification says, and what is said about it.
QUIRKS = {"05": "the returned size, ", "26": "accepted, not refused with Invalid Parameter"}
ROW = re.compile(r"^ *(\d+) ([A-Z]\w+) +([0-9a-f]{16}) +(\d+) +[0-9.]+ [KMGT]?i?B +([0-9a-f]+) *$", re.MULTILINE)
TEST = re.compile(r"^memmap: test (\d\d) (\w+) +UEFI 7\.2.*$(?:\n {8}(.*)$)?", re.MULTILINE)
SAVED = re.compile(r"^memmap: saved \\baton\\(memmap-[\d-]+\.map)$", re.MULTILINE)


def last_start(outcome):
    """What the last start said."""
    starts = starts_of(outcome.text)
    return starts[1].said if 1 in starts else ""


def rows_of(said):
    """The rows of the map, as tuples of numbers; the table ends where the summary begins."""
    table = said.split("\nmemmap: map ")[0]
    return [(int(index), TYPES.index(name), int(start, 16), int(pages), int(attributes, 16))
            for index, name, start, pages, attributes in ROW.findall(table)]


def shows_the_map(machine, outcome):
    rows, said = rows_of(last_start(outcome)), last_start(outcome)
    entries = re.search(r"^memmap: map entries=(\d+) descriptor_bytes=(\d+) version=1 key=0x[0-9a-f]+$", said, re.MULTILINE)
    if not entries or int(entries[1]) != len(rows) or [row[0] for row in rows] != list(range(len(rows))):
        return [f"{len(rows)} rows, where {entries and entries[1]} are announced"]
    ram = sum(pages for _, kind, _, pages, _ in rows if kind in RAM) * 4 // 1024
    return [] if machine.memory_mib - HIDDEN_MIB <= ram <= machine.memory_mib else [f"{ram} MiB of RAM in {machine.memory_mib}"]


def tests_pass(_machine, outcome):
    tests = TEST.findall(last_start(outcome))
    problems = [f"test {number} {verdict}: {detail}" for number, verdict, detail in tests
                if verdict != "pass" and not (verdict == "quirk" and detail.startswith(QUIRKS.get(number, "\0")))]
    if [int(number) for number, _, _ in tests] != list(range(1, len(tests) + 1)) or len(tests) < 30:
        problems.append(f"{len(tests)} tests")
    return problems


def returns_everything(_machine, outcome):
    start = starts_of(outcome.text).get(1)
    if start is None:
        return ["it did not come back"]
    problems = [] if start.status == 0 else [f"status {start.status:#x}"]
    if any(start.leaked) or not start.takings or start.before != start.after:
        problems.append(f"leaked {start.leaked} of {start.takings} takings; {start.before} pages in use before, {start.after} after")
    return problems


def knows_the_hobs(machine, outcome):
    said = last_start(outcome)
    problems = []
    if not re.search(r"^memmap: hobs blocks=\d\d+ resources=\d+ allocations=\d+ pools=\d+ missing=0 end=ok$", said, re.MULTILINE):
        problems.append("no sound list of hand-off blocks")
    found = re.search(r"^system memory: ([0-9.]+) (MiB|GiB), of which 0 B are not in the map$", said, re.MULTILINE)
    mib = round(float(found[1]) * {"MiB": 1, "GiB": 1024}[found[2]]) if found else 0
    if not machine.memory_mib - HIDDEN_MIB <= mib <= machine.memory_mib:
        problems.append(f"{mib} MiB of system memory, where {machine.memory_mib} MiB are due")
    if not re.search(r"^memmap: attributes entries=\d+ outside=0$", said, re.MULTILINE):
        problems.append("no sound memory attributes table")
    return problems


WHOLE = (shows_the_map, tests_pass, returns_everything, knows_the_hobs, says(r"^leakcheck: end cases=1 leaking=0$"), ends(status=PASS))


@dataclass(frozen=True)
class Memmap(Boot):
    """One line of load options under leakcheck, on a disk that keeps what is written."""
    options: str = "once"
    saves: bool = True

    def folder(self):
        return os.path.join(BUILD, "boot", self.name)

    def boot(self, folder):
        path = os.path.join(folder, "disk.img")
        for old in glob.glob(os.path.join(folder, "*.map")):
            os.remove(old)
        files = {"EFI/BOOT/BOOTX64.EFI": LEAKCHECK, "EFI/BATON/LOADER.EFI": MEMMAP,
                 "leakcheck.txt": f"memmap.efi {self.options}\n".encode(), **self.files}
        image.make_image(path, files)
        for damage in self.damage:
            damage(path)
        command = qemu.arguments(self.machine, path, qemu.accelerator(), os.path.join(folder, "debugcon.txt"))
        outcome = qemu.run(command, 300, until=self.until)
        if self.saves:
            image.run("mcopy", "-n", "-i", path + VOLUME, "::/baton/*.map", folder)
        os.remove(path)
        return outcome

    def judge(self, result, outcome):
        results = super().judge(result, outcome)
        if self.saves:
            result.problems += self.saved_is_shown(outcome)
            result.passed, result.failed = (0, 1) if result.problems else (1, 0)
        return results

    def saved_is_shown(self, outcome):
        """Every start saved a file of its own; the last one holds what the last start showed."""
        names = SAVED.findall(outcome.text)
        found = sorted(os.path.basename(path) for path in glob.glob(os.path.join(self.folder(), "*.map")))
        if not names or sorted(names) != found:
            return [f"saved {names}, found {found}"]
        with open(os.path.join(self.folder(), names[-1]), encoding="ascii") as file:
            lines = file.read().splitlines()
        head = [line for line in lines if line.startswith("#")]
        rows = [tuple(int(word, 0) for word in line.split()) for line in lines if not line.startswith("#")]
        problems = [] if rows == rows_of(last_start(outcome)) else ["the saved map is not the one that was shown"]
        for key in ("# machine: QEMU ", "# firmware: UEFI 2.", "# os: none", "# source: memmap.efi of Baton", "# status: complete", "# form: "):
            problems += [] if any(line.startswith(key) for line in head) else [f"no line {key}"]
        return problems


def memmap(name, expect=WHOLE, fast=False, options="once", saves=True, disk_mode="snapshot=off", damage=(), **machine):
    return Memmap(name, expect, Machine(disk_mode=disk_mode, **machine), files={}, damage=damage, options=options, saves=saves, fast=fast)


def fill(path):
    """Leaves no room on the volume, but for the folder that memmap.efi makes."""
    filler, block = f"{path}.filler", 1 << 20
    image.run("mmd", "-i", path + VOLUME, "::/baton")
    with open(filler, "wb") as file:
        file.truncate(block)
    try:
        for number in range(1 << 20):
            try:
                image.run("mcopy", "-i", path + VOLUME, filler, f"::/{number}")
            except image.ImageError:
                if block == 512:
                    return
                block //= 2
                with open(filler, "wb") as file:
                    file.truncate(block)
    finally:
        os.remove(filler)


def last_says(pattern):
    """As says(), of the last start only: how many there are is the firmware's doing."""
    def check(_machine, outcome):
        return [] if re.search(pattern, last_start(outcome), re.MULTILINE) else [f"/{pattern}/ is missing"]
    return check


def browses(_machine, outcome):
    """What the window showed after each of the keys NEHDtha: page down, end, home, line down, three other views."""
    windows = [tuple(map(int, window)) for window in re.findall(r"-- (\d+)-(\d+) of (\d+) -- ", last_start(outcome))]
    if len(windows) != 8:
        return [f"{len(windows)} windows where 8 are due"]
    (_, height, count), tests = windows[0], windows[5]
    due = [(1, height, count), (height, 2 * height - 1, count), (count - height + 1, count, count), (1, height, count), (2, height + 1, count)]
    problems = [] if windows[:5] == due else [f"windows {windows[:5]} where {due} are due"]
    problems += [f"the view begins at line {first}" for first, _, _ in windows[5:] if first != 1]
    return problems if tests[2] != count else [*problems, "the tests are not another view"]


def shows_the_map_in_the_loader(_machine, outcome):
    rows = ROW.findall(outcome.text)
    windows = re.findall(r"-- 1-\d+ of (\d+) -- m map  h HOBs  a attributes  t tests  q quit", outcome.text)
    return [] if windows and len(rows) > 20 else [f"windows {windows}, {len(rows)} rows"]


UNSAVED = (shows_the_map, tests_pass, returns_everything, ends(status=PASS))
# leakcheck starts the loader, and m and q are pressed before it has read the kernel.
KEY_IN_THE_LOADER = Boot(
    "loader-map-key", (passes, shows_the_map_in_the_loader), fast=True,
    files=disk(**{"EFI/BOOT/BOOTX64.EFI": LEAKCHECK, "EFI/BATON/LOADER.EFI": LOADER, "EFI/BATON/MEMMAP.EFI": MEMMAP,
                  "leakcheck.txt": b"loader.efi keys=xmNq\n"}))
# A disk on which somebody has put the loader alone.
KEY_WITHOUT_MEMMAP = Boot(
    "loader-map-key-alone", (passes, says(r"baton: \\EFI\\baton\\memmap\.efi: Not Found; the boot goes on without it")),
    files=disk(**{"EFI/BOOT/BOOTX64.EFI": LEAKCHECK, "EFI/BATON/LOADER.EFI": LOADER, "leakcheck.txt": b"loader.efi keys=m\n"}))
# As on a USB stick: the firmware starts it, it saves the map on the disk, and waits for a person.
ALONE = Boot("memmap-alone", (ends("matched"),), machine=Machine(disk_mode="snapshot=off"),
             files={"EFI/BOOT/BOOTX64.EFI": MEMMAP}, until=r"-- 1-\d+ of \d+ -- m map")

MEMMAPS = [
    memmap("memmap", fast=True),
    memmap("memmap-keys", (browses, returns_everything, ends(status=PASS)), fast=True, options="nosave keys=NEHDthaXq", saves=False),
    memmap("memmap-no-console", options="noconsole"),
    memmap("memmap-secboot", firmware="secboot"),  # whose map is not in order
    memmap("memmap-5120m", memory_mib=5120),
    memmap("memmap-64m", memory_mib=64),
    memmap("memmap-pc", machine="pc"),
    memmap("memmap-2m", firmware="2m"),
    memmap("memmap-no-nx", cpu="qemu64,-nx"),
    memmap("memmap-no-screen", screen="none"),
    memmap("memmap-read-only", (*UNSAVED, last_says(r"^memmap: not saved: Write Protected$")), saves=False, disk_mode="readonly=on"),
    memmap("memmap-full", (*UNSAVED, last_says(r"^memmap: not saved: Volume Full$")), saves=False, damage=(fill,)),
    ALONE,
    KEY_IN_THE_LOADER,
    KEY_WITHOUT_MEMMAP,
]
