/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stack and page tables of x86-64 (M4-M7, M9): the tables that CR3 points to are walked and compared with what the block says
 * and lib/handoff.h promises.  All of it is the loader's work, so nearly all of it is fatal.  Pure: tables are read through
 * the caller's function, every entry in them is hostile.
 */
#include <stddef.h>
#include "lib/handoff_check_topics.h"
#include "lib/handoff_block.h"
#include "lib/uefi_memory.h"

enum { CR3_FLAGS = 0xfff, EFER_NXE = 1 << 11 };
enum { PAT_WRITE_BACK = 0, PAT_UNCACHED = 3, PAT_WRITE_COMBINING = 4 };
#define PAGE HANDOFF_PAGE_BYTES

static void fatal(const struct handoff_check *check, uint32_t rule, uint64_t start, uint64_t end, const char *text)
{
	rule_report(check->log, rule, RULE_FATAL, start, end, text);
}

/* --- M4 -------------------------------------------------------------------------------------------------------------- */

static void check_stack_pointer(const struct handoff_check *check)
{
	uint64_t rsp = check->input->live->rsp_at_entry;
	uint64_t bottom = check->kernel->stack_virt, top = bottom + check->kernel->stack_bytes;

	rule_checked(check->log);
	if (rsp < bottom || rsp >= top)
		fatal(check, RULE_M(4), rsp, top, "the stack pointer is outside the kernel's stack");
	else if (rsp != top - 8)
		rule_report(check->log, RULE_M(4), RULE_REPAIRED, rsp, top - 8,
			    "the stack pointer is not 8 below the top: set it before code that relies on its alignment");
}

/* --- M5, M7, M9: one visit of everything that is mapped ---------------------------------------------------------------- */

struct survey {
	const struct handoff_check *check;
	const struct handoff_range *tables; /* where tables may be */
	uint64_t table_count;
	uint64_t outside_phys;       /* M5: the first table elsewhere */
	struct page_mapping wx;      /* M7: the first leaf that is writable and executable; leaf_bytes = 0: none */
	struct page_mapping alias;   /* M7: the first writable leaf over read-only kernel memory */
	uint32_t nx_used;            /* M9 */
	uint32_t pages_1g_used;
};
enum { SURVEY_OUTSIDE = 1, SURVEY_TOO_MANY = 2 };

/* 1 when the leaf maps kernel text or constants: the loader owns them under these names. */
static int maps_read_only_kernel(const struct handoff_check *check, const struct page_mapping *leaf)
{
	const struct memory_map *owned = &check->owned;
	uint64_t low = 0, high = owned->count;

	while (low < high) { /* the first range that ends behind the start of the leaf */
		uint64_t middle = low + (high - low) / 2;

		if (owned->ranges[middle].end_phys <= leaf->phys)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < owned->count && owned->ranges[low].start_phys < leaf->phys + leaf->leaf_bytes; low++) {
		uint32_t owner = owned->ranges[low].owner;

		if (owner == HANDOFF_OWNER_KERNEL_TEXT || owner == HANDOFF_OWNER_KERNEL_RODATA)
			return 1;
	}
	return 0;
}

static int survey_table(struct survey *survey, uint64_t table_phys)
{
	if (!handoff_check_inside(survey->tables, table_phys, PAGE)) {
		survey->outside_phys = table_phys;
		return SURVEY_OUTSIDE;
	}
	/* More references than pages: some table is used twice, or contains itself. */
	survey->table_count++;
	return survey->table_count > (survey->tables->end_phys - survey->tables->start_phys) / PAGE ? SURVEY_TOO_MANY : 0;
}

static int survey_visit(void *context, const struct page_mapping *leaf, uint64_t table_phys)
{
	struct survey *survey = context;

	if (leaf == NULL)
		return survey_table(survey, table_phys);
	survey->nx_used |= !(leaf->flags & PAGE_EXECUTE);
	survey->pages_1g_used |= leaf->leaf_bytes > UINT64_C(0x200000);
	if (survey->wx.leaf_bytes == 0 && (leaf->flags & PAGE_WRITE) && (leaf->flags & PAGE_EXECUTE))
		survey->wx = *leaf;
	if (survey->alias.leaf_bytes == 0 && (leaf->flags & PAGE_WRITE) && maps_read_only_kernel(survey->check, leaf))
		survey->alias = *leaf;
	return 0;
}

