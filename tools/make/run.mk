# SPDX-License-Identifier: BSD-2-Clause
# `make run` and `make debug`: Baton and its kernel in QEMU.  CMDLINE adds to the kernel's command line, RUN to tools/run-qemu's.

# The kernel leaves through QEMU's exit port with its verdict, or waits until somebody has looked at the screen.
RUN_EXIT := exit=$(if $(SCREEN),wait,qemu)

.PHONY: run debug picture
run: $(IMAGE_NEEDS) ## boot in QEMU, report in this terminal; SCREEN=1 opens a window and stays
	$(Q)tools/make-image -o $(B)/run.img --cmdline '$(strip $(RUN_EXIT) $(CMDLINE))'
	$(Q)tools/run-qemu $(B)/run.img $(if $(SCREEN),--screen) $(RUN)

debug: $(IMAGE_NEEDS) ## boot stopped, with a gdb stub and build/debug.gdb that knows the loader's and the kernel's symbols
	$(Q)tools/make-image -o $(B)/run.img --cmdline '$(strip exit=qemu $(CMDLINE))'
	$(Q)tools/debug-qemu $(B)/run.img $(DEBUG)

picture: $(IMAGE_NEEDS) ## build/screen.png: what the kernel draws on the screen
	$(Q)tools/make-image -o $(B)/run.img --cmdline '$(strip exit=wait $(CMDLINE))'
	$(Q)tools/run-qemu $(B)/run.img --picture $(B)/screen.png $(RUN)
