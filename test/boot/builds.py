# SPDX-License-Identifier: BSD-2-Clause
"""Two builds of the same sources, in another folder and at another time, give the same bytes."""

import hashlib
import os
import shutil
import subprocess
import tempfile
import time

from .boot import BUILD, TREE
from .result import Result

PRODUCTS = ("BOOTX64.EFI", "memmap.efi", "kernel.elf", "baton.img", "stick.img", "baton.iso")
NOT_SOURCES = shutil.ignore_patterns("build", ".git", "__pycache__")


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def make(tree, *words):
    return subprocess.run(["make", "-C", tree, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                          env={key: value for key, value in os.environ.items() if not key.startswith("MAKE")})


class Reproducible:
    name = "same-bytes-twice"
    fast = False

    def run(self):
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="baton-again-") as folder:
            tree = os.path.join(folder, "tree")
            shutil.copytree(TREE, tree, ignore=NOT_SOURCES)
            made = make(tree, "image", "stick", "iso")
            problems = [f"{product} differs" for product in PRODUCTS if made.returncode == 0
                        and digest(os.path.join(BUILD, product)) != digest(os.path.join(tree, "build", product))]
            other = make(tree, "stick", "STICK_CMDLINE=other")
            if other.returncode == 0 and digest(os.path.join(tree, "build", "stick.img")) == digest(os.path.join(BUILD, "stick.img")):
                problems.append("another command line makes no other stick")
        if made.returncode != 0 or other.returncode != 0:
            problems.append("the second build failed")
        return [Result(self.name, int(not problems), int(bool(problems)), time.monotonic() - started, problems,
                       made.stdout.decode(errors="replace"))]
