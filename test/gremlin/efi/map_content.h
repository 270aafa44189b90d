/* SPDX-License-Identifier: BSD-2-Clause */
/* `content=...`: what is wrong with the descriptors themselves (H18, H20-H36). */
#ifndef TEST_GREMLIN_EFI_MAP_CONTENT_H
#define TEST_GREMLIN_EFI_MAP_CONTENT_H

#include "test/gremlin/efi/map.h"

void map_disturb(struct map *map, const char *words);

#endif
