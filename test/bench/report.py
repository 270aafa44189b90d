# SPDX-License-Identifier: BSD-2-Clause
"""Figures as a table, as JSON, and in the README; and the comparison with those that were committed."""

import json
import os
import re

from boot.boot import TREE

from .measure import ORDER

COMMITTED = os.path.join(TREE, "test", "bench", "figures.json")
CHART = os.path.join(TREE, "test", "bench", "chart.svg")
README = os.path.join(TREE, "README.md")
BLOCK = re.compile(r"(<!-- bench: begin -->\n).*(<!-- bench: end -->)", re.DOTALL)
DEARER = 1.05


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


def key(row):
    return f"{row['who']}, {row['load']}"


def as_json(rows, growth, facts):
    return {"unit": "guest instructions under -icount shift=0", "facts": facts,
            "rows": {key(row): {stage: vars(figure) for stage, figure in row["figures"].items()} for row in rows},
            "growth": growth}


def table_row(first, others):
    return "| " + " | ".join([first, *others]) + " |"


def markdown(kept):
    """The README's tables, from what as_json() made."""
    rows = {name: stages["total"] for name, stages in kept["rows"].items()}
    who = list(dict.fromkeys(name.rsplit(", ", 1)[0] for name in rows))
    loads = list(dict.fromkeys(name.rsplit(", ", 1)[1] for name in rows))
    text = [table_row("millions of instructions, in brackets with REP charged by bytes", loads), "|---|" + "---:|" * len(loads)]
    for name in who:
        cells = [rows.get(f"{name}, {load}") for load in loads]
        text.append(table_row(name, (f"{million(cell['median'])} ({million(cell['charged'])})" if cell else ""
                                     for cell in cells)))
    text += ["", table_row("Baton, stage by stage", ORDER), "|---|" + "---:|" * len(ORDER)]
    for name, stages in kept["rows"].items():
        if name.startswith("Baton, "):
            text.append(table_row(name[7:], (million(stages[stage]["median"]) if stage in stages else "" for stage in ORDER)))
    return "\n".join(text) + "\n"


def growth_lines(growth):
    """What each further unit costs, in words."""
    for name, entry in growth.items():
        stages = {stage: slope for stage, slope in entry["slopes"].items() if stage != "total" and abs(slope) >= 1}
        yield f"{name}: {entry['slopes']['total']:.0f} instructions for each {entry['unit']}" + \
              (" (" + ", ".join(f"{stage} {slope:.0f}" for stage, slope in stages.items()) + ")" if stages else "")


def write_readme(kept):
    with open(README, encoding="utf-8") as file:
        text = file.read()
    growth = "".join(f"- {each}\n" for each in growth_lines(kept["growth"]))
    new = BLOCK.sub(lambda found: f"{found[1]}{markdown(kept)}\n{growth}{found[2]}", text)
    if new == text and not BLOCK.search(text):
        raise ValueError("README.md has no place for the benchmark's figures")
    with open(README, "w", encoding="utf-8") as file:
        file.write(new)


def dearer(now, before):
    """What costs more than it did, by more than 5 %: lines of text.  Only Baton's rows: the others are as others made them."""
    for name, stages in now["rows"].items():
        for stage, figure in stages.items():
            old = before["rows"].get(name, {}).get(stage)
            if name.startswith("Baton, ") and old and figure["median"] > old["median"] * DEARER:
                more = 100 * figure["median"] / old["median"] - 100
                yield f"{name}: {stage} {old['median']} -> {figure['median']} (+{more:.0f} %)"


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def write(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(content if isinstance(content, str) else json.dumps(content, indent=1) + "\n")
