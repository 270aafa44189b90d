# SPDX-License-Identifier: BSD-2-Clause
"""Installs Baton on a volume that others use too, and takes it off again.

Kernel and modules have their hash in their names, so that two versions of them lie side by side; a version is a
configuration file that names its own.  The version that was there before stays, as previous.efi with previous.conf.
"""

import os

from vm import checksums

from .manifest import PATH as MANIFEST
from .manifest import Manifest
from .volume import VolumeError, digest

LOADERS = {"vendor": "EFI/baton/loader.efi", "removable": "EFI/BOOT/BOOTX64.EFI"}
PREVIOUS_LOADER = "EFI/baton/previous.efi"
MEMMAP = "EFI/baton/memmap.efi"
PREVIOUS_CONF = "baton/previous.conf"
OWN_KEYS = (b"kernel", b"cmdline", b"cmdline-file", b"module")
HASH_DIGITS = 8
SPARE_BYTES = 1 << 20  # for folders and clusters that are not full


def read_file(path):
    with open(path, "rb") as file:
        return file.read()


def stamped(source, data):
    """The name on the volume of a kernel or module."""
    stem, suffix = os.path.splitext(os.path.basename(source))
    return f"baton/boot/{stem}-{digest(data)[:HASH_DIGITS]}{suffix}"


def native(path):
    return "\\" + path.replace("/", "\\")


def version(kernel, cmdline, conf, modules, baton):
    """The files of one version of kernel and configuration, {path: bytes}; baton: the host tool."""
    text = read_file(conf)
    taken = [key.decode() for key, _ in checksums.LINE.findall(text) if key in OWN_KEYS]
    if taken:
        raise VolumeError(f"{conf} has a line {taken[0]} =: kernel, command line and modules are given on the command line")
    data = read_file(kernel)
    files = {stamped(kernel, data): data}
    lines = [f"kernel = {native(stamped(kernel, data))}"] + ([f"cmdline = {cmdline}"] if cmdline else [])
    for module in modules:
        data = read_file(module)
        files[stamped(module, data)] = data
        lines.append(f"module = {native(stamped(module, data))} {os.path.basename(module)}")
    text = b"".join(f"{line}\n".encode() for line in lines) + text
    return checksums.checked({**files, checksums.CONF: text}, baton)


def refuse_foreign(volume, manifest, paths):
    """Nothing is overwritten that was not installed from here and left as it was."""
    foreign = [path for path in paths if volume.exists(path) and not manifest.knows(volume, path)]
    if not foreign:
        return
    if LOADERS["removable"] in foreign:
        raise VolumeError(f"{volume.at(LOADERS['removable'])} belongs to another boot loader; --vendor installs beside it")
    raise VolumeError(f"{volume.at(foreign[0])} was not installed from here, or changed since: move it out of the way first")


def refuse_full(volume, files):
    needed = sum(len(data) for data in files.values()) + SPARE_BYTES
    if volume.free_bytes() < needed:
        raise VolumeError(f"{volume.root} has {volume.free_bytes() >> 10} KiB left, and {needed >> 10} are needed: "
                          "nothing was changed")


def current_loader(volume, manifest):
    """The path of the installed loader, or None."""
    return next((path for path in LOADERS.values() if manifest.knows(volume, path)), None)


def previous_version(volume, manifest, files):
    """What the installed version becomes, {path: bytes}; nothing when there is none or it is the same as the new one."""
    loader = current_loader(volume, manifest)
    if not loader or not manifest.knows(volume, checksums.CONF):
        return {}
    kept = {PREVIOUS_LOADER: volume.read(loader), PREVIOUS_CONF: volume.read(checksums.CONF)}
    new_loaders = [files.get(path) for path in LOADERS.values()]
    return {} if kept[PREVIOUS_CONF] == files[checksums.CONF] and kept[PREVIOUS_LOADER] in new_loaders else kept


def named_in(conf):
    """Paths on the volume that a configuration names."""
    return {path.lstrip("\\").replace("\\", "/") for path in (
        value.decode().split()[0] for key, value in checksums.LINE.findall(conf or b"") if key in (b"kernel", b"module"))}


def wanted_at_the_end(volume, new):
    """Paths that belong to the new version or to the previous one."""
    wanted = {*new, *(path for path in (PREVIOUS_LOADER, PREVIOUS_CONF) if volume.exists(path))}
    return wanted | named_in(volume.read(PREVIOUS_CONF))


def install(volume, mode, files):
    """files: {path: bytes} of loader, memmap.efi and a version().  Returns the manifest, without changes to boot entries."""
    manifest = Manifest.read(volume)
    old = previous_version(volume, manifest, files)
    refuse_foreign(volume, manifest, [*files, *old])
    refuse_full(volume, {**files, **old})
    # Whatever happens from here on, --uninstall knows of everything.
    manifest.folders += [folder for path in (MANIFEST, *files, *old) for folder in volume.make_folders(path)]
    manifest.files |= {(path, digest(data)) for path, data in {**files, **old}.items()}
    manifest.write(volume)
    # First what nothing points to yet, then the previous version, then the loader: it reads an older configuration, not a newer.
    last = (MEMMAP, LOADERS[mode], checksums.CONF)
    for path in (*(path for path in files if path not in last), *old, *last):
        data = {**files, **old}[path]
        if volume.read(path) != data:
            volume.replace(path, data)
    return finish(volume, manifest, files)


def remove_ours(volume, manifest, paths):
    """Removes files that are as they were installed, and what an interruption has left of others."""
    for path in paths:
        if manifest.knows(volume, path) or not volume.exists(path):
            volume.remove(path)


def finish(volume, manifest, files):
    """Removes what neither version needs any more."""
    wanted = wanted_at_the_end(volume, files)
    remove_ours(volume, manifest, [path for path in manifest.paths() if path not in wanted])
    kept = [path for path in manifest.paths() if path in wanted and manifest.knows(volume, path)]
    manifest.files = {(path, digest(volume.read(path))) for path in kept}
    manifest.write(volume)
    return manifest


def uninstall(volume):
    """Removes what was installed and is unchanged; returns the manifest as it was and the paths that had to be left."""
    manifest = Manifest.read(volume)
    if not volume.exists(MANIFEST):
        raise VolumeError(f"{volume.at(MANIFEST)} is missing: nothing was installed here")
    left = [path for path in manifest.paths() if volume.exists(path) and not manifest.knows(volume, path)]
    remove_ours(volume, manifest, manifest.paths())
    volume.remove(MANIFEST)
    for folder in reversed(manifest.folders):
        volume.remove_folder_if_empty(folder)
    return manifest, left
