/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The checker: nothing to complain about after a perfect boot, and each rule seen complaining about a boot that is broken for
 * just that rule (the broken_*.c tables).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/broken_blocks.h"

enum { FINDINGS_MAX = 256 };

static struct block_fixture fixture;
static struct finding findings[FINDINGS_MAX];
static uint32_t finding_count;

static void collect(void *context, const struct finding *finding)
{
	(void)context;
	assert_non_null(rule_title(finding->rule));
	assert_non_null(finding->text);
	if (finding_count < FINDINGS_MAX)
		findings[finding_count++] = *finding;
}

static int run(struct rule_log *ret_log)
{
	finding_count = 0;
	*ret_log = (struct rule_log){ .report = collect };
	return handoff_check(&fixture.input, ret_log);
}

static void print_findings(void)
{
	char name[8];

	for (uint32_t i = 0; i < finding_count; i++)
		print_error("  %s %s 0x%llx 0x%llx %s\n", rule_name(findings[i].rule, name),
			    rule_severity_name(findings[i].severity), (unsigned long long)findings[i].start,
			    (unsigned long long)findings[i].end, findings[i].text);
}

static void a_perfect_boot_passes_with_nothing_but_information(void **state)
{
	struct rule_log log;

	(void)state;
	block_fixture_begin(&fixture);
	block_fixture_build(&fixture);
	int passed = run(&log);
	if (!passed || log.counts[RULE_FATAL] + log.counts[RULE_REPAIRED] + log.counts[RULE_WARNING] != 0)
		print_findings();
	assert_int_equal(passed, 1);
	assert_int_equal(log.counts[RULE_FATAL] + log.counts[RULE_REPAIRED] + log.counts[RULE_WARNING], 0);
	assert_int_equal(log.counts[RULE_INFORMATION], finding_count);
	static const uint32_t usual[] = { RULE_K(44), RULE_K(20), RULE_K(36), RULE_K(37), RULE_K(39), RULE_M(15) };
	assert_int_equal(finding_count, sizeof(usual) / sizeof(usual[0]));
	for (uint32_t i = 0; i < finding_count; i++)
		assert_int_equal(findings[i].rule, usual[i]);
	assert_int_equal(log.first_fatal, 0);

	/* Without the machine the same block passes with fewer checks. */
	uint32_t live_checks = log.checks;
	fixture.input.live = NULL;
	assert_int_equal(run(&log), 1);
	assert_int_equal(log.counts[RULE_FATAL] + log.counts[RULE_REPAIRED] + log.counts[RULE_WARNING], 0);
	assert_true(log.checks > 80 && log.checks < live_checks);
	/* What was fatal before is not this block's fault. */
	log.counts[RULE_FATAL] = 1;
	assert_int_equal(handoff_check(&fixture.input, &log), 1);
	/* And nobody needs to listen. */
	assert_int_equal(handoff_check(&fixture.input, NULL), 1);
}

static int expected(const struct broken *broken, uint32_t rule)
{
	for (int i = 0; i < BROKEN_ALSO_MAX; i++)
		if (broken->also[i] == rule)
			return 1;
	return broken->rule == rule;
}

static int fits(const struct broken *broken, const struct finding *finding)
{
	return finding->rule == broken->rule && finding->severity == broken->severity &&
	       (broken->start == 0 || finding->start == broken->start) &&
	       (broken->says == NULL || strstr(finding->text, broken->says) != NULL);
}

/*
 * 1 when the rule speaks as it should, and only once; the others that the same fact breaks do too, and no other one
 * complains.
 */
static int judge(const struct broken *broken)
{
	uint32_t seen = 0, complaints = 0;

	for (uint32_t i = 0; i < finding_count; i++) {
		const struct finding *finding = &findings[i];

		seen += (uint32_t)fits(broken, finding);
		complaints += finding->rule == broken->rule && finding->severity != RULE_INFORMATION;
		if (finding->severity != RULE_INFORMATION && !expected(broken, finding->rule))
			return 0;
		if (broken->silent != 0 && finding->rule == broken->silent)
			return 0;
	}
	if (complaints > 1 && !broken->repeated)
		return 0;
	for (int k = 0; k < BROKEN_ALSO_MAX && broken->also[k] != 0; k++) {
		uint32_t i = 0;

		while (i < finding_count && findings[i].rule != broken->also[k])
			i++;
		if (i == finding_count)
			return 0;
	}
	return seen > 0 || broken->rule == 0;
}

