/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The loader's voice before exit.  RULES: no allocation; works before the boot record exists and with any pointer of the
 * firmware being NULL (H73).  Console output is slow and allocates: on the good path only when `verbose = yes`.
 */
#include <stdarg.h>
#include "lib/format.h"
#include "lib/words.h"
#include "loader/arch/ports.h"
#include "loader/boot.h"
#include "loader/log.h"

enum { LINE_BYTES = 512 };

static void record_line(struct handoff_boot_record *record, const char *line)
{
	uint32_t at;

	if (record == NULL)
		return;
	at = record->log_bytes;
	/* The terminating NUL stays; a full log keeps its beginning, where causes stand. */
	while (*line != '\0' && at + 2 < HANDOFF_BOOT_RECORD_LOG_BYTES)
		record->log[at++] = *line++;
	record->log[at++] = '\n';
	record->log_bytes = at < HANDOFF_BOOT_RECORD_LOG_BYTES - 1 ? at : HANDOFF_BOOT_RECORD_LOG_BYTES - 1;
	record->log[record->log_bytes] = '\0';
}

static void console_line(const struct boot *boot, const char *line)
{
	CHAR16 wide[LINE_BYTES + 3];
	uint32_t count = 0;

	if (boot->console == NULL)
		return;
	for (; *line != '\0' && count < LINE_BYTES; line++)
		wide[count++] = (unsigned char)*line < 0x80 ? (CHAR16)*line : L'?';
	wide[count++] = L'\r';
	wide[count++] = L'\n';
	wide[count] = 0;
	boot->console->OutputString(boot->console, wide);
}

static void keep_line(struct boot *boot, const char *line)
{
	record_line(boot->record, line);
	debug_port_line(line);
}

static void show_line(struct boot *boot, const char *line)
{
	keep_line(boot, line);
	console_line(boot, line);
}

void log_line(struct boot *boot, const char *text, ...)
{
	char line[LINE_BYTES];
	va_list arguments;

	va_start(arguments, text);
	format_va(line, sizeof(line), text, arguments);
	va_end(arguments);
	keep_line(boot, line);
	if (boot->settings.verbose)
		console_line(boot, line);
}

void log_notice(struct boot *boot, const char *text, ...)
{
	char line[LINE_BYTES];
	va_list arguments;

	va_start(arguments, text);
	format_va(line, sizeof(line), text, arguments);
	va_end(arguments);
	show_line(boot, line);
}

EFI_STATUS log_error(struct boot *boot, EFI_STATUS status, const char *text, ...)
{
	char message[LINE_BYTES], line[LINE_BYTES];
	va_list arguments;

	va_start(arguments, text);
	format_va(message, sizeof(message), text, arguments);
	va_end(arguments);
	format(line, sizeof(line), "baton: error: %s (%s)", message, log_status_name(status));
	show_line(boot, line);
	return status;
}

const char *log_status_name(EFI_STATUS status)
{
	/* UEFI 2.10 appendix D. */
	static const char names[] = "Success\0Load Error\0Invalid Parameter\0Unsupported\0Bad Buffer Size\0"
				    "Buffer Too Small\0Not Ready\0Device Error\0Write Protected\0Out of Resources\0"
				    "Volume Corrupted\0Volume Full\0No Media\0Media Changed\0Not Found\0"
				    "Access Denied\0No Response\0No Mapping\0Timeout\0Not Started\0"
				    "Already Started\0Aborted\0ICMP Error\0TFTP Error\0Protocol Error\0"
				    "Incompatible Version\0Security Violation\0CRC Error\0End of Media\0Reserved\0"
				    "Reserved\0End of File";

	if (status != EFI_SUCCESS && !EFI_ERROR(status))
		return "Warning";
	return words_nth(names, sizeof(names), status & ~EFI_ERROR_MASK);
}
