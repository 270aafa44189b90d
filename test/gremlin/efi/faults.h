/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The k-th call that fails: `fail=KIND` says which calls count, `k=N` which of them fails (without it the case is a sweep over
 * all k), `times=N` how many in a row (default 1, 0 = all from there on), `how=...` in which way.
 */
#ifndef TEST_GREMLIN_EFI_FAULTS_H
#define TEST_GREMLIN_EFI_FAULTS_H

#include <efi.h>
#include <stdint.h>

enum fault_kind {
	FAULT_PAGES,    /* AllocatePages */
	FAULT_MULTI,    /* AllocatePages of more than one page */
	FAULT_RUNTIME,  /* AllocatePages of runtime memory */
	FAULT_POOL,     /* AllocatePool */
	FAULT_FREE,     /* FreePages, FreePool */
	FAULT_PROTOCOL, /* HandleProtocol, LocateProtocol */
	FAULT_VOLUME,   /* OpenVolume */
	FAULT_OPEN,     /* ... and the functions of EFI_FILE_PROTOCOL */
	FAULT_INFO,
	FAULT_READ,
	FAULT_SEEK,
	FAULT_MAP,      /* GetMemoryMap */
	FAULT_WRITE,    /* whatever changes a file or a variable (writes.h) */
	FAULT_KINDS,
};

/* Begins a run; k is used where the words have none. */
void faults_begin(const char *words, uint64_t k);
/* 1 when the words ask for a sweep. */
int faults_is_sweep(const char *words);
/* Counts a call; 1 when it shall fail. */
int faults_call(enum fault_kind kind);
/* 1 when a failing call shall fail in this way. */
int faults_how(const char *way);
/* The status for a call that fails with one: how=STATUS in hexadecimal, else `usual`. */
EFI_STATUS faults_status(EFI_STATUS usual);
/* How many calls have failed in this run. */
uint64_t faults_hits(void);

#endif
