# SPDX-License-Identifier: BSD-2-Clause
"""The README's tables, from kept figures (parts.py)."""

import os
import re

from boot.boot import TREE

from . import reach
from .measure import ORDER
from .report import fact_lines, growth_lines, million

README = os.path.join(TREE, "README.md")
BLOCK = re.compile(r"(<!-- bench: begin -->\n).*(<!-- bench: end -->)", re.DOTALL)
# Columns: what is written above, and who may stand in it.
LIMITS = {"map and exit alone": ("map and exit alone",), "PE image by the firmware": ("PE image by the firmware",),
          "ReadBlocks": ("ReadBlocks in one call", "ReadBlocks, 64 KiB a call"), "FAT driver": ("FAT driver in one read",)}
PEERS = ("syslinux", "systemd-boot", "rEFInd", "GRUB")


def cells(first, others):
    return "| " + " | ".join([first, *others]) + " |"


def head(first, columns):
    return [cells(first, columns), "|---|" + "---:|" * len(columns)]


def loads_of(rows):
    return list(dict.fromkeys(name.rsplit(", ", 1)[1] for name in rows))


def cost(kept, load, names):
    """A cell: the total, with REP charged by bytes, and for other loaders how many times Baton's; empty when not measured."""
    for name in names:
        total = kept["rows"].get(f"{name}, {load}", {}).get("total")
        if f"{name}, {load}" in kept["failed"]:
            return "fails"
        if total:
            text = f"{million(total['median'])} ({million(total['charged'])})"
            return text + (f" {ratio(total, kept['rows'][f'Baton, {load}']['total'])}" if name in PEERS else "")
    return ""


def ratio(total, other):
    value = total["median"] / other["median"]
    return f"{value:.{2 if value < 2 else 1 if value < 10 else 0}f}×"


def costs(kept):
    """One line for each load: Baton, how many times the least possible, the limits and the other loaders."""
    rows = kept["rows"]
    lines = head("millions of instructions, in brackets with REP charged by bytes", ["Baton", "of the limit", *LIMITS, *PEERS])
    for load in loads_of(rows):
        least = reach.limit_of(rows, load)
        times = ratio(rows[f"Baton, {load}"]["total"], {"median": least}) if least else ""
        lines.append(cells(load, [cost(kept, load, ["Baton"]), times, *(cost(kept, load, names) for names in LIMITS.values()),
                                  *(cost(kept, load, [name]) for name in PEERS)]))
    return lines


def stages(kept):
    """Baton, stage by stage."""
    lines = head("Baton, stage by stage", [*ORDER, "minimum", "spread", "runs"])
    for name, found in kept["rows"].items():
        if name.startswith("Baton, "):
            lines.append(cells(name[7:], [*(million(found[stage]["median"]) if stage in found else "" for stage in ORDER),
                                          million(found["total"]["minimum"]), million(found["total"]["spread"]),
                                          str(kept["measured"][name]["runs"])]))
    return lines


def markdown(kept):
    """Everything between the README's marks."""
    origins = sorted({(each["commit"], each["loader_bytes"]) for name, each in kept["measured"].items()
                      if name.startswith("Baton, ")})
    measured = ", ".join(f"{commit} ({size:,} bytes)" for commit, size in origins)
    notes = [*growth_lines(kept["growth"]), *fact_lines(kept["facts"]),
             *(f"{name}: {why}" for name, why in kept["failed"].items()), f"measured: Baton of {measured}"]
    listed = [f"- {line}" for line in notes]
    return "\n".join([*reach.table(kept), "", *costs(kept), "", *stages(kept), "", *listed]) + "\n"


def write_readme(kept):
    with open(README, encoding="utf-8") as file:
        text = file.read()
    new = BLOCK.sub(lambda found: f"{found[1]}{markdown(kept)}{found[2]}", text)
    if new == text and not BLOCK.search(text):
        raise ValueError("README.md has no place for the benchmark's figures")
    with open(README, "w", encoding="utf-8") as file:
        file.write(new)
