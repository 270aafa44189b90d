/* SPDX-License-Identifier: BSD-2-Clause */
/* Offsets of struct entry_state for entry.S; entry.c proves that they agree with the struct. */
#ifndef KERNEL_ENTRY_OFFSETS_H
#define KERNEL_ENTRY_OFFSETS_H

#define ENTRY_RAX 0
#define ENTRY_RBX 8
#define ENTRY_RCX 16
#define ENTRY_RDX 24
#define ENTRY_RSI 32
#define ENTRY_RDI 40
#define ENTRY_RBP 48
#define ENTRY_RSP 56
#define ENTRY_R8 64
#define ENTRY_R9 72
#define ENTRY_R10 80
#define ENTRY_R11 88
#define ENTRY_R12 96
#define ENTRY_R13 104
#define ENTRY_R14 112
#define ENTRY_R15 120
#define ENTRY_RFLAGS 128
#define ENTRY_RETURN 136
#define ENTRY_TSC 144

#endif
