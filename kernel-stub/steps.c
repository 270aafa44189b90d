/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The steps of the kernel stub.  RULES: nothing of the block is believed before its frame was checked; nothing is used that a
 * fatal finding puts in doubt.
 */
#include "kernel-stub/steps.h"
#include "kernel-stub/arch/channels.h"
#include "kernel-stub/arch/entry.h"
#include "kernel-stub/arch/machine.h"
#include "kernel-stub/pages.h"
#include "kernel-stub/picture.h"
#include "kernel-stub/print.h"
#include "kernel-stub/report_facts.h"
#include "kernel-stub/report_tables.h"
#include "lib/format.h"
#include "lib/handoff_block.h"
#include "lib/report.h"

/* Less RAM than this is no machine for any kernel (K8). */
#define MINIMUM_BYTES (UINT64_C(1) << 20)
#define PROGRESS_BYTES (UINT64_C(1) << 30) /* a line for each of these */

/* How much can be read is found out by reading: the header's own sizes are not yet to be trusted. */
void step_find_block(struct kernel *kernel)
{
	const struct handoff_header *block = entry_block(kernel->entry);
	uint64_t readable = machine_readable(block, sizeof *block);

	kernel->block = block;
	if (readable == sizeof *block)
		readable = machine_readable(block, block->capacity_bytes);
	kernel->block_bytes = readable;
	kernel->block_sound = handoff_block_check(block, readable) == HANDOFF_BLOCK_OK;
	if (!kernel->block_sound)
		return;
	kernel->cmdline = handoff_part(block, HANDOFF_PART_CMDLINE, 0, 0);
	kernel->options = options_read(kernel->cmdline);
	leave_choose(kernel->options.leave);
}

static const void *read_table(void *context, uint64_t phys, uint64_t bytes)
{
	(void)context;
	return machine_readable((const void *)(uintptr_t)phys, bytes) >= bytes ? (const void *)(uintptr_t)phys : 0;
}

void step_open_serial(struct kernel *kernel)
{
	const struct handoff_firmware *firmware;

	if (!kernel->block_sound)
		return;
	firmware = handoff_part(kernel->block, HANDOFF_PART_FIRMWARE, 0, 0);
	kernel->serial = acpi_serial_find(firmware->rsdp_phys, read_table, 0);
	if (kernel->serial.kind == ACPI_SERIAL_IO)
		channels_move_serial((uint16_t)kernel->serial.base);
}

void step_open_pages(struct kernel *kernel)
{
	if (kernel->block_sound && pages_begin(&kernel->pages, kernel->block) != 0)
		rule_report(&kernel->findings.log, RULE_K(8), RULE_FATAL, 0, 0, "no free memory for the page allocator's map");
}

/* K39: pixels that are RAM to somebody else must not be drawn. */
static int lies_in_ram(const struct handoff_header *block, const struct handoff_framebuffer *framebuffer)
{
	const struct handoff_range *range;

	for (uint64_t i = 0; (range = handoff_element(block, HANDOFF_PART_MEMORY, i)); i++)
		if (report_is_ram(range->type) && range->end_phys > framebuffer->base_phys &&
		    (range->start_phys <= framebuffer->base_phys || range->start_phys - framebuffer->base_phys < framebuffer->bytes))
			return 1;
	return 0;
}

void step_open_screen(struct kernel *kernel)
{
	const struct handoff_framebuffer *framebuffer = 0;

	if (kernel->block_sound)
		framebuffer = handoff_part(kernel->block, HANDOFF_PART_FRAMEBUFFER, 0, 0);
	if (!framebuffer || lies_in_ram(kernel->block, framebuffer))
		return;
	if (screen_init(&kernel->screen, framebuffer, (void *)(uintptr_t)framebuffer->base_phys) == 0)
		picture_draw(kernel, PICTURE_CHECKING);
}

void step_check(struct kernel *kernel)
{
	struct handoff_check_input input = {
		.block = kernel->block,
		.block_bytes = kernel->block_bytes,
		.live = &kernel->live,
		.kernel_minimum_bytes = MINIMUM_BYTES,
		.strict = kernel->options.strict != 0,
	};

	entry_check_registers(kernel->entry, &kernel->findings.log);
	if (kernel->block_sound) {
		entry_check_block(kernel->entry, kernel->block, &kernel->findings.log);
		input.scratch_bytes = handoff_check_scratch_bytes(kernel->block, kernel->block_bytes);
		input.scratch = pages_take(&kernel->pages, input.scratch_bytes, 0, PAGES_OWNER_SCRATCH);
	}
	handoff_check(&input, &kernel->findings.log);
	if (input.scratch)
		pages_give_back(&kernel->pages, input.scratch, input.scratch_bytes, PAGES_OWNER_SCRATCH);
}

int step_passed(const struct kernel *kernel)
{
	return kernel->findings.log.counts[RULE_FATAL] == 0;
}

/* A machine with much memory is busy for a while: a line for each GiB, and a bar on the screen. */
static void show_progress(void *context, const struct memory_progress *progress)
{
	const struct kernel *kernel = context;
	char line[REPORT_LINE_MAX], done[16], total[16];

	if (progress->total_bytes <= PROGRESS_BYTES)
		return;
	format(line, sizeof line, "%s %s of %s", progress->done_word, format_bytes(done, progress->done_bytes),
	       format_bytes(total, progress->total_bytes));
	picture_progress(kernel, line, progress->done_bytes, progress->total_bytes);
	if ((progress->done_bytes - progress->chunk_bytes) / PROGRESS_BYTES != progress->done_bytes / PROGRESS_BYTES)
		print("  %s\n", line);
}

void step_use(struct kernel *kernel)
{
	struct memory_proof_request request = {
		.check = kernel->options.memory_check, .progress = show_progress, .context = kernel};

	memory_proof(&kernel->pages, kernel->block, &request, &kernel->findings.log, &kernel->proof);
	runtime_try(&kernel->runtime, &kernel->options, kernel->block, &kernel->live.cpu, &kernel->pages,
		    &kernel->findings.log);
}

void step_black_box(struct kernel *kernel)
{
	black_box_report(kernel);
}

void step_report(const struct kernel *kernel)
{
	if (!kernel->block_sound)
		return;
	report_tables(kernel);
	report_findings(&kernel->findings);
	print("\n");
	report_facts(kernel);
	if (kernel->options.dump)
		report_dump(kernel);
}

void step_verdict(const struct kernel *kernel)
{
	const struct handoff_exit *exit = 0;
	char line[REPORT_LINE_MAX];

	if (kernel->block_sound)
		exit = handoff_part(kernel->block, HANDOFF_PART_EXIT, 0, 0);
	picture_draw(kernel, step_passed(kernel) ? PICTURE_PASS : PICTURE_FAIL);
	report_verdict(line, &kernel->findings.log, exit ? exit->attempts : 0);
	print("%s\n", line);
}
