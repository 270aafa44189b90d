/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The black box before exit.  RULES: at most one write here, the second one is the stop's or the kernel's; none to a store that
 * does not state room, because full stores have cost machines their firmware; what is read is hostile (lib/last_boot.c).
 */
#include "lib/freestanding/memory.h"
#include "lib/last_boot.h"
#include "loader/blackbox.h"
#include "loader/boot.h"
#include "loader/log.h"

/* Left free in the variable store: what the firmware itself may need at its next start. */
enum { STORE_RESERVE_BYTES = 5120 };

static EFI_GUID vendor(const struct boot *boot)
{
	EFI_GUID guid;

	memcpy(&guid, boot->last_boot.vendor_guid, sizeof(guid));
	return guid;
}

/* NONE, UNREADABLE, or what the record says. */
static struct handoff_last_boot read_record(struct boot *boot)
{
	uint8_t record[LAST_BOOT_BYTES];
	struct handoff_last_boot last = { .state = HANDOFF_LAST_BOOT_NONE };
	EFI_GUID guid = vendor(boot);
	UINTN bytes = sizeof(record);
	UINT32 attributes = 0;
	EFI_STATUS status = EFI_UNSUPPORTED;

	if (boot->runtime->GetVariable != NULL)
		status = boot->runtime->GetVariable(boot->last_boot.name, &guid, &attributes, &bytes, record);
	if (status == EFI_NOT_FOUND)
		return last;
	if (status == EFI_BUFFER_TOO_SMALL)
		return last_boot_unreadable(LAST_BOOT_BAD_LENGTH);
	if (EFI_ERROR(status) || bytes > sizeof(record))
		return last_boot_unreadable(LAST_BOOT_NOT_READ);
	if (attributes != LAST_BOOT_ATTRIBUTES)
		return last_boot_unreadable(LAST_BOOT_BAD_ATTRIBUTES);
	last_boot_decode(record, bytes, &last);
	return last;
}

void blackbox_read(struct boot *boot)
{
	char text[LAST_BOOT_TEXT_MAX];

	if (!boot->settings.blackbox)
		return;
	last_boot_name_variable(&boot->last_boot);
	boot->last_boot = read_record(boot);
	last_boot_name_variable(&boot->last_boot);
	last_boot_text(text, &boot->last_boot);
	if (boot->last_boot.state == HANDOFF_LAST_BOOT_NONE || boot->last_boot.state == HANDOFF_LAST_BOOT_PASSED)
		log_line(boot, "baton: %s", text);
	else
		log_notice(boot, "baton: %s", text);
}

/* NULL, or why the variable store must be left alone (UEFI 2.10 §8.2.4: not there before revision 2.0). */
static const char *refuse_store(const struct boot *boot, EFI_STATUS *ret_status)
{
	const EFI_RUNTIME_SERVICES *runtime = boot->runtime;
	UINT64 maximum = 0, remaining = 0, largest = 0;

	*ret_status = EFI_UNSUPPORTED;
	if (runtime->Hdr.HeaderSize < sizeof(*runtime) || runtime->QueryVariableInfo == NULL || runtime->SetVariable == NULL)
		return "the firmware does not state how full its variable store is";
	*ret_status = runtime->QueryVariableInfo(LAST_BOOT_ATTRIBUTES, &maximum, &remaining, &largest);
	if (EFI_ERROR(*ret_status))
		return "the firmware does not state how full its variable store is";
	*ret_status = EFI_OUT_OF_RESOURCES;
	if (remaining > maximum || remaining < STORE_RESERVE_BYTES || largest < STORE_RESERVE_BYTES)
		return "the variable store is nearly full";
	*ret_status = EFI_SUCCESS;
	return NULL;
}

static EFI_STATUS write_record(struct boot *boot, const struct handoff_last_boot *armed)
{
	uint8_t record[LAST_BOOT_BYTES];
	EFI_GUID guid = vendor(boot);

	/* §8.2.3: attributes other than those of an existing variable are refused; one like that is deleted instead. */
	if (boot->last_boot.state == HANDOFF_LAST_BOOT_UNREADABLE && boot->last_boot.detail[0] == LAST_BOOT_BAD_ATTRIBUTES) {
		boot->runtime->SetVariable(boot->last_boot.name, &guid, 0, 0, NULL);
		return EFI_INVALID_PARAMETER;
	}
	last_boot_encode(armed, record);
	return boot->runtime->SetVariable(boot->last_boot.name, &guid, LAST_BOOT_ATTRIBUTES, sizeof(record), record);
}

void blackbox_arm(struct boot *boot)
{
	struct handoff_last_boot armed = { .state = HANDOFF_LAST_BOOT_ARMED, .stage = HANDOFF_STAGE_EXIT,
					   .image_phys = boot->loader.image_phys, .wall_clock = boot->loader.wall_clock };
	EFI_STATUS status;
	const char *why;

	if (!boot->settings.blackbox)
		return;
	why = refuse_store(boot, &status);
	if (why == NULL) {
		why = "the variable cannot be written";
		status = write_record(boot, &armed);
	}
	if (EFI_ERROR(status)) {
		log_line(boot, "baton: black box not armed: %s (%s)", why, log_status_name(status));
		return;
	}
	log_line(boot, "baton: black box armed");
	boot->last_boot.set_variable_phys = (uint64_t)boot->runtime->SetVariable;
}

void blackbox_disarm(struct boot *boot)
{
	EFI_GUID guid = vendor(boot);

	if (boot->last_boot.set_variable_phys == 0)
		return;
	boot->last_boot.set_variable_phys = 0;
	boot->runtime->SetVariable(boot->last_boot.name, &guid, 0, 0, NULL);
}
