# SPDX-License-Identifier: BSD-2-Clause
"""What the benchmark makes of its runs: test/bench."""

import os
import tempfile
import unittest

from bench import calls, chart, facts, fit, growth, measure, parts, payload, reach, report, tables
from bench.cases import Load
from bench.machine import BenchError, Run


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


def kept(totals, **more):
    """Kept figures: {name: total}."""
    figure = {name: {"median": total, "minimum": total, "spread": 0, "charged": total} for name, total in totals.items()}
    return {"rows": {name: {"seal": each, "total": each} for name, each in figure.items()},
            "measured": {name: {"runs": 5, "commit": "abc", "loader_bytes": 90000} for name in totals},
            "failed": {}, "growth": {}, "facts": {}, **more}


class Check(unittest.TestCase):
    """`make bench-check` fails on what is dearer, and only on that."""

    def test_only_what_is_five_percent_dearer_is_named(self):
        before = kept({"Baton, virtio 0 MiB": 1000, "GRUB, virtio 0 MiB": 1000})
        self.assertEqual(list(parts.dearer(kept({"Baton, virtio 0 MiB": 1050, "GRUB, virtio 0 MiB": 9000}), before)), [])
        self.assertEqual(list(parts.dearer(kept({"Baton, virtio 0 MiB": 1051}), before)),
                         ["Baton, virtio 0 MiB: seal 1000 -> 1051 (+5 %)", "Baton, virtio 0 MiB: total 1000 -> 1051 (+5 %)"])

    def test_the_committed_figures_doctored(self):
        before = parts.read(parts.COMMITTED)
        self.assertEqual(list(parts.dearer(before, before)), [])
        now = parts.read(parts.COMMITTED)
        now["rows"]["Baton, virtio 128 MiB"]["reading"]["median"] *= 1.06
        found = list(parts.dearer(now, before))
        self.assertEqual(len(found), 1)
        self.assertIn("Baton, virtio 128 MiB: reading", found[0])

    def test_what_was_not_measured_before_is_not_dearer(self):
        self.assertEqual(list(parts.dearer(kept({"Baton, virtio 0 MiB": 2000}), {"rows": {}})), [])

    def test_calls_that_are_not_needed(self):
        needed = {"reading": {"calls": {name: count for name, (count, _) in calls.NEEDED.items()}, "bytes": 0}}
        self.assertEqual(list(calls.findings(needed)), [])
        needed["start"] = {"calls": {"Stall": 3, "OpenVolume": 1}, "bytes": 0}
        self.assertEqual(list(calls.findings(needed)), ["OpenVolume is called 2 times; needed: 1 (once for all files)",
                                                        "Stall is called 3 times; needed: never"])

    def test_the_committed_calls_are_needed(self):
        self.assertEqual(list(calls.findings(parts.read(parts.COMMITTED)["facts"]["calls"])), [])