static void report_wx(const struct handoff_check *check, const struct page_mapping *leaf, const char *text)
{
	rule_checked(check->log);
	if (leaf->leaf_bytes != 0)
		rule_report(check->log, RULE_M(7), check->input->strict ? RULE_FATAL : RULE_WARNING, leaf->leaf_virt,
			    leaf->leaf_virt + leaf->leaf_bytes, text);
}

/* M7.  Without NX everything is executable, whatever a loader does. */
static void report_permissions(const struct handoff_check *check, const struct survey *survey)
{
	if (check->cpu->flags & HANDOFF_CPU_NX)
		report_wx(check, &survey->wx, "memory is mapped writable and executable: an overwritten page can be run");
	else
		rule_report(check->log, RULE_M(7), RULE_INFORMATION, 0, 0,
			    "the processor has no NX: all that is mapped can be executed");
	report_wx(check, &survey->alias, "read-only memory of the kernel can be written through another mapping");
}

/* M9 and, because a processor without them faults, 1 GiB pages. */
static void report_features(const struct handoff_check *check, const struct survey *survey)
{
	const struct handoff_live *live = check->input->live;
	int enabled = (live->cpu.efer & EFER_NXE) != 0;

	rule_checked(check->log);
	if (survey->nx_used && !enabled)
		fatal(check, RULE_M(9), live->cpu.efer, EFER_NXE,
		      "the page tables use NX but EFER.NXE is clear: those pages fault");
	rule_checked(check->log);
	if (survey->pages_1g_used && !(check->cpu->flags & HANDOFF_CPU_PAGES_1G))
		fatal(check, RULE_M(16), 0, 0, "the page tables use 1 GiB pages that the block does not announce");
}

/* Returns 0 when there are no tables to walk: nothing below would say more than that. */
static int check_tables(const struct handoff_check *check)
{
	struct page_reader reader = check->input->live->reader;
	struct survey survey = { .check = check, .tables = memory_map_find(&check->owned, reader.root_phys) };

	rule_checked(check->log);
	if (survey.tables == NULL || survey.tables->owner != HANDOFF_OWNER_PAGE_TABLES) {
		fatal(check, RULE_M(5), reader.root_phys, 0, "the root of the page tables is not in the loader's page tables");
		return 0;
	}
	reader.nx = 1; /* to see NX bits even where the processor would fault on them */
	int stopped = page_tables_visit(&reader, survey_visit, &survey);
	if (stopped == SURVEY_OUTSIDE)
		fatal(check, RULE_M(5), survey.outside_phys, 0,
		      "a page table is outside the loader's page tables: it may be overwritten");
	else if (stopped == SURVEY_TOO_MANY)
		fatal(check, RULE_M(5), survey.table_count, 0, "a page table is used more than once, or contains itself");
	else if (stopped != 0)
		fatal(check, RULE_M(5), survey.table_count, 0, "a page table cannot be read or has reserved bits set");
	if (stopped == 0) {
		report_permissions(check, &survey);
		report_features(check, &survey);
	}
	return stopped >= 0;
}

/* M5 and M9 as far as the record goes. */
static void check_recorded(const struct handoff_check *check)
{
	const struct handoff_cpu *cpu = check->cpu;
	int has_nx = (cpu->flags & HANDOFF_CPU_NX) != 0;

	rule_checked(check->log);
	if ((cpu->cr3 & ~cpu->encryption_mask) != check->kernel->page_tables_phys)
		fatal(check, RULE_M(5), cpu->cr3, check->kernel->page_tables_phys,
		      "CR3 does not point to the announced page tables, or has flag bits set");
	rule_checked(check->log);
	if (has_nx != ((cpu->efer & EFER_NXE) != 0))
		fatal(check, RULE_M(9), cpu->efer, has_nx ? EFER_NXE : 0, "EFER.NXE is not set as the announced NX demands");
}

/* --- M6 -------------------------------------------------------------------------------------------------------------- */

/* How a stretch of addresses must be mapped. */
struct demand {
	uint32_t care;      /* PAGE_WRITE and PAGE_EXECUTE: which of them matter... */
	uint32_t flags;     /* ...and what they must be */
	uint32_t pat_index;
	const char *text;
};