static int run_broken(const struct broken *broken)
{
	struct rule_log log;

	block_fixture_begin(&fixture);
	if (broken->before != NULL)
		broken->before(&fixture);
	block_fixture_build(&fixture);
	if (broken->after != NULL) {
		broken->after(&fixture);
		if (!broken->unsealed)
			block_fixture_reseal(&fixture);
	}
	if (broken->dump)
		fixture.input.live = NULL;
	int passed = run(&log);
	int good = judge(broken) && passed == (log.counts[RULE_FATAL] == 0);
	if (!good) {
		print_error("%s:\n", broken->name);
		print_findings();
	}
	return good;
}

static void run_table(const struct broken_table *table)
{
	uint32_t bad = 0;

	for (uint64_t i = 0; i < table->count; i++)
		bad += !run_broken(&table->entries[i]);
	assert_int_equal(bad, 0);
}

static void k1_k2_k3_k4_k7_k8_k18_the_loaders_mistakes(void **state)
{
	(void)state;
	run_table(&broken_frame);
}

static void k5_to_k38_k43_k44_strange_memory_maps(void **state)
{
	(void)state;
	run_table(&broken_memory);
}

static void k39_to_k42_k45_to_k48_faulty_firmware(void **state)
{
	(void)state;
	run_table(&broken_firmware);
}

static void m1_m2_m3_m8_m10_to_m17_wrong_registers(void **state)
{
	(void)state;
	run_table(&broken_machine);
}

static void m4_to_m7_m9_wrong_stack_and_page_tables(void **state)
{
	(void)state;
	run_table(&broken_paging);
}

static void unusual_boots_pass_without_a_complaint(void **state)
{
	(void)state;
	run_table(&sound_variants);
}

/* Rules that no block can break. */
static const struct {
	uint32_t rule;
	const char *reason;
} unbreakable[] = {
	{ RULE_K(32), "demands that bytes are ignored: k32_undefined_bytes_change_nothing() shows that they are" },
	{ RULE_M(18), "is about AArch64, which this checker refuses as another architecture (K1)" },
};

static int is_seen(uint32_t rule)
{
	static const struct broken_table *const tables[] = {
		&broken_frame, &broken_memory, &broken_firmware, &broken_machine, &broken_paging,
	};

	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
		for (uint64_t i = 0; i < tables[t]->count; i++)
			if (tables[t]->entries[i].rule == rule)
				return 1;
	for (size_t i = 0; i < sizeof(unbreakable) / sizeof(unbreakable[0]); i++)
		if (unbreakable[i].rule == rule)
			return 1;
	return 0;
}

static void every_rule_is_seen_failing_or_says_why_it_cannot(void **state)
{
	(void)state;
	for (uint32_t rule = RULE_K_FIRST; rule <= RULE_K_LAST; rule++)
		if (!is_seen(rule))
			fail_msg("K%u is not seen failing", rule);
	for (uint32_t rule = RULE_M_FIRST; rule <= RULE_M_LAST; rule++)
		if (!is_seen(rule))
			fail_msg("M%u is not seen failing", rule - RULE_M_FIRST + 1);
	assert_true(is_seen(RULE_L(3)));
}

static void k32_undefined_bytes_change_nothing(void **state)
{
	static struct finding first[FINDINGS_MAX];
	struct rule_log log;

	(void)state;
	block_fixture_begin(&fixture);
	block_fixture_build(&fixture);
	run(&log);
	uint32_t count = finding_count;
	memcpy(first, findings, sizeof(first));

	block_fixture_begin(&fixture);
	for (uint64_t i = 0; i < fixture.raw_count; i++) {
		fixture.raw[i].known.reserved0 = (uint32_t)i * 77;
		fixture.raw[i].undefined[0] = UINT64_MAX - i;
	}
	block_fixture_build(&fixture);
	assert_int_equal(run(&log), 1);
	assert_int_equal(finding_count, count);
	for (uint32_t i = 0; i < count; i++) {
		assert_int_equal(findings[i].rule, first[i].rule);
		assert_int_equal(findings[i].start, first[i].start);
		assert_int_equal(findings[i].end, first[i].end);
	}
}

