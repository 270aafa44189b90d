/* SPDX-License-Identifier: BSD-2-Clause */
/* The ends of a run, and everything that can be said about a block without knowing the test. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/handoff_check.h"
#include "lib/memory_verify.h"
#include "test/fake/expect.h"
#include "test/fake/kernel_file.h"

struct expect_findings expect_findings;

static void print_log(void)
{
	print_message("  ended: %d, status 0x%lx\n  violation: %s\n  console: %s\n  serial: %s\n  log:\n%s\n", (int)fake.end,
		      (unsigned long)fake.status, fake.violation, fake.console, fake.serial, fake.debug);
}

static void expect_end(enum fake_end end)
{
	if (fake.end != end)
		print_log();
	assert_string_equal(fake.violation, "");
	assert_int_equal(fake.end, end);
}

const void *expect_part(uint32_t type)
{
	const void *part = handoff_part(fake.block, type, NULL, NULL);

	if (part == NULL)
		fail_msg("the block has no part %u", type);
	return part;
}

void expect_console(const char *text)
{
	if (strstr(fake.console, text) == NULL) {
		print_log();
		fail_msg("not on the console: %s", text);
	}
}

/* --- the block ----------------------------------------------------------------------------------------------------------- */

/* L32, L46: the bytes of the successful call, with its stride, version and size. */
static void check_raw_map(const struct handoff_header *block)
{
	const struct handoff_exit *exit = expect_exit();
	uint64_t bytes, stride_used = fake.map_stride ? fake.map_stride : 40;
	uint32_t stride;
	const void *raw = handoff_part(block, HANDOFF_PART_RAW_MAP, &bytes, &stride);

	assert_int_equal(stride, stride_used);
	assert_int_equal(bytes, fake.map_bytes / stride_used * stride_used);
	assert_memory_equal(raw, fake.map_copy, bytes);
	assert_ptr_equal(raw, fake.map_buffer);
	assert_int_equal(exit->map_offset, (uint64_t)raw - (uint64_t)block);
	assert_int_equal(exit->descriptor_version, fake.map_version);
	assert_int_equal(exit->returned_bytes, fake.map_bytes);
	assert_int_equal(exit->capacity_bytes, fake.map_capacity);
	assert_int_not_equal(exit->probe_bytes, 0);
}

/* One record for each call of ExitBootServices; only the last one succeeded. */
static void check_attempts(const struct handoff_header *block)
{
	const struct handoff_exit *exit = expect_exit();
	const struct handoff_boot_record *record = (const void *)expect_loader()->boot_record_phys;
	uint64_t count = handoff_count(block, HANDOFF_PART_ATTEMPTS);
	const struct handoff_attempt *last = handoff_element(block, HANDOFF_PART_ATTEMPTS, count - 1);

	assert_int_equal(count, fake.calls[FAKE_EXIT_BOOT_SERVICES]);
	assert_int_equal(exit->attempts, count);
	assert_int_equal(record->attempts, count);
	for (uint64_t i = 0; i + 1 < count; i++)
		assert_int_not_equal(((const struct handoff_attempt *)handoff_element(block, HANDOFF_PART_ATTEMPTS, i))->status, 0);
	assert_int_equal(last->status, 0);
	assert_int_equal(last->map_key, fake.map_key);
	assert_int_equal(last->map_bytes, fake.map_bytes);
	assert_int_equal(last->descriptor_version, fake.map_version);
}

/* The map proved independently of the normaliser. */
static void check_normalised(const struct handoff_header *block)
{
	uint64_t raw_bytes, owned_bytes, bytes, address = 0;
	uint32_t stride;
	struct memory_normalise_input input = {
		.raw = handoff_part(block, HANDOFF_PART_RAW_MAP, &raw_bytes, &stride),
		.owned = handoff_part(block, HANDOFF_PART_OWNED, &owned_bytes, NULL),
		.descriptor_version = fake.map_version,
		.physical_bits = fake.options.cpu.physical_bits,
	};
	const struct handoff_range *ranges = handoff_part(block, HANDOFF_PART_MEMORY, &bytes, NULL);
	enum memory_verify_status status;

	input.raw_bytes = raw_bytes;
	input.descriptor_bytes = stride;
	input.owned_count = owned_bytes / sizeof(struct handoff_range);
	if (raw_bytes / stride > 1000)
		return; /* quadratic */
	status = memory_verify(&input, ranges, bytes / sizeof(*ranges), &address);
	if (status != MEMORY_VERIFY_OK)
		fail_msg("normalised map: %s at 0x%lx", memory_verify_status_name(status), (unsigned long)address);
}

