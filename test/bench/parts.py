# SPDX-License-Identifier: BSD-2-Clause
"""Figures kept as JSON: what one run of the benchmark adds to it, where each figure comes from, and what has become dearer."""

import contextlib
import fcntl
import json
import os
import subprocess

from boot.boot import LOADER, TREE

COMMITTED = os.path.join(TREE, "test", "bench", "figures.json")
UNIT = "guest instructions under -icount shift=0"
SECTIONS = ("rows", "measured", "failed", "growth", "facts")
SOURCES = ("loader", "lib", "linker", "Makefile")  # of what is measured
DEARER = 1.05


def git(*words):
    return subprocess.run(["git", "-C", TREE, *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True,
                          encoding="utf-8").stdout.strip()


def commit():
    """Of the loader's sources, as git names it; with a plus when they have been changed since."""
    with contextlib.suppress(OSError, subprocess.CalledProcessError):
        return git("rev-parse", "--short", "HEAD") + ("+" if git("status", "--porcelain", "--", *SOURCES) else "")
    return "unknown"


def origin(runs, loader=LOADER):
    """What was measured, and how often."""
    return {"runs": runs, "commit": commit(), "loader_bytes": os.path.getsize(loader)}


def key(row):
    return f"{row['who']}, {row['load']}"


def of_rows(rows, loader=LOADER):
    """The part that rows of cases.py make."""
    done = [row for row in rows if "figures" in row]
    return {"rows": {key(row): {stage: vars(figure) for stage, figure in row["figures"].items()} for row in done},
            "measured": {key(row): origin(row["runs"], loader) for row in done},
            "failed": {key(row): row["failed"] for row in rows if "failed" in row}}


def merged(kept, part, loads):
    """Both, where the newer part replaces what it measured again; rows in the order of these names of loads."""
    new = {"unit": UNIT, **{section: {**kept.get(section, {}), **part.get(section, {})} for section in SECTIONS}}
    for name in part.get("rows", {}):
        new["failed"].pop(name, None)
    for name in part.get("failed", {}):
        new["rows"].pop(name, None)
        new["measured"].pop(name, None)
    order = {name: index for index, name in enumerate(loads)}
    for section in ("rows", "measured", "failed"):
        new[section] = dict(sorted(new[section].items(), key=lambda item: order.get(item[0].rsplit(", ", 1)[1], len(order))))
    return new


def dearer(now, before):
    """What costs more than it did, by more than 5 %: lines of text.  Only Baton's rows: the others are as others made them."""
    for name, stages in now["rows"].items():
        for stage, figure in stages.items():
            old = before["rows"].get(name, {}).get(stage)
            if name.startswith("Baton, ") and old and figure["median"] > old["median"] * DEARER:
                more = 100 * figure["median"] / old["median"] - 100
                yield f"{name}: {stage} {old['median']} -> {figure['median']} (+{more:.0f} %)"


def read(path):
    """What is kept, or nothing yet."""
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def write(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(content if isinstance(content, str) else json.dumps(content, indent=1) + "\n")


@contextlib.contextmanager
def locked(path):
    """Two benchmarks may run at the same time and keep their figures in one file."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
