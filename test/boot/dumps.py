# SPDX-License-Identifier: BSD-2-Clause
"""A block that went over the serial line as text and came back: the host tool must find it whole and true."""

import os
import subprocess

from vm.qemu import Machine

from .boot import BUILD, Boot, disk
from .expect import passes


def host_tool(*arguments, text):
    return subprocess.run([os.path.join(BUILD, "baton"), "handoff", *arguments], input=text.encode(), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)


def comes_back_whole(_machine, outcome):
    checked = host_tool("check", "-", text=outcome.text)
    return [] if checked.returncode == 0 else [f"baton handoff check ends with {checked.returncode}: {checked.stdout.decode()[-300:]}"]


def damage_is_seen(_machine, outcome):
    """One digit of one line is another; a line is missing."""
    lines = outcome.text.splitlines(keepends=True)
    at = next((index for index, line in enumerate(lines) if line.startswith("baton: dump 00000100 ")), None)
    if at is None:
        return ["no line of the dump"]
    digit = len("baton: dump 00000100 ")
    wrong = lines[at][:digit] + ("1" if lines[at][digit] == "0" else "0") + lines[at][digit + 1:]
    return [f"baton handoff check accepts a dump with {what}"
            for what, replacement in (("a wrong digit", [wrong]), ("a line missing", []))
            if host_tool("check", "-", text="".join(lines[:at] + replacement + lines[at + 1:])).returncode != 2]


DUMPS = [
    Boot("dump", (passes, comes_back_whole, damage_is_seen), files=disk(cmdline="exit=qemu dump"), fast=True),
    Boot("dump-secboot-5g", (passes, comes_back_whole), Machine(firmware="secboot", memory_mib=5120), disk(cmdline="exit=qemu dump")),
]
