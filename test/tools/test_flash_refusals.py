# SPDX-License-Identifier: BSD-2-Clause
"""tools/flash-usb, on machines that are not there: every refusal, with and without its flag."""

import os
import shutil

from .fake_disks import FakeMachine
from .flash_fixture import MIB, STICK_BYTES, Flash, make_small_image

GIB = 1 << 30
ALLOW = ("mounted", "in-use", "system", "fixed", "large")


class RefusesUnlessAllowed(Flash):
    """Each: what is wrong, what is said, and the flag.  All other flags together must not help."""

    def check(self, reason, flag, path, others=()):
        with self.subTest("no flag"):
            self.assert_refused(self.flash(), path, reason)
        with self.subTest("all other flags"):
            self.assert_refused(self.flash(*(f"--allow-{other}" for other in ALLOW if other != flag)), path, reason)
        with self.subTest("its flag"):
            self.assert_written(self.flash(f"--allow-{flag}", *(f"--allow-{other}" for other in others)), path)

    def test_mounted_partition(self):
        path = self.stick(partitions=("sdb1",))
        self.machine.mount("sdb1", "/media/stick")
        self.check("mounted on /media/stick", "mounted", path)

    def test_mounted_disk(self):
        path = self.stick()
        self.machine.mount("sdb", "/media/stick")
        self.check("mounted on /media/stick", "mounted", path)

    def test_mounted_btrfs(self):
        path = self.stick(partitions=("sdb1",))
        self.machine.mount("sdb1", "/media/stick", "btrfs", number="0:53")
        self.check("mounted on /media/stick", "mounted", path)

    def test_mounted_through_the_mapper(self):
        path = self.stick(partitions=("sdb1",))
        self.machine.built_on("dm-0", ("sdb", "sdb1"))
        self.machine.mount("dm-0", "/media/secret")
        self.check("mounted on /media/secret", "mounted", path, others=("in-use",))

    def test_mounted_image_on_the_stick(self):
        path = self.stick(partitions=("sdb1",))
        self.machine.mount("sdb1", "/media/stick")
        self.machine.disk("loop0", MIB, usb=False)
        self.machine.sys("loop0", "loop/backing_file", "/media/stick/system.squashfs")
        self.machine.mount("loop0", "/media/inner")
        self.check("mounted on /media/inner, /media/stick", "mounted", path)

    def test_loop_device_on_the_stick(self):
        path = self.stick()
        self.machine.disk("loop0", MIB, usb=False)
        self.machine.sys("loop0", "loop/backing_file", "/dev/sdb")
        self.machine.mount("loop0", "/media/inner")
        self.check("mounted on /media/inner", "mounted", path)

    def test_holder(self):
        path = self.stick(partitions=("sdb1",))
        self.machine.built_on("md127", ("sdb", "sdb1"))
        self.check("md127 is built on it", "in-use", path)

    def test_holder_of_the_whole_disk(self):
        path = self.stick()
        self.machine.built_on("dm-3", ("sdb", ""))
        self.check("dm-3 is built on it", "in-use", path)

    def test_swap(self):
        path = self.stick(partitions=("sdb1",))
        self.machine.write("proc/swaps", "Filename Type\n/dev/sdb1 partition 1 0 -2\n")
        self.check("/dev/sdb1 is swapped to", "in-use", path)

    def test_swap_file(self):
        path = self.stick(partitions=("sdb1",))
        self.machine.mount("sdb1", "/media/stick")
        self.machine.write("proc/swaps", "Filename Type\n/media/stick/swap\\040file file 1 0 -2\n")
        self.check("/media/stick/swap file is swapped to", "in-use", path, others=("mounted",))

    def test_sleeping_members(self):
        path = self.stick(partitions=("sdb1",))
        for member in ("LVM2_member", "linux_raid_member", "zfs_member"):
            self.machine.content("sdb", None, None, (("sdb1", member, None),))
            self.assert_refused(self.flash(), path, rf"sdb1 is a part of something larger \({member}\)")
        self.check("part of something larger", "in-use", path)

    def test_not_removable(self):
        path = self.stick(usb=False)
        self.check("neither removable nor on USB", "fixed", path)

    def test_large(self):
        path = self.stick(size=256 * GIB + 512)
        os.truncate(path, 256 * GIB + 512)
        self.assert_refused(self.flash(), path_of_head(path, self.folder), "larger than 256 GiB")
        done = self.flash(*(f"--allow-{other}" for other in ALLOW if other != "large"))
        self.assert_refused(done, path_of_head(path, self.folder), "larger")
        self.assertEqual(self.flash("--allow-large").returncode, 0)

    def test_not_large(self):
        os.truncate(self.stick(size=256 * GIB), 256 * GIB)
        self.assertEqual(self.flash().returncode, 0)


