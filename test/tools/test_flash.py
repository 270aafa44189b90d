# SPDX-License-Identifier: BSD-2-Clause
"""tools/flash-usb, on machines that are not there: what it lists, asks, unmounts, writes and restores."""

import io
import os
import shutil
import struct
import subprocess
import sys

from usb import copying
from vm import gpt

from .flash_fixture import IMAGE_BYTES, MIB, OLD, STICK_BYTES, TREE, Flash, contents_of


class Writes(Flash):
    def test_writes_and_reads_back(self):
        path = self.stick(serial="4C53", partitions=("sdb1",))
        self.machine.content("sdb", None, None, (("sdb1", "vfat", "HOLIDAY \x1b[2J"),))
        done = self.flash()
        self.assert_written(done, path)
        # Before the question stands which disk it is and what will be lost; what names itself cannot command the terminal.
        before = done.stdout.partition("Type the device's name")[0]
        for word in ("/dev/sdb", "8 MiB", "USB", "Fake Stick sdb", "4C53", "sdb1: 1 MiB, vfat named HOLIDAY ?[2J"):
            self.assertIn(word, before)
        for verb in ("writing", "reading back"):
            self.assertRegex(done.stderr, rf"{verb} \[#{{30}}\] 100 %")

    def test_image_as_large_as_the_stick(self):
        path = self.stick()
        os.truncate(self.image, STICK_BYTES)
        self.assertEqual(self.flash().returncode, 0)
        self.assertEqual(contents_of(path), contents_of(self.image))

    def test_image_that_reaches_into_the_last_mebibyte(self):
        path = self.stick()
        os.truncate(self.image, STICK_BYTES - 512)
        self.assertEqual(self.flash().returncode, 0)
        self.assertEqual(contents_of(path), contents_of(self.image) + bytes(512))

    def test_disk_that_cannot_be_written(self):
        os.remove(self.stick())
        os.symlink("/dev/full", self.machine.dev("sdb"))
        done = self.flash()
        self.assertEqual(done.returncode, 1)
        self.assertIn("flash-usb: ", done.stderr)
        self.assertNotIn("you may take it out", done.stdout)

    def test_disk_that_holds_something_else_afterwards(self):
        path = self.stick()
        regions = [copying.Region(0, IMAGE_BYTES, self.image), copying.Region(STICK_BYTES - MIB, MIB)]
        with open(path, "r+b") as file:
            copying.write(file.fileno(), regions, io.StringIO())
            copying.compare(file.fileno(), regions, False, io.StringIO())
            for offset in (0, IMAGE_BYTES - 1, STICK_BYTES - 1):
                kept = os.pread(file.fileno(), 1, offset)
                os.pwrite(file.fileno(), bytes([kept[0] ^ 1]), offset)
                with self.subTest(offset), self.assertRaisesRegex(copying.CopyError, "not what was written"):
                    copying.compare(file.fileno(), regions, False, io.StringIO())
                os.pwrite(file.fileno(), kept, offset)

    def test_bar_on_a_terminal(self):
        terminal = io.StringIO()
        terminal.isatty = lambda: True
        progress = copying.Progress("writing", 4 * MIB, terminal)
        for _ in range(4):
            progress.advance(MIB)
        progress.end()
        bars = terminal.getvalue().rstrip("\n").split("\r")[1:]
        self.assertEqual([bar.split("%")[0] for bar in bars], [
            f"writing [{'#' * filled}{'.' * (copying.BAR_CHARACTERS - filled)}] {percent:3} "
            for filled, percent in ((7, 25), (15, 50), (22, 75), (30, 100))])

    def test_image_that_shrinks(self):
        with self.assertRaisesRegex(copying.CopyError, "became shorter"):
            list(copying.Region(0, IMAGE_BYTES + 1, self.image).chunks())


