# SPDX-License-Identifier: BSD-2-Clause
"""A machine that is not there with a stick in it, for the tests of tools/flash-usb."""

import os
import subprocess
import sys
import tempfile
import unittest

from vm import gpt, image

from .fake_disks import FakeMachine

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MIB = 1 << 20
IMAGE_BYTES = 3 * MIB
STICK_BYTES = 8 * MIB
OLD = b"old data"


def make_small_image(path, sector_bytes=512):
    """As good as an image for what looks at its table only."""
    with open(path, "wb") as file:
        file.write(os.urandom(IMAGE_BYTES))
        sectors = IMAGE_BYTES // sector_bytes
        gpt.write(file, IMAGE_BYTES, sector_bytes, (sectors // 3, sectors // 2), image.DISK_GUID, image.PARTITION_GUID, "test")


def contents_of(path):
    with open(path, "rb") as file:
        return file.read()


class Flash(unittest.TestCase):
    """A machine with its system on sda and a stick as sdb."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.machine = FakeMachine(os.path.join(self.folder, "machine"))
        self.image = os.path.join(self.folder, "stick.img")
        make_small_image(self.image)

    def stick(self, name="sdb", size=STICK_BYTES, **more):
        path = self.machine.disk(name, size, node_bytes=STICK_BYTES, **more)
        with open(path, "r+b") as file:
            file.write(OLD)
            file.seek(STICK_BYTES - 512)
            file.write(gpt.SIGNATURE)
        return path

    def flash(self, *options, typed="sdb\n", device="/dev/sdb"):
        command = [sys.executable, f"{TREE}/tools/flash-usb", "--root", self.machine.folder, "--image", self.image, *options]
        return subprocess.run([*command, *([device] if device else [])], input=typed, env=self.machine.environment(), text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)

    def assert_written(self, done, path):
        self.assertEqual(done.returncode, 0, done.stderr)
        data = contents_of(path)
        self.assertEqual(data[:IMAGE_BYTES], contents_of(self.image))
        self.assertEqual(data[-MIB:], bytes(MIB), "an old partition table is left at the end")

    def assert_refused(self, done, path, reason):
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertRegex(done.stderr, reason)
        self.assertEqual(contents_of(path)[:len(OLD)], OLD, "written in spite of the refusal")
