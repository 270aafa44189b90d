/* SPDX-License-Identifier: BSD-2-Clause */
/* The importers: every map of the corpus, printed in every form by printers of our own and read back. */
#include "test/unit/import_fixture.h"

static const struct {
	uint64_t bit;
	const char *linux_word, *grub_word, *freebsd_word;
} bits[] = {
	{RT, "RUN", "RT", NULL},
	{UEFI_MEMORY_MORE_RELIABLE, "MR", "MR", "MORE_RELIABLE"},
	{UEFI_MEMORY_CPU_CRYPTO, "CC", "CPU_CRYPTO", "CC"},
	{UEFI_MEMORY_SP, "SP", "SP", "SP"},
	{UEFI_MEMORY_NV, "NV", "NV", "NV"},
	{UEFI_MEMORY_XP, "XP", "XP", "XP"},
	{UEFI_MEMORY_RP, "RP", "RP", "RP"},
	{UEFI_MEMORY_WP, "WP", "WP", "WP"},
	{UEFI_MEMORY_RO, "RO", "RO", "RO"},
	{UEFI_MEMORY_UCE, "UCE", "UCE", "UCE"},
	{UEFI_MEMORY_WB, "WB", "WB", "WB"},
	{UEFI_MEMORY_WT, "WT", "WT", "WT"},
	{UEFI_MEMORY_WC, "WC", "WC", "WC"},
	{UEFI_MEMORY_UC, "UC", "UC", "UC"},
};

static uint64_t known_bits(void)
{
	uint64_t known = 0;
	uint32_t i;

	for (i = 0; i < COUNT(bits); i++)
		known |= bits[i].bit;
	return known;
}

static const char *const linux_names[2][15] = {
	{"Reserved", "Loader Code", "Loader Data", "Boot Code", "Boot Data", "Runtime Code", "Runtime Data", "Conventional Memory",
	 "Unusable Memory", "ACPI Reclaim Memory", "ACPI Memory NVS", "Memory Mapped I/O", "MMIO Port Space", "PAL Code",
	 "Persistent Memory"},
	{"Reserved", "Loader Code", "Loader Data", "Boot Code", "Boot Data", "Runtime Code", "Runtime Data", "Conventional", "Unusable",
	 "ACPI Reclaim", "ACPI Mem NVS", "MMIO", "MMIO Port", "PAL Code", "Persistent"},
};
static const char *const shell_names[15] = {"Reserved", "LoaderCode", "LoaderData", "BS_Code", "BS_Data", "RT_Code", "RT_Data", "Available",
					    "Unusable", "ACPI_Recl", "ACPI_NVS", "MMIO", "MMIO_Port", "PalCode", "Persistent"};
static const char *const grub_names[15] = {"reserved", "ldr-code", "ldr-data", "BS-code ", "BS-data ", "RT-code ", "RT-data ", "conv-mem",
					   "unusable", "ACPI-rec", "ACPI-nvs", "MMIO    ", "IO-ports", "PAL-code", "persist "};
static const char *const freebsd_names[15] = {
	"Reserved", "LoaderCode", "LoaderData", "BootServicesCode", "BootServicesData", "RuntimeServicesCode", "RuntimeServicesData",
	"ConventionalMemory", "UnusableMemory", "ACPIReclaimMemory", "ACPIMemoryNVS", "MemoryMappedIO", "MemoryMappedIOPortSpace",
	"PalCode", "PersistentMemory"};

static int print_linux(FILE *to, uint64_t index, const struct handoff_raw_descriptor *raw, int is_new)
{
	uint64_t start = raw->physical_start, end = start + raw->number_of_pages * 4096;
	uint32_t i;

	fprintf(to, "[    0.000000] efi: mem%02lu: ", index);
	if (raw->type < 15)
		fprintf(to, "[%-*s", is_new ? 12 : 19, linux_names[is_new][raw->type]);
	else
		fprintf(to, "[type=%u", raw->type);
	if (raw->attribute & ~known_bits())
		fprintf(to, "|attr=0x%016lx]", raw->attribute);
	for (i = 0; !(raw->attribute & ~known_bits()) && i < COUNT(bits); i++)
		fprintf(to, "|%*s%s", (int)strlen(bits[i].linux_word), raw->attribute & bits[i].bit ? bits[i].linux_word : "",
			i + 1 == COUNT(bits) ? "]" : "");
	if (is_new)
		fprintf(to, " range=[0x%016lx-0x%016lx] (%luMB)\n", start, end - 1, raw->number_of_pages >> 8);
	else
		fprintf(to, " range=[0x%016lx-0x%016lx) (%luMB)\n", start, end, raw->number_of_pages >> 8);
	return 1;
}

