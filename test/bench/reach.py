# SPDX-License-Identifier: BSD-2-Clause
"""What was to be reached, what was aimed at, and what is: one table."""

from .report import million

KIB, MILLION = 1 << 10, 1e6
# (case, reach, aim, why a figure above the reach is above it); the case is a row's name behind "Baton, ".
BOOTS = (
    ("virtio 0 MiB", 2.0, 1.4, "{loading} of it is the firmware's LoadImage, which copies the image byte by byte more than "
     "once, {leaving} the memory map and ExitBootServices; the rest is configuration, kernel, page tables of the whole memory, "
     "and the sealed block"),
    ("virtio 128 MiB", 11, 3, ""),
    ("virtio 128 MiB fragmented", 30, 8, "{limit} of it are the block requests alone, 64 KiB each: OVMF's virtio driver "
     "takes 17,000 instructions for each of the 2,048, whoever asks"),
    ("AHCI 128 MiB", 158, 150, "{limit} of it is the one block request"),
    ("USB 128 MiB", 58, 50, "{limit} of it is the one block request"),
)
SIZES = (
    ("`BOOTX64.EFI`, KiB", "loader_bytes", 64, 40, "14.6 KiB of it let a machine without a serial line say why it stopped (report, QR code, font, "
     "names of functions), 5.7 are configuration and checksums, 4.8 messages: loader/README.md"),
    ("memory owned at kernel entry beyond kernel, modules and stack, 1 GiB machine, KiB", "owned_bytes", 512, 256, "{owned}"),
)
MAP_WORK_PERCENT = 1


def limit_of(rows, load):
    """The least that anyone who loads this must spend, as measured; None when it was not."""
    names = ("map and exit alone", "ReadBlocks in one call", "ReadBlocks, 64 KiB a call")
    found = [rows[f"{name}, {load}"]["total"]["median"] for name in names if f"{name}, {load}" in rows]
    return min(found, default=None)


def entry(case, reach, aim, value, why):
    return {"case": case, "reach": reach, "aim": aim, "value": value, "why": why if value > reach else ""}


def entries(kept):
    """What has been measured of it: {"case", "reach", "aim", "value", "why"}; why is empty where the reach is reached."""
    rows, facts = kept["rows"], kept["facts"]
    for load, reach, aim, why in BOOTS:
        if f"Baton, {load}" in rows:
            limit = limit_of(rows, load)
            stages = {stage: million(figure["median"]) for stage, figure in rows[f"Baton, {load}"].items()}
            yield entry(f"{load}, millions of instructions", reach, aim, rows[f"Baton, {load}"]["total"]["median"] / MILLION,
                        why.format(limit=million(limit) if limit else "most", loading=stages.get("LoadImage"),
                                   leaving=stages.get("map and exit")))
    owned = ", ".join(f"{size // KIB} KiB {name}" for name, size in facts.get("owned", {}).items())
    for case, name, reach, aim, why in SIZES:
        if name in facts:
            yield entry(case, reach, aim, facts[name] / KIB, why.format(owned=owned))
    if "map_work" in facts and "whole_boot" in facts:
        yield entry("work on the memory map, % of the boot from reset", MAP_WORK_PERCENT, None,
                    100 * facts["map_work"] / facts["whole_boot"], "")


def number(value):
    return "" if value is None else f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def table(kept):
    """The same as lines of Markdown."""
    yield "| | reach | aim at | measured | |"
    yield "|---|---:|---:|---:|---|"
    for each in entries(kept):
        aimed = each["aim"] is not None and each["value"] <= each["aim"]
        mark = f"above: {each['why']}" if each["why"] else "reached, and the aim" if aimed else "reached"
        yield (f"| {each['case']} | {number(each['reach'])} | {number(each['aim'])} | {number(each['value'])} | {mark} |")
