/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The gremlin's own line to the outside: COM1 and port 0xF4, without the firmware, because it also speaks when the firmware's
 * console is a trap or gone.  And QEMU's fw_cfg device, from which a machine that was restored from a snapshot gets its cases.
 */
#ifndef TEST_GREMLIN_EFI_CHANNEL_H
#define TEST_GREMLIN_EFI_CHANNEL_H

#include <stdint.h>

void say(const char *text, ...) __attribute__((format(printf, 1, 2)));
/* Ends QEMU with this verdict. */
__attribute__((noreturn)) void channel_leave(int passed);
/* Reads fw_cfg's file opt/baton/gremlin with a NUL behind it; returns its length, 0 without such a file. */
uint32_t channel_read_cases(char *text, uint32_t bytes);

#endif
