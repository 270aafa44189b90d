/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page allocation for all steps before exit.  RULES: only EfiLoaderCode, EfiLoaderData and one EfiRuntimeServicesData range
 * (L6-L8); no fixed address is ever needed (L10): places are searched in the map only for alignments beyond a page, a limit
 * is given only where a kernel's link addresses are in the way; no result is believed unchecked (L9).
 */
#include "lib/freestanding/memory.h"
#include "loader/boot.h"
#include "loader/log.h"
#include "loader/map_read.h"
#include "loader/pages.h"

enum {
	FIRST_LIST_PAGES = 1,
	/* Results that cannot be used are kept, so that the firmware must offer others. */
	ATTEMPTS_MAX = 16,
};
#define LOW_MEMORY UINT64_C(0x100000)
/* What the loader may use of the stack (UEFI 2.10 §2.3.4), and what its callers may have there. */
#define STACK_BELOW UINT64_C(0x20000)
#define STACK_ABOVE UINT64_C(0x10000)

/* Why a range that the firmware returned with EFI_SUCCESS is not used. */
enum verdict {
	VERDICT_GOOD,
	VERDICT_UNWANTED, /* ours to give back later: page 0 or below 1 MiB */
	VERDICT_TAKEN,    /* the same: in a hole */
	VERDICT_WRONG,    /* not what was asked for: freeing it could free what is somebody else's */
};

struct parked {
	uint64_t phys[ATTEMPTS_MAX];
	uint32_t count;
};

static int overlaps(uint64_t a, uint64_t a_end, uint64_t b, uint64_t b_end)
{
	return a < b_end && b < a_end;
}

/* The hole that the range shares bytes with, or NULL. */
static const struct page_hole *hole_at(const struct pages *pages, uint64_t phys, uint64_t end)
{
	if (overlaps(phys, end, pages->stack.start_phys, pages->stack.end_phys))
		return &pages->stack;
	return overlaps(phys, end, pages->kernel.start_phys, pages->kernel.end_phys) ? &pages->kernel : NULL;
}

static enum verdict judge(const struct boot *boot, const struct parked *parked, uint64_t phys, uint64_t count)
{
	const struct pages *pages = &boot->pages;
	uint64_t end = phys + count * EFI_PAGE_SIZE;

	if (phys % EFI_PAGE_SIZE != 0 || end <= phys || (end - 1) >> boot->cpu.physical_bits != 0)
		return VERDICT_WRONG;
	for (uint32_t i = 0; i < pages->count; i++) {
		const struct page_range *range = &pages->ranges[i];

		if (overlaps(phys, end, range->phys, range->phys + range->pages * EFI_PAGE_SIZE))
			return VERDICT_WRONG;
	}
	if (overlaps(phys, end, (uint64_t)pages->ranges, (uint64_t)pages->ranges + pages->list_pages * EFI_PAGE_SIZE))
		return VERDICT_WRONG;
	for (uint32_t i = 0; i < parked->count; i++)
		if (overlaps(phys, end, parked->phys[i], parked->phys[i] + count * EFI_PAGE_SIZE))
			return VERDICT_WRONG;
	/* L12: below 1 MiB is left to the kernel's processor start-up code; page 0 is nobody's. */
	if (phys < LOW_MEMORY)
		return VERDICT_UNWANTED;
	return hole_at(pages, phys, end) != NULL ? VERDICT_TAKEN : VERDICT_GOOD;
}

/* Below limit_phys if there is memory, else anywhere; 0 = no limit. */
static EFI_STATUS allocate_below(struct boot *boot, EFI_MEMORY_TYPE type, uint64_t count, uint64_t limit_phys,
				 EFI_PHYSICAL_ADDRESS *ret_phys)
{
	*ret_phys = limit_phys - 1;
	if (limit_phys != 0 && !EFI_ERROR(boot->services->AllocatePages(AllocateMaxAddress, type, count, ret_phys)))
		return EFI_SUCCESS;
	*ret_phys = 0;
	return boot->services->AllocatePages(AllocateAnyPages, type, count, ret_phys);
}

