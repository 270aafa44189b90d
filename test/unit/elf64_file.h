/* SPDX-License-Identifier: BSD-2-Clause */
/* Small ELF64 files made in memory, for the tests of the planner and of the relocations. */
#ifndef TEST_ELF64_FILE_H
#define TEST_ELF64_FILE_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "lib/elf64.h"
#include "lib/elf64_format.h"
#include "lib/le.h"

struct elf64_test_header {
	uint32_t type, flags;
	uint64_t offset, virt, file_bytes, memory_bytes, align;
};

/* A file of which only the headers exist; the planner never looks further. */
struct elf64_test_file {
	uint8_t header[ELF64_HEADER_BYTES];
	uint8_t program_headers[ELF64_PROGRAM_HEADERS_MAX * ELF64_PROGRAM_HEADER_BYTES];
	uint64_t bytes; /* what the file's size is said to be */
};

static inline void elf64_test_set(struct elf64_test_file *file, uint32_t index, struct elf64_test_header header)
{
	uint8_t *to = file->program_headers + index * ELF64_PROGRAM_HEADER_BYTES;

	le_write32(to + ELF64_P_TYPE, header.type);
	le_write32(to + ELF64_P_FLAGS, header.flags);
	le_write64(to + ELF64_P_OFFSET, header.offset);
	le_write64(to + ELF64_P_VADDR, header.virt);
	le_write64(to + ELF64_P_FILESZ, header.file_bytes);
	le_write64(to + ELF64_P_MEMSZ, header.memory_bytes);
	le_write64(to + ELF64_P_ALIGN, header.align);
}

static inline void elf64_test_begin(struct elf64_test_file *file, uint16_t type, uint64_t entry, uint16_t count)
{
	static const uint8_t identity[7] = {
		0x7f, 'E', 'L', 'F', ELF64_CLASS_64, ELF64_DATA_LITTLE, ELF64_VERSION_CURRENT};

	memset(file, 0, sizeof(*file));
	memcpy(file->header, identity, sizeof(identity));
	le_write16(file->header + ELF64_E_TYPE, type);
	le_write16(file->header + ELF64_E_MACHINE, ELF64_MACHINE_X86_64);
	le_write32(file->header + ELF64_E_VERSION, ELF64_VERSION_CURRENT);
	le_write64(file->header + ELF64_E_ENTRY, entry);
	le_write64(file->header + ELF64_E_PHOFF, ELF64_HEADER_BYTES);
	le_write16(file->header + ELF64_E_EHSIZE, ELF64_HEADER_BYTES);
	le_write16(file->header + ELF64_E_PHENTSIZE, ELF64_PROGRAM_HEADER_BYTES);
	le_write16(file->header + ELF64_E_PHNUM, count);
	file->bytes = 0x10000;
}

/* Plans with exactly the program headers that there are, so that the sanitizer sees any byte read behind them. */
static inline enum elf64_status elf64_test_plan(const struct elf64_test_file *file, struct elf64_plan *plan)
{
	uint64_t count = le_read16(file->header + ELF64_E_PHNUM);
	uint64_t bytes =
		(count < ELF64_PROGRAM_HEADERS_MAX ? count : ELF64_PROGRAM_HEADERS_MAX) * ELF64_PROGRAM_HEADER_BYTES;
	uint8_t *headers = malloc(bytes ? bytes : 1);
	enum elf64_status status;

	memcpy(headers, file->program_headers, bytes);
	status = elf64_plan(file->header, headers, bytes, file->bytes, plan);
	free(headers);
	return status;
}

#endif
