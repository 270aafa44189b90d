# SPDX-License-Identifier: BSD-2-Clause
# Every fuzzer over its committed corpus and mutations of it, the same every time: a unit test that needs no libFuzzer.

CORPUS := $(patsubst test/fuzz/%.c,$(B)/corpus/%,$(wildcard test/fuzz/fuzz_*.c))
UNIT += $(CORPUS)
$(B)/corpus/%: $(B)/test/test/fuzz/%.o $(B)/test/test/fuzz/run_corpus.o $(TEST_LIB)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(SANITIZE) -o $@ $^
.PHONY: corpus
unit: $(CORPUS)
corpus: $(CORPUS) ## run the fuzzers' committed corpora under ASan and UBSan
	$(Q)set -e; for f in $(CORPUS); do echo "== $$f"; $$f; done
