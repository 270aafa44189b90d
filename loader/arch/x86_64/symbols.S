/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table that loader/after/symbols.c searches.  Assembled twice: empty for the first link of the image, from which
 * tools/make-symbols takes the names and offsets, and with them (SYMBOLS) for the second.  It lies behind the code, so that no
 * function moves in between.
 */
	.section .rodata.symbol_table, "a", @progbits
	.globl symbol_table
	.hidden symbol_table
	.type symbol_table, @object
symbol_table:
#ifdef SYMBOLS
	.include SYMBOLS
#endif
	.byte 0xff, 0xff
	.size symbol_table, . - symbol_table
	.section .note.GNU-stack, "", @progbits
