# SPDX-License-Identifier: BSD-2-Clause
"""The power goes while a boot writes: its report, last-boot.txt, the variable of the black box, the kernel's verdict.

What was written is logged, and every state in between is tried: after each sector, and with each sector half new.  Machines are cut
off at random instructions, more of them where the state changes.  Afterwards no file but the loader's own has changed, no variable but
the black box, which is whole or not there; and of all those states a sample is switched on again: it must boot and pass.
"""

import collections
import concurrent.futures
import hashlib
import os
import random
import re
import threading
import time

from vm import qemu

from .boot import BUILD
from .expect import facts_of, verdict
from .power_log import read_log, steps
from .power_machine import CUT, PowerMachine
from .power_state import black_box, check_volume, same_files, same_variables
from .result import Result

SEED = 20260121
LOADER_SHARE = 0.25   # of all instructions: the rest is the kernel's test of memory


def shares(counter):
    return ", ".join(f"{what} {count}" for what, count in counter.most_common())


class PowerCut:
    """One boot and all its ends.  kills: machines that are cut off; stride: every how many states are looked at; boots: how many are switched on again."""

    def __init__(self, name, kills, stride, boots, jobs=1, fast=False):
        self.name, self.kills, self.stride, self.boots, self.jobs, self.fast = name, kills, stride, boots, jobs, fast
        self.folder = os.path.join(BUILD, "power", name)
        self.machine = PowerMachine(self.folder)
        self.lock = threading.Lock()
        self.checked, self.problems = {}, []  # digests of disk and store -> what was found; complaints
        self.counts = collections.Counter()   # tests by kind
        self.found = collections.Counter()    # what fsck.fat says of different volumes
        self.boxes = collections.Counter()    # what the black box is in different states
        self.samples = []                     # (why, disk, store): states to switch on

    def run(self):
        started = time.monotonic()
        self.machine.prepare()
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            instructions = self.record()
            self.replay()
            self.cut_off(pool, instructions)
            chosen = random.Random(SEED).sample(self.samples, min(self.boots, len(self.samples)))
            list(pool.map(lambda one: self.switch_on(*one[1], one[0]), enumerate(chosen)))
        for _, disk, store in [] if self.problems else self.samples:
            os.remove(disk)
            os.remove(store)
        passed = sum(self.counts.values())
        return [Result(self.name, passed - len(self.problems), len(self.problems), time.monotonic() - started, self.problems[:20],
                       self.figures())]

    def path(self, name):
        return os.path.join(self.folder, name)

    def record(self):
        """The whole boot, with what it writes logged; returns how many instructions it takes."""
        logs = [self.path("disk.log"), self.path("store.log")]
        for log in logs:
            with open(log, "wb"):
                pass
        outcome, instructions = self.machine.restored(self.path("disk.all"), self.path("store.all"), logs)
        if outcome.status != qemu.PASS or not instructions:
            raise RuntimeError("the boot that is to be cut does not pass: " + outcome.text[-500:] + outcome.errors)
        self.disk_log, self.store_log = map(read_log, logs)
        if not self.disk_log or not self.store_log:
            raise RuntimeError("the boot that is to be cut does not write")
        return instructions

    # --- every state of the log ------------------------------------------------------------------------------------------------

    def replay(self):
        """The disk is written before the store: while the one changes, the other is as it was, or as it will be."""
        with open(self.machine.store, "rb") as file:
            store = file.read()
        disk = self.path("disk.prefix")
        os.system(f"cp --sparse=always '{self.machine.disk}' '{disk}'")
        states = 0
        with open(disk, "r+b", buffering=0) as file:
            for offset, data in steps(self.disk_log):
                file.seek(offset)
                if file.read(len(data)) == data:
                    continue
                file.seek(offset)
                file.write(data)
                states += 1
                if states % self.stride == 0:
                    self.look("states of the disk", disk, store)
        store, states = bytearray(store), 0
        for offset, data in steps(self.store_log):
            if store[offset:offset + len(data)] == data:
                continue
            store[offset:offset + len(data)] = data
            states += 1
            if states % self.stride == 0:
                self.look("states of the variable store", disk, bytes(store))

    def look(self, why, disk, store):
        """Checks a state, once; keeps it for a sample."""
        with open(disk, "rb") as file:
            key = hashlib.sha256(file.read()).digest(), hashlib.sha256(store).digest()
        with self.lock:
            known, self.checked[key] = key in self.checked, True
            known_disk = any(key[0] == other[0] for other in self.checked if other != key)
            self.counts[why] += 1
        if known:
            return
        problems = same_variables(self.store_before(), store)
        if not known_disk:
            kinds, worse = check_volume(disk, self.machine.files)
            problems += same_files(disk, self.machine.files) + worse
            with self.lock:
                self.found.update(kinds)
        with self.lock:
            self.boxes[black_box(store)] += 1
            self.problems += [f"{why}, {self.counts[why]}: {problem}" for problem in problems]
            self.samples.append((why, *self.keep(disk, store)))

    def store_before(self):
        with open(self.machine.store, "rb") as file:
            return file.read()

    def keep(self, disk, store):
        """Copies of a state, sparse: most of a disk is empty."""
        name = self.path(f"state-{len(self.samples)}")
        os.system(f"cp --sparse=always '{disk}' '{name}.img'")
        with open(name + ".fd", "wb") as file:
            file.write(store)
        return name + ".img", name + ".fd"

    # --- machines that are cut off ------------------------------------------------------------------------------------------------

    def cut_off(self, pool, instructions):
        """First anywhere, then between two neighbours that left different states."""
        chance = random.Random(SEED + 1)
        anywhere = [chance.randrange(1, int(instructions * (LOADER_SHARE if i % 4 else 1))) for i in range(self.kills // 2)]
        ends = dict(zip(anywhere, pool.map(self.kill, anywhere)))
        left = self.kills - len(anywhere)
        while left > 0:
            counts = sorted(ends)
            edges = [(a, b) for a, b in zip(counts, counts[1:]) if ends[a] != ends[b] and b - a > 1] or [(1, instructions)]
            between = [chance.randrange(a + 1, b) for a, b in (chance.choice(edges) for _ in range(min(left, 2 * self.jobs)))]
            ends.update(zip(between, pool.map(self.kill, between)))
            left -= len(between)

    def kill(self, count):
        """Returns what tells the state from others."""
        disk, store = self.path(f"kill-{count}.img"), self.path(f"kill-{count}.fd")
        outcome, _ = self.machine.restored(disk, store, cut=count)
        with open(store, "rb") as file:
            content = file.read()
        if outcome.status not in (CUT, qemu.PASS):
            with self.lock:
                self.problems.append(f"the machine to be cut off at {count} ended with status {outcome.status}, {outcome.reason}")
        self.look("machines cut off", disk, content)
        with open(disk, "rb") as file:
            end = hashlib.sha256(file.read() + content).digest()
        os.remove(disk)
        os.remove(store)
        return end

    # --- and on again -----------------------------------------------------------------------------------------------------------

    def switch_on(self, why, disk, store, number):
        with open(store, "rb") as file:
            expected = black_box(file.read())
        outcome = self.machine.start_again(disk, store)
        with open(self.path(f"again-{number}.txt"), "w", encoding="utf-8") as file:
            file.write(outcome.text + outcome.errors)
        words, problems = verdict(outcome)
        problems += [] if problems or re.match("pass ", words) else [f"verdict {words}"]
        if not problems and facts_of(outcome).get("last_boot") != expected:
            problems.append(f"the last boot is {facts_of(outcome).get('last_boot')}, where the store says {expected}")
        problems += same_files(disk, self.machine.files)
        with self.lock:
            self.counts["switched on again"] += 1
            self.problems += [f"{why}, switched on again ({os.path.basename(disk)}): {problem}" for problem in problems]

    def figures(self):
        writes = f"{len(self.disk_log)} writes to the disk, {sum(len(data) for _, data in self.disk_log)} bytes; {len(self.store_log)} to the store"
        return "\n".join([writes, *(f"{count} {what}" for what, count in self.counts.items()),
                          f"{sum(self.boxes.values())} of these states differ; their black box: {shares(self.boxes)}",
                          f"their volumes by fsck.fat: {shares(self.found)}"])


POWER = [PowerCut("power-cuts", kills=8, stride=12, boots=2, fast=True)]