class Lists(Flash):
    def test_candidates(self):
        self.stick(serial="1", partitions=("sdb1",))
        self.machine.content("sdb", "", "", (("sdb1", "exfat", "MUSIC"),))
        self.stick("sdc")
        self.machine.mount("sdb1", "/media/a b")
        self.machine.disk("sr0", 600 * MIB)
        self.machine.disk("sdd", 0)
        self.machine.disk("sde", MIB, usb=False)
        said = self.flash(device=None).stdout
        self.assertEqual(said.splitlines()[:5], [
            "/dev/sdb, 8 MiB, USB, Fake Stick sdb, serial number 1".replace("/dev", f"{self.machine.folder}/dev"),
            "  sdb1: 1 MiB, exfat named MUSIC",
            "  refused: it is mounted on /media/a b (--unmount unmounts it)",
            "/dev/sdc, 8 MiB, USB, Fake Stick sdc, no serial number".replace("/dev", f"{self.machine.folder}/dev"),
            "  empty"])
        for absent in ("sda", "sr0", "sdd", "sde"):
            self.assertNotIn(absent, said)

    def test_none(self):
        self.assertIn("no removable or USB disk", self.flash(device=None).stdout)

    def test_sd_card(self):
        self.machine.disk("mmcblk0", STICK_BYTES, usb=False)
        self.machine.sys("mmcblk0", "device/type", "SD")
        self.assertIn("SD card", self.flash(device=None).stdout)

    def test_no_linux(self):
        shutil.rmtree(os.path.join(self.machine.folder, "sys"))
        self.assertIn("for Linux", self.flash(device=None).stderr)


