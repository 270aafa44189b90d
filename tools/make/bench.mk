# SPDX-License-Identifier: BSD-2-Clause
# `make bench`: what the memory map costs, in the build that boots and in one for debugging.

BENCH_LIB := memory_normalise memory_claim memory_range memory_map rules
$(B)/bench/release/bench_memory: $(BENCH_LIB:%=$(B)/host/lib/%.o) $(B)/host/test/bench/bench_memory.o
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) -o $@ $^
$(B)/bench/debug/bench_memory: $(BENCH_LIB:%=lib/%.c) test/bench/bench_memory.c
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) -std=gnu11 -O0 -g -I. -D_GNU_SOURCE -o $@ $^

.PHONY: bench
bench: $(B)/bench/release/bench_memory $(B)/bench/debug/bench_memory ## time and instructions of normalising 100 to 200,000 descriptors
	$(Q)test/bench/memory $^
