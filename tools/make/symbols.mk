# SPDX-License-Identifier: BSD-2-Clause
# The names of the loader's functions for the report of an exception: the image is linked once with an empty table, from which
# tools/make-symbols makes the real one, and once more.  The table lies behind the code, so nothing moves; it is checked all the same.

$(B)/loader-unnamed.so: linker/loader-$(ARCH).lds $(LOADER_OBJ)
	$(call say,LD,$@)$(LOADER_LINK) -T $< -o $@ $(LOADER_OBJ)
$(B)/symbols.inc: $(B)/loader-unnamed.so tools/make-symbols
	$(call say,SYMBOLS,$@)tools/make-symbols $< > $@.tmp && mv $@.tmp $@
$(B)/loader/symbols.o: loader/arch/$(ARCH)/symbols.S $(B)/symbols.inc
	$(call say,AS,$@)$(CC) $(LOADER_FLAGS) -DSYMBOLS='"$(B)/symbols.inc"' -c -o $@ $<