static void scratch_is_asked_for_only_for_a_sound_block(void **state)
{
	(void)state;
	block_fixture_begin(&fixture);
	block_fixture_build(&fixture);
	uint64_t bytes = handoff_check_scratch_bytes(fixture.block, sizeof(fixture.block));
	assert_true(bytes > 0 && bytes <= sizeof(fixture.scratch));
	fixture.input.scratch_bytes = bytes; /* exactly as much is enough */
	assert_int_equal(handoff_check(&fixture.input, NULL), 1);
	assert_int_equal(handoff_check_scratch_bytes(fixture.block, 64), 0);
	block_fixture_header(&fixture)->crc32c++;
	assert_int_equal(handoff_check_scratch_bytes(fixture.block, sizeof(fixture.block)), 0);
}

/* Moves an array part to the end of the block, each element longer by 8 bytes of a field that 1.0 does not know. */
static void lengthen(uint32_t type)
{
	struct handoff_header *block = block_fixture_header(&fixture);
	struct handoff_part *part = block_fixture_entry(&fixture, type);
	uint64_t count = part->bytes / part->entry_bytes, step = part->entry_bytes + 8;
	uint8_t *from = (uint8_t *)fixture.block + part->offset, *to = (uint8_t *)fixture.block + block->total_bytes;

	for (uint64_t i = 0; i < count; i++) {
		memcpy(to + i * step, from + i * part->entry_bytes, part->entry_bytes);
		memset(to + (i + 1) * step - 8, 0xdd, 8);
	}
	part->offset = block->total_bytes;
	part->entry_bytes = (uint32_t)step;
	part->bytes = count * step;
	block->total_bytes += count * step;
	assert_true(block->total_bytes <= sizeof(fixture.block));
}

/* A kernel built against 1.0 reads the block of a later loader: longer entries, a part more, reserved fields in use. */
static void a_block_of_a_later_minor_version_passes(void **state)
{
	struct rule_log log;

	(void)state;
	block_fixture_begin(&fixture);
	block_fixture_build(&fixture);
	block_fixture_header(&fixture)->version_minor++;
	block_fixture_header(&fixture)->reserved0 = 1;
	block_fixture_entry(&fixture, HANDOFF_PART_SEED)->type = 99;
	lengthen(HANDOFF_PART_OWNED);
	lengthen(HANDOFF_PART_MEMORY);
	lengthen(HANDOFF_PART_SEGMENTS);
	lengthen(HANDOFF_PART_ATTEMPTS);
	lengthen(HANDOFF_PART_MODULES);
	block_fixture_reseal(&fixture);
	int passed = run(&log);
	if (!passed)
		print_findings();
	assert_int_equal(passed, 1);
	assert_int_equal(log.counts[RULE_FATAL] + log.counts[RULE_REPAIRED] + log.counts[RULE_WARNING], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_perfect_boot_passes_with_nothing_but_information),
		cmocka_unit_test(k1_k2_k3_k4_k7_k8_k18_the_loaders_mistakes),
		cmocka_unit_test(k5_to_k38_k43_k44_strange_memory_maps),
		cmocka_unit_test(k39_to_k42_k45_to_k48_faulty_firmware),
		cmocka_unit_test(m1_m2_m3_m8_m10_to_m17_wrong_registers),
		cmocka_unit_test(m4_to_m7_m9_wrong_stack_and_page_tables),
		cmocka_unit_test(unusual_boots_pass_without_a_complaint),
		cmocka_unit_test(every_rule_is_seen_failing_or_says_why_it_cannot),
		cmocka_unit_test(k32_undefined_bytes_change_nothing),
		cmocka_unit_test(scratch_is_asked_for_only_for_a_sound_block),
		cmocka_unit_test(a_block_of_a_later_minor_version_passes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
