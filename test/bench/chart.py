# SPDX-License-Identifier: BSD-2-Clause
"""The bar chart: one SVG that follows the reader's light or dark theme.  Lengths are logarithmic: peers cost a thousand times."""

import math
from html import escape

from .report import million

WIDTH, LEFT, RIGHT, BAR, GAP, HEAD, TITLE = 860, 210, 70, 16, 6, 34, 30
AXIS_MIN = 5.0  # log10 of instructions at the left edge
STYLE = """
text { font: 12px system-ui, sans-serif; fill: #24292f } .title { font-weight: 600; font-size: 14px } .dim { fill: #57606a }
.ours { fill: #0969da } .limit { fill: #8c959f } .peer { fill: #bf8700 } .grid { stroke: #d0d7de }
text { paint-order: stroke; stroke: #ffffff; stroke-width: 4px; stroke-linejoin: round }
@media (prefers-color-scheme: dark) {
 text { fill: #e6edf3 } .dim { fill: #8b949e } .ours { fill: #4493f8 } .limit { fill: #6e7681 } .peer { fill: #d29922 }
 .grid { stroke: #30363d } text { stroke: #0d1117 } }
"""
LIMITS = ("map and exit alone", "FAT driver in one read", "ReadBlocks in one call", "ReadBlocks, 64 KiB a call",
          "PE image by the firmware")
LOADS = (("The kernel alone, virtio", "virtio 0 MiB"), ("With 128 MiB, virtio", "virtio 128 MiB"),
         ("With 128 MiB in pieces of 64 KiB, virtio", "virtio 128 MiB fragmented"), ("With 128 MiB, AHCI", "AHCI 128 MiB"),
         ("With 128 MiB, USB", "USB 128 MiB"), ("With 128 MiB, NVMe", "NVMe 128 MiB"), ("With 1 GiB, virtio", "virtio 1024 MiB"))


def kind(who):
    return "ours" if who == "Baton" else "limit" if who in LIMITS else "peer"


def group(title, entries, top, scale):
    """Bars of one load; returns their SVG and where the next group begins."""
    out = [f'<text class="title" x="8" y="{top + 16}">{escape(title)}</text>']
    y = top + TITLE
    for who, total in entries:
        width = max(2, (math.log10(total) - AXIS_MIN) * scale)
        out.append(f'<text x="{LEFT - 8}" y="{y + 12}" text-anchor="end">{escape(who)}</text>'
                   f'<rect class="{kind(who)}" x="{LEFT}" y="{y}" width="{width:.1f}" height="{BAR}" rx="2"/>'
                   f'<text class="dim" x="{LEFT + width + 6:.1f}" y="{y + 12}">{million(total)}</text>')
        y += BAR + GAP
    return out, y + GAP


def draw(kept, loads=LOADS):
    """The SVG for these loads of kept figures (parts.py)."""
    groups = []
    for title, load in loads:
        entries = [(name.removesuffix(f", {load}"), stages["total"]["median"]) for name, stages in kept["rows"].items()
                   if name.endswith(f", {load}")]
        if entries:
            groups.append((title, sorted(entries, key=lambda entry: entry[1])))
    if not groups:
        return ""
    most = max(total for _, entries in groups for _, total in entries)
    scale = (WIDTH - LEFT - RIGHT) / (math.log10(most) - AXIS_MIN)
    body, top = [], HEAD
    for title, entries in groups:
        piece, top = group(title, entries, top, scale)
        body += piece
    grid = []
    for power in range(int(AXIS_MIN), int(math.log10(most)) + 1):
        x = LEFT + (power - AXIS_MIN) * scale
        grid.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{HEAD - 6}" y2="{top}"/>'
                    f'<text class="dim" x="{x:.1f}" y="{HEAD - 12}" text-anchor="middle">{10 ** (power - 6):g}</text>')
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top + 4}" width="{WIDTH}" height="{top + 4}">'
            "<title>Instructions from LoadImage to the kernel's first instruction, in millions, logarithmic</title>"
            f"<style>{STYLE}</style>"
            f'<text class="dim" x="8" y="{HEAD - 12}">millions of instructions</text>' + "\n".join(grid + body) + "</svg>\n")

