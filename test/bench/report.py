# SPDX-License-Identifier: BSD-2-Clause
"""Figures as lines of text."""

from .measure import ORDER

KIB = 1 << 10
FITS = 0.1  # of a measured point


def million(count):
    """Instructions in millions, three digits."""
    value = count / 1e6
    return f"{value:.{2 if value < 10 else 1 if value < 100 else 0}f}"


def line(name, load, figures):
    """One subject in the terminal."""
    total = figures["total"]
    parts = "  ".join(f"{stage} {million(figures[stage].median)}" for stage in ORDER if stage in figures and stage != "total")
    more = f"min {million(total.minimum)}, spread {million(total.spread)}; REP by bytes {million(total.charged)}"
    return f"{load!s:24} {name:26} {million(total.median):>7} ({more})  {parts}"


def row_line(row):
    """A row of cases.py."""
    if "failed" in row:
        return f"{row['load']!s:24} {row['who']:26} fails: {row['failed']}"
    return f"{line(row['who'], row['load'], row['figures'])}  {row['runs']} runs in {row['seconds']:.0f} s"


def ratios(rows):
    """How the subjects of one load compare with Baton, which is the first: one line for the terminal."""
    totals = [(row["who"], row["figures"]["total"].median) for row in rows if "figures" in row]
    ours = next((total for who, total in totals if who == "Baton"), None)
    others = [f"{who} {total / ours:.2f}" for who, total in totals if ours and who != "Baton"]
    return "  times Baton: " + ", ".join(others) if others else ""


def steps(points):
    """Where the points are far from a line: what each further unit costs between the first two and between the last two."""
    (x, y), (next_x, next_y), (before_x, before_y), (last_x, last_y) = points[0], points[1], points[-2], points[-1]
    return (f"no line: {(next_y - y) / (next_x - x):,.0f} each from {x} to {next_x}, "
            f"{(last_y - before_y) / (last_x - before_x):,.0f} each from {before_x} to {last_x}")


def growth_lines(growth):
    """What each further unit costs, in words."""
    for name, entry in growth.items():
        stages = {stage: slope for stage, slope in entry["slopes"].items() if stage != "total" and abs(slope) >= 1}
        points = entry["points"]
        fits = f"{points[0][0]} to {points[-1][0]}, no point farther than {100 * entry['off']:.1f} % from the line" \
            if entry["off"] < FITS else steps(points)
        parts = ", ".join(f"{stage} {slope:,.0f}" for stage, slope in stages.items())
        each = f"{entry['slopes']['total']:,.0f} instructions for each {entry['unit']}"
        yield f"{name}: {each}{parts and f' ({parts})'}; {fits}"


def owned_line(facts):
    parts = ", ".join(f"{name} {size // KIB}" for name, size in facts["owned"].items())
    return f"owned by the loader at the kernel's first instruction, 1 GiB machine: {facts['owned_bytes'] // KIB} KiB ({parts})"


def map_work_line(facts):
    work = facts["map_work"]
    text = f"work on the memory map (normalising, checking, sealing the block with it): {work:,} instructions, " \
           f"{100 * work / facts['boot']:.1f} % of what stands between LoadImage and kernel"
    if "whole_boot" in facts:
        text += f", {100 * work / facts['whole_boot']:.3f} % of the {million(facts['whole_boot'])} million from reset to kernel"
    return text


def fact_lines(facts):
    """What was counted once."""
    if "owned" in facts:
        yield owned_line(facts)
        yield map_work_line(facts)
    for unit, rates in facts.get("memory_check", {}).items():
        yield (f"the kernel stub's full memory check, bytes written and read back in 1,000 {unit}: {rates['memory_rate']:,}; "
               f"in the largest range {rates['memory_rate_part']:,}, where a plain memset and compare does "
               f"{rates['memory_rate_plain']:,}")
    for who, (written, read) in facts.get("memory_speed", {}).items():
        yield f"on the host's processor, gigabytes in a second: {who} writes {written}, reads {read}"
