/* SPDX-License-Identifier: BSD-2-Clause */
/* Network controllers lose the right to write to memory, wherever they are (L23), and nothing else changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "lib/pci.h"

enum { FUNCTIONS_MAX = 32, LOOKS_MAX = 65536 * 8, NETWORK = 0x02000000, STORAGE = 0x01060100, BRIDGE = 0x06040000 };

/* One function of the modelled machine. */
struct function {
	uint32_t address, class, type, secondary, command;
};

static struct {
	struct function functions[FUNCTIONS_MAX];
	uint32_t count, reads, writes;
	int everywhere; /* every address is a bridge to every bus */
} machine;

static struct function *find(uint32_t address)
{
	for (uint32_t i = 0; i < machine.count; i++)
		if (machine.functions[i].address == (address & ~UINT32_C(0xff)))
			return &machine.functions[i];
	return NULL;
}

static uint32_t model_read(void *context, uint32_t address)
{
	const struct function *f = find(address);

	assert_ptr_equal(context, &machine);
	assert_true(address < UINT32_C(1) << 24 && address % 4 == 0);
	machine.reads++;
	if (machine.everywhere)
		return (address & 0xff) == 0x0c ? 0x00810000 : (address & 0xff) == 0x18 ? machine.reads << 8 : 0x02345678;
	if (f == NULL)
		return UINT32_MAX;
	switch (address & 0xff) {
	case 0x00:
		return 0x10d38086;
	case 0x04:
		return 0xffff0000 | f->command; /* all of the status bits are set */
	case 0x08:
		return f->class;
	case 0x0c:
		return f->type << 16;
	case 0x18:
		return f->secondary << 8;
	default:
		fail_msg("offset 0x%x was read", address & 0xff);
	}
	return 0;
}

static void model_write(void *context, uint32_t address, uint32_t value)
{
	struct function *f = find(address);

	(void)context;
	assert_non_null(f);
	assert_int_equal(address & 0xff, 4);
	assert_int_equal(value >> 16, 0); /* a one would clear a status bit */
	f->command = value;
	machine.writes++;
}

static const struct pci_access access = { model_read, model_write, &machine };

static struct function *add(uint32_t bus, uint32_t device, uint32_t function, uint32_t class, uint32_t type)
{
	struct function *f = &machine.functions[machine.count++];

	*f = (struct function){ bus << 16 | device << 11 | function << 8, class, type, 0, 0x0507 };
	return f;
}

static struct function *add_bridge(uint32_t bus, uint32_t device, uint32_t secondary)
{
	struct function *f = add(bus, device, 0, BRIDGE, 1);

	f->secondary = secondary;
	return f;
}

static int reset(void **state)
{
	(void)state;
	memset(&machine, 0, sizeof(machine));
	return 0;
}

static void test_nothing_there(void **state)
{
	(void)state;
	assert_int_equal(pci_stop_network(&access), 0);
	assert_int_equal(machine.reads, 32);
}

static void test_L23_only_the_right_of_network_controllers(void **state)
{
	struct function *ethernet = add(0, 2, 0, NETWORK, 0), *disk = add(0, 3, 0, STORAGE, 0);

	(void)state;
	assert_int_equal(pci_stop_network(&access), 1);
	assert_int_equal(ethernet->command, 0x0503);
	assert_int_equal(disk->command, 0x0507);
	assert_int_equal(machine.writes, 1);
}

static void test_L23_one_that_has_none_is_left_alone(void **state)
{
	(void)state;
	add(0, 31, 0, NETWORK, 0)->command = 0x0103;
	assert_int_equal(pci_stop_network(&access), 0);
	assert_int_equal(machine.writes, 0);
}

static void test_L23_functions(void **state)
{
	struct function *last;

	(void)state;
	add(0, 4, 0, STORAGE, 0x80);
	last = add(0, 4, 7, NETWORK, 0x80);
	/* The second function of a device that says it has one only is no function. */
	add(0, 5, 0, STORAGE, 0);
	add(0, 5, 1, NETWORK, 0);
	assert_int_equal(pci_stop_network(&access), 1);
	assert_int_equal(last->command, 0x0503);
}

static void test_L23_behind_bridges(void **state)
{
	(void)state;
	add_bridge(0, 28, 1);
	add_bridge(1, 0, 200);
	add(200, 0, 0, NETWORK, 0);
	add_bridge(0, 29, 255);
	add(255, 31, 0, NETWORK, 0);
	add(77, 0, 0, NETWORK, 0); /* no bridge leads there */
	assert_int_equal(pci_stop_network(&access), 2);
}

static void test_bridges_that_lead_back(void **state)
{
	(void)state;
	add_bridge(0, 1, 5);
	add_bridge(5, 0, 0);
	add_bridge(5, 1, 5);
	add(5, 2, 0, NETWORK, 0);
	assert_int_equal(pci_stop_network(&access), 1);
}

static void test_hostile_space_ends(void **state)
{
	(void)state;
	machine.everywhere = 1;
	assert_int_equal(pci_stop_network(&access), 0);
	assert_true(machine.reads > 65536 && machine.reads <= LOOKS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_nothing_there, reset),
		cmocka_unit_test_setup(test_L23_only_the_right_of_network_controllers, reset),
		cmocka_unit_test_setup(test_L23_one_that_has_none_is_left_alone, reset),
		cmocka_unit_test_setup(test_L23_functions, reset),
		cmocka_unit_test_setup(test_L23_behind_bridges, reset),
		cmocka_unit_test_setup(test_bridges_that_lead_back, reset),
		cmocka_unit_test_setup(test_hostile_space_ends, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
