/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ExitBootServices and ResetSystem as the loader finds them.  Words:
 *   exit=real     a good exit is one, and the kernel runs; without it the run ends there and the next one can begin
 *   refuse=N      the key is said to be stale N times; with exit=real the firmware itself refuses a wrong key
 *   ebs=N         ExitBootServices returns the error N (or, from 0x1000 on, the warning N - 0x1000)
 *   seconds=N     it takes so long
 *   handler=1     memory is freed while the firmware exits, after it has looked at the key
 *   allocate=1    the gremlin allocates between each map and the exit, so that keys really are stale; =2: by a timer, at each tick
 * After the first attempt every other boot service and the three consoles are traps for the loader.
 */
#ifndef TEST_GREMLIN_EFI_EXIT_H
#define TEST_GREMLIN_EFI_EXIT_H

#include <efi.h>
#include <stdint.h>

/* What a run ends with when the loader did not return by itself. */
enum {
	EXIT_CAUGHT = 0x6001, /* it would have left boot services */
	EXIT_STOPPED = 0x6002, /* it reset the machine */
	EXIT_TRAPPED = 0x6003, /* it did what it must not do: the line before says what */
};

struct exit_balance {
	uint32_t attempts;
	uint32_t wrong_keys;   /* attempts with a key that is not the last map's */
	uint32_t wrong_handles;
};

void exit_begin(EFI_HANDLE loader, EFI_SYSTEM_TABLE *system, const char *words);
void exit_end(struct exit_balance *ret_balance);
/* The loader has called what is a trap: ends the run, or the machine when the exit would have been real. */
__attribute__((noreturn)) void exit_trapped(void);

#endif
