/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loading the kernel.  RULES: nothing is copied before lib/elf64.c has checked the whole plan; bytes go from the file
 * straight into their final pages; no physical address is fixed (L10); text is EfiLoaderCode, the rest EfiLoaderData (L6).
 */
#include "lib/freestanding/memory.h"
#include "loader/boot.h"
#include "loader/kernel.h"
#include "loader/kernel_read.h"
#include "loader/log.h"
#include "loader/policy.h"
#include "loader/record.h"

static EFI_STATUS refuse(struct boot *boot, enum elf64_status status, uint32_t index)
{
	return log_error(boot, EFI_LOAD_ERROR, "%s: %s (header %u): %s", boot->settings.kernel.text, elf64_status_name(status),
			 index, elf64_status_help(status));
}

static EFI_STATUS make_plan(struct boot *boot, struct kernel_file *file)
{
	uint64_t offset = 0, bytes = 0;
	enum elf64_status planned;
	EFI_STATUS status = kernel_read_head(file);

	if (EFI_ERROR(status))
		return status;
	planned = elf64_headers(file->head, file->head_bytes, file->source.bytes, &offset, &bytes);
	if (planned != ELF64_OK)
		return refuse(boot, planned, 0);
	if (bytes > sizeof(file->program_headers))
		return refuse(boot, ELF64_TOO_MANY_PROGRAM_HEADERS, 0);
	status = kernel_read_program_headers(file, offset, bytes);
	if (EFI_ERROR(status))
		return status;
	planned = elf64_plan(file->head, file->program_headers, bytes, file->source.bytes, &boot->plan);
	return planned == ELF64_OK ? EFI_SUCCESS : refuse(boot, planned, boot->plan.failed_index);
}

/*
 * A kernel linked low takes addresses away from the identity map: nothing of ours that it needs may lie there.
 */
static EFI_STATUS keep_clear(struct boot *boot)
{
	uint64_t image = (uint64_t)boot->loaded_image->ImageBase;

	boot->pages.kernel = (struct page_hole){ boot->plan.base_virt, boot->plan.end_virt };
	if (image < boot->plan.end_virt && image + boot->loaded_image->ImageSize > boot->plan.base_virt)
		return log_error(boot, EFI_LOAD_ERROR,
				 "%s: linked at 0x%lx-0x%lx, where the loader is (0x%lx): link it elsewhere, "
				 "best at 0xffffffff80000000",
				 boot->settings.kernel.text, (unsigned long)boot->plan.base_virt,
				 (unsigned long)boot->plan.end_virt, (unsigned long)image);
	return record_avoid_kernel(boot);
}

static uint32_t segment_owner(const struct elf64_segment *segment)
{
	if (segment->permissions & HANDOFF_SEGMENT_EXECUTE)
		return HANDOFF_OWNER_KERNEL_TEXT;
	return segment->permissions & HANDOFF_SEGMENT_WRITE ? HANDOFF_OWNER_KERNEL_DATA : HANDOFF_OWNER_KERNEL_RODATA;
}

/* Pages for a segment, zero where the file has nothing for them. */
static EFI_STATUS place_segment(struct boot *boot, struct kernel_file *file, uint32_t index)
{
	const struct elf64_segment *segment = &boot->plan.segments[index];
	uint64_t head = segment->virt - segment->page_virt, phys = 0;
	uint32_t owner = segment_owner(segment);
	EFI_STATUS status = pages_allocate(boot,
					   &(struct page_request){
						   .type = owner == HANDOFF_OWNER_KERNEL_TEXT ? EfiLoaderCode : EfiLoaderData,
						   .pages = segment->page_bytes / EFI_PAGE_SIZE,
						   .alignment = segment->align,
						   .remainder = segment->page_virt % segment->align,
						   .owner = owner,
						   .lifetime = HANDOFF_LIFETIME_NEVER,
						   .index = index,
					   },
					   &phys);
	uint8_t *memory = (uint8_t *)phys;

	if (EFI_ERROR(status))
		return log_error(boot, status, "%s: no room for segment %u: %lu bytes aligned to 0x%lx", file->source.name, index,
				 (unsigned long)segment->page_bytes, (unsigned long)segment->align);
	boot->segment_phys[index] = phys;
	memset(memory, 0, head);
	kernel_read_to(file, segment->file_offset, segment->file_bytes, memory + head);
	memset(memory + head + segment->file_bytes, 0, segment->page_bytes - head - segment->file_bytes);
	log_line(boot, "segment %u: virtual 0x%lx, physical 0x%lx, %lu bytes, %s%s%s", index, (unsigned long)segment->page_virt,
		 (unsigned long)phys, (unsigned long)segment->page_bytes,
		 segment->permissions & HANDOFF_SEGMENT_READ ? "r" : "-", segment->permissions & HANDOFF_SEGMENT_WRITE ? "w" : "-",
		 segment->permissions & HANDOFF_SEGMENT_EXECUTE ? "x" : "-");
	return EFI_SUCCESS;
}

static EFI_STATUS relocate(struct boot *boot)
{
	uint8_t *memory[ELF64_SEGMENTS_MAX];
	enum elf64_status status;

	for (uint32_t i = 0; i < boot->plan.segment_count; i++)
		memory[i] = (uint8_t *)boot->segment_phys[i];
	status = elf64_relocate(&boot->plan, memory);
	return status == ELF64_OK ? EFI_SUCCESS : refuse(boot, status, boot->plan.failed_index);
}

static void close_kernel(struct kernel_file *file)
{
	source_close(&file->source);
}

EFI_STATUS kernel_load(struct boot *boot)
{
	/* Not all of it zero: it is large, and what is read of it was written before. */
	__attribute__((cleanup(close_kernel))) struct kernel_file file;
	EFI_STATUS status;

	file.source.handle = NULL;
	file.piece_count = 0;
	if (!policy_allows(POLICY_KERNEL_FILE, boot->firmware.secure_boot))
		return log_error(boot, EFI_SECURITY_VIOLATION, "%s: Secure Boot is on and nobody has verified this file",
				 boot->settings.kernel.text);
	status = source_open(boot, boot->settings.kernel.text, 0, &file.source);
	if (!EFI_ERROR(status))
		status = make_plan(boot, &file);
	if (!EFI_ERROR(status))
		status = keep_clear(boot);
	for (uint32_t i = 0; !EFI_ERROR(status) && i < boot->plan.segment_count; i++)
		status = place_segment(boot, &file, i);
	if (!EFI_ERROR(status))
		status = kernel_read_all(&file);
	if (EFI_ERROR(status))
		return status;
	boot->kernel_file_bytes = file.source.bytes;
	return relocate(boot);
}
