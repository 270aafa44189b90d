/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading the memory map into pool memory (UEFI 2.10 §7.2.3), with the slack that real firmware needs (L27, L28). */
#include "loader/boot.h"
#include "loader/exit.h"
#include "loader/map_read.h"

static EFI_STATUS read_map(struct boot *boot, struct map_snapshot *snapshot)
{
	UINTN bytes = snapshot->capacity_bytes, key = 0, stride = 0;
	UINT32 version = 0;
	EFI_STATUS status = boot->services->GetMemoryMap(&bytes, snapshot->buffer, &key, &stride, &version);

	if (EFI_ERROR(status))
		return status;
	snapshot->key = key;
	snapshot->view = (struct memory_view){
		.raw = snapshot->buffer, .raw_bytes = bytes, .descriptor_bytes = stride, .descriptor_version = version };
	if (bytes > snapshot->capacity_bytes || memory_view_count(&snapshot->view) == 0)
		return EFI_DEVICE_ERROR;
	return EFI_SUCCESS;
}

EFI_STATUS map_snapshot_take(struct boot *boot, struct map_snapshot *ret_snapshot)
{
	struct map_snapshot snapshot = { 0 };
	uint64_t needed = 0;
	EFI_STATUS status = exit_probe_map(boot, &needed);

	if (EFI_ERROR(status))
		return status;
	snapshot.capacity_bytes = exit_map_capacity(needed);
	status = boot->services->AllocatePool(EfiLoaderData, snapshot.capacity_bytes, &snapshot.buffer);
	if (EFI_ERROR(status) || snapshot.buffer == NULL)
		return EFI_OUT_OF_RESOURCES;
	status = read_map(boot, &snapshot);
	if (EFI_ERROR(status)) {
		map_snapshot_free(boot, &snapshot);
		return status;
	}
	*ret_snapshot = snapshot;
	return EFI_SUCCESS;
}

void map_snapshot_free(struct boot *boot, struct map_snapshot *snapshot)
{
	if (snapshot->buffer != NULL)
		boot->services->FreePool(snapshot->buffer);
	*snapshot = (struct map_snapshot){ 0 };
}