/* Walks leaf by leaf; reports the first difference.  A stretch that the caller has checked for overflow. */
static void check_mapped(const struct handoff_check *check, uint64_t virt, uint64_t phys, uint64_t bytes,
			 const struct demand *demand)
{
	const struct page_reader *reader = &check->input->live->reader;
	uint32_t care = demand->care;

	if (!(check->cpu->flags & HANDOFF_CPU_NX))
		care &= ~(uint32_t)PAGE_EXECUTE;
	for (uint64_t done = 0; done < bytes;) {
		struct page_mapping mapping;

		if (page_tables_walk(reader, virt + done, &mapping) != PAGE_TABLES_OK || mapping.phys != phys + done ||
		    mapping.user != 0 || mapping.pat_index != demand->pat_index || ((mapping.flags ^ demand->flags) & care) != 0) {
			fatal(check, RULE_M(6), virt + done, virt + bytes, demand->text);
			return;
		}
		done += mapping.leaf_virt + mapping.leaf_bytes - (virt + done);
	}
}

static void check_segments(const struct handoff_check *check)
{
	uint64_t count = handoff_count(check->block, HANDOFF_PART_SEGMENTS);

	for (uint64_t i = 0; i < count; i++) {
		const struct handoff_segment *segment = handoff_element(check->block, HANDOFF_PART_SEGMENTS, i);
		struct demand demand = {
			.care = PAGE_WRITE | PAGE_EXECUTE,
			.pat_index = PAT_WRITE_BACK,
			.text = "a kernel segment is not mapped where and how the block says",
		};

		if (segment->permissions & HANDOFF_SEGMENT_WRITE)
			demand.flags |= PAGE_WRITE;
		if (segment->permissions & HANDOFF_SEGMENT_EXECUTE)
			demand.flags |= PAGE_EXECUTE;
		rule_checked(check->log);
		check_mapped(check, segment->virt, segment->phys, segment->bytes, &demand);
	}
}

/* The guard page below the stack: a kernel that overflows its stack must fault, not write on. */
static void check_guard(const struct handoff_check *check)
{
	uint64_t guard = check->kernel->stack_virt - PAGE;
	struct page_mapping mapping;

	rule_checked(check->log);
	if (page_tables_walk(&check->input->live->reader, guard, &mapping) == PAGE_TABLES_OK)
		fatal(check, RULE_M(6), guard, guard + PAGE, "the guard page below the stack is mapped");
	rule_checked(check->log);
	if (check->kernel->base_virt != 0 &&
	    page_tables_walk(&check->input->live->reader, 0, &mapping) == PAGE_TABLES_OK)
		fatal(check, RULE_M(6), 0, PAGE, "page zero is mapped: null pointers do not fault");
}

/* 1 when handoff.h promises the identity map for this range; *ret_demand says how. */
static int identity_demand(const struct handoff_range *range, struct demand *ret_demand)
{
	*ret_demand = (struct demand){
		.care = PAGE_WRITE | PAGE_EXECUTE, .flags = PAGE_WRITE, .pat_index = PAT_WRITE_BACK,
		.text = "RAM is not identity-mapped, write-back, writable and not executable as promised",
	};
	switch (range->type) {
	case HANDOFF_MEMORY_LOADER:
		if (range->owner == HANDOFF_OWNER_KERNEL_TEXT || range->owner == HANDOFF_OWNER_KERNEL_RODATA)
			ret_demand->flags = 0;
		if (range->owner == HANDOFF_OWNER_LOADER_IMAGE)
			ret_demand->care = 0; /* sections differ; M7 sees to W^X */
		return 1;
	case HANDOFF_MEMORY_USABLE:
	case HANDOFF_MEMORY_BOOT_SERVICES:
	case HANDOFF_MEMORY_ACPI_RECLAIM:
	case HANDOFF_MEMORY_ACPI_NVS:
		return 1;
	case HANDOFF_MEMORY_RUNTIME_CODE:
	case HANDOFF_MEMORY_RUNTIME_DATA:
		ret_demand->care = 0; /* as the memory attributes table says */
		return (range->attributes & UEFI_MEMORY_WB) != 0; /* K28: of others the cacheability is anybody's guess */
	case HANDOFF_MEMORY_MMIO:
		ret_demand->care = 0;
		ret_demand->pat_index = PAT_UNCACHED;
		ret_demand->text = "device memory of the runtime services is not identity-mapped uncached as promised";
		return (range->attributes & UEFI_MEMORY_RUNTIME) != 0;
	default:
		return 0;
	}
}

