/* SPDX-License-Identifier: BSD-2-Clause */
/* The functions of an ELF64 file by address, for `baton stop`. */
#ifndef BATON_ELF_SYMBOLS_H
#define BATON_ELF_SYMBOLS_H

#include <stdint.h>
#include "tools/baton/file.h"

/* The lowest page that a loadable segment is linked at. */
int elf_symbols_base(const struct file *file, uint64_t *ret_base_virt);
/* The function that an address lies in, from the symbol table; *ret_start is its begin.  NULL when the table has none there. */
const char *elf_symbols_find(const struct file *file, uint64_t address_virt, uint64_t *ret_start);

#endif