static int print_form(FILE *to, uint32_t form, uint64_t index, const struct handoff_raw_descriptor *raw)
{
	uint64_t start = raw->physical_start, last = start + raw->number_of_pages * 4096 - 1;
	uint32_t i;

	switch (form) {
	case 0:
	case 1:
		return print_linux(to, index, raw, (int)form);
	case 2:
		return fprintf(to, "EFI: mem%02lu: type=%u, attr=0x%lx, range=[0x%016lx-0x%016lx) (%luMB)\n", index, raw->type,
			       raw->attribute, start, last + 1, raw->number_of_pages >> 8);
	case 3:
		return fprintf(to, "(XEN)  %013lx-%013lx type=%u attr=%016lx\n", start, last, raw->type, raw->attribute);
	case 4:
		if (raw->type < 15)
			fprintf(to, "%-10s", shell_names[raw->type]);
		else
			fprintf(to, "%08x  ", raw->type);
		return fprintf(to, " %016lX-%016lX %016lX %016lX\r\n", start, last, raw->number_of_pages, raw->attribute);
	case 5:
		if (raw->type < 15)
			fprintf(to, "%s ", grub_names[raw->type]);
		else
			fprintf(to, "Unk %02x   ", raw->type);
		fprintf(to, " %016lx-%016lx %08lx %6luKiB", start, last, raw->number_of_pages, raw->number_of_pages * 4);
		for (i = 0; i < COUNT(bits); i++)
			if (raw->attribute & bits[i].bit)
				fprintf(to, " %s", bits[i].grub_word);
		return fprintf(to, "\n");
	case 6:
		if (raw->type >= 15)
			return 0;
		fprintf(to, "%23s %012lx %12s %08lx ", freebsd_names[raw->type], start, "0", raw->number_of_pages);
		for (i = 1; i < COUNT(bits); i++)
			if (raw->attribute & bits[i].bit)
				fprintf(to, "%s ", bits[i].freebsd_word);
		return fprintf(to, "%s\n", raw->attribute & RT ? "RUNTIME" : "");
	default:
		return fprintf(to, "%lu %u 0x%lx %lu 0x%lx\n", index, raw->type, start, raw->number_of_pages, raw->attribute);
	}
}

enum { FORMS = 8 };

/* Prints the descriptors of `from` in a form and reads them back; forms 5 and 6 print known attribute bits only. */
static void round_trip(const struct import_run *from, uint32_t form)
{
	static const enum memory_import_form expected[FORMS] = {
		MEMORY_IMPORT_LINUX, MEMORY_IMPORT_LINUX, MEMORY_IMPORT_LINUX, MEMORY_IMPORT_XEN,
		MEMORY_IMPORT_SHELL, MEMORY_IMPORT_GRUB, MEMORY_IMPORT_FREEBSD, MEMORY_IMPORT_CORPUS};
	static struct import_run back;
	uint64_t mask = form == 5 || form == 6 ? known_bits() : UINT64_MAX, i, printed = 0;
	char *text = NULL;
	size_t bytes;
	FILE *to = open_memstream(&text, &bytes);

	for (i = 0; i < from->import.count; i++)
		printed += print_form(to, form, i, &from->descriptors[i]) != 0;
	fclose(to);
	assert_int_equal(import_bytes(&back, text, bytes), MEMORY_IMPORT_OK);
	assert_int_equal(back.import.form, expected[form]);
	assert_int_equal(back.import.problem_count, 0);
	assert_int_equal(back.import.count, printed);
	for (i = 0; i < from->import.count && printed == from->import.count; i++)
		expect(&back, i, from->descriptors[i].type, from->descriptors[i].physical_start, from->descriptors[i].number_of_pages,
		       from->descriptors[i].attribute & mask);
	free(text);
}

static void the_corpus_survives_every_form(void **state)
{
	static struct maps maps;
	static struct import_run run;
	uint64_t i, bytes, total = 0;
	uint32_t form;

	(void)state;
	maps_list(&maps);
	for (i = 0; i < maps.count; i++) {
		char *text = maps_read(maps.names[i], &bytes);

		assert_int_equal(import_bytes(&run, text, bytes), MEMORY_IMPORT_OK);
		assert_int_equal(run.import.form, MEMORY_IMPORT_CORPUS);
		total += run.import.count;
		/* Its numbers of pages overflow 64 bits of bytes: most forms print ends that have lost them. */
		for (form = strstr(maps.names[i], "snp-kexec") ? FORMS - 1 : 0; form < FORMS; form++)
			round_trip(&run, form);
		free(text);
	}
	assert_true(total > 3000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_corpus_survives_every_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
