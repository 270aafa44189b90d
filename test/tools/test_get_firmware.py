# SPDX-License-Identifier: BSD-2-Clause
"""Getting firmware: tools/get-firmware, with scripts in the place of apt and dpkg-deb, so without a network."""

import os
import subprocess
import tempfile
import unittest
from unittest import mock

from vm import ovmf

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VERSIONS = ("bookworm ovmf 1-ovmf\ntrixie ovmf 1-ovmf\ntrixie u-boot-qemu 1-u-boot-qemu\n"
            "bookworm u-boot-qemu 1-u-boot-qemu\n")
APT = """case "$*" in
*update*) test -s "$APT_CONFIG" ;;
*download*) for name; do :; done; touch "${name%/*}_1_all.deb" ;;
esac"""
DPKG = """case $1 in
-x) mkdir -p "$3/usr/share/OVMF" "$3/usr/lib/u-boot/qemu-x86_64"
    for name in CODE_4M CODE_4M.secboot CODE_4M.secboot.strictnx VARS_4M; do touch "$3/usr/share/OVMF/OVMF_$name.fd"; done
    touch "$3/usr/lib/u-boot/qemu-x86_64/u-boot.rom" ;;
-f) name=${2##*/}; echo "1-${name%_1_all.deb}" ;;
esac"""


class GetFirmware(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.programs, self.to = os.path.join(self.folder.name, "bin"), os.path.join(self.folder.name, "firmware")
        os.mkdir(self.programs)
        for name, script in (("apt-get", APT), ("apt-config", ""), ("dpkg-deb", DPKG)):
            self.program(name, script)

    def program(self, name, script):
        path = os.path.join(self.programs, name)
        with open(path, "w", encoding="ascii") as file:
            file.write(f"#!/bin/sh\n{script}\n")
        os.chmod(path, 0o755)

    def get(self, **variables):
        environment = {"PATH": f"{self.programs}:/usr/bin:/bin", "KEYRING": __file__, **variables}
        done = subprocess.run([f"{TREE}/tools/get-firmware", self.to], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              check=False)
        return done.returncode, done.stdout.decode()

    def versions(self):
        try:
            with open(os.path.join(self.to, "versions"), encoding="ascii") as file:
                return file.read()
        except FileNotFoundError:
            return None

    def test_gets_each_package_and_notes_its_version(self):
        status, said = self.get()
        self.assertEqual((status, self.versions()), (0, VERSIONS), said)
        self.assertEqual(sorted(os.listdir(self.to)), ["bookworm", "trixie", "versions"])

    def test_what_it_gets_is_what_the_tests_boot(self):
        self.get()
        for variant, files in ovmf.FETCHED.items():
            for file in filter(None, files):
                self.assertTrue(os.path.isfile(os.path.join(self.to, file)), variant)

    def test_asks_nobody_when_all_is_there(self):
        self.get()
        self.program("apt-get", "exit 1")
        self.assertEqual(self.get()[0], 0)

    def test_what_has_gone_is_got_again(self):
        self.get()
        os.remove(os.path.join(self.to, "trixie/u-boot-qemu/usr/lib/u-boot/qemu-x86_64/u-boot.rom"))
        status, said = self.get()
        self.assertEqual((status, self.versions()), (0, VERSIONS), said)
        self.assertNotIn("everything is there", said)

    def test_each_failure_says_what_to_do_and_leaves_nothing_that_looks_complete(self):
        for name, programs, variables, message in (
                ("no network", {"apt-get": "exit 100"}, {}, "needs the network once"),
                ("no package", {"apt-get": "case \"$*\" in *download*) exit 100 ;; esac"}, {}, "ovmf of Debian's bookworm cannot be had"),
                ("other content", {"dpkg-deb": "case $1 in -f) echo 1 ;; esac"}, {}, "must learn its new place"),
                ("no key", {}, {"KEYRING": "/nowhere/key.gpg"}, "/nowhere/key.gpg is missing")):
            with self.subTest(name):
                self.setUp()
                for program, script in programs.items():
                    self.program(program, script)
                status, said = self.get(**variables)
                self.assertEqual((status, self.versions()), (1, None))
                self.assertIn(message, said)
                self.assertIn("make test-firmware", said)

    def test_without_apt_it_says_so(self):
        for program in ("apt-get", "apt-config", "dpkg-deb"):
            os.remove(os.path.join(self.programs, program))
        for name in ("dirname", "cut", "sort", "tr", "grep"):
            os.symlink(f"/usr/bin/{name}", os.path.join(self.programs, name))
        status, said = self.get(PATH=self.programs)
        self.assertEqual(status, 1)
        self.assertIn("apt-get is missing", said)


class Fetched(unittest.TestCase):
    def test_missing_firmware_names_the_tool(self):
        with tempfile.TemporaryDirectory() as folder, mock.patch.object(ovmf, "FETCHED_FOLDER", folder), \
                self.assertRaisesRegex(ovmf.FirmwareMissing, "tools/get-firmware"):
            ovmf.find("u-boot")
