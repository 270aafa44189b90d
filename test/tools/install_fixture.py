# SPDX-License-Identifier: BSD-2-Clause
"""A volume with other systems on it, for the tests of tools/install-esp."""

import os
import re
import subprocess
import sys
import tempfile
import unittest

from vm import checksums

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OTHERS = {"EFI/Microsoft/Boot/bootmgfw.efi": b"windows", "EFI/debian/shimx64.efi": b"shim",
          "loader/entries/arch.conf": b"title Arch"}


def tree_of(folder):
    """{path: bytes, None for a folder} of everything in a folder."""
    found = {}
    for place, folders, files in os.walk(folder):
        for name in folders:
            found[os.path.relpath(os.path.join(place, name), folder)] = None
        for name in files:
            with open(os.path.join(place, name), "rb") as file:
                found[os.path.relpath(os.path.join(place, name), folder)] = file.read()
    return found


class Install(unittest.TestCase):
    """An ESP with other systems on it, and small files that stand for loader and kernel."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = os.path.realpath(folder.name)
        self.esp = os.path.join(self.folder, "esp")
        self.put(OTHERS)
        self.before = tree_of(self.esp)

    def put(self, files):
        for path, data in files.items():
            path = os.path.join(self.esp, path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(data)

    def source(self, name, data):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def sources(self, version):
        return {f"--{name}": self.source(f"{name}.bin", f"{name} {version}".encode()) for name in ("loader", "memmap", "kernel")}

    def run_tool(self, *options, environment=None):
        return subprocess.run([sys.executable, f"{TREE}/tools/install-esp", self.esp, *options], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False, env=environment)

    def install(self, version, *options, where=("--directory",), environment=None):
        words = [word for pair in self.sources(version).items() for word in pair]
        return self.run_tool(*where, *words, "--cmdline", f"version={version}", *options, environment=environment)

    def installed(self, version, *options):
        done = self.install(version, *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return tree_of(self.esp)

    def refused(self, done, reason):
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertRegex(done.stderr, f"^install-esp: .*{reason}")

    def assert_boots(self, tree, conf, version):
        """The configuration names a kernel of this version that is there, and its checksums are right."""
        text = tree[conf]
        self.assertIn(f"cmdline = version={version}\n".encode(), text)
        kernel = re.search(rb"^kernel = \\(.*)$", text, re.MULTILINE)[1].decode().replace("\\", "/")
        self.assertEqual(tree[kernel], f"kernel {version}".encode())
        first, rest = text.split(b"\n", 1)
        sums = checksums.crc32c_of(f"{TREE}/build/baton", [rest, tree[kernel]])
        self.assertEqual(first.decode(), f"crc32c = {sums[0]}")
        self.assertIn(f"crc32c = {sums[1]} \\{kernel}\n".replace("/", "\\").encode(), rest)