/* Every page that the loader took is in OWNED, and nothing else but its own image. */
static void check_owned(const struct handoff_header *block)
{
	uint64_t count = handoff_count(block, HANDOFF_PART_OWNED), pages = 0;
	uint32_t of_owner[HANDOFF_OWNER_SCRATCH + 1] = { 0 };

	for (uint64_t i = 0; i < count; i++) {
		const struct handoff_range *range = handoff_element(block, HANDOFF_PART_OWNED, i);

		assert_true(range->owner <= HANDOFF_OWNER_SCRATCH);
		of_owner[range->owner]++;
		assert_true(range->end_phys > range->start_phys);
		if (range->owner == HANDOFF_OWNER_LOADER_IMAGE) {
			assert_int_equal(range->start_phys, FAKE_IMAGE);
			assert_int_equal(range->end_phys, FAKE_IMAGE + FAKE_IMAGE_BYTES);
			continue;
		}
		assert_true(fake_memory_owned(range->start_phys, range->end_phys - range->start_phys));
		pages += (range->end_phys - range->start_phys) / 4096;
	}
	assert_int_equal(pages, fake.pages_allocated);
	/* One of each, and nothing of an attempt that was too small. */
	for (uint32_t owner = HANDOFF_OWNER_STACK; owner <= HANDOFF_OWNER_LOADER_IMAGE; owner++)
		assert_int_equal(of_owner[owner], owner == HANDOFF_OWNER_MODULE ? of_owner[owner] : 1);
	assert_int_equal(of_owner[HANDOFF_OWNER_SCRATCH], 2);
}

/* The block's range ends where neither map buffer nor normalised map needs it, and work memory that is free at once follows. */
static void check_end(const struct handoff_header *block)
{
	const struct handoff_exit *exit = expect_part(HANDOFF_PART_EXIT);
	uint64_t owned = handoff_count(block, HANDOFF_PART_OWNED), map = handoff_count(block, HANDOFF_PART_RAW_MAP);
	const struct handoff_range *ranges = handoff_part(block, HANDOFF_PART_MEMORY, NULL, NULL);
	uint64_t needed = (uint64_t)((const uint8_t *)ranges - (const uint8_t *)block) + (2 * (map + owned) + 1) * sizeof(*ranges);
	uint64_t buffer_end = exit->map_offset + exit->capacity_bytes, at = 0;

	assert_true(block->capacity_bytes < (needed > buffer_end ? needed : buffer_end) + 4096);
	while (((const struct handoff_range *)handoff_element(block, HANDOFF_PART_OWNED, at))->owner != HANDOFF_OWNER_BLOCK)
		at++;
	ranges = handoff_element(block, HANDOFF_PART_OWNED, at);
	assert_int_equal(ranges[0].end_phys - ranges[0].start_phys, block->capacity_bytes);
	assert_int_equal(ranges[1].start_phys, ranges[0].end_phys);
	assert_int_equal(ranges[1].owner, HANDOFF_OWNER_SCRATCH);
	assert_int_equal(ranges[1].lifetime, HANDOFF_LIFETIME_FREE);
}

static void check_stages(const struct handoff_header *block)
{
	const struct handoff_boot_record *record = (const void *)expect_loader()->boot_record_phys;
	uint64_t count = handoff_count(block, HANDOFF_PART_STAGES);

	assert_int_equal(count, HANDOFF_STAGE_COUNT - 1);
	for (uint32_t i = 0; i < count; i++) {
		const struct handoff_stage *stage = handoff_element(block, HANDOFF_PART_STAGES, i);

		assert_int_equal(stage->stage, i + 1);
		assert_true(i == 0 || stage->tsc > stage[-1].tsc);
		assert_int_equal(record->stage_tsc[i + 1], stage->tsc);
	}
	assert_int_equal(record->magic, HANDOFF_BOOT_RECORD_MAGIC);
	assert_int_equal(record->record_bytes, sizeof(*record));
	assert_int_equal(record->stage, HANDOFF_STAGE_JUMP);
	assert_int_equal(record->stop_code, 0);
	assert_int_equal(strlen(record->log), record->log_bytes);
}

/* What stands in the kernel's pages: the file's bytes, zeroes around them. */
static void check_segments(const struct handoff_header *block)
{
	assert_int_equal(handoff_count(block, HANDOFF_PART_SEGMENTS), 3);
	for (uint32_t i = 0; i < 3; i++) {
		const struct handoff_segment *segment = handoff_element(block, HANDOFF_PART_SEGMENTS, i);
		const uint8_t *memory = (const uint8_t *)segment->phys;
		uint64_t head = kernel_virt(i) - segment->virt;

		assert_true(head < 4096);
		for (uint64_t at = 0; at < segment->bytes; at++)
			if (memory[at] != (at >= head && at < head + segment->file_bytes ? kernel_byte(i, at - head) : 0))
				fail_msg("segment %u is wrong at %lu", i, (unsigned long)at);
	}
}

/* --- the checker that every kernel runs ------------------------------------------------------------------------------------ */

