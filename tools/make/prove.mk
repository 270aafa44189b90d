# SPDX-License-Identifier: BSD-2-Clause
# `make prove`: proofs about parts of lib/, for all inputs (Frama-C with two provers; minutes, so not part of `make test`).

.PHONY: prove
prove: ## prove the ELF planner and the memory database with Frama-C; JOBS=1 on a busy machine
	$(Q)test/proof/prove
