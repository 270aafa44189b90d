/* SPDX-License-Identifier: BSD-2-Clause */
/* See signature.h.  CRC-32 and not the loader's CRC-32C: a fault of the one must not hide behind the other. */
#include "test/disks/efi/signature.h"
#include "lib/crc32.h"
#include "lib/handoff_block.h"

static uint32_t add_number(uint32_t crc, uint64_t number)
{
	return crc32(crc, &number, sizeof(number));
}

static uint32_t add_segments(uint32_t crc, const struct handoff_header *block)
{
	for (uint64_t i = 0; i < handoff_count(block, HANDOFF_PART_SEGMENTS); i++) {
		const struct handoff_segment *segment = handoff_element(block, HANDOFF_PART_SEGMENTS, i);

		crc = add_number(crc, segment->virt);
		crc = add_number(crc, segment->bytes);
		crc = add_number(crc, segment->permissions);
		crc = crc32(crc, (const void *)segment->phys, segment->bytes);
	}
	return crc;
}

static uint32_t add_modules(uint32_t crc, const struct handoff_header *block)
{
	for (uint64_t i = 0; i < handoff_count(block, HANDOFF_PART_MODULES); i++) {
		const struct handoff_module *module = handoff_element(block, HANDOFF_PART_MODULES, i);
		const char *name = (const char *)block + module->name_offset;
		uint64_t bytes = 0;

		while (name[bytes] != '\0')
			bytes++;
		crc = add_number(crc, module->bytes);
		crc = crc32(crc, (const void *)module->phys, module->bytes);
		crc = crc32(crc, name, bytes);
	}
	return crc;
}

uint32_t signature(const struct handoff_header *block)
{
	const struct handoff_kernel *kernel = handoff_part(block, HANDOFF_PART_KERNEL, 0, 0);
	uint64_t bytes = 0;
	const void *cmdline = handoff_part(block, HANDOFF_PART_CMDLINE, &bytes, 0);
	uint32_t crc = add_segments(0, block);

	crc = add_number(crc, kernel->entry_virt);
	crc = add_modules(crc, block);
	return crc32(crc, cmdline, bytes);
}
