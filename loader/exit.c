/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The exit from boot services (UEFI 2.10 §7.2.3, §7.4.6).
 *
 * RULES from the first GetMemoryMap of the loop on: no console, no file, no event, no allocation (L26); between
 * GetMemoryMap and ExitBootServices nothing but register work (L33).  From the first ExitBootServices call on, successful or
 * not: only GetMemoryMap and ExitBootServices exist (L35) - the specification up to 2.8 says so and firmware has shut down
 * half of itself by then - so there is no way back and every failure is a coded stop.
 */
#include "lib/freestanding/memory.h"
#include "lib/uefi_memory.h"
#include "loader/after/after.h"
#include "loader/after/stop.h"
#include "loader/arch/cpu.h"
#include "loader/boot.h"
#include "loader/exit.h"
#include "loader/log.h"

/* One GetMemoryMap call: what went in and what came out (L32: these belong together). */
struct map_call {
	UINTN bytes;
	UINTN key;
	UINTN descriptor_bytes;
	UINT32 version;
	EFI_STATUS status;
};

#define MAP_BYTES_MAX (UINT64_C(64) << 20) /* 1.4 million descriptors: more is nonsense, not memory */

static struct map_call get_map(EFI_GET_MEMORY_MAP get_memory_map, void *buffer, uint64_t capacity)
{
	/* L29: the full capacity every time, never the size that came back; the outputs zeroed. */
	struct map_call call = { .bytes = capacity };

	call.status = get_memory_map(&call.bytes, buffer, &call.key, &call.descriptor_bytes, &call.version);
	return call;
}

/* L30.  Firmware that leaves the descriptor size zero means the struct of the specification. */
static int accept(struct map_call *call, uint64_t capacity)
{
	if (call->descriptor_bytes == 0 && call->bytes % UEFI_DESCRIPTOR_BYTES_MIN == 0)
		call->descriptor_bytes = UEFI_DESCRIPTOR_BYTES_MIN;
	return call->bytes > 0 && call->bytes <= capacity && call->descriptor_bytes >= UEFI_DESCRIPTOR_BYTES_MIN &&
	       call->descriptor_bytes <= UEFI_DESCRIPTOR_BYTES_MAX && call->descriptor_bytes % 8 == 0 &&
	       call->bytes / call->descriptor_bytes >= 1;
}

EFI_STATUS exit_probe_map(struct boot *boot, uint64_t *ret_bytes)
{
	struct map_call call = get_map(boot->services->GetMemoryMap, NULL, 0);
	EFI_MEMORY_DESCRIPTOR dummy[1];

	/* L28: some firmware wants a buffer even to say that it is too small. */
	if (call.status == EFI_INVALID_PARAMETER)
		call = get_map(boot->services->GetMemoryMap, dummy, sizeof(dummy[0]));
	/* DescriptorSize may be anything here (E5, E6); it is not looked at. */
	if (call.status != EFI_BUFFER_TOO_SMALL || call.bytes == 0 || call.bytes > MAP_BYTES_MAX)
		return EFI_ERROR(call.status) && call.status != EFI_BUFFER_TOO_SMALL ? call.status : EFI_DEVICE_ERROR;
	if (boot->map_probe_bytes == 0)
		boot->map_probe_bytes = call.bytes;
	*ret_bytes = call.bytes;
	return EFI_SUCCESS;
}

uint64_t exit_map_capacity(uint64_t needed)
{
	uint64_t capacity = 2 * needed > needed + EXIT_SLACK_BYTES ? 2 * needed : needed + EXIT_SLACK_BYTES;

	return (capacity + EFI_PAGE_SIZE - 1) & ~(uint64_t)(EFI_PAGE_SIZE - 1);
}

static EFI_STATUS refuse_map(struct boot *boot, const struct map_call *call, uint64_t capacity)
{
	if (EFI_ERROR(call->status))
		return log_error(boot, call->status, "GetMemoryMap failed: %lu bytes asked for, %lu given",
				 (unsigned long)call->bytes, (unsigned long)capacity);
	return log_error(boot, EFI_DEVICE_ERROR, "GetMemoryMap returned an impossible map: %lu bytes of %lu, descriptors of %lu",
			 (unsigned long)call->bytes, (unsigned long)capacity, (unsigned long)call->descriptor_bytes);
}

/* H7.  What else the firmware has overwritten nobody knows, but nothing has been exited yet. */
static EFI_STATUS refuse_overrun(struct boot *boot)
{
	return log_error(boot, EFI_DEVICE_ERROR, "the firmware wrote behind the memory map buffer of %lu bytes at 0x%lx",
			 (unsigned long)boot->map_capacity_bytes, (unsigned long)boot->map_buffer);
}