class Asks(Flash):
    def test_only_the_name_will_do(self):
        path = self.stick()
        for typed in ("", "\n", "y\n", "yes\n", "sda\n", "sdb1\n", "SDB\n"):
            with self.subTest(typed):
                self.assert_refused(self.flash(typed=typed), path, "not confirmed: nothing was written")
        self.assert_written(self.flash(typed="/dev/sdb\n"), path)

    def test_yes_needs_a_name_that_stays(self):
        path = self.stick(serial="4C53")
        done = self.flash("--yes", typed="")
        self.assertEqual(done.returncode, 2)
        self.assertEqual(contents_of(path)[:len(OLD)], OLD)
        self.assert_written(self.flash("--yes", "--serial", "4C53", typed=""), path)

    def test_serial(self):
        path = self.stick(serial="4C53")
        self.assert_refused(self.flash("--yes", "--serial", "4C5", device=None), path, "0 disks have the serial number 4C5")
        self.stick("sdc", serial="4C53", size=0)
        self.assert_written(self.flash("--yes", "--serial", "4C53", device=None), path)

    def test_serial_of_two(self):
        path = self.stick(serial="0123")
        self.stick("sdc", serial="0123")
        done = self.flash("--yes", "--serial", "0123", device=None)
        self.assert_refused(done, path, "2 disks have the serial number 0123: .*sdb, .*sdc")

    def test_by_id(self):
        path = self.stick(partitions=("sdb1",))
        for link, name in (("usb-Fake_1-0:0", "sdb"), ("usb-Fake_1-0:0-part1", "sdb1")):
            os.symlink(f"../../{name}", self.machine.dev(f"disk/by-id/{link}"))
        self.assert_refused(self.flash("--yes", "--by-id", "usb-Fake_2", device=None), path, "no such device")
        self.assert_refused(self.flash("--yes", "--by-id", "usb-Fake_1-0:0-part1", device=None), path, "is a partition")
        self.assert_written(self.flash("--yes", "--by-id", "usb-Fake_1-0:0", device=None), path)
        self.assert_written(self.flash("--yes", "--by-id", "/dev/disk/by-id/usb-Fake_1-0:0", device=None), path)

    def test_names_that_disagree(self):
        path = self.stick(serial="1")
        self.stick("sdc", serial="2")
        self.assert_refused(self.flash("--yes", "--serial", "2"), path, "different disks: sdb, sdc")

    def test_refusals_come_before_yes(self):
        path = self.stick(serial="1", partitions=("sdb1",))
        self.machine.mount("sdb1", "/media/stick")
        self.assert_refused(self.flash("--yes", "--serial", "1"), path, "mounted")

    def change_while_asked(self, change):
        command = [sys.executable, f"{TREE}/tools/flash-usb", "--root", self.machine.folder, "--image", self.image, "/dev/sdb"]
        with subprocess.Popen(command, env=self.machine.environment(), text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as process:
            said = ""
            while not said.endswith("to go on: "):
                said += process.stdout.read(1)
            change()
            out, errors = process.communicate("sdb\n")
        return subprocess.CompletedProcess(command, process.returncode, said + out, errors)

    def test_other_stick_in_its_place(self):
        path = self.stick()
        done = self.change_while_asked(lambda: self.machine.sys("sdb", "diskseq", "99"))
        self.assert_refused(done, path, "not the disk any more")

    def test_mounted_meanwhile(self):
        path = self.stick(partitions=("sdb1",))
        done = self.change_while_asked(lambda: self.machine.mount("sdb1", "/media/stick"))
        self.assert_refused(done, path, "mounted on /media/stick")


class Unmounts(Flash):
    def setUp(self):
        super().setUp()
        self.path = self.stick(partitions=("sdb1",))
        self.machine.mount("sdb1", "/media/stick")
        self.machine.mount("sdb1", "/media/again")

    def test_all_of_the_stick_and_nothing_else(self):
        self.machine.umount_that_works()
        self.assert_written(self.flash("--unmount"), self.path)
        with open(os.path.join(self.machine.bin, "umount.log"), encoding="utf-8") as file:
            self.assertEqual(file.read().split(), ["/media/again", "/media/stick"])

    def test_not_before_the_answer(self):
        self.machine.umount_that_works()
        self.assert_refused(self.flash("--unmount", typed="no\n"), self.path, "not confirmed")
        self.assertFalse(os.path.exists(os.path.join(self.machine.bin, "umount.log")))

    def test_that_fails(self):
        self.machine.program("umount", "#!/bin/sh\necho target is busy >&2; exit 32\n")
        self.assert_refused(self.flash("--unmount"), self.path, "/media/again cannot be unmounted: target is busy")

    def test_that_does_nothing(self):
        self.machine.program("umount", "#!/bin/sh\n")
        self.assert_refused(self.flash("--unmount"), self.path, "mounted on")


class Restores(Flash):
    def check(self, mib, kind, filesystem, sector=512):
        path = self.machine.disk("sdb", mib * MIB, sector=sector)
        with open(path, "r+b") as file:
            file.write(contents_of(self.image))
            file.seek(-512, os.SEEK_END)
            file.write(gpt.SIGNATURE)
        os.remove(self.image)
        done = self.flash("--restore")
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(path, "rb") as file:
            table = file.read(MIB)
            boot = file.read(512)
            file.seek(-MIB, os.SEEK_END)
            self.assertEqual(file.read(), bytes(MIB))
        self.assertEqual(table[512:], bytes(MIB - 512))
        record = struct.unpack_from("<B3sB3sII", table, 446)
        self.assertEqual((record[2], record[4] * sector, record[5] * sector), (kind, MIB, (mib - 2) * MIB))
        self.assertEqual(struct.unpack_from("<H", boot, 11), (sector,))
        self.assertEqual(struct.unpack_from("<I", boot, 28), (record[4],))
        self.assertIn(filesystem, boot)
        listing = subprocess.run(["mdir", "-i", f"{path}@@1M", "::"], stdout=subprocess.PIPE, check=True).stdout
        self.assertIn(b"No files", listing)
        self.assertIn(b"USBSTICK", listing)

    def test_fat32(self):
        self.check(600, 0x0C, b"FAT32")

    def test_fat32_with_large_sectors(self):
        self.check(600, 0x0C, b"FAT32", sector=4096)

    def test_fat16(self):
        self.check(64, 0x0E, b"FAT16")

    def test_refuses_as_before(self):
        path = self.stick(partitions=("sdb1",))
        self.machine.mount("sdb1", "/media/stick")
        self.assert_refused(self.flash("--restore"), path, "mounted")
        self.assert_refused(self.flash("--restore", "--allow-mounted", typed="no\n"), path, "not confirmed")

    def test_beyond_an_mbr(self):
        path = self.stick(size=3 << 40)
        done = self.flash("--restore", "--allow-large")
        self.assert_refused(done, path, "too large for an MBR")