def path_of_head(path, folder):
    """A copy of the first bytes of a file that is too large to be read."""
    head = os.path.join(folder, "head")
    with open(path, "rb") as file, open(head, "wb") as copy:
        copy.write(file.read(MIB))
    return head


class RefusesTheSystem(Flash):
    def setUp(self):
        super().setUp()
        # The image must not be on the disk, which nothing allows.
        shutil.rmtree(self.machine.folder)
        self.machine = FakeMachine(self.machine.folder, system=False)

    def test_root_of_each_kind(self):
        for point in ("/", "/usr", "/boot", "/boot/efi"):
            with self.subTest(point):
                self.setUp()
                path = self.stick(partitions=("sdb1",))
                self.machine.disk("sdz", STICK_BYTES, partitions=("sdz1",))
                self.machine.mount("sdz1", self.folder)
                self.machine.mount("sdb1", point)
                self.assert_refused(self.flash(), path, rf"the running system is on it \({point}\)")
                done = self.flash("--allow-mounted", "--allow-in-use", "--allow-fixed", "--allow-large")
                self.assert_refused(done, path, "running system")
                self.assert_written(self.flash("--allow-system", "--allow-mounted"), path)

    def test_root_on_lvm_on_md_on_two_disks(self):
        for name in ("sdb", "sdc"):
            self.stick(name, partitions=(f"{name}1",))
        self.machine.built_on("md0", ("sdb", "sdb1"), ("sdc", "sdc1"))
        self.machine.built_on("dm-0", ("md0", ""))
        self.machine.mount("dm-0", "/")
        for name in ("sdb", "sdc"):
            done = self.flash(device=f"/dev/{name}", typed=f"{name}\n")
            self.assert_refused(done, self.machine.dev(name), r"the running system is on it \(/\)")


class RefusesAlways(Flash):
    def check(self, path, reason, **more):
        self.assert_refused(self.flash(*(f"--allow-{flag}" for flag in ALLOW), **more), path, reason)

    def test_too_small(self):
        self.check(self.stick(size=2 * MIB), "too small: 2097152 bytes for an image of 3145728")

    def test_write_protected(self):
        path = self.stick()
        self.machine.sys("sdb", "ro", "1")
        self.check(path, "write-protected")

    def test_no_medium(self):
        self.check(self.stick(size=0), "no medium")

    def test_other_sectors(self):
        path = self.stick(sector=4096)
        self.check(path, "no partition table for sectors of 4096 bytes")
        make_small_image(self.image, 4096)
        self.assert_written(self.flash(), path)

    def test_image_without_a_table(self):
        path = self.stick()
        with open(self.image, "r+b") as file:
            file.write(bytes(MIB))
        self.check(path, "no partition table for sectors of 512 bytes")

    def test_image_on_the_stick(self):
        path = self.stick(partitions=("sdb1",))
        self.machine.mount("sdb1", self.folder)
        self.check(path, "itself is on it")

    def test_no_image(self):
        path = self.stick()
        os.remove(self.image)
        self.check(path, "make stick makes it")

    def test_partition(self):
        path = self.stick(partitions=("sdb1",))
        self.check(path, "/dev/sdb1 is a partition; its disk is /dev/sdb", device="/dev/sdb1", typed="sdb1\n")

    def test_no_disk(self):
        path = self.stick()
        self.machine.write("dev/null", "")
        for device, reason in {"sdb": "do you mean /dev/sdb", "/dev/sdx": "no such device", "/dev/null": "not a disk",
                               self.image: "no such"}.items():
            self.check(path, reason, device=device, typed="sdb\n")

    def test_file_beside_dev(self):
        path = self.stick()
        self.machine.write("home/sdb", "")
        self.check(path, "not a disk", device="/home/sdb")
