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


def lines(found):
    """The same for the terminal."""
    total = sum(sum(entry["calls"].values()) for entry in found.values())
    yield f"calls into the firmware: {total}"
    for stage, entry in found.items():
        words = ", ".join(f"{name} {count}" if count > 1 else name for name, count in entry["calls"].items())
        yield f"  {stage}: {words}" + (f"; {entry['bytes']} bytes read" if entry["bytes"] else "")
