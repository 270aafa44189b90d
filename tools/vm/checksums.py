# SPDX-License-Identifier: BSD-2-Clause
"""Checksums for the files of an image: every file that the loader reads gets a line in baton.conf, and baton.conf itself a first line.

The kernel of such an image does not stand where the loader looks without a configuration: a volume that has lost its baton.conf
boots nothing, rather than a kernel that nobody has checked.
"""

import os
import re
import subprocess

CONF = "baton/baton.conf"
DEFAULTS = {"kernel": r"\baton\kernel.elf", "cmdline-file": r"\baton\cmdline.txt"}
DEFAULT_KERNEL = "baton/kernel.elf"
CHECKED_KERNEL = "baton/boot/kernel.elf"
LINE = re.compile(rb"^[ \t]*([a-z0-9-]+)[ \t]*=[ \t]*(.*?)[ \t]*\r?$", re.MULTILINE)


def crc32c_of(baton, sources):
    """The checksums of files, each a path or bytes, by the host tool."""
    sums = []
    for source in sources:
        data, path = (source, "-") if isinstance(source, bytes) else (None, source)
        done = subprocess.run([baton, "checksum", path], input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if done.returncode != 0:
            raise OSError(done.stderr.decode(errors="replace").strip())
        sums.append(done.stdout.split()[2].decode())
    return sums


def same(path):
    """One form for all ways to write a path: FAT does not tell A from a, and the loader does not tell / from a backslash."""
    return path.replace("/", "\\").lower().lstrip("\\")


def paths_read(text):
    """The paths that the loader reads with this configuration, as it will name them; those with a checksum already are left out."""
    keys = [(key.decode(), value.decode("utf-8", errors="replace")) for key, value in LINE.findall(text)]
    named = dict(keys)
    paths = [named.get("kernel", DEFAULTS["kernel"])]
    if "cmdline" not in named:
        paths.append(named.get("cmdline-file", DEFAULTS["cmdline-file"]))
    paths += [value.split()[0] for key, value in keys if key == "module" and value]
    known = {same(value.split(None, 1)[1]) for key, value in keys if key in ("crc32c", "sha256") and " " in value}
    return [path for path in dict.fromkeys(paths) if same(path) not in known]


def checked(files, baton):
    """The files with all checksums in their baton.conf.  files: as image.make_image() takes them; baton: the host tool."""
    files = dict(files)
    conf = files.get(CONF) or b""
    text = conf if isinstance(conf, bytes) else open_and_read(conf)
    text = text.removeprefix(b"\xef\xbb\xbf")
    if DEFAULT_KERNEL in files and "kernel" not in {key.decode() for key, _ in LINE.findall(text)}:
        files[CHECKED_KERNEL] = files.pop(DEFAULT_KERNEL)
        text = f"kernel = \\{CHECKED_KERNEL}\n".replace("/", "\\").encode() + text
    if not text.endswith(b"\n"):
        text += b"\n"
    on_volume = {same(name): source for name, source in files.items() if source is not None}
    found = [path for path in paths_read(text) if same(path) in on_volume]
    sums = crc32c_of(baton, [on_volume[same(path)] for path in found])
    text += b"".join(f"crc32c = {checksum} {path}\n".encode() for checksum, path in zip(sums, found))
    files[CONF] = f"crc32c = {crc32c_of(baton, [text])[0]}\n".encode() + text
    return files


def open_and_read(path):
    with open(os.fspath(path), "rb") as file:
        return file.read()
