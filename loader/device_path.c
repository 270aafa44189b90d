/* SPDX-License-Identifier: BSD-2-Clause */
/* Walking a device path.  RULE: ends after NODES_MAX nodes, whatever the path says of itself. */
#include "loader/device_path.h"

int device_path_next(struct device_path *at)
{
	enum { NODES_MAX = 64, HEAD_BYTES = 4 };

	at->node = at->node == NULL ? NULL : at->node + at->length;
	if (at->node == NULL || at->steps++ == NODES_MAX)
		return 0;
	at->type = at->node[0] & 0x7f;
	at->subtype = at->node[1];
	at->length = (uint32_t)at->node[2] | (uint32_t)at->node[3] << 8;
	return at->type != END_DEVICE_PATH_TYPE && at->length >= HEAD_BYTES;
}
