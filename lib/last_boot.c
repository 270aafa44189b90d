/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The black box's record: written before exit, in a coded stop and by the kernel, read at the next start.  RULES: pure; bytes
 * are compared and copied one by one, never cast; a record with any fault gives no field at all.
 */
#include <stdarg.h>
#include "lib/last_boot.h"
#include "lib/crc32c.h"
#include "lib/format.h"
#include "lib/freestanding/memory.h"
#include "lib/handoff_block.h"
#include "lib/le.h"
#include "lib/stop_text.h"
#include "lib/words.h"

enum {
	AT_MAGIC = 0, AT_VERSION = 8, AT_LENGTH = 10, AT_CRC = 12, AT_STATE = 16, AT_STAGE = 20, AT_CODE = 24, AT_ATTEMPTS = 28,
	AT_DETAIL = 32, AT_IMAGE = 64, AT_CLOCK = 72, HEAD_BYTES = AT_STATE,
};

void last_boot_name_variable(struct handoff_last_boot *boot)
{
	static const uint16_t name[] = u"BatonBlackBox";
	/* 5d9a2e6c-b741-4c4f-9e0b-3d52a871c6e4, in the order of UEFI 2.10 appendix A. */
	static const uint8_t vendor[16] = { 0x6c, 0x2e, 0x9a, 0x5d, 0x41, 0xb7, 0x4f, 0x4c,
					    0x9e, 0x0b, 0x3d, 0x52, 0xa8, 0x71, 0xc6, 0xe4 };

	_Static_assert(sizeof(name) <= sizeof(boot->name), "the name fits with its NUL");
	memcpy(boot->name, name, sizeof(name));
	memcpy(boot->vendor_guid, vendor, sizeof(vendor));
}

static uint32_t checksum(const uint8_t *record)
{
	static const uint8_t zero[4];
	uint32_t crc = crc32c(0, record, AT_CRC);

	crc = crc32c(crc, zero, sizeof(zero));
	return crc32c(crc, record + AT_STATE, LAST_BOOT_BYTES - AT_STATE);
}

void last_boot_encode(const struct handoff_last_boot *boot, uint8_t ret_record[LAST_BOOT_BYTES])
{
	le_write64(ret_record + AT_MAGIC, LAST_BOOT_MAGIC);
	le_write16(ret_record + AT_VERSION, LAST_BOOT_VERSION);
	le_write16(ret_record + AT_LENGTH, LAST_BOOT_BYTES);
	le_write32(ret_record + AT_STATE, boot->state);
	le_write32(ret_record + AT_STAGE, boot->stage);
	le_write32(ret_record + AT_CODE, boot->code);
	le_write32(ret_record + AT_ATTEMPTS, boot->attempts);
	for (uint32_t i = 0; i < 4; i++)
		le_write64(ret_record + AT_DETAIL + 8 * i, boot->detail[i]);
	le_write64(ret_record + AT_IMAGE, boot->image_phys);
	le_write64(ret_record + AT_CLOCK, (uint64_t)boot->wall_clock);
	le_write32(ret_record + AT_CRC, checksum(ret_record));
}

static enum last_boot_status check(const uint8_t *record, uint64_t bytes)
{
	uint32_t state;

	if (bytes < HEAD_BYTES)
		return LAST_BOOT_SHORT;
	if (le_read64(record + AT_MAGIC) != LAST_BOOT_MAGIC)
		return LAST_BOOT_BAD_MAGIC;
	if (le_read16(record + AT_VERSION) != LAST_BOOT_VERSION)
		return LAST_BOOT_BAD_VERSION;
	if (bytes != LAST_BOOT_BYTES || le_read16(record + AT_LENGTH) != LAST_BOOT_BYTES)
		return LAST_BOOT_BAD_LENGTH;
	if (le_read32(record + AT_CRC) != checksum(record))
		return LAST_BOOT_BAD_CHECKSUM;
	state = le_read32(record + AT_STATE);
	return state >= HANDOFF_LAST_BOOT_ARMED && state <= HANDOFF_LAST_BOOT_FAILED ? LAST_BOOT_OK : LAST_BOOT_BAD_VALUE;
}

struct handoff_last_boot last_boot_unreadable(enum last_boot_status why)
{
	return (struct handoff_last_boot){ .state = HANDOFF_LAST_BOOT_UNREADABLE, .detail = { (uint64_t)why } };
}

enum last_boot_status last_boot_decode(const void *data, uint64_t bytes, struct handoff_last_boot *ret_boot)
{
	const uint8_t *record = data;
	enum last_boot_status status = check(record, bytes);
	struct handoff_last_boot boot = { 0 };