EFI_STATUS exit_read_map(struct boot *boot, uint64_t *ret_map_bytes, uint64_t *ret_descriptor_bytes)
{
	struct map_call call = get_map(boot->services->GetMemoryMap, boot->map_buffer, boot->map_capacity_bytes);

	/* H15: a misreported capacity gets one more try. */
	if (call.status == EFI_BUFFER_TOO_SMALL && call.bytes <= boot->map_capacity_bytes)
		call = get_map(boot->services->GetMemoryMap, boot->map_buffer, boot->map_capacity_bytes);
	if (EFI_ERROR(call.status) || !accept(&call, boot->map_capacity_bytes))
		return refuse_map(boot, &call, boot->map_capacity_bytes);
	*ret_map_bytes = call.bytes;
	*ret_descriptor_bytes = call.descriptor_bytes;
	return EFI_SUCCESS;
}

static void record_attempt(struct after *after, const struct map_call *call, EFI_STATUS status)
{
	after->attempts[after->attempt_count++] = (struct handoff_attempt){
		.map_key = call->key,
		.map_bytes = call->bytes,
		.descriptor_bytes = call->descriptor_bytes,
		.status = status,
		.tsc = cpu_time(),
		.descriptor_count = call->descriptor_bytes ? (uint32_t)(call->bytes / call->descriptor_bytes) : 0,
		.descriptor_version = call->version,
	};
}

static void record_success(struct after *after, const struct map_call *call)
{
	after->exit.attempts = after->attempt_count;
	after->exit.descriptor_version = call->version;
	after->exit.capacity_bytes = after->map_capacity_bytes;
	after->exit.returned_bytes = call->bytes;
	after->descriptor_bytes = call->descriptor_bytes;
}

/* A map that cannot be used once the first ExitBootServices call has been made: no way back (L36, L37). */
__attribute__((noreturn)) static void stop_map(const struct after *after, const struct map_call *call)
{
	uint64_t capacity = after->map_capacity_bytes;

	if (!after_guard_intact(after))
		stop(STOP_MAP_OVERRUN, (struct stop_detail){ (uint64_t)after->map_buffer, capacity, 0, 0 });
	if (EFI_ERROR(call->status))
		stop(STOP_EXIT_MAP, (struct stop_detail){ call->status, call->bytes, capacity, 0 });
	stop(STOP_MAP_INVALID, (struct stop_detail){ call->bytes, call->descriptor_bytes, capacity, 0 });
}

EFI_STATUS exit_boot_services(struct boot *boot, struct after *after)
{
	/* The only two services that may still be called; the table is forgotten before the first exit call (L35). */
	EFI_GET_MEMORY_MAP get_memory_map = boot->services->GetMemoryMap;
	EFI_EXIT_BOOT_SERVICES exit_services = boot->services->ExitBootServices;
	EFI_HANDLE image = boot->image;
	EFI_STATUS status = EFI_INVALID_PARAMETER;
	uint32_t misreported = 0;

	after_fill_guard(after);
	while (after->attempt_count < EXIT_ATTEMPTS_MAX) {
		struct map_call call = get_map(get_memory_map, after->map_buffer, after->map_capacity_bytes);

		/* L36: too small although it fits: the firmware miscounts, one more try. */
		if (call.status == EFI_BUFFER_TOO_SMALL && call.bytes <= after->map_capacity_bytes && misreported++ == 0)
			continue;
		if (!after_guard_intact(after) || EFI_ERROR(call.status) || !accept(&call, after->map_capacity_bytes)) {
			if (after->attempt_count > 0)
				stop_map(after, &call);
			return after_guard_intact(after) ? refuse_map(boot, &call, after->map_capacity_bytes) :
							   refuse_overrun(boot);
		}
		boot->services = NULL;
		status = exit_services(image, call.key);
		if (status == EFI_SUCCESS)
			cpu_quiet();
		record_attempt(after, &call, status);
		if (status == EFI_SUCCESS) {
			record_success(after, &call);
			return EFI_SUCCESS;
		}
		/* L34: only a stale key is worth another try. */
		if (status != EFI_INVALID_PARAMETER)
			stop(STOP_EXIT_STATUS, (struct stop_detail){ status, after->attempt_count, 0, 0 });
		if (after->attempt_count > 2)
			cpu_pause();
	}
	stop(STOP_EXIT_ATTEMPTS, (struct stop_detail){ after->attempt_count, status, 0, 0 });
}
