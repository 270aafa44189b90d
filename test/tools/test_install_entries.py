# SPDX-License-Identifier: BSD-2-Clause
"""tools/install-esp and the firmware's boot entries, with a program that stands in for efibootmgr, and with efibootmgr itself."""

import json
import os
import re
import shutil
import subprocess

from vm import image

from .fake_disks import FakeMachine
from .flash_fixture import make_small_image
from .install_fixture import Install, tree_of

PARTITION_ENTRY = rf"^Boot(\w{{4}})\* (.*?)\tHD\(1,GPT,{image.PARTITION_GUID},.*?/File\((.*)$"


class Entries(Install):
    """With a firmware to tell; the ESP is sda1 of a machine that is not there."""

    WINDOWS = {"0000": {"label": "Windows Boot Manager"}, "0002": {"label": "debian"}}

    def setUp(self):
        super().setUp()
        self.machine = FakeMachine(os.path.join(self.folder, "machine"))
        self.machine.mount("sda1", self.esp, "vfat")
        self.machine.write("sys/firmware/efi/fw_platform_size", "64\n")
        self.program = os.path.join(self.machine.bin, "efibootmgr")
        os.symlink(os.path.join(os.path.dirname(os.path.abspath(__file__)), "fake_efibootmgr"), self.program)
        self.state = {"entries": dict(self.WINDOWS), "order": ["0002", "0000"]}
        self.save()

    def save(self):
        with open(f"{self.program}.json", "w", encoding="utf-8") as file:
            json.dump(self.state, file)

    def load(self):
        with open(f"{self.program}.json", encoding="utf-8") as file:
            self.state = json.load(file)
        return self.state["entries"], self.state["order"]

    def install_here(self, version, *options):
        return self.install(version, *options, where=("--root", self.machine.folder), environment=self.machine.environment())

    def uninstall(self):
        return self.run_tool("--root", self.machine.folder, "--uninstall", environment=self.machine.environment())

    def test_at_the_end_of_the_order(self):
        done = self.install_here(1)
        self.assertEqual(done.returncode, 0, done.stderr)
        entries, order = self.load()
        self.assertEqual(entries, {**self.WINDOWS, "0001": {
            "label": "Baton", "disk": "/dev/sda", "part": 1, "loader": "\\EFI\\baton\\loader.efi", "options": None}})
        self.assertEqual(order, ["0002", "0000", "0001"])
        self.assertIn("boot entries: 0001 Baton\n", done.stdout)

    def test_previous_version_gets_one(self):
        self.install_here(1)
        self.install_here(2)
        self.install_here(3)
        entries, order = self.load()
        self.assertEqual(order, ["0002", "0000", "0001", "0003"])
        self.assertEqual(entries["0003"], {"label": "Baton (previous)", "disk": "/dev/sda", "part": 1,
                                           "loader": "\\EFI\\baton\\previous.efi", "options": "conf=\\baton\\previous.conf"})

    def test_uninstall_takes_ours(self):
        self.install_here(1)
        self.install_here(2)
        done = self.uninstall()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.load(), (self.WINDOWS, ["0002", "0000"]))
        self.assertEqual(tree_of(self.esp), self.before)

    def test_number_that_now_is_anothers(self):
        self.install_here(1)
        self.load()[0]["0001"] = {"label": "Fedora"}
        self.save()
        self.assertEqual(self.uninstall().returncode, 0)
        self.assertEqual(self.load()[0]["0001"], {"label": "Fedora"})

    def test_entry_that_is_gone_is_made_again(self):
        self.install_here(1)
        entries, order = self.load()
        del entries["0001"]
        order.remove("0001")
        self.save()
        self.install_here(1)
        self.assertEqual(self.load()[0]["0001"]["label"], "Baton")

    def test_no_order_yet(self):
        self.state = {"entries": {}, "order": []}
        self.save()
        self.install_here(1)
        self.assertEqual(self.load()[1], ["0000"])

    def test_none_for_removable_or_on_request(self):
        for option in ("--removable", "--no-entry"):
            self.assertEqual(self.install_here(1, option).returncode, 0)
            self.assertEqual(self.load()[0], self.WINDOWS)

    def test_removable_takes_the_entries_of_vendor(self):
        self.install_here(1)
        self.install_here(2, "--removable")
        self.assertEqual(self.load(), (self.WINDOWS, ["0002", "0000"]))

    def test_without_efibootmgr(self):
        os.remove(self.program)
        done = self.install(1, where=("--root", self.machine.folder), environment={**os.environ, "PATH": self.machine.bin})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("no boot entry: efibootmgr is not installed", done.stdout)

    def test_without_uefi(self):
        shutil.rmtree(os.path.join(self.machine.folder, "sys/firmware"))
        self.assertIn("no boot entry: this machine was not started by UEFI", self.install_here(1).stdout)
        self.assertEqual(self.load()[0], self.WINDOWS)

    def test_firmware_that_refuses(self):
        self.state["broken"] = True
        self.save()
        self.refused(self.install_here(1), "efibootmgr: Could not prepare Boot variable")
        self.assertIn("EFI/baton/loader.efi", tree_of(self.esp))

    def test_folder_that_is_no_mount(self):
        shutil.copytree(self.esp, os.path.join(self.folder, "copy"))
        self.esp = os.path.join(self.folder, "copy")
        self.refused(self.install_here(1), "is not where a partition is mounted")
        self.assertEqual(tree_of(self.esp), self.before)

    def test_partition_that_is_not_fat(self):
        self.machine.mount("sda2", self.esp, "ext4")
        self.refused(self.install_here(1), "is ext4, which firmware does not read")
        self.assertEqual(tree_of(self.esp), self.before)

    def test_folder_that_is_on_no_partition(self):
        self.machine.disk("sdb", 1 << 20)
        self.machine.mount("sdb", self.esp, "vfat")
        self.refused(self.install_here(1), "is not a partition")


