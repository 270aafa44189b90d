# SPDX-License-Identifier: BSD-2-Clause
"""The commands of the documents that lead to a kernel of one's own, typed as they stand there."""

import os
import re
import subprocess
import tempfile
import time
from dataclasses import dataclass

from .boot import TREE
from .result import Result

BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SECONDS = 300  # against hangs
HELLO = re.compile(r"^Hello from a kernel!  [1-9]\d* MiB are free, the command line is \"exit=qemu\"\.$", re.MULTILINE)
NO_VERDICT = "run-qemu: the kernel gave no verdict"


@dataclass(frozen=True)
class Document:
    name: str
    path: str
    fast: bool = False

    def run(self):
        started = time.monotonic()
        with open(os.path.join(TREE, self.path), encoding="utf-8") as file:
            commands = "".join(BLOCK.findall(file.read()))
        with tempfile.TemporaryDirectory(prefix="baton-readme-") as folder:
            # The files that the commands make shall not lie about in the tree.
            for entry in os.listdir(TREE):
                os.symlink(os.path.join(TREE, entry), os.path.join(folder, entry))
            done = subprocess.run(["sh", "-e"], input=commands.encode(), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  env={key: value for key, value in os.environ.items() if not key.startswith("MAKE")},
                                  timeout=SECONDS, check=False)
        said = done.stdout.decode(errors="replace")
        problems = [] if HELLO.search(said) else ["the kernel did not say hello"]
        # The last command of all, and the only one that fails.
        if done.returncode != 1 or not said.rstrip().endswith(NO_VERDICT):
            problems.append(f"the commands ended with {done.returncode}")
        return [Result(self.name, int(not problems), int(bool(problems)), time.monotonic() - started, problems, said)]


DOCUMENTS = [Document("readme-kernel", "README.md", fast=True), Document("readme-example", "kernel-stub/example/README.md")]
