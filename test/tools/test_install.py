# SPDX-License-Identifier: BSD-2-Clause
"""tools/install-esp: what it installs beside others, keeps, refuses, and takes off again."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

from esp import installing, volume
from vm import checksums

from .fake_disks import FakeMachine

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


class Files(Install):
    def test_beside_others(self):
        tree = self.installed(1)
        self.assertEqual({path: data for path, data in tree.items() if path in self.before}, self.before)
        self.assertEqual(tree["EFI/baton/loader.efi"], b"loader 1")
        self.assertEqual(tree["EFI/baton/memmap.efi"], b"memmap 1")
        self.assertNotIn("EFI/baton/previous.efi", tree)
        self.assert_boots(tree, "baton/baton.conf", 1)
        ours = [path for path, data in tree.items() if data is not None and path not in self.before]
        self.assertEqual(len(ours), 5, ours)

    def test_manifest_is_what_sha256sum_reads(self):
        self.installed(1)
        def check():
            return subprocess.run(["sha256sum", "--check", "--strict", "EFI/baton/installed.sha256"], cwd=self.esp, check=False,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        done = check()
        self.assertEqual((done.returncode, done.stdout.count(b": OK\n")), (0, 4), done.stderr)
        self.put({"EFI/baton/loader.efi": b"other"})
        self.assertNotEqual(check().returncode, 0)

    def test_uninstall_leaves_what_was_before(self):
        for modes in ((), ("--removable",)):
            self.installed(1, *modes)
            self.installed(2, *modes)
            done = self.run_tool("--directory", "--uninstall")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(tree_of(self.esp), self.before)
        self.refused(self.run_tool("--directory", "--uninstall"), "nothing was installed here")

    def test_uninstall_leaves_what_others_put_there(self):
        self.installed(1)
        self.put({"baton/notes.txt": b"mine"})
        self.assertEqual(self.run_tool("--directory", "--uninstall").returncode, 0)
        self.assertEqual(tree_of(self.esp), {**self.before, "baton": None, "baton/notes.txt": b"mine"})

    def test_uninstall_leaves_what_was_changed(self):
        self.installed(1)
        self.put({"baton/baton.conf": b"mine"})
        self.refused(self.run_tool("--directory", "--uninstall"), "left, because changed .*/baton/baton.conf")
        self.assertEqual(tree_of(self.esp), {**self.before, "baton": None, "baton/baton.conf": b"mine"})

    def test_version_before_is_kept(self):
        self.installed(1)
        tree = self.installed(2)
        self.assertEqual((tree["EFI/baton/loader.efi"], tree["EFI/baton/previous.efi"]), (b"loader 2", b"loader 1"))
        self.assert_boots(tree, "baton/baton.conf", 2)
        self.assert_boots(tree, "baton/previous.conf", 1)
        tree = self.installed(3)
        self.assertEqual((tree["EFI/baton/loader.efi"], tree["EFI/baton/previous.efi"]), (b"loader 3", b"loader 2"))
        self.assert_boots(tree, "baton/previous.conf", 2)
        kernels = [path for path in tree if path.startswith("baton/boot/")]
        self.assertEqual(len(kernels), 2, "the first kernel is not needed any more")

    def test_same_version_again_changes_nothing(self):
        self.installed(1)
        tree = self.installed(2)
        self.assertEqual(self.installed(2), tree)

    def test_modules(self):
        module = self.source("initrd.img", b"files")
        tree = self.installed(1, "--module", module)
        path = next(path for path in tree if path.startswith("baton/boot/initrd-"))
        self.assertEqual(tree[path], b"files")
        self.assertIn(f"module = \\{path} initrd.img\n".replace("/", "\\").encode(), tree["baton/baton.conf"])
        self.installed(2)
        self.assertIn(path, tree_of(self.esp))
        self.assertNotIn(path, self.installed(3))

    def test_removable(self):
        tree = self.installed(1, "--removable")
        self.assertEqual(tree["EFI/BOOT/BOOTX64.EFI"], b"loader 1")
        self.assertNotIn("EFI/baton/loader.efi", tree)
        tree = self.installed(2, "--removable")
        self.assertEqual((tree["EFI/BOOT/BOOTX64.EFI"], tree["EFI/baton/previous.efi"]), (b"loader 2", b"loader 1"))

    def test_from_one_place_to_the_other(self):
        self.installed(1, "--removable")
        tree = self.installed(2)
        self.assertNotIn("EFI/BOOT/BOOTX64.EFI", tree)
        self.assertEqual((tree["EFI/baton/loader.efi"], tree["EFI/baton/previous.efi"]), (b"loader 2", b"loader 1"))

    def test_names_in_another_case(self):
        os.rename(os.path.join(self.esp, "EFI"), os.path.join(self.esp, "efi"))
        tree = self.installed(1)
        self.assertNotIn("EFI", tree)
        self.assertEqual(tree["efi/baton/loader.efi"], b"loader 1")


class Refusals(Install):
    def unchanged(self, done, reason):
        self.refused(done, reason)
        self.assertEqual(tree_of(self.esp), self.before)

    def test_another_loader_in_the_removable_place(self):
        for path in ("EFI/BOOT/BOOTX64.EFI", "efi/Boot/bootx64.efi"):
            shutil.rmtree(self.esp)
            self.put({path: b"another"})
            self.before = tree_of(self.esp)
            self.unchanged(self.install(1, "--removable"), "belongs to another boot loader; --vendor")

    def test_file_of_the_same_name(self):
        self.put({"EFI/baton/loader.efi": b"another"})
        self.before = tree_of(self.esp)
        self.unchanged(self.install(1), "was not installed from here")

    def test_changed_by_hand(self):
        self.installed(1)
        self.put({"baton/baton.conf": b"mine"})
        self.before = tree_of(self.esp)
        self.unchanged(self.install(2), "baton.conf was not installed from here, or changed since")

    def test_configuration_with_a_kernel(self):
        conf = self.source("my.conf", b"verbose = yes\nkernel = \\mine.elf\n")
        self.unchanged(self.install(1, "--conf", conf), "has a line kernel =")

    def test_missing_kernel(self):
        self.unchanged(self.install(1, "--kernel", "/nowhere/kernel"), "No such file")

    def test_no_folder(self):
        shutil.rmtree(self.esp)
        self.refused(self.install(1), "is not a folder")


class Interrupted(Install):
    """The machine stops in the middle of an update, at every step of it."""

    def update(self, version):
        kernel, conf = self.sources(version)["--kernel"], self.source("conf", b"")
        files = installing.version(kernel, f"version={version}", conf, [], f"{TREE}/build/baton")
        files[installing.MEMMAP] = f"memmap {version}".encode()
        files[installing.LOADERS["vendor"]] = f"loader {version}".encode()
        installing.install(volume.Volume(self.esp), "vendor", files)

    def stop_at(self, step):
        """Runs the update; its step-th renaming does not happen.  False when it had fewer."""
        renames = []

        def stopping(source, target):
            renames.append(target)
            if len(renames) == step:
                raise KeyboardInterrupt
            os.rename(source, target)
        with mock.patch.object(volume.Volume, "move", staticmethod(stopping)):
            try:
                self.update(2)
            except KeyboardInterrupt:
                return True
        return False

    def test_at_every_step(self):
        step = 0
        while True:
            step += 1
            shutil.rmtree(self.esp)
            self.put(OTHERS)
            self.update(1)
            stopped = self.stop_at(step)
            tree = tree_of(self.esp)
            with self.subTest(step):
                self.assertIn(tree["EFI/baton/loader.efi"], (b"loader 1", b"loader 2"))
                version = 2 if b"version=2" in tree["baton/baton.conf"] else 1
                self.assert_boots(tree, "baton/baton.conf", version)
                if version == 2:
                    self.assertEqual(tree["EFI/baton/loader.efi"], b"loader 2")
                if tree["EFI/baton/loader.efi"] == b"loader 2":
                    self.assertEqual(tree["EFI/baton/previous.efi"], b"loader 1")
                    self.assert_boots(tree, "baton/previous.conf", 1)
                self.update(2)
                self.assert_boots(tree_of(self.esp), "baton/baton.conf", 2)
                installing.uninstall(volume.Volume(self.esp))
                self.assertEqual(tree_of(self.esp), self.before)
            if not stopped:
                break
        self.assertGreater(step, 7)

    def test_uninstall_after_it(self):
        self.update(1)
        self.assertTrue(self.stop_at(4))
        self.assertTrue([path for path in tree_of(self.esp) if path.endswith(volume.NEW)], "nothing was left half way")
        installing.uninstall(volume.Volume(self.esp))
        self.assertEqual(tree_of(self.esp), self.before)

    def test_disk_that_forgets(self):
        def spoil(file):
            file.flush()
            os.pwrite(file.fileno(), b"?", 0)
        self.update(1)
        before = tree_of(self.esp)
        with mock.patch.object(volume.Volume, "to_disk", staticmethod(spoil)), \
                self.assertRaisesRegex(volume.VolumeError, "not what was written"):
            self.update(2)
        after = {path: data for path, data in tree_of(self.esp).items() if not path.endswith(volume.NEW)}
        self.assertEqual(after, before)

    def test_full_volume(self):
        self.update(1)
        before = tree_of(self.esp)
        with mock.patch.object(volume.Volume, "free_bytes", return_value=installing.SPARE_BYTES), \
                self.assertRaisesRegex(volume.VolumeError, "nothing was changed"):
            self.update(2)
        self.assertEqual(tree_of(self.esp), before)


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