static EFI_STATUS allocate_usable(struct boot *boot, EFI_MEMORY_TYPE type, uint64_t count, struct parked *parked,
				  uint64_t *ret_phys)
{
	uint64_t limit_phys = 0;

	for (uint32_t attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
		EFI_PHYSICAL_ADDRESS phys = 0;
		EFI_STATUS status = allocate_below(boot, type, count, limit_phys, &phys);

		if (EFI_ERROR(status))
			return status == EFI_INVALID_PARAMETER ? EFI_INVALID_PARAMETER : EFI_OUT_OF_RESOURCES;
		switch (judge(boot, parked, phys, count)) {
		case VERDICT_GOOD:
			*ret_phys = phys;
			return EFI_SUCCESS;
		case VERDICT_TAKEN:
			/* Firmware gives memory from the top: what it offers next would be in the hole as well. */
			limit_phys = hole_at(&boot->pages, phys, phys + count * EFI_PAGE_SIZE)->start_phys;
			parked->phys[parked->count++] = phys;
			break;
		case VERDICT_UNWANTED:
			parked->phys[parked->count++] = phys;
			break;
		case VERDICT_WRONG:
			log_line(boot, "firmware returned unusable memory: %lu pages at 0x%lx", (unsigned long)count,
				 (unsigned long)phys);
			break;
		}
	}
	return EFI_DEVICE_ERROR;
}

/* As allocate_usable(); what was offered and not wanted goes back. */
static EFI_STATUS allocate_wanted(struct boot *boot, EFI_MEMORY_TYPE type, uint64_t count, uint64_t *ret_phys)
{
	struct parked parked = { .count = 0 };
	EFI_STATUS status = allocate_usable(boot, type, count, &parked, ret_phys);

	for (uint32_t i = 0; i < parked.count; i++)
		boot->services->FreePages(parked.phys[i], count);
	return status;
}

/* The first address at or above both `from` and 1 MiB that is `remainder` modulo alignment. */
static uint64_t align_up(uint64_t from, uint64_t alignment, uint64_t remainder)
{
	uint64_t at = from > LOW_MEMORY ? from : LOW_MEMORY;

	return at + ((remainder - at) & (alignment - 1));
}

/* The lowest address from `from` on that suits the request and is in no hole; each of the two can be in the way once. */
static uint64_t place(const struct pages *pages, const struct page_request *request, uint64_t from)
{
	uint64_t phys = align_up(from, request->alignment, request->remainder);

	for (uint32_t i = 0; i < 2; i++) {
		const struct page_hole *hole = hole_at(pages, phys, phys + request->pages * EFI_PAGE_SIZE);

		if (hole != NULL)
			phys = align_up(hole->end_phys, request->alignment, request->remainder);
	}
	return phys;
}

/*
 * Tries each place of the map where the request fits (L10): asking for more and giving the rest back would need a gibibyte to
 * spare for the largest alignment.  The firmware may refuse an address although its map offers it.
 */
static EFI_STATUS allocate_aligned(struct boot *boot, const struct page_request *request, uint64_t *ret_phys)
{
	const struct parked none = { .count = 0 };
	uint64_t bytes = request->pages * EFI_PAGE_SIZE;
	struct map_snapshot map = { 0 };
	EFI_STATUS status = map_snapshot_take(boot, &map), found = EFI_OUT_OF_RESOURCES;

	if (EFI_ERROR(status))
		return status;
	for (uint64_t i = 0; EFI_ERROR(found) && i < memory_view_count(&map.view); i++) {
		struct handoff_raw_descriptor free = memory_view_descriptor(&map.view, i);
		uint64_t end = free.physical_start + free.number_of_pages * EFI_PAGE_SIZE;
		EFI_PHYSICAL_ADDRESS phys = place(&boot->pages, request, free.physical_start);

		if (free.type != EfiConventionalMemory || end < free.physical_start || phys > end || end - phys < bytes ||
		    judge(boot, &none, phys, request->pages) != VERDICT_GOOD)
			continue;
		*ret_phys = phys;
		found = boot->services->AllocatePages(AllocateAddress, request->type, request->pages, &phys);
		if (!EFI_ERROR(found) && phys != *ret_phys)
			found = EFI_DEVICE_ERROR;
	}
	map_snapshot_free(boot, &map);
	return found;
}

/* The list lives in pages of its own: pool memory would outlive exit without an owner. */
static EFI_STATUS grow_list(struct boot *boot)
{
	struct pages *pages = &boot->pages;
	uint64_t list_pages = pages->list_pages ? 2 * pages->list_pages : FIRST_LIST_PAGES, phys = 0;
	EFI_STATUS status = allocate_wanted(boot, EfiLoaderData, list_pages, &phys);

	if (EFI_ERROR(status))
		return status;
	if (pages->count > 0)
		memcpy((void *)phys, pages->ranges, pages->count * sizeof(*pages->ranges));
	if (pages->list_pages > 0)
		boot->services->FreePages((uint64_t)pages->ranges, pages->list_pages);
	pages->ranges = (struct page_range *)phys;
	pages->list_pages = list_pages;
	return EFI_SUCCESS;
}

/* Room for one more entry.  Before anything is allocated that shall go there: what stands on no list is not judged (L9). */
static EFI_STATUS make_room(struct boot *boot)
{
	const struct pages *pages = &boot->pages;

	if (pages->count < pages->list_pages * EFI_PAGE_SIZE / sizeof(*pages->ranges))
		return EFI_SUCCESS;
	return grow_list(boot);
}

