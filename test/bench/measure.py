# SPDX-License-Identifier: BSD-2-Clause
"""Makes figures of runs: instructions by stage, twice: as they were counted, and with REP instructions charged by their bytes."""

import statistics
from dataclasses import dataclass

RUNS = 5
PHASE_MICROSECONDS = 1900  # more waiting from run to run, so that not all begin at the same instruction
REP_BYTES = 32             # that a processor moves in the time of an instruction
TOLERANCE = 4              # between a stamp and the plugin's count of it

# Stages of the loader (HANDOFF_STAGE_... of lib/handoff.h) by what they do.
STAGES = {1: "start", 2: "reading", 3: "reading", 4: "reading", 5: "placing", 6: "placing", 7: "page tables", 8: "map and exit",
          9: "seal", 10: "seal", 11: "seal", 12: "seal"}
ORDER = ("LoadImage", "start", "reading", "placing", "page tables", "map and exit", "seal", "total")


@dataclass(frozen=True)
class Figure:
    """Instructions of some runs."""
    median: int
    minimum: int
    spread: int   # between the dearest and the cheapest
    charged: int  # the median with REP charged by bytes

    @staticmethod
    def of(pairs):
        counted, charged = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        return Figure(int(statistics.median(counted)), min(counted), max(counted) - min(counted), int(statistics.median(charged)))


def clock(run):
    """A function from a stamp to (instructions, instructions with REP charged), from an origin that all stamps of a run share."""
    if not run.events:
        return lambda stamp: (stamp, stamp)
    begin = run.get("begin")
    wanted = [begin, run.get("loaded"), run.get("start"), *run.all("tsc")]
    for first in run.events:
        counts = {event[0] - first[0] + begin: event for event in run.events}
        near = {stamp: next((counts[stamp + off] for off in range(-TOLERANCE, TOLERANCE + 1) if stamp + off in counts), None)
                for stamp in wanted}
        if all(near.values()):
            # The last one is the kernel's, even where a loader has let the processor idle: then time passes without instructions.
            near[run.get("kernel")] = run.events[-1]
            return lambda stamp: (stamp, stamp - near[stamp][1] + near[stamp][2] // REP_BYTES)
    raise ValueError("the plugin's events do not fit the stamps")


def stages(run):
    """{stage: (instructions, charged)} of one run; what a stamp itself costs is taken off."""
    at = clock(run)

    def between(start, end, less=0):
        return tuple(b - a - less for a, b in zip(at(start), at(end)))

    found = {"LoadImage": between(run.get("begin"), run.get("loaded"))}
    marks = list(zip(run.all("stage"), run.all("tsc"))) + [(None, run.get("kernel"))]
    if len(marks) > 1:
        marks[0] = (marks[0][0], run.get("start"))
    for (stage, start), (_, end) in zip(marks, marks[1:]):
        spent = between(start, end, run.get("stamp") if start == run.get("start") else 0)
        found[STAGES[stage]] = tuple(map(sum, zip(found.get(STAGES[stage], (0, 0)), spent)))
    after = between(run.get("start"), run.get("kernel"), run.get("stamp") + next(iter(run.all("orders")), 0))
    found["total"] = tuple(map(sum, zip(found["LoadImage"], after)))
    return found


def measure(bench, disk, orders, runs=RUNS):
    """{stage: Figure} of some runs, and the last of them."""
    done = [bench.run(disk, f"{orders} wait={index * PHASE_MICROSECONDS}") for index in range(runs)]
    each = [stages(run) for run in done]
    return {stage: Figure.of([one[stage] for one in each]) for stage in each[0]}, done[-1]