/* The first segment that ends above a virtual address, or NULL; segments are ascending. */
static const struct handoff_segment *segment_from(const struct handoff_check *check, uint64_t virt)
{
	uint64_t low = 0, high = handoff_count(check->block, HANDOFF_PART_SEGMENTS);

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		const struct handoff_segment *segment = handoff_element(check->block, HANDOFF_PART_SEGMENTS, middle);

		if (segment->virt + (segment->bytes - 1) < virt)
			low = middle + 1;
		else
			high = middle;
	}
	return handoff_element(check->block, HANDOFF_PART_SEGMENTS, low);
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* The end of the stretch from virt on, at most end, in which the identity map holds throughout or is excepted throughout. */
static uint64_t stretch_end(const struct handoff_check *check, uint64_t virt, uint64_t end, int *ret_excepted)
{
	uint64_t guard = check->kernel->stack_virt - PAGE;
	const struct handoff_segment *segment = segment_from(check, virt);

	*ret_excepted = 1;
	if (virt < PAGE)
		return least(end, PAGE);
	if (virt == guard)
		return virt + PAGE;
	if (segment != NULL && segment->virt <= virt) /* linked low, it wins over the identity map */
		return virt + least(end - virt, segment->bytes - (virt - segment->virt));
	*ret_excepted = 0;
	if (segment != NULL)
		end = least(end, segment->virt);
	return guard > virt ? least(end, guard) : end;
}

static void check_identity(const struct handoff_check *check)
{
	for (uint64_t i = 0; i < check->derived.count; i++) {
		const struct handoff_range *range = &check->derived.ranges[i];
		struct demand demand;
		int excepted;

		if (!identity_demand(range, &demand))
			continue;
		rule_checked(check->log);
		for (uint64_t at = range->start_phys, next; at < range->end_phys; at = next) {
			next = stretch_end(check, at, range->end_phys, &excepted);
			if (!excepted)
				check_mapped(check, at, at, next - at, &demand);
		}
	}
}

static void check_framebuffer_mapping(const struct handoff_check *check)
{
	const struct handoff_framebuffer *fb = handoff_part(check->block, HANDOFF_PART_FRAMEBUFFER, NULL, NULL);
	const struct demand demand = {
		.care = PAGE_WRITE | PAGE_EXECUTE, .flags = PAGE_WRITE, .pat_index = PAT_WRITE_COMBINING,
		.text = "the framebuffer is not identity-mapped, write-combining, writable and not executable as promised",
	};

	if (fb == NULL || fb->bytes > UINT64_MAX - fb->base_phys)
		return;
	rule_checked(check->log);
	check_mapped(check, fb->base_phys, fb->base_phys, fb->bytes, &demand);
}

/* Stack and block lie in the loader's ranges: the identity map covers them, but a block without a map needs them, too. */
static void check_stack_and_block(const struct handoff_check *check)
{
	const struct demand demand = {
		.care = PAGE_WRITE | PAGE_EXECUTE, .flags = PAGE_WRITE, .pat_index = PAT_WRITE_BACK,
		.text = "the stack or the block is not mapped where and how the block says",
	};

	rule_checked(check->log);
	check_mapped(check, check->kernel->stack_virt, check->kernel->stack_phys, check->kernel->stack_bytes, &demand);
	rule_checked(check->log);
	check_mapped(check, check->block->block_phys, check->block->block_phys, check->block->capacity_bytes, &demand);
}

void handoff_check_paging(const struct handoff_check *check)
{
	check_recorded(check);
	if (check->input->live == NULL)
		return;
	check_stack_pointer(check);
	if (!check_tables(check))
		return;
	check_stack_and_block(check);
	check_guard(check);
	check_framebuffer_mapping(check);
	if (!check->segments_sound)
		return; /* K18 was reported */
	check_segments(check);
	check_identity(check);
}
