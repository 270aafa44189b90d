# SPDX-License-Identifier: BSD-2-Clause
"""The line through measured points."""


def line(points):
    """Least squares through (x, y): (y at zero, slope)."""
    count = len(points)
    mean_x, mean_y = sum(x for x, _ in points) / count, sum(y for _, y in points) / count
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)
    return mean_y - slope * mean_x, slope


def lines(points):
    """{stage: [(x, y)]} as what a growth keeps: {"at_zero", "slopes", "points", "off"}; off: how far the total's point that is
    farthest from the line is away from it, as a part of what was measured there.
    """
    found = {stage: line(each) for stage, each in points.items()}
    at_zero, slope = found["total"]
    return {"at_zero": at_zero, "slopes": {stage: each for stage, (_, each) in found.items()}, "points": points["total"],
            "off": max(abs(at_zero + slope * x - y) / y for x, y in points["total"])}