	if (status != LAST_BOOT_OK) {
		*ret_boot = last_boot_unreadable(status);
		return status;
	}
	boot.state = le_read32(record + AT_STATE);
	boot.stage = le_read32(record + AT_STAGE);
	boot.code = le_read32(record + AT_CODE);
	boot.attempts = le_read32(record + AT_ATTEMPTS);
	for (uint32_t i = 0; i < 4; i++)
		boot.detail[i] = le_read64(record + AT_DETAIL + 8 * i);
	boot.image_phys = le_read64(record + AT_IMAGE);
	boot.wall_clock = (int64_t)le_read64(record + AT_CLOCK);
	*ret_boot = boot;
	return LAST_BOOT_OK;
}

/* --- text ------------------------------------------------------------------------------------------------------------------ */

/* Appends to text, cut where it is full. */
static void append(char *text, const char *more, ...) __attribute__((format(printf, 2, 3)));
static void append(char *text, const char *more, ...)
{
	uint64_t used = 0;
	va_list arguments;

	while (text[used] != '\0')
		used++;
	va_start(arguments, more);
	format_va(text + used, LAST_BOOT_TEXT_MAX - used, more, arguments);
	va_end(arguments);
}

static void text_of_stop(char *text, const struct handoff_last_boot *boot)
{
	enum stop_code code = (enum stop_code)boot->code;

	format(text, LAST_BOOT_TEXT_MAX, "the last boot stopped at stage %u (%s): %s", boot->stage, handoff_stage_name(boot->stage),
	       stop_reason(code));
	for (uint32_t i = 0; i < 4; i++) {
		const char *name = stop_detail_name(code, i);

		if (name != 0 && code == STOP_EXCEPTION && i == 0)
			append(text, ", %s %lu (%s)", name, (unsigned long)boot->detail[0], stop_exception_name(boot->detail[0]));
		else if (name != 0)
			append(text, ", %s 0x%lx", name, (unsigned long)boot->detail[i]);
	}
	append(text, "; attempts %u", boot->attempts);
}

static void text_of_verdict(char *text, const struct handoff_last_boot *boot, const char *verdict)
{
	format(text, LAST_BOOT_TEXT_MAX, "the kernel of the last boot reported %s: code %u, details %lu %lu %lu %lu; attempts %u",
	       verdict, boot->code, (unsigned long)boot->detail[0], (unsigned long)boot->detail[1], (unsigned long)boot->detail[2],
	       (unsigned long)boot->detail[3], boot->attempts);
}

char *last_boot_text(char text[LAST_BOOT_TEXT_MAX], const struct handoff_last_boot *boot)
{
	switch (boot->state) {
	case HANDOFF_LAST_BOOT_NONE:
		format(text, LAST_BOOT_TEXT_MAX, "no record of the last boot");
		break;
	case HANDOFF_LAST_BOOT_ARMED:
		format(text, LAST_BOOT_TEXT_MAX,
		       "the last boot began to leave the firmware at stage %u (%s), and nobody has reported back",
		       boot->stage, handoff_stage_name(boot->stage));
		break;
	case HANDOFF_LAST_BOOT_STOPPED:
		text_of_stop(text, boot);
		break;
	case HANDOFF_LAST_BOOT_PASSED:
		text_of_verdict(text, boot, "success");
		break;
	case HANDOFF_LAST_BOOT_FAILED:
		text_of_verdict(text, boot, "a failure");
		break;
	case HANDOFF_LAST_BOOT_UNREADABLE:
		format(text, LAST_BOOT_TEXT_MAX, "the record of the last boot is not to be trusted: %s",
		       last_boot_status_name(boot->detail[0]));
		break;
	default:
		format(text, LAST_BOOT_TEXT_MAX, "the record of the last boot is of an unknown state");
		break;
	}
	return text;
}

const char *last_boot_state_name(uint32_t state)
{
	static const char *const names[] = { "unknown", "none", "armed", "stopped", "passed", "failed", "unreadable" };

	return state < sizeof(names) / sizeof(names[0]) ? names[state] : "unknown";
}

const char *last_boot_status_name(uint64_t status)
{
	/* In the order of enum last_boot_status. */
	static const char names[] = "sound\0"
				     "firmware does not give it out\0"
				     "other attributes\0"
				     "shorter than its head\0"
				     "not a record\0"
				     "another version\0"
				     "another length\0"
				     "checksum does not match\0"
				     "state does not exist";

	return words_nth(names, sizeof(names), status);
}
