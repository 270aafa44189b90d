/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The boot record.  RULE (L8): runtime memory is allocated early and with AllocateAnyPages, because on EDK2 each such
 * allocation rebuilds the memory attributes table.
 */
#include "lib/freestanding/memory.h"
#include "loader/boot.h"
#include "loader/log.h"
#include "loader/record.h"

#define RECORD_PAGES EFI_SIZE_TO_PAGES(sizeof(struct handoff_boot_record))

static EFI_STATUS allocate_record(struct boot *boot, struct handoff_boot_record **ret_record)
{
	uint64_t phys = 0;
	EFI_STATUS status = pages_allocate(boot,
					   &(struct page_request){
						   .type = EfiRuntimeServicesData,
						   .pages = RECORD_PAGES,
						   .owner = HANDOFF_OWNER_BOOT_RECORD,
						   .lifetime = HANDOFF_LIFETIME_NEVER,
					   },
					   &phys);

	if (EFI_ERROR(status))
		return log_error(boot, status, "no runtime memory for the boot record: %lu pages",
				 (unsigned long)RECORD_PAGES);
	*ret_record = (struct handoff_boot_record *)phys;
	return EFI_SUCCESS;
}

EFI_STATUS record_create(struct boot *boot)
{
	struct handoff_boot_record *record = NULL;
	EFI_STATUS status = allocate_record(boot, &record);

	if (EFI_ERROR(status))
		return status;
	memset(record, 0, sizeof(*record));
	record->magic = HANDOFF_BOOT_RECORD_MAGIC;
	record->version = 1;
	record->record_bytes = sizeof(*record);
	boot->record = record;
	boot->loader.boot_record_phys = (uint64_t)record;
	return EFI_SUCCESS;
}

EFI_STATUS record_avoid_kernel(struct boot *boot)
{
	struct handoff_boot_record *old = boot->record, *record = NULL;
	EFI_STATUS status;

	if (!pages_hidden(boot, (uint64_t)old, sizeof(*old)))
		return EFI_SUCCESS;
	status = allocate_record(boot, &record);
	if (EFI_ERROR(status))
		return status;
	memcpy(record, old, sizeof(*record));
	boot->record = record;
	boot->loader.boot_record_phys = (uint64_t)record;
	pages_free(boot, (uint64_t)old);
	return EFI_SUCCESS;
}
