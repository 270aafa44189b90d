# SPDX-License-Identifier: BSD-2-Clause
"""`make debug` as a person uses it: gdb with the script that tools/debug-qemu writes breaks in the loader and in the kernel."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

from vm import image

from .boot import BUILD, TREE, disk
from .result import Result

SECONDS = 120  # against hangs
READY = "In another terminal:"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class DebugSession:
    name = "debug-session"
    fast = False

    def run(self):
        if not shutil.which("gdb"):
            return [Result(self.name, skipped="gdb is missing")]
        started = time.monotonic()
        folder = os.path.join(BUILD, "boot", self.name)
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, "disk.img")
        image.make_image(path, disk())
        said = self.session(path)
        # A breakpoint that stands on the right byte shows the function, its arguments and its line.
        problems = [f"no stop in {function}" for function, source in (("efi_main", "loader/main.c"), ("kernel_main", "kernel-stub/main.c"))
                    if not re.search(rf"^Breakpoint \d+, {function} \(.*\) at .*{source}:\d+$", said, re.MULTILINE)]
        return [Result(self.name, int(not problems), int(bool(problems)), time.monotonic() - started, problems, said)]

    @staticmethod
    def session(path):
        """Both terminals of the README's session; returns what gdb said."""
        command = [sys.executable, f"{TREE}/tools/debug-qemu", "--port", str(free_port()), path]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True) as debug:
            try:
                said = debug.stdout.readline()
                if READY not in said:
                    return said
                gdb = ["gdb", "-q", "-batch", "-x", f"{BUILD}/debug.gdb", "-ex", "continue", "-ex", "continue", "-ex", "kill"]
                done = subprocess.run(gdb, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS, check=False, text=True)
                return said + done.stdout
            finally:
                os.killpg(debug.pid, signal.SIGTERM)