static void report(void *context, const struct finding *finding)
{
	struct expect_findings *findings = context;

	if (findings->count[finding->rule]++ == 0)
		findings->first[finding->rule] = *finding;
}

static const uint64_t *read_table(void *context, uint64_t phys)
{
	(void)context;
	return fake_memory_owned(phys, 4096) ? (const uint64_t *)phys : NULL;
}

static int read_phys(void *context, uint64_t phys, void *to, uint64_t bytes)
{
	(void)context;
	return fake_memory_read(phys, to, bytes);
}

static void check_rules(const struct handoff_header *block)
{
	const struct handoff_cpu *cpu = expect_part(HANDOFF_PART_CPU);
	struct handoff_live live = {
		.cpu = *cpu,
		.rsp_at_entry = fake.stack_top_virt - 8,
		.reader = { .read = read_table, .root_phys = cpu->cr3, .levels = cpu->paging_levels,
			    .physical_bits = cpu->physical_bits, .nx = cpu->flags & HANDOFF_CPU_NX },
		.read_phys = read_phys,
	};
	struct handoff_check_input input = { .block = block, .block_bytes = block->total_bytes, .live = &live };

	memset(&expect_findings, 0, sizeof(expect_findings));
	expect_findings.log.report = report;
	expect_findings.log.context = &expect_findings;
	input.scratch_bytes = handoff_check_scratch_bytes(block, block->total_bytes);
	input.scratch = malloc(input.scratch_bytes);
	handoff_check(&input, &expect_findings.log);
	free(input.scratch);
	if (expect_findings.log.counts[RULE_FATAL] > 0) {
		char name[8];
		const struct finding *first = &expect_findings.first[expect_findings.log.first_fatal];

		print_log();
		fail_msg("%s: %s 0x%lx 0x%lx", rule_name(first->rule, name), first->text, (unsigned long)first->start,
			 (unsigned long)first->end);
	}
}

void expect_kernel_now(void)
{
	const struct handoff_header *block = fake.block;

	expect_end(FAKE_KERNEL);
	assert_int_equal(fake.magic, HANDOFF_MAGIC);
	assert_int_equal(handoff_block_check(block, block->capacity_bytes), HANDOFF_BLOCK_OK);
	assert_int_equal(block->block_phys, (uint64_t)block);
	if (!fake.options.notices)
		assert_string_equal(fake.console, "");
	assert_string_equal(fake.serial, "");
	assert_int_equal(fake.network_stops, 1);
	check_raw_map(block);
	check_attempts(block);
	check_normalised(block);
	check_owned(block);
	check_end(block);
	check_stages(block);
	check_segments(block);
	check_rules(block);
}

const struct handoff_header *expect_kernel(void)
{
	fake_boot();
	expect_kernel_now();
	return fake.block;
}

/* --- other ends ---------------------------------------------------------------------------------------------------------- */

void expect_return_now(void)
{
	char text[256];

	expect_end(FAKE_RETURNED);
	assert_true(EFI_ERROR(fake.status));
	if (!fake_memory_clean(text)) {
		print_log();
		fail_msg("%s", text);
	}
	/* One message that says what failed. */
	if (!fake.options.no_console)
		assert_true(strncmp(fake.console, "baton: error: ", 14) == 0 ||
			    (fake.options.notices && strstr(fake.console, "baton: error: ") != NULL));
	assert_non_null(strstr(fake.debug, "baton: error: "));
	assert_null(strstr(strstr(fake.debug, "baton: error: ") + 1, "baton: error: "));
}

void expect_some_return(void)
{
	fake_boot();
	expect_return_now();
}

void expect_return(EFI_STATUS status)
{
	expect_some_return();
	if (fake.status != status)
		print_log();
	assert_int_equal(fake.status, status);
}

void expect_stop(enum stop_code code, uint32_t stage)
{
	fake_boot();
	expect_stop_now(code, stage);
	assert_int_equal(fake.resets, 1);
	assert_int_equal(fake.chipset_resets, 0);
}

void expect_stop_now(enum stop_code code, uint32_t stage)
{
	const struct handoff_boot_record *record;
	char start[128];

	expect_end(FAKE_STOPPED);
	record = fake_memory_record();
	assert_non_null(record);
	assert_int_equal(record->stop_code, code);
	assert_int_equal(record->stage, stage);
	assert_int_equal(record->attempts, fake.calls[FAKE_EXIT_BOOT_SERVICES]);
	snprintf(start, sizeof(start), "baton: stop code=%u stage=%s reason=\"", (unsigned)code, handoff_stage_name(stage));
	if (strncmp(fake.serial, start, strlen(start)) != 0)
		print_log();
	assert_memory_equal(fake.serial, start, strlen(start));
	assert_non_null(strstr(fake.debug, start));
	assert_string_equal(fake.console, "");
}
