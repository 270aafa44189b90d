# SPDX-License-Identifier: BSD-2-Clause
"""Bad input in one boot: leakcheck (efi/leakcheck.c) starts the real loader once for each broken configuration, kernel or file.

Each start must say its own message on the console, hand an error back to the firmware and leave nothing behind.
"""

import os
import re
from dataclasses import dataclass, field

from vm.qemu import FAIL, PASS

from .boot import BUILD, KERNEL, LOADER, Boot
from .expect import ends, says
from .fat32 import Volume
from .result import Result

LEAKCHECK = os.path.join(BUILD, "test", "leakcheck.efi")
LEAKY = os.path.join(BUILD, "test", "leaky.efi")
CASE = re.compile(r"leakcheck: case (\d+) status=(0x[0-9a-f]+) before=(\d+) after=(\d+) "
                  r"leaked=pages:(\d+),pools:(\d+),events:(\d+),files:(\d+) takings=(\d+)\n")
EFI_ERROR = 1 << 63


@dataclass(frozen=True)
class Bad:
    """One start of the loader that must fail.  Its files lie in the folder bad/NAME, which is its alone."""
    name: str          # 8 characters of a short FAT name, upper or lower case alike
    message: str       # a regular expression for what the console must show
    conf: str = ""     # its baton.conf; "{here}" stands for its folder
    files: dict = field(default_factory=dict)  # more files in its folder
    damage: object = None                      # a function of fat32.py ...
    damaged: str = "kernel.elf"                # ... and the file of its folder that suffers
    kernel: object = KERNEL                    # its kernel.elf: a path, bytes, or None

    def volume_files(self):
        here = f"bad/{self.name}"
        conf = self.conf or f"kernel = \\bad\\{self.name}\\kernel.elf\n"
        files = {f"{here}/baton.cnf": conf.replace("{here}", f"\\bad\\{self.name}").encode("utf-8", "surrogateescape")}
        if self.kernel is not None:
            files[f"{here}/kernel.elf"] = self.kernel
        files.update((f"{here}/{name}", source) for name, source in self.files.items())
        return files

    def options(self):
        return f"loader.efi conf=\\bad\\{self.name}\\baton.cnf nowait"


@dataclass(frozen=True)
class Start:
    """What leakcheck and the loader said about one start."""
    said: str
    status: int
    before: int
    after: int
    leaked: tuple      # pages, pools, events, files
    takings: int


def starts_of(text):
    """{number: the last Start of that case}: leakcheck repeats a case until the firmware's own caches have settled."""
    starts, at = {}, 0
    for match in CASE.finditer(text):
        number, status, before, after, *leaked, takings = match.groups()
        starts[int(number)] = Start(text[at:match.start()], int(status, 16), int(before), int(after), tuple(map(int, leaked)),
                                    int(takings))
        at = match.end()
    return starts


def complaints(bad, start, settles):
    if start is None:
        return ["the loader did not come back"]
    # A serial terminal may break lines where a console of 80 columns ends.
    said, problems = " ".join(start.said.split()), []
    if not re.search(bad.message, said):
        problems.append(f"the message /{bad.message}/ is missing: {said[-300:]}")
    if not start.status & EFI_ERROR:
        problems.append(f"status {start.status:#x} is no error")
    if any(start.leaked) or not start.takings:
        problems.append("leaked pages {}, pools {}, events {}, files {}".format(*start.leaked) + f" of {start.takings} takings")
    if settles and start.before != start.after:
        problems.append(f"{start.before} pages in use before, {start.after} after")
    return problems


@dataclass(frozen=True)
class BadInputs(Boot):
    """All bad inputs in one boot, a result for each."""
    bad: tuple = ()
    settles: bool = True   # False: the firmware itself keeps some memory of each start, so only the ledger tells of leaks

    def judge(self, result, outcome):
        starts = starts_of(outcome.text)
        results = [Result(f"{self.name}/{bad.name}", problems=complaints(bad, starts.get(number), self.settles))
                   for number, bad in enumerate(self.bad, 1)]
        for each in results:
            each.passed, each.failed = (0, 1) if each.problems else (1, 0)
        return [*super().judge(result, outcome), *results]


def bad_inputs(name, bads, kind=BadInputs, settles=True, **more):
    files = {"EFI/BOOT/BOOTX64.EFI": LEAKCHECK, "EFI/BATON/LOADER.EFI": LOADER,
             "leakcheck.txt": "".join(bad.options() + "\n" for bad in bads).encode()}
    for bad in bads:
        files.update(bad.volume_files())

    def damage(path):
        with Volume(path) as volume:
            for bad in bads:
                if bad.damage:
                    bad.damage(volume, f"bad/{bad.name}/{bad.damaged}")
    expect = (says(rf"^leakcheck: end cases={len(bads)} leaking={0 if settles else '[0-9]+'}$"), ends(status=PASS if settles else FAIL))
    return kind(name, expect, files=files, damage=(damage,), bad=tuple(bads), settles=settles, **more)


# What leaky.c leaks for each of its options: pages, pools, events, files.  Leakcheck must see each, and none where there is none.
LEAKS = (("nothing", (0, 0, 0, 0)), ("pages", (3, 0, 0, 0)), ("parts", (3, 0, 0, 0)), ("runtime", (2, 0, 0, 0)), ("pool", (0, 1, 0, 0)),
         ("event", (0, 0, 1, 0)), ("file", (0, 0, 0, 1)), ("nothing", (0, 0, 0, 0)))


def sees_leaks(_machine, outcome):
    starts, problems = starts_of(outcome.text), []
    for number, (option, leaked) in enumerate(LEAKS, 1):
        start = starts.get(number)
        if start is None or start.leaked != leaked:
            problems.append(f"{option}: leaked {start and start.leaked} where {leaked} is due")
        elif option == "nothing" and start.before != start.after:
            problems.append(f"{option}: {start.before} pages in use before, {start.after} after")
        elif option in ("pages", "parts") and start.after - start.before < leaked[0]:
            problems.append(f"{option}: the map does not show it")
    return problems


LEAKCHECK_ITSELF = Boot("leakcheck-itself", (
    sees_leaks, says(rf"^leakcheck: end cases={len(LEAKS)} leaking={sum(any(leaked) for _, leaked in LEAKS)}$"), ends(status=FAIL),
), files={"EFI/BOOT/BOOTX64.EFI": LEAKCHECK, "EFI/BATON/LOADER.EFI": LEAKY,
          "leakcheck.txt": "".join(f"{option}\n" for option, _ in LEAKS).encode()}, fast=True)