class Parts(unittest.TestCase):
    def test_a_part_replaces_only_what_it_measured(self):
        old = kept({"Baton, virtio 0 MiB": 10, "Baton, USB 0 MiB": 20}, facts={"loader_bytes": 1, "owned_bytes": 2})
        part = kept({"Baton, virtio 0 MiB": 30, "GRUB, virtio 0 MiB": 40}, facts={"loader_bytes": 3})
        part["measured"]["Baton, virtio 0 MiB"] = {"runs": 2, "commit": "def", "loader_bytes": 80000}
        found = parts.merged(old, part, ["virtio 0 MiB", "USB 0 MiB"])
        self.assertEqual([(name, row["total"]["median"]) for name, row in found["rows"].items()],
                         [("Baton, virtio 0 MiB", 30), ("GRUB, virtio 0 MiB", 40), ("Baton, USB 0 MiB", 20)])
        self.assertEqual(found["facts"], {"loader_bytes": 3, "owned_bytes": 2})
        self.assertEqual([each["commit"] for each in found["measured"].values()], ["def", "abc", "abc"])

    def test_rows_stand_in_the_order_of_the_loads(self):
        found = parts.merged(kept({"Baton, USB 0 MiB": 1}), kept({"Baton, virtio 0 MiB": 1}), ["virtio 0 MiB", "USB 0 MiB"])
        self.assertEqual(list(found["rows"]), ["Baton, virtio 0 MiB", "Baton, USB 0 MiB"])

    def test_failure_and_success_take_the_place_of_one_another(self):
        name = "GRUB, virtio 0 MiB"
        failed = parts.merged(kept({name: 1}), {"failed": {name: "no memory"}}, ["virtio 0 MiB"])
        self.assertEqual((failed["rows"], failed["measured"], failed["failed"]), ({}, {}, {name: "no memory"}))
        again = parts.merged(failed, kept({name: 2}), ["virtio 0 MiB"])
        self.assertEqual((list(again["rows"]), again["failed"]), ([name], {}))

    def test_rows_say_where_they_come_from(self):
        figure = measure.Figure(5, 4, 3, 2)
        rows = [{"who": "Baton", "load": Load(), "runs": 3, "figures": {"total": figure}},
                {"who": "GRUB", "load": Load(), "failed": "hangs"}]
        with tempfile.NamedTemporaryFile() as loader:
            loader.write(b"x" * 17)
            loader.flush()
            found = parts.of_rows(rows, loader.name)
        self.assertEqual(found["rows"], {"Baton, virtio 0 MiB": {"total": vars(figure)}})
        self.assertEqual({key: found["measured"]["Baton, virtio 0 MiB"][key] for key in ("runs", "loader_bytes")},
                         {"runs": 3, "loader_bytes": 17})
        self.assertEqual(found["failed"], {"GRUB, virtio 0 MiB": "hangs"})

    def test_what_is_written_is_read(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "deep", "figures.json")
            self.assertEqual(parts.read(path), {})
            parts.write(path, {"rows": {}})
            self.assertEqual(parts.read(path), {"rows": {}})


class Tables(unittest.TestCase):
    def test_costs_and_ratios(self):
        figures = kept({"Baton, virtio 0 MiB": 2_500_000, "map and exit alone, virtio 0 MiB": 1_000_000,
                        "PE image by the firmware, virtio 0 MiB": 900_000, "GRUB, virtio 0 MiB": 30_000_000})
        figures["failed"]["syslinux, virtio 0 MiB"] = "hangs"
        self.assertIn("| virtio 0 MiB | 2.50 (2.50) | 2.5× | 1.00 (1.00) | 0.90 (0.90) |  |  | fails |  |  | 30.0 (30.0) 12× |",
                      tables.costs(figures))
        self.assertIn("| virtio 0 MiB |  |  |  |  |  |  | 2.50 | 2.50 | 2.50 | 0.00 | 5 |", tables.stages(figures))
        self.assertIn("measured: Baton of abc (90,000 bytes)", tables.markdown(figures))

    def test_chart_has_every_subject(self):
        drawn = chart.draw(kept({"Baton, virtio 0 MiB": 2_500_000, "GRUB, virtio 0 MiB": 2_500_000}),
                           (("The kernel", "virtio 0 MiB"), ("Not measured", "USB 0 MiB")))
        self.assertEqual(drawn.count("<rect"), 2)
        self.assertNotIn("Not measured", drawn)

    def test_ratios_in_the_terminal(self):
        rows = [{"who": who, "figures": {"total": measure.Figure(total, 0, 0, 0)}} for who, total in (("Baton", 4), ("GRUB", 10))]
        self.assertEqual(report.ratios([*rows, {"who": "rEFInd", "failed": "hangs"}]), "  times Baton: GRUB 2.50")

    def test_readme_has_a_place_for_the_figures(self):
        with open(tables.README, encoding="utf-8") as file:
            self.assertEqual(len(tables.BLOCK.findall(file.read())), 1)


class Reach(unittest.TestCase):
    def test_who_is_above_says_why(self):
        figures = kept({"Baton, virtio 0 MiB": 2_100_000, "Baton, virtio 128 MiB": 2_900_000, "Baton, USB 128 MiB": 57_000_000},
                       facts={"loader_bytes": 65 << 10, "owned_bytes": 256 << 10, "owned": {"block": 256 << 10},
                              "map_work": 5, "whole_boot": 1000})
        found = {each["case"].split(",")[0]: (each["value"], bool(each["why"])) for each in reach.entries(figures)}
        self.assertEqual(found, {"virtio 0 MiB": (2.1, True), "virtio 128 MiB": (2.9, False), "USB 128 MiB": (57, False),
                                 "`BOOTX64.EFI`": (65, True), "memory owned at kernel entry beyond kernel": (256, False),
                                 "work on the memory map": (0.5, False)})
        text = "\n".join(reach.table(figures))
        self.assertIn("| 11 | 3 | 2.9 | reached, and the aim |", text)
        self.assertIn("| 58 | 50 | 57 | reached |", text)
        self.assertIn("| 2 | 1.4 | 2.1 | above: ", text)

    def test_every_reason_can_be_said(self):
        for load, reached, _, why in reach.BOOTS:
            self.assertTrue(why.format(limit="1", loading="1", leaving="1") or reached > 10, load)


