# SPDX-License-Identifier: BSD-2-Clause
"""What the benchmark makes of its runs: test/bench."""

import unittest

from bench import chart, growth, measure, report
from bench.machine import Run


def run(offset=0, idle=0):
    """LoadImage takes 1000, of them 640 iterations that move 5120 bytes; a stamp 10; three stages 100 each, then the kernel."""
    stamps = [("begin", 5000), ("loaded", 6000), ("stamp", 10), ("start", 7000), ("stage", 1), ("tsc", 7110), ("stage", 2),
              ("tsc", 7210), ("stage", 12), ("tsc", 7310), ("kernel", 7410 + idle)]
    counts = [(4000, 0, 0), (5000, 0, 0), (6000, 640, 5120), (7000, 640, 5120), (7110, 640, 5120), (7210, 640, 5120),
              (7310, 640, 5120), (7410, 640, 5120)]
    return Run(stamps, [(count + offset, *rest) for count, *rest in counts])


class Measure(unittest.TestCase):
    def test_stages_without_the_cost_of_a_stamp(self):
        found = measure.stages(run())
        self.assertEqual(found["LoadImage"], (1000, 520))
        self.assertEqual(found["start"], (200, 200))
        self.assertEqual(found["reading"], (100, 100))
        self.assertEqual(found["seal"], (100, 100))
        self.assertEqual(found["total"], (1400, 920))

    def test_the_plugin_counts_from_another_origin(self):
        self.assertEqual(measure.stages(run(offset=123456)), measure.stages(run()))

    def test_idle_time_counts(self):
        self.assertEqual(measure.stages(run(idle=5000))["total"], (6400, 5920))

    def test_events_of_another_run_are_refused(self):
        wrong = run()
        wrong.events[2] = (6100, 640, 5120)
        with self.assertRaises(ValueError):
            measure.stages(wrong)

    def test_median_minimum_and_spread(self):
        self.assertEqual(measure.Figure.of([(5, 4), (9, 1), (6, 2)]), measure.Figure(6, 5, 4, 2))


class Report(unittest.TestCase):
    def kept(self, total):
        figure = {"median": total, "minimum": total, "spread": 0, "charged": total}
        return {"rows": {"Baton, virtio 0 MiB": {"seal": figure, "total": figure},
                         "GRUB, virtio 0 MiB": {"total": figure}}, "growth": {}}

    def test_only_what_is_five_percent_dearer_is_named(self):
        self.assertEqual(list(report.dearer(self.kept(1050), self.kept(1000))), [])
        self.assertEqual(list(report.dearer(self.kept(1051), self.kept(1000))),
                         ["Baton, virtio 0 MiB: seal 1000 -> 1051 (+5 %)", "Baton, virtio 0 MiB: total 1000 -> 1051 (+5 %)"])

    def test_what_was_not_measured_before_is_not_dearer(self):
        self.assertEqual(list(report.dearer(self.kept(2000), {"rows": {}})), [])

    def test_table_and_chart_have_every_subject(self):
        text = report.markdown(self.kept(2_500_000))
        self.assertIn("| Baton | 2.50 (2.50) |", text)
        self.assertIn("| GRUB | 2.50 (2.50) |", text)
        drawn = chart.draw(self.kept(2_500_000), (("The kernel", "virtio 0 MiB"), ("Not measured", "USB 0 MiB")))
        self.assertEqual(drawn.count("<rect"), 2)
        self.assertNotIn("Not measured", drawn)

    def test_readme_has_a_place_for_the_figures(self):
        with open(report.README, encoding="utf-8") as file:
            self.assertEqual(len(report.BLOCK.findall(file.read())), 1)


class Growth(unittest.TestCase):
    def test_line_through_points(self):
        at_zero, slope = growth.line([(0, 10), (1, 13), (2, 16), (4, 22)])
        self.assertAlmostEqual(at_zero, 10)
        self.assertAlmostEqual(slope, 3)
