/* SPDX-License-Identifier: BSD-2-Clause */
/* The memory database against a model that keeps one entry for each page: random sequences of all operations. */
#include "test/unit/memory_fixture.h"

#define PAGE UINT64_C(0x1000)

enum { MODEL_PAGES = 384, MODEL_RANGES = 96 }; /* 256 pages are 1 MiB, so that the rule about low memory is in reach */

struct model {
	struct handoff_range page[MODEL_PAGES]; /* type 0: nothing known */
	struct handoff_range buffer[MODEL_RANGES];
	struct memory_map map;
	uint64_t random;
};

static void expect_same_as_model(const struct model *model)
{
	uint64_t i, page;

	assert_true(memory_map_valid(&model->map));
	for (i = 0, page = 0; page < MODEL_PAGES; page++) {
		const struct handoff_range *found = memory_map_find(&model->map, page * PAGE);
		const struct handoff_range *wanted = &model->page[page];

		assert_int_equal(found != NULL, wanted->type != 0);
		if (!found)
			continue;
		assert_int_equal(found->type, wanted->type);
		assert_int_equal(found->owner, wanted->owner);
		assert_int_equal(found->lifetime, wanted->lifetime);
		assert_int_equal(found->attributes, wanted->attributes);
	}
	for (i = 0; i < model->map.count; i++)
		assert_true(model->map.ranges[i].end_phys <= MODEL_PAGES * PAGE);
}

/* Few values, so that neighbours are often equal. */
static struct handoff_range random_kind(struct model *model)
{
	struct handoff_range range = {0};

	range.type = 1 + (uint32_t)random_below(&model->random, 2);
	range.owner = (uint32_t)random_below(&model->random, 2);
	range.lifetime = (uint32_t)random_below(&model->random, 2);
	range.attributes = random_below(&model->random, 2);
	return range;
}

static void model_fill(struct model *model, uint64_t start, uint64_t end, struct handoff_range kind)
{
	uint64_t page;

	for (page = start / PAGE; page < end / PAGE; page++)
		model->page[page] = kind;
}

static void step_set_or_remove(struct model *model, int remove)
{
	uint64_t start = random_below(&model->random, MODEL_PAGES) * PAGE;
	uint64_t end = start + (1 + random_below(&model->random, MODEL_PAGES - start / PAGE)) * PAGE;
	struct handoff_range kind = random_kind(model);
	enum memory_map_status status;

	if (random_below(&model->random, 3) && end - start > 8 * PAGE)
		end = start + 8 * PAGE;
	if (remove) {
		memset(&kind, 0, sizeof(kind));
		status = memory_map_remove(&model->map, start, end);
	} else {
		kind.start_phys = start;
		kind.end_phys = end;
		status = memory_map_set(&model->map, kind);
	}
	assert_true(status == MEMORY_MAP_OK || (status == MEMORY_MAP_FULL && model->map.count + 2 > MODEL_RANGES));
	if (status == MEMORY_MAP_OK)
		model_fill(model, start, end, kind);
}

static int model_fits(const struct model *model, const struct memory_map_request *wanted, uint64_t page)
{
	uint64_t mask = wanted->alignment ? wanted->alignment - 1 : 0, i;

	if (page + wanted->pages > MODEL_PAGES || (page * PAGE) & mask)
		return 0;
	if (page == 0 || (page < 256 && !wanted->below_1m))
		return 0;
	if (wanted->policy == MEMORY_MAP_EXACTLY && page * PAGE != wanted->address_phys)
		return 0;
	if (wanted->policy == MEMORY_MAP_AT_MOST && (page + wanted->pages) * PAGE - 1 > wanted->address_phys)
		return 0;
	for (i = page; i < page + wanted->pages; i++)
		if (model->page[i].type != wanted->from_type || model->page[i].lifetime != wanted->from_lifetime)
			return 0;
	return 1;
}

/* The page where the request must be placed, 0 for none. */
static uint64_t model_place(const struct model *model, const struct memory_map_request *wanted)
{
	uint64_t page, found = 0;

	for (page = 1; page < MODEL_PAGES; page++) {
		if (!model_fits(model, wanted, page))
			continue;
		if (found == 0 || !wanted->bottom_up)
			found = page;
	}
	return found;
}

static void step_alloc(struct model *model)
{
	struct memory_map_request wanted = {
		.policy = (enum memory_map_policy)random_below(&model->random, 3),
		.from_type = 1 + (uint32_t)random_below(&model->random, 2),
		.from_lifetime = (uint32_t)random_below(&model->random, 2),
		.bottom_up = (uint32_t)random_below(&model->random, 2),
		.below_1m = (uint32_t)random_below(&model->random, 2),
		.pages = 1 + random_below(&model->random, 6),
		.alignment = random_below(&model->random, 2) ? PAGE << random_below(&model->random, 5) : 0,
		.address_phys = random_below(&model->random, MODEL_PAGES) * PAGE,
	};
	struct handoff_range as = random_kind(model);
	uint64_t start = 0, page = model_place(model, &wanted), key = model->map.key;
	enum memory_map_status status = memory_map_alloc(&model->map, &wanted, as, &start);

	if (status == MEMORY_MAP_FULL) {
		assert_true(model->map.count + 2 > MODEL_RANGES && model->map.key == key);
		return;
	}
	assert_int_equal(status, page ? MEMORY_MAP_OK : MEMORY_MAP_NOT_FOUND);
	assert_int_equal(start, page * PAGE);
	if (page)
		model_fill(model, start, start + wanted.pages * PAGE, as);
}

static void step_free(struct model *model)
{
	uint64_t page = random_below(&model->random, MODEL_PAGES - 4), pages = 1 + random_below(&model->random, 4), i;
	uint32_t owner = (uint32_t)random_below(&model->random, 2);
	struct handoff_range back = random_kind(model);
	int allowed = 1;
	enum memory_map_status status = memory_map_free(&model->map, page * PAGE, pages, owner, back);

	for (i = page; i < page + pages; i++)
		allowed &= model->page[i].type != 0 && model->page[i].owner == owner;
	if (status == MEMORY_MAP_FULL) {
		assert_true(allowed && model->map.count + 2 > MODEL_RANGES);
		return;
	}
	assert_int_equal(status, allowed ? MEMORY_MAP_OK : MEMORY_MAP_NOT_FOUND);
	if (allowed)
		model_fill(model, page * PAGE, (page + pages) * PAGE, back);
}

static void random_operations_agree_with_a_page_model(void **state)
{
	static struct model model;
	uint64_t step;

	(void)state;
	for (step = 0; step < 12000; step++) {
		struct handoff_range before[MODEL_RANGES];
		uint64_t count, key;

		if (step % 3000 == 0) {
			memset(&model, 0, sizeof(model));
			model.random = step + 1;
			memory_map_init(&model.map, model.buffer, sizeof(model.buffer));
		}
		count = model.map.count;
		key = model.map.key;
		memcpy(before, model.buffer, sizeof(before));
		switch (random_below(&model.random, 5)) {
		case 0:
		case 1:
			step_set_or_remove(&model, 0);
			break;
		case 2:
			step_set_or_remove(&model, random_below(&model.random, 4) == 0);
			break;
		case 3:
			step_alloc(&model);
			break;
		default:
			step_free(&model);
		}
		expect_same_as_model(&model);
		/* The key changes with every alteration and only then. */
		assert_int_equal(model.map.key != key, model.map.count != count ||
				 memcmp(before, model.buffer, count * sizeof(*before)) != 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_operations_agree_with_a_page_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
