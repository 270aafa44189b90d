/* SPDX-License-Identifier: BSD-2-Clause */
/* The memory map on the loader's screen, for whoever holds the key m during start. */
#ifndef LOADER_MAP_SCREEN_H
#define LOADER_MAP_SCREEN_H

struct boot;

/* Looks at the keyboard without waiting; when m was pressed, shows the map until q or escape.  Never fails: the boot goes on. */
void map_screen_if_asked(struct boot *boot);

#endif
