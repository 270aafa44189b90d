# SPDX-License-Identifier: BSD-2-Clause
"""The power goes while a boot writes: its report, last-boot.txt, the variable of the black box, the kernel's verdict.

What was written is logged, and every state in between is tried: after each sector, and with each sector half new.  Machines are
cut off at random instructions, more of them where the state changes.  Afterwards no file but the loader's own has changed, no
variable but the black box, which is whole or not there; and a sample of those states is switched on again: it must boot and pass.
"""

import collections
import concurrent.futures
import hashlib
import os
import random
import re
import shutil
import subprocess
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


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).digest()


def shares(counter):
    return ", ".join(f"{what} {count}" for what, count in counter.most_common())


class PowerCut:
    """One boot and all its ends.

    kills: machines that are cut off; stride: every how many states of the logs are looked at; boots: how many are switched on again.
    """

    def __init__(self, name, kills, stride, boots, jobs=1, fast=False):
        self.name, self.jobs, self.fast = name, jobs, fast
        self.kills, self.stride, self.boots = kills, stride, boots
        self.folder = os.path.join(BUILD, "power", name)
        self.machine = PowerMachine(self.folder)
        self.lock = threading.Lock()
        self.disks, self.states, self.problems = {}, set(), []  # digest of a disk -> its copy; pairs of digests; complaints
        self.counts = collections.Counter()   # tests by kind
        self.found = collections.Counter()    # what fsck.fat says of different volumes
        self.boxes = collections.Counter()    # what the black box is in different states
        self.samples = []                     # (why, copy of the disk, content of the store): states to switch on

    def run(self):
        started = time.monotonic()
        self.machine.prepare()
        with open(self.machine.store, "rb") as file:
            self.store_before = file.read()
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            instructions = self.record()
            self.replay()
            self.cut_off(pool, instructions)
            chosen = random.Random(SEED).sample(self.samples, min(self.boots, len(self.samples)))
            list(pool.map(lambda one: self.switch_on(*one[1], one[0]), enumerate(chosen)))
        for disk in [] if self.problems else self.disks.values():
            os.remove(disk)
        tried, failed = sum(self.counts.values()), len(self.problems)
        return [Result(self.name, max(0, tried - failed), failed, time.monotonic() - started, self.problems[:20], self.figures())]

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
        store = self.store_before
        disk = self.path("disk.prefix")
        shutil.copyfile(self.machine.disk, disk)
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
                    self.look("states of the disk", disk, digest(disk), store)
        store, states, disk_digest = bytearray(store), 0, digest(disk)
        for offset, data in steps(self.store_log):
            if store[offset:offset + len(data)] == data:
                continue
            store[offset:offset + len(data)] = data
            states += 1
            if states % self.stride == 0:
                self.look("states of the variable store", disk, disk_digest, bytes(store))

    def look(self, why, disk, disk_digest, store):
        """Checks a state, once; keeps it for a sample."""
        state = disk_digest, hashlib.sha256(store).digest()
        with self.lock:
            self.counts[why] += 1
            if state in self.states:
                return
            self.states.add(state)
            is_new = disk_digest not in self.disks
            kept = self.disks.setdefault(disk_digest, self.path(f"disk-{len(self.disks)}.img"))
            if is_new:
                subprocess.run(["cp", "--sparse=always", disk, kept], check=True)
        problems = same_variables(self.store_before, store)
        if is_new:
            kinds, worse = check_volume(kept, self.machine.files)
            problems += same_files(kept, self.machine.files) + worse
            with self.lock:
                self.found.update(kinds)
        with self.lock:
            self.boxes[black_box(store)] += 1
            self.problems += [f"{why}, {self.counts[why]}: {problem}" for problem in problems]
            self.samples.append((why, kept, store))

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
        disk_digest = digest(disk)
        self.look("machines cut off", disk, disk_digest, content)
        os.remove(disk)
        os.remove(store)
        return disk_digest, content

    # --- and on again -----------------------------------------------------------------------------------------------------------

    def switch_on(self, why, kept, content, number):
        disk, store = self.path(f"again-{number}.img"), self.path(f"again-{number}.fd")
        subprocess.run(["cp", "--sparse=always", kept, disk], check=True)
        with open(store, "wb") as file:
            file.write(content)
        expected, outcome = black_box(content), self.machine.start_again(disk, store)
        with open(self.path(f"again-{number}.txt"), "w", encoding="utf-8") as file:
            file.write(outcome.text + outcome.errors)
        words, problems = verdict(outcome)
        problems += [] if problems or re.match("pass ", words) else [f"verdict {words}"]
        if not problems and facts_of(outcome).get("last_boot") != expected:
            problems.append(f"the last boot is {facts_of(outcome).get('last_boot')}, where the store says {expected}")
        problems += same_files(disk, self.machine.files)
        os.remove(disk)
        with self.lock:
            self.counts["switched on again"] += 1
            self.problems += [f"{why}, switched on again ({os.path.basename(kept)}): {problem}" for problem in problems]

    def figures(self):
        written = sum(len(data) for _, data in self.disk_log)
        writes = f"{len(self.disk_log)} writes to the disk, {written} bytes; {len(self.store_log)} to the store"
        return "\n".join([writes, *(f"{count} {what}" for what, count in self.counts.items()),
                          f"{sum(self.boxes.values())} of these states differ; their black box: {shares(self.boxes)}",
                          f"their volumes by fsck.fat: {shares(self.found)}"])


POWER = [PowerCut("power-cuts", kills=8, stride=12, boots=2, fast=True)]
