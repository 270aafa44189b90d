/* SPDX-License-Identifier: BSD-2-Clause */
/* What the loader says before exit: into the boot record, on the debug port and, for errors or when verbose, on the console. */
#ifndef LOADER_LOG_H
#define LOADER_LOG_H

#include <efi.h>

struct boot;

/* One line of the log. */
void log_line(struct boot *boot, const char *text, ...) __attribute__((format(printf, 2, 3)));
/* One line of the log that a person should see whatever the configuration says: also on the console. */
void log_notice(struct boot *boot, const char *text, ...) __attribute__((format(printf, 2, 3)));
/* One line that a person must see: also on the console.  Returns status, so that a caller can `return log_error(...)`. */
EFI_STATUS log_error(struct boot *boot, EFI_STATUS status, const char *text, ...) __attribute__((format(printf, 3, 4)));
/* "Not Found", "Out of Resources", ...: the names of UEFI 2.10 appendix D. */
const char *log_status_name(EFI_STATUS status);

#endif
