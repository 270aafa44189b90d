/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the firmware leaves behind when ExitBootServices has succeeded, `after=` with any of these words joined by +; without it
 * scribble+irq+flags:
 *   scribble   boot services and free memory is overwritten, but for the page tables in use and the stack above RSP (H63, H59)
 *              Spared are configuration tables, which the kernel may read there (UEFI 2.10 4.6); not with scribble-all
 *   irq        interrupts on and a timer running: one is pending when the loader goes on (H61);  storm: as fast as it can (H78)
 *   flags      DF=1, AC=1, and x87, MXCSR and vector registers changed (H61)
 *   readonly   LoaderData is write-protected in the firmware's tables (H64)
 *   tables     so are the page tables themselves (H70)
 *   features   SMEP, SMAP, PCIDE, UMIP and PKE on, where the processor has them (H76)
 *   nxe        no NX bit in the firmware's tables and EFER.NXE off (H77)
 *   dirty      the system table keeps its boot services and consoles, and a wrong checksum (H60);  crc: only the checksum
 */
#ifndef TEST_GREMLIN_EFI_AFTERMATH_H
#define TEST_GREMLIN_EFI_AFTERMATH_H

#include <efi.h>
#include <stdint.h>

/* Before the exit: what has to be noted while the firmware is still there. */
void aftermath_prepare(const char *words, EFI_SYSTEM_TABLE *system);
/* After it.  Flags and interrupts wait in aftermath_wishes until the hook returns to the loader (aftermath.S). */
void aftermath(const char *words, EFI_SYSTEM_TABLE *system);

enum { WISH_FLAGS = 1, WISH_INTERRUPTS = 2 };

extern uint32_t aftermath_wishes;
/* The hook of ExitBootServices: calls exit_services() and grants the wishes. */
extern const char aftermath_entry[];

#endif
