/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * `baton kernel check`: can Baton boot this kernel?  It makes the plan that the loader makes, with the same code,
 * carries it out in memory of its own to try the relocations, and says what its author can do when something is wrong.
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include "lib/elf64.h"
#include "lib/elf64_format.h"
#include "lib/format.h"
#include "lib/le.h"
#include "tools/baton/baton.h"
#include "tools/baton/file.h"
#include "tools/baton/json.h"
#include "tools/baton/options.h"
#include "tools/baton/terminal.h"

static const char help[] =
	"usage: baton kernel check [--json] ELF\n"
	"\n"
	"Tells whether Baton can boot a kernel: shows which part of the file goes to which address with which\n"
	"rights, or what is wrong and how to mend it in the linker script.  ELF may be - for standard input.\n"
	"\n"
	"  --json   print one JSON object instead\n"
	"\n"
	"Exit codes: 0 it can be booted, 1 it cannot, 2 it cannot be read or is no ELF file, or wrong usage.\n";

/* What was found out about a file. */
struct verdict {
	enum elf64_status status;
	const char *about; /* what failed_index counts; NULL when it says nothing */
	struct elf64_plan plan;
	uint64_t headers_offset, header_count; /* program headers; none when the file does not have them */
	int relocations_tried;
};

/* Memory for a segment: zero, and not taken from the machine before it is written to. */
static void *map_segment(const struct elf64_segment *segment)
{
	void *memory = mmap(NULL, segment->page_bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

/* Loads and relocates as the loader does.  Without address space for a huge segment the relocations stay untried. */
static void try_relocations(struct verdict *verdict, const struct file *file)
{
	uint8_t *memory[ELF64_SEGMENTS_MAX] = {0};
	struct elf64_plan *plan = &verdict->plan;
	uint32_t mapped;

	for (mapped = 0; mapped < plan->segment_count; mapped++) {
		const struct elf64_segment *segment = &plan->segments[mapped];

		memory[mapped] = map_segment(segment);
		if (!memory[mapped])
			break;
		memcpy(memory[mapped] + (segment->virt - segment->page_virt), file->bytes + segment->file_offset,
		       segment->file_bytes);
	}
	if (mapped == plan->segment_count) {
		verdict->status = elf64_relocate(plan, memory);
		verdict->relocations_tried = 1;
	}
	for (uint32_t i = 0; i < mapped; i++)
		munmap(memory[i], plan->segments[i].page_bytes);
}

static void judge(const struct file *file, struct verdict *verdict)
{
	uint64_t bytes;

	*verdict = (struct verdict){0};
	verdict->status = elf64_headers(file->bytes, file->count, file->count, &verdict->headers_offset, &bytes);
	if (verdict->status != ELF64_OK)
		return;
	verdict->header_count = bytes / ELF64_PROGRAM_HEADER_BYTES;
	verdict->status =
		elf64_plan(file->bytes, file->bytes + verdict->headers_offset, bytes, file->count, &verdict->plan);
	if (verdict->status == ELF64_OK)
		try_relocations(verdict, file);
	if (verdict->status >= ELF64_INTERPRETER && verdict->status < ELF64_NO_SEGMENTS && !verdict->relocations_tried)
		verdict->about = "program header";
	else if (verdict->status == ELF64_UNKNOWN_RELOCATION || verdict->status == ELF64_RELOCATION_OUTSIDE)
		verdict->about = "relocation";
}

static void print_rights(char text[4], uint32_t permissions)
{
	text[0] = permissions & ELF64_PF_R ? 'r' : '-';
	text[1] = permissions & ELF64_PF_W ? 'w' : '-';
	text[2] = permissions & ELF64_PF_X ? 'x' : '-';
	text[3] = '\0';
}

static uint64_t memory_needed(const struct elf64_plan *plan)
{
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < plan->segment_count; i++)
		bytes += plan->segments[i].page_bytes;
	return bytes;
}

static void print_plan(const struct elf64_plan *plan)
{
	printf("   #  %-18s  %9s  %9s  %12s  rights  %9s\n", "address", "memory", "from file", "file offset",
	       "aligned");
	for (uint32_t i = 0; i < plan->segment_count; i++) {
		const struct elf64_segment *segment = &plan->segments[i];
		char memory[16], from_file[16], align[16], rights[4];

		print_rights(rights, segment->permissions);
		printf("  %2u  0x%016lx  %9s  %9s  %#12lx  %-6s  %9s\n", i, segment->virt,
		       format_bytes(memory, segment->memory_bytes), format_bytes(from_file, segment->file_bytes),
		       segment->file_offset, rights, format_bytes(align, segment->align));
	}
}

static const char *type_name(uint32_t type)
{
	static const char *const names[] = {"NULL", "LOAD", "DYNAMIC", "INTERP", "NOTE", "SHLIB", "PHDR", "TLS"};

	return type < sizeof(names) / sizeof(names[0]) ? names[type] : "other";
}

/* The file's own program headers, the one at fault marked: for the author of a linker script. */
static void print_headers(const struct file *file, const struct verdict *verdict)
{
	int marked = verdict->about && strcmp(verdict->about, "program header") == 0;

	printf("   #  %-7s  %-18s  %18s  %18s  %18s  rights\n", "type", "p_vaddr", "p_memsz", "p_filesz", "p_offset");
	for (uint32_t i = 0; i < verdict->header_count; i++) {
		const uint8_t *header =
			file->bytes + verdict->headers_offset + i * (uint64_t)ELF64_PROGRAM_HEADER_BYTES;
		char rights[4];

		print_rights(rights, le_read32(header + ELF64_P_FLAGS));
		printf("%s %2u  %-7s  0x%016lx  %#18lx  %#18lx  %#18lx  %s\n",
		       marked && i == verdict->plan.failed_index ? ">" : " ", i,
		       type_name(le_read32(header + ELF64_P_TYPE)), le_read64(header + ELF64_P_VADDR),
		       le_read64(header + ELF64_P_MEMSZ), le_read64(header + ELF64_P_FILESZ),
		       le_read64(header + ELF64_P_OFFSET), rights);
	}
}

static void print_bootable(const struct file *file, const struct verdict *verdict)
{
	const struct elf64_plan *plan = &verdict->plan;
	char size[16], needed[16];

	printf("%s: %scan be booted%s: %s", file->name, terminal_style(TERMINAL_GREEN), terminal_style(TERMINAL_PLAIN),
	       format_bytes(size, file->count));
	if (plan->bias)
		printf(", position-independent, moved by 0x%lx", plan->bias);
	printf("\n  entry 0x%lx, addresses 0x%lx-0x%lx, needs %s of memory and its stack\n", plan->entry_virt,
	       plan->base_virt, plan->end_virt - 1, format_bytes(needed, memory_needed(plan)));
	print_plan(plan);
	if (!verdict->relocations_tried)
		printf("  too large to try its relocations here\n");
}

static void print_refused(const struct file *file, const struct verdict *verdict)
{
	printf("%s: %scannot be booted%s: %s", file->name, terminal_style(TERMINAL_RED), terminal_style(TERMINAL_PLAIN),
	       elf64_status_name(verdict->status));
	if (verdict->about)
		printf(" (%s %u)", verdict->about, verdict->plan.failed_index);
	printf("\n  %s\n", elf64_status_help(verdict->status));
	if (verdict->header_count > 0)
		print_headers(file, verdict);
}

static void print_segments_json(struct json *json, const struct elf64_plan *plan)
{
	json_begin(json, "segments", '[');
	for (uint32_t i = 0; i < plan->segment_count; i++) {
		const struct elf64_segment *segment = &plan->segments[i];
		char rights[4];

		print_rights(rights, segment->permissions);
		json_begin(json, NULL, '{');
		json_address(json, "virt", segment->virt);
		json_number(json, "memory_bytes", segment->memory_bytes);
		json_number(json, "file_offset", segment->file_offset);
		json_number(json, "file_bytes", segment->file_bytes);
		json_number(json, "align", segment->align);
		json_text(json, "rights", rights);
		json_end(json, '}');
	}
	json_end(json, ']');
}

static void print_json(const struct file *file, const struct verdict *verdict)
{
	struct json json = {0};

	json_begin(&json, NULL, '{');
	json_text(&json, "file", file->name);
	json_number(&json, "file_bytes", file->count);
	json_bool(&json, "bootable", verdict->status == ELF64_OK);
	json_text(&json, "status", elf64_status_name(verdict->status));
	json_text(&json, "help", elf64_status_help(verdict->status));
	if (verdict->about) {
		json_text(&json, "about", verdict->about);
		json_number(&json, "index", verdict->plan.failed_index);
	}
	if (verdict->status == ELF64_OK) {
		json_address(&json, "entry_virt", verdict->plan.entry_virt);
		json_address(&json, "base_virt", verdict->plan.base_virt);
		json_address(&json, "end_virt", verdict->plan.end_virt);
		json_address(&json, "bias", verdict->plan.bias);
		json_number(&json, "memory_bytes", memory_needed(&verdict->plan));
		json_bool(&json, "relocations_tried", verdict->relocations_tried);
		print_segments_json(&json, &verdict->plan);
	}
	json_end(&json, '}');
}

static int check(const struct options *options)
{
	struct file file;
	struct verdict verdict;

	if (file_read(options->file, &file) < 0)
		return BATON_UNUSABLE;
	judge(&file, &verdict);
	if (options->json)
		print_json(&file, &verdict);
	else if (verdict.status == ELF64_OK)
		print_bootable(&file, &verdict);
	else
		print_refused(&file, &verdict);
	file_free(&file);
	if (verdict.status == ELF64_TOO_SHORT || verdict.status == ELF64_BAD_MAGIC)
		return BATON_UNUSABLE;
	return verdict.status == ELF64_OK ? BATON_FINE : BATON_FINDING;
}

int baton_kernel(int argc, char **argv)
{
	struct options options;
	int code = baton_help(argc, argv, help);

	if (code >= 0)
		return code;
	if (argc >= 2 && strcmp(argv[1], "check") == 0 && options_read(argc, argv, OPTION_JSON, &options) == 0)
		return check(&options);
	return baton_usage("kernel");
}