class Facts(unittest.TestCase):
    def test_only_what_the_loader_owns(self):
        stamps = [word for owner, size in ((3, 1), (16, 2), (19, 4), (23, 8), (20, 16), (22, 32), (20, 64))
                  for word in (("owner", owner), ("owned", size))]
        self.assertEqual(facts.owned(Run(stamps, [])), {"page tables": 80, "block": 32})

    def test_map_work_is_the_stage_of_the_seal(self):
        made = run()
        made.stamps = [(name, 11 if (name, value) == ("stage", 12) else value) for name, value in made.stamps]
        self.assertEqual(facts.map_work(made), 100)
        with self.assertRaises(BenchError):
            facts.map_work(run())

    def test_rates_of_the_memory_check(self):
        text = "baton: fact memory_rate=17\nbaton: fact memory_rate_part=18\nbaton: fact memory_rate_plain=9\nx memory_rate=1\n"
        self.assertEqual(facts.proof_rates(text), {"memory_rate": 17, "memory_rate_part": 18, "memory_rate_plain": 9})
        with self.assertRaises(BenchError):
            facts.proof_rates("baton: fact memory_rate=0\n")

    def test_speed_of_this_processors_memory(self):
        text = "gigabytes in a second           written         read\nthe kernel stub's check     25.5     23.7\na plain memset   5.0   21.0\n"
        self.assertEqual(facts.memory_speed(text), {"the kernel stub's check": (25.5, 23.7), "a plain memset": (5.0, 21.0)})
        with self.assertRaises(BenchError):
            facts.memory_speed("gigabytes\n")


class Growth(unittest.TestCase):
    def test_line_through_points(self):
        at_zero, slope = fit.line([(0, 10), (1, 13), (2, 16), (4, 22)])
        self.assertAlmostEqual(at_zero, 10)
        self.assertAlmostEqual(slope, 3)

    def test_how_far_a_point_is_from_the_line(self):
        self.assertAlmostEqual(fit.lines({"total": [(0, 10), (1, 13), (2, 16)]})["off"], 0)
        self.assertAlmostEqual(fit.lines({"total": [(0, 10), (1, 40), (2, 10)]})["off"], 1)

    def test_payload_from_rows(self):
        rows = kept({"Baton, USB 0 MiB": 100, "Baton, USB 16 MiB": 116, "Baton, USB 16 MiB fragmented": 500,
                     "Baton, USB 128 MiB": 228})["rows"]
        found = growth.of_payload(rows, "USB", False, (0, 16, 128, 1024))
        self.assertEqual(found["points"], [(0, 100), (16, 116), (128, 228)])
        self.assertAlmostEqual(found["slopes"]["total"], 1)
        self.assertIsNone(growth.of_payload(rows, "USB", True, (0, 16, 128, 1024)))
        text, = report.growth_lines({"payload": found})
        self.assertEqual(text, "payload: 1 instructions for each MiB (seal 1); 0 to 128, no point farther than 0.0 % from the line")

    def test_what_is_no_line_is_not_called_one(self):
        found = {"unit": "descriptor", **fit.lines({"total": [(0, 10), (1, 11), (2, 14), (3, 19), (4, 26)]})}
        text, = report.growth_lines({"descriptors": found})
        self.assertIn("no line: 1 each from 0 to 1, 7 each from 3 to 4", text)


class Payload(unittest.TestCase):
    def test_each_piece_says_its_number(self):
        with tempfile.TemporaryDirectory() as folder:
            path = payload.make_file(os.path.join(folder, "payload"), 1)
            with open(path, "rb") as file:
                found = file.read()
        self.assertEqual(len(found), 1 << 20)
        self.assertEqual([int.from_bytes(found[at:at + 8], "little") for at in range(0, len(found), payload.PIECE_BYTES)],
                         list(range(1, 17)))
