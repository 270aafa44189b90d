# SPDX-License-Identifier: BSD-2-Clause
"""Which boot services and file functions a boot calls, stage by stage, and how many bytes it reads (efi/calls.h)."""

from .measure import STAGES

# UEFI 2.10 §4.4, in the order of the table; then the file functions of efi/calls.h.
NAMES = ("RaiseTPL RestoreTPL AllocatePages FreePages GetMemoryMap AllocatePool FreePool CreateEvent SetTimer WaitForEvent "
         "SignalEvent CloseEvent CheckEvent InstallProtocolInterface ReinstallProtocolInterface UninstallProtocolInterface "
         "HandleProtocol Reserved RegisterProtocolNotify LocateHandle LocateDevicePath InstallConfigurationTable LoadImage "
         "StartImage Exit UnloadImage ExitBootServices GetNextMonotonicCount Stall SetWatchdogTimer ConnectController "
         "DisconnectController OpenProtocol CloseProtocol OpenProtocolInformation ProtocolsPerHandle LocateHandleBuffer "
         "LocateProtocol InstallMultipleProtocolInterfaces UninstallMultipleProtocolInterfaces CalculateCrc32 CopyMem SetMem "
         "CreateEventEx OpenVolume Open Close Read SetPosition GetInfo ReadBlocks").split()
ORDERS = r"image=\EFI\BOOT\BOOTX64.EFI count=1"


def counted(bench, disk):
    """{stage: {"calls": {name: count}, "bytes": read}} of one boot of Baton."""
    run = bench.run(disk, ORDERS)
    starts = list(zip(run.all("tsc"), run.all("stage")))
    found = {}
    for number, at, size in zip(run.all("call"), run.all("at"), run.all("bytes")):
        stage = STAGES[max(((tsc, stage) for tsc, stage in starts if tsc <= at), default=starts[0])[1]]
        entry = found.setdefault(stage, {"calls": {}, "bytes": 0})
        entry["calls"][NAMES[number]] = entry["calls"].get(NAMES[number], 0) + 1
        entry["bytes"] += size
    return found


# What a boot of one kernel and a configuration needs, and no more of it: (calls, what for).
NEEDED = {
    "SetWatchdogTimer": (19, "off, and on around each access to a file: a driver that never comes back must not hang us"),
    "RaiseTPL": (1, "with RestoreTPL: the priority that the firmware started the loader at"), "RestoreTPL": (1, ""),
    "HandleProtocol": (4, "loaded image, volume, block device, console"), "LocateProtocol": (2, "graphics, random numbers"),
    "OpenVolume": (1, "once for all files"),
    "Open": (3, "configuration, command line, kernel"), "Close": (4, "what was opened, and the volume"),
    "SetPosition": (9, "to the end of each file for its size, and before each Read"), "Read": (6, "headers, segments, text"),
    "AllocatePool": (2, "text files"), "FreePool": (2, "text files"),
    "AllocatePages": (10, "kernel, stack, block, tables, work memory, room for the map"),
    "GetMemoryMap": (4, "room for the map, what to map, and the one that ExitBootServices takes"),
    "ExitBootServices": (1, "the last"),
}


def findings(found):
    """Calls that a boot does not need: lines of text."""
    total = {}
    for entry in found.values():
        for name, count in entry["calls"].items():
            total[name] = total.get(name, 0) + count
    for name, count in total.items():
        most, why = NEEDED.get(name, (0, ""))
        if count > most:
            yield f"{name} is called {count} times; needed: {most or 'never'}{why and f' ({why})'}"


def lines(found):
    """The same for the terminal."""
    total = sum(sum(entry["calls"].values()) for entry in found.values())
    yield f"calls into the firmware: {total}"
    for stage, entry in found.items():
        words = ", ".join(f"{name} {count}" if count > 1 else name for name, count in entry["calls"].items())
        yield f"  {stage}: {words}" + (f"; {entry['bytes']} bytes read" if entry["bytes"] else "")
