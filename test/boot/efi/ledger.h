/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ledger: while it is open, everything that one image takes from the firmware is written down and crossed out again when the
 * image gives it back.  It sees what the memory map cannot show: pool smaller than a page, and pages of a type that the
 * firmware keeps a stock of (they count as used in the map whether they are or not).
 */
#ifndef TEST_BOOT_EFI_LEDGER_H
#define TEST_BOOT_EFI_LEDGER_H

#include <efi.h>

/* What the image still holds, after it has returned. */
struct ledger_balance {
	UINTN pages;       /* of AllocatePages, in pages */
	UINTN pools;       /* buffers: AllocatePool, LocateHandleBuffer, ProtocolsPerHandle */
	UINTN events;
	UINTN files;       /* open files and folders, the root of the volume included */
	UINTN calls;       /* takings seen: 0 means that the ledger saw nothing, not that nothing was leaked */
	UINTN overflow;    /* takings that found no room in the ledger */
};

/* Puts the ledger between the firmware and the image at [base, base + bytes), whose files come from `volume`. */
void ledger_open(EFI_BOOT_SERVICES *services, EFI_SIMPLE_FILE_SYSTEM_PROTOCOL *volume, VOID *base, UINT64 bytes);
/* Takes it away again. */
void ledger_close(struct ledger_balance *ret_balance);
/* Calls `with` for each allocation of pages that the image holds, while the ledger is open too. */
void ledger_each_pages(void (*with)(void *context, UINT64 address, UINTN pages), void *context);
/* 1 while the firmware opens a file. */
int ledger_is_opening(void);
/* Gives everything back to the firmware that the image still held when the ledger was closed: for an image that could not. */
void ledger_give_back(void);

#endif