EFI_STATUS pages_allocate(struct boot *boot, const struct page_request *request, uint64_t *ret_phys)
{
	uint64_t phys = 0;
	EFI_STATUS status;

	if (request->pages == 0 || request->pages > (UINT64_C(1) << 51) / EFI_PAGE_SIZE)
		return EFI_OUT_OF_RESOURCES;
	status = make_room(boot);
	if (!EFI_ERROR(status))
		status = request->alignment > EFI_PAGE_SIZE ? allocate_aligned(boot, request, &phys) :
							      allocate_wanted(boot, request->type, request->pages, &phys);
	if (EFI_ERROR(status))
		return status;
	boot->pages.ranges[boot->pages.count++] = (struct page_range){
		.phys = phys,
		.pages = request->pages,
		.owner = request->owner,
		.lifetime = request->lifetime,
		.index = request->index,
		.allocated = 1,
		.tail = request->tail,
	};
	*ret_phys = phys;
	return EFI_SUCCESS;
}

static struct page_range *find(struct boot *boot, uint64_t phys)
{
	for (uint32_t i = 0; i < boot->pages.count; i++)
		if (boot->pages.ranges[i].phys == phys)
			return &boot->pages.ranges[i];
	return NULL;
}

int pages_hidden(const struct boot *boot, uint64_t phys, uint64_t bytes)
{
	return overlaps(phys, phys + bytes, boot->pages.kernel.start_phys, boot->pages.kernel.end_phys);
}

void pages_spare_stack(struct boot *boot, uint64_t stack_phys)
{
	uint64_t below = stack_phys > STACK_BELOW ? stack_phys - STACK_BELOW : 0;

	boot->pages.stack = (struct page_hole){ below & ~(uint64_t)(EFI_PAGE_SIZE - 1),
						(stack_phys + STACK_ABOVE) & ~(uint64_t)(EFI_PAGE_SIZE - 1) };
}

void pages_free(struct boot *boot, uint64_t phys)
{
	struct page_range *range = find(boot, phys);

	if (range == NULL)
		return;
	boot->services->FreePages(range->phys, range->pages);
	*range = boot->pages.ranges[--boot->pages.count];
}

EFI_STATUS pages_own(struct boot *boot, uint64_t phys, uint64_t pages, uint32_t owner, uint32_t lifetime)
{
	EFI_STATUS status = make_room(boot);

	if (!EFI_ERROR(status))
		boot->pages.ranges[boot->pages.count++] =
			(struct page_range){ .phys = phys, .pages = pages, .owner = owner, .lifetime = lifetime };
	return status;
}

void pages_free_all(struct boot *boot)
{
	struct pages *pages = &boot->pages;

	while (pages->count > 0) {
		const struct page_range *range = &pages->ranges[--pages->count];

		if (range->allocated)
			boot->services->FreePages(range->phys, range->pages);
	}
	if (pages->list_pages > 0)
		boot->services->FreePages((uint64_t)pages->ranges, pages->list_pages);
	*pages = (struct pages){ 0 };
}

/* Insertion into a sorted list: a boot has a dozen ranges and a few modules. */
static void insert(struct handoff_range *out, uint64_t count, const struct page_range *range)
{
	uint64_t at = count;

	while (at > 0 && out[at - 1].start_phys > range->phys) {
		out[at] = out[at - 1];
		at--;
	}
	out[at] = (struct handoff_range){
		.start_phys = range->phys,
		.end_phys = range->phys + range->pages * EFI_PAGE_SIZE,
		.type = HANDOFF_MEMORY_LOADER,
		.owner = range->owner,
		.lifetime = range->lifetime,
		.index = range->index,
	};
}

static void insert_tail(struct handoff_range *out, uint64_t count, uint64_t phys, const struct page_tail *tail)
{
	insert(out, count,
	       &(struct page_range){ .phys = phys, .pages = tail->pages, .owner = tail->owner, .lifetime = tail->lifetime });
}

uint64_t pages_export(const struct boot *boot, struct handoff_range *out)
{
	const struct pages *pages = &boot->pages;
	const struct page_tail list = { pages->list_pages, HANDOFF_OWNER_SCRATCH, HANDOFF_LIFETIME_FREE };
	uint64_t count = 0;

	for (uint32_t i = 0; i < pages->count; i++) {
		struct page_range range = pages->ranges[i];

		range.pages -= range.tail.pages;
		insert(out, count++, &range);
		if (range.tail.pages > 0)
			insert_tail(out, count++, range.phys + range.pages * EFI_PAGE_SIZE, &range.tail);
	}
	insert_tail(out, count++, (uint64_t)pages->ranges, &list);
	return count;
}
