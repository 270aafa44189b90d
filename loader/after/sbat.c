/* SPDX-License-Identifier: BSD-2-Clause */
/* Revocation data for shim: component, generation, vendor (SBAT.md of shim). */

__attribute__((used, section(".sbat"))) static const char sbat[] =
	"sbat,1,SBAT Version,sbat,1,https://github.com/rhboot/shim/blob/main/SBAT.md\n"
	"baton,1,Baton,baton,1,https://baton.invalid/\n";
