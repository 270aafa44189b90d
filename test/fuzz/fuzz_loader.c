/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as a machine: faults of the firmware, its options, the files on its volume.  The whole loader runs on the fake
 * firmware (test/fake); however it ends, it must have kept the rules: back in the firmware with everything as it was, in
 * the kernel with a sound block, or stopped with a code that is not its own fault.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/handoff_block.h"
#include "loader/after/stop.h"
#include "test/fake/fake.h"
#include "test/fake/kernel_file.h"

enum { TEXT_MAX = 2048, KERNEL_EDITS_MAX = 8, KERNEL_HEADERS = 64 + 3 * 56 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* --- the input ------------------------------------------------------------------------------------------------------------- */

/* Zeroes follow the last byte: an empty input is an ordinary boot. */
struct input {
	const uint8_t *data;
	size_t bytes;
};

static uint32_t take(struct input *input, uint32_t limit)
{
	uint32_t value = 0;

	for (uint32_t i = 0; i < (limit > 256 ? 2u : 1u) && input->bytes > 0; i++, input->data++, input->bytes--)
		value = value << 8 | *input->data;
	return value % limit;
}

static const EFI_STATUS statuses[] = {
	EFI_OUT_OF_RESOURCES, EFI_INVALID_PARAMETER, EFI_DEVICE_ERROR, EFI_NOT_FOUND, EFI_UNSUPPORTED, EFI_BUFFER_TOO_SMALL,
	EFI_MEDIA_CHANGED, EFI_END_OF_FILE, EFI_ACCESS_DENIED, EFI_SECURITY_VIOLATION,
};
static const uint64_t sizes[] = {
	0, 1, 39, 40, 41, 48, 56, 79, 80, 4095, 4096, 4097, 65536, 65537, 100000, UINT64_C(5) << 30, UINT64_C(1) << 40,
	UINT64_MAX - 4095, UINT64_MAX,
};
/* What no firmware may return: the loader must see it. */
static const uint64_t addresses[] = { 1, FAKE_RAM + 0x10001, UINT64_MAX & ~UINT64_C(4095), UINT64_MAX };

#define PICK(input, from) ((from)[take(input, sizeof(from) / sizeof((from)[0]))])

static uint64_t value_for(struct input *input, enum fake_effect effect)
{
	switch (effect) {
	case FAKE_FAIL:
		return PICK(input, statuses);
	case FAKE_ADDRESS:
		return PICK(input, addresses);
	case FAKE_GROW:
	case FAKE_SHRINK:
	case FAKE_APPEAR:
		return take(input, 3000);
	case FAKE_SCATTER:
		return take(input, 64);
	case FAKE_STRIDE:
		return 40 + 8 * take(input, 8);
	case FAKE_OVERRUN:
		return take(input, 4097); /* more would be nobody's fault but the firmware's */
	case FAKE_NOTHING:
		return take(input, 80);
	default:
		return PICK(input, sizes);
	}
}

static void take_faults(struct input *input)
{
	for (uint32_t count = take(input, 7); count > 0; count--) {
		struct fake_fault fault;

		fault.call = (enum fake_call)(1 + take(input, FAKE_CALL_COUNT - 1));
		fault.at = take(input, 24);
		fault.effect = (enum fake_effect)(1 + take(input, FAKE_EFFECT_END - 1));
		fault.value = value_for(input, fault.effect);
		fake_add_fault(fault);
	}
}

static void take_machine(struct input *input)
{
	struct fake_options *options = &fake.options;

	options->ram_bytes = (uint64_t)(64 - take(input, 64)) << 20;
	options->high = take(input, 4) == 1;
	options->adjacent = take(input, 2);
	options->page_zero = 1;
	options->fragments = take(input, 16) == 1;
	options->growth = take(input, 64);
	options->descriptors = take(input, 2000);
	options->dense = take(input, 2);
	options->descriptor_bytes = 40 + 8 * ((1 + take(input, 7)) % 7);
	options->descriptor_version = 1 - (take(input, 8) == 1);
	options->key = (enum fake_key)take(input, 4);
	options->probe_null_invalid = take(input, 4) == 1;
	options->probe_garbage = take(input, 4) == 1;
	options->extra_bytes = take(input, 4) == 1 ? 5568 : 0;
	options->leave_table = take(input, 2);
	options->tpl = take(input, 4) == 1 ? TPL_CALLBACK : TPL_APPLICATION;
}

static void take_devices(struct input *input)
{
	struct fake_options *options = &fake.options;

	options->no_console = take(input, 8) == 1;
	options->no_keyboard = take(input, 8) == 1;
	options->no_file_system = take(input, 32) == 1;
	options->no_attributes_table = take(input, 4) == 1;
	options->no_tables = take(input, 8) == 1;
	options->rng = take(input, 2);
	options->secure_boot = take(input, 16) == 1;
	options->graphics = (enum fake_graphics)((FAKE_GRAPHICS_CONSOLE + take(input, 3)) % 3);
	options->mode = take(input, 4);
	options->mode_count = 4 - take(input, 5);
	if (options->mode >= options->mode_count)
		options->mode = 0;
	options->framebuffer_bytes -= take(input, 4096) * UINT64_C(1024);
	options->cpu.paging_levels = 4 + take(input, 2);
	options->cpu.physical_bits = options->high ? 46 + take(input, 7) : 39 - take(input, 4);
	options->cpu.nx = !take(input, 2);
	options->cpu.pages_1g = !take(input, 2);
	options->load_options_offset = take(input, 2);
}

/* Text of up to TEXT_MAX bytes, NUL-terminated for those who want it. */
static uint32_t take_text(struct input *input, char text[TEXT_MAX + 1])
{
	uint32_t bytes = take(input, TEXT_MAX);

	if (bytes > input->bytes)
		bytes = (uint32_t)input->bytes;
	memcpy(text, input->data, bytes);
	text[bytes] = '\0';
	input->data += bytes;
	input->bytes -= bytes;
	return bytes;
}

static void take_kernel(struct input *input)
{
	static const uint64_t links[] = { 0, FAKE_RAM, FAKE_RAM + 0x500000, 0x200000, FAKE_IMAGE - 0x4000, FAKE_FRAMEBUFFER,
					  0xffffffffc0000000 };
	static uint8_t file[65536];
	struct kernel_shape shape = { .link = PICK(input, links) };
	uint64_t bytes = kernel_file_bytes();

	shape.align = UINT64_C(4096) << take(input, 8);
	shape.more = take(input, 65536) * UINT64_C(64);
	memcpy(file, kernel_file(&shape), bytes);
	for (uint32_t edits = take(input, KERNEL_EDITS_MAX); edits > 0; edits--) {
		uint32_t at = take(input, KERNEL_HEADERS);

		file[at] = (uint8_t)take(input, 256);
	}
	if (take(input, 8) == 1)
		bytes = take(input, 65536) % bytes;
	fake_add_file("\\baton\\kernel.elf", file, bytes);
}

static void take_files(struct input *input)
{
	static char configuration[TEXT_MAX + 1], cmdline[TEXT_MAX + 1], options[TEXT_MAX + 1];
	uint32_t bytes = take_text(input, configuration);

	if (bytes > 0)
		fake_add_file("\\baton\\baton.conf", configuration, bytes);
	/* A configuration may ask for the report and the black box. */
	fake.options.may_write_files = fake.options.may_write_variables = 1;
	bytes = take_text(input, cmdline);
	if (bytes > 0)
		fake_add_file("\\baton\\cmdline.txt", cmdline, bytes);
	if (take_text(input, options) > 0)
		fake.options.load_options = options;
	/* Files that a configuration can name. */
	fake_add_file("\\a", cmdline, 5000 % sizeof(cmdline));
	fake_add_file("\\b", cmdline, 0);
}

/* --- what must hold -------------------------------------------------------------------------------------------------------- */

static void require(int condition, const char *text)
{
	if (condition)
		return;
	fprintf(stderr, "fuzz_loader: %s\nend %d, status 0x%lx, %s\n%s\n%s\n", text, (int)fake.end, (unsigned long)fake.status,
		fake.violation, fake.serial, fake.debug);
	abort();
}

static void require_returned(void)
{
	char text[256] = "";

	require(EFI_ERROR(fake.status), "returned with success");
	require(fake_memory_clean(text), text);
	require(strstr(fake.debug, "baton: error: ") != NULL, "returned without a message");
}

static void require_kernel(void)
{
	const struct handoff_header *block = fake.block;
	uint64_t bytes, pages = 0;
	const struct handoff_range *owned = handoff_part(block, HANDOFF_PART_OWNED, &bytes, NULL);
	const void *raw;

	require(fake_memory_owned((uint64_t)block, block->capacity_bytes), "the block is not the loader's memory");
	require(handoff_block_check(block, block->capacity_bytes) == HANDOFF_BLOCK_OK, "the block is not sound");
	for (uint64_t i = 0; i < bytes / sizeof(*owned); i++) {
		uint64_t size = owned[i].end_phys - owned[i].start_phys;

		if (owned[i].owner == HANDOFF_OWNER_LOADER_IMAGE)
			continue;
		require(fake_memory_owned(owned[i].start_phys, size), "what the loader calls its own is not");
		pages += size / 4096;
	}
	require(pages == fake.pages_allocated, "a page that the loader allocated is not on its list");
	raw = handoff_part(block, HANDOFF_PART_RAW_MAP, &bytes, NULL);
	require(bytes <= fake.map_bytes && memcmp(raw, fake.map_copy, bytes) == 0, "the raw map is not the firmware's");
}

static void require_stopped(void)
{
	const struct handoff_boot_record *record = fake_memory_record();

	require(fake.exit_tried, "stopped before the first exit call");
	require(strncmp(fake.serial, "baton: stop code=", 17) == 0, "stopped without a line");
	require(record != NULL && record->stop_code >= STOP_EXIT_ATTEMPTS && record->stop_code < STOP_SEAL,
		"stopped by a fault of its own");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct input input = { data, bytes };

	fake_reset();
	fake_add_text(FAKE_APPLICATION, "what the firmware loads");
	take_faults(&input);
	take_machine(&input);
	take_devices(&input);
	take_kernel(&input);
	take_files(&input);
	switch (fake_boot()) {
	case FAKE_RETURNED:
		require_returned();
		break;
	case FAKE_KERNEL:
		require_kernel();
		break;
	case FAKE_STOPPED:
		require_stopped();
		break;
	case FAKE_VIOLATION:
		require(0, "a rule was broken");
	}
	return 0;
}
