# SPDX-License-Identifier: BSD-2-Clause
# `make test`: everything that a commit must pass, in minutes; `make test-matrix`: every boot.  TESTS='NAME ...' picks by name
# (with * and ?), JOBS=N runs N at a time (default 2).

TEST_NEEDS := $(UNIT) $(IMAGE_NEEDS)

.PHONY: test test-boot test-matrix
test: $(TEST_NEEDS) ## unit tests and the fast boots; TESTS='NAME...' picks some
	$(Q)test/run $(UNIT:%=--unit %) --boot fast $(TESTS)
test-boot: $(TEST_NEEDS) ## only the fast boots
	$(Q)test/run --boot fast $(TESTS)
test-matrix: $(TEST_NEEDS) ## every boot: machines, firmware builds, memory sizes, processors, disks, screens, bad input
	$(Q)test/run --boot all $(TESTS)
