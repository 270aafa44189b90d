# SPDX-License-Identifier: BSD-2-Clause
"""tools/flash-usb on a real block device, a loop device: for root on Linux, elsewhere skipped."""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
import unittest

from .flash_fixture import MIB, TREE, contents_of, make_small_image

DISK_BYTES = 64 * MIB


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True).stdout.strip()


class LoopDevice(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.backing, self.image, self.point = (os.path.join(self.folder, name) for name in ("disk", "image", "point"))
        os.mkdir(self.point)
        make_small_image(self.image)
        with open(self.backing, "wb") as file:
            file.truncate(DISK_BYTES)
        try:
            self.device = run("losetup", "--find", "--show", self.backing)
        except (OSError, subprocess.CalledProcessError):
            self.skipTest("no loop device to be had: needs root on Linux")
        self.addCleanup(run, "losetup", "--detach", self.device)

    def flash(self, *options):
        return subprocess.run([sys.executable, f"{TREE}/tools/flash-usb", "--image", self.image, *options, self.device],
                              check=False, text=True, input=f"{os.path.basename(self.device)}\n", stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def assert_refused(self, done, reason):
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertRegex(done.stderr, reason)

    def assert_written(self, done):
        self.assertEqual(done.returncode, 0, done.stderr)
        run("blockdev", "--flushbufs", self.device)
        self.assertEqual(contents_of(self.backing)[:os.path.getsize(self.image)], contents_of(self.image))

    @contextlib.contextmanager
    def mounted(self):
        try:
            run("mkfs.ext4", "-q", self.device)
            run("mount", self.device, self.point)
        except (OSError, subprocess.CalledProcessError):
            self.skipTest("this system does not let us mount")
        try:
            yield
        finally:
            subprocess.run(["umount", self.point], stderr=subprocess.DEVNULL, check=False)

    def test_written_when_it_may_be(self):
        self.assert_refused(self.flash(), "neither removable nor on USB")
        self.assertEqual(contents_of(self.backing), bytes(DISK_BYTES))
        self.assert_written(self.flash("--allow-fixed"))

    def test_held_by_another_program(self):
        holder = os.open(self.device, os.O_RDONLY | os.O_EXCL)
        self.addCleanup(os.close, holder)
        self.assert_refused(self.flash("--allow-fixed"), "cannot be opened: Device or resource busy")

    def test_mounted_and_unmounted(self):
        with self.mounted():
            holiday = os.path.join(self.point, "holiday.txt")
            with open(holiday, "w", encoding="ascii") as file:
                file.write("kept")
            self.assert_refused(self.flash("--allow-fixed"), f"mounted on {self.point}")
            with open(holiday, encoding="ascii") as file:
                self.assertEqual(file.read(), "kept")
            self.assert_written(self.flash("--allow-fixed", "--unmount"))
            self.assertFalse(os.path.ismount(self.point))

    def test_full_capacity_again(self):
        self.assert_written(self.flash("--allow-fixed"))
        done = self.flash("--allow-fixed", "--restore")
        self.assertEqual(done.returncode, 0, done.stderr)
        free = re.search(r"([\d ]+) bytes free", run("mdir", "-i", f"{self.backing}@@1M", "::"))
        self.assertGreater(int(free[1].replace(" ", "")), DISK_BYTES * 9 // 10)
