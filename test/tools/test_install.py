# SPDX-License-Identifier: BSD-2-Clause
"""tools/install-esp: what it installs beside others, keeps, refuses, and takes off again."""

import os
import shutil
import subprocess
from unittest import mock

from esp import installing, volume

from .install_fixture import OTHERS, TREE, Install, tree_of


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