class RealProgram(Install):
    """efibootmgr itself, on variables in a folder.  It reads the partition table of a disk: for root on Linux only."""

    def setUp(self):
        super().setUp()
        if not shutil.which("efibootmgr"):
            self.skipTest("no efibootmgr")
        backing, variables = os.path.join(self.folder, "disk"), os.path.join(self.folder, "variables")
        make_small_image(backing)
        os.mkdir(variables)
        try:
            losetup = subprocess.run(["losetup", "--find", "--show", backing], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                     check=True)
        except (OSError, subprocess.CalledProcessError):
            self.skipTest("no loop device to be had: needs root on Linux")
        device = losetup.stdout.decode().strip()
        self.addCleanup(subprocess.run, ["losetup", "--detach", device], check=True)
        name = os.path.basename(device)
        self.machine = FakeMachine(os.path.join(self.folder, "machine"))
        self.machine.disk(name, 1 << 20, partitions=(f"{name}p1",))
        self.machine.mount(f"{name}p1", self.esp, "vfat")
        self.machine.write("sys/firmware/efi/fw_platform_size", "64\n")
        self.environment = {**os.environ, "EFIVARFS_PATH": f"{variables}/", "LIBEFIVAR_OPS": "efivarfs"}
        self.efibootmgr("--create", "--disk", device, "--part", "1", "--label", "Other", "--loader", "\\EFI\\other.efi")

    def efibootmgr(self, *arguments):
        return subprocess.run(["efibootmgr", *arguments], env=self.environment, stdout=subprocess.PIPE, check=True,
                              text=True).stdout

    def listing(self):
        """The boot order, and {number: (label, file and load options)}; all must be on the disk's partition."""
        said = self.efibootmgr("--verbose")
        order = re.search(r"^BootOrder: (.*)$", said, re.MULTILINE)[1].split(",")
        return order, {number: (label, rest) for number, label, rest in
                       re.findall(PARTITION_ENTRY, said, re.MULTILINE)}

    def test_installed_updated_and_removed(self):
        before = self.listing()
        self.assertEqual(before, (["0000"], {"0000": ("Other", "\\EFI\\other.efi)")}))
        for version in (1, 2):
            done = self.install(version, where=("--root", self.machine.folder), environment=self.environment)
            self.assertEqual(done.returncode, 0, done.stderr)
        order, entries = self.listing()
        self.assertEqual(order, ["0000", "0001", "0002"])
        self.assertEqual(entries["0001"], ("Baton", "\\EFI\\baton\\loader.efi)"))
        label, rest = entries["0002"]
        self.assertEqual(label, "Baton (previous)")
        # It shows load options byte by byte, with a full stop for what is no letter.
        self.assertEqual(rest, "\\EFI\\baton\\previous.efi)" + "".join(f"{letter}." for letter in "conf=\\baton\\previous.conf"))
        done = self.run_tool("--root", self.machine.folder, "--uninstall", environment=self.environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        # Of the order nothing can be said here: a file, unlike a variable, keeps the end of a longer value.
        self.assertEqual(self.listing()[1], before[1])
