/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Moving a position-independent kernel to the address that the plan chose: its segments stand in memory, wherever the
 * firmware had room, and every R_X86_64_RELATIVE relocation is applied (psABI 4.4.1: bias + addend).
 * Rules here: pure; the tables are part of the file and hostile; each entry is checked as it is read, because a
 * relocation may rewrite the table that it stands in.
 */
#include "lib/elf64.h"
#include "lib/elf64_format.h"
#include "lib/le.h"

/* What the dynamic section says about relocations; addresses with bias. */
struct relocations {
	uint64_t table_virt;
	uint64_t table_bytes;
	uint64_t entry_bytes;
};

/*
 * The segment that holds [virt, virt + bytes), among the bytes that come from the file or all of it, or segment_count.
 * bytes > 0.
 */
static uint32_t find(const struct elf64_plan *plan, uint64_t virt, uint64_t bytes, int from_file)
{
	uint32_t i;

	for (i = 0; i < plan->segment_count; i++) {
		const struct elf64_segment *segment = &plan->segments[i];
		uint64_t size = from_file ? segment->file_bytes : segment->memory_bytes;

		if (virt >= segment->virt && virt - segment->virt < size && bytes <= size - (virt - segment->virt))
			break;
	}
	return i;
}

/* Where a virtual address of segment i stands in memory. */
static uint8_t *at(const struct elf64_plan *plan, uint8_t *const memory[], uint32_t i, uint64_t virt)
{
	return memory[i] + (virt - plan->segments[i].page_virt);
}

/* Takes in one entry of the dynamic section. */
static enum elf64_status read_tag(struct relocations *relocations, uint64_t tag, uint64_t value, uint64_t bias)
{
	switch (tag) {
	case ELF64_DT_NEEDED:
		return ELF64_INTERPRETER;
	case ELF64_DT_RELA:
		relocations->table_virt = value + bias;
		return ELF64_OK;
	case ELF64_DT_RELASZ:
		relocations->table_bytes = value;
		return ELF64_OK;
	case ELF64_DT_RELAENT:
		relocations->entry_bytes = value;
		return ELF64_OK;
	case ELF64_DT_PLTRELSZ: /* bytes of the tables that nobody applies here: DT_JMPREL, DT_REL, DT_RELR */
	case ELF64_DT_RELSZ:
	case ELF64_DT_RELRSZ:
		return value == 0 ? ELF64_OK : ELF64_UNKNOWN_RELOCATION;
	default:
		return ELF64_OK;
	}
}

static enum elf64_status read_dynamic(struct elf64_plan *plan, uint8_t *const memory[],
				      struct relocations *ret_relocations)
{
	struct relocations relocations = {0};
	uint32_t segment = find(plan, plan->dynamic_virt, plan->dynamic_bytes, 1);

	if (segment == plan->segment_count)
		return ELF64_BAD_DYNAMIC;
	for (uint64_t offset = 0; plan->dynamic_bytes - offset >= ELF64_D_BYTES; offset += ELF64_D_BYTES) {
		const uint8_t *entry = at(plan, memory, segment, plan->dynamic_virt + offset);
		uint64_t tag = le_read64(entry + ELF64_D_TAG);
		enum elf64_status status = read_tag(&relocations, tag, le_read64(entry + ELF64_D_VALUE), plan->bias);

		if (tag == ELF64_DT_NULL)
			break;
		if (status != ELF64_OK)
			return status;
	}
	*ret_relocations = relocations;
	return ELF64_OK;
}

static enum elf64_status relocate_one(const struct elf64_plan *plan, uint8_t *const memory[], const uint8_t *relocation)
{
	uint64_t virt = le_read64(relocation + ELF64_R_OFFSET) + plan->bias;
	uint64_t info = le_read64(relocation + ELF64_R_INFO);
	uint64_t addend = le_read64(relocation + ELF64_R_ADDEND);
	uint32_t segment;

	if (info == ELF64_R_X86_64_NONE)
		return ELF64_OK;
	/* The upper half of info names a symbol: RELATIVE has none. */
	if (info != ELF64_R_X86_64_RELATIVE)
		return ELF64_UNKNOWN_RELOCATION;
	segment = find(plan, virt, sizeof(uint64_t), 0);
	if (segment == plan->segment_count || !(plan->segments[segment].permissions & ELF64_PF_W))
		return ELF64_RELOCATION_OUTSIDE;
	le_write64(at(plan, memory, segment, virt), plan->bias + addend);
	return ELF64_OK;
}

enum elf64_status elf64_relocate(struct elf64_plan *plan, uint8_t *const memory[])
{
	struct relocations relocations;
	uint32_t segment;
	enum elf64_status status;

	plan->failed_index = 0;
	if (plan->dynamic_bytes == 0)
		return ELF64_OK;
	status = read_dynamic(plan, memory, &relocations);
	if (status != ELF64_OK || relocations.table_bytes == 0)
		return status;
	segment = find(plan, relocations.table_virt, relocations.table_bytes, 1);
	if (segment == plan->segment_count || relocations.entry_bytes != ELF64_RELA_BYTES ||
	    relocations.table_bytes % ELF64_RELA_BYTES != 0)
		return ELF64_BAD_DYNAMIC;
	for (uint64_t i = 0; i < relocations.table_bytes / ELF64_RELA_BYTES; i++) {
		plan->failed_index = (uint32_t)i;
		status = relocate_one(plan, memory,
				      at(plan, memory, segment, relocations.table_virt + i * ELF64_RELA_BYTES));
		if (status != ELF64_OK)
			return status;
	}
	plan->failed_index = 0;
	return ELF64_OK;
}
