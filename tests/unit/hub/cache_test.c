/* cache_test.c - the parts of the last while. */
#include "lab.h"

#include "hub/cache.h"

static void configure(struct lab *lab, int64_t ms, size_t bytes)
{
	struct hub_conf conf = hub_conf_default;

	conf.cache_ms = ms;
	conf.cache_max = bytes;
	hub_configure(lab->hub, &conf);
}

/* How many there are, by walking from number n on. */
static uint64_t count(struct lab *lab, uint64_t n)
{
	const struct hub_cache *c = hub_parts_kept(lab->hub);
	uint64_t found = 0;

	while (hub_cache_next(c, &n, c->end)) {
		found++;
		n++;
	}
	return found;
}

static void parts_of_nobodys_interest_are_kept_too(void **state)
{
	struct lab *lab = *state;

	lab_push(lab, 1);
	assert_int_equal(count(lab, 0), 0); /* none is wanted */
	configure(lab, 1000, 1 << 20);
	for (int i = 0; i < 1000; i++)
		lab_push(lab, 10);
	assert_int_equal(count(lab, 0), 1000);
	assert_int_equal(count(lab, 901), 100);
	assert_int_equal(hub_figures(lab->hub).cached, 1000);
}

static void the_oldest_go_when_it_is_full(void **state)
{
	struct lab *lab = *state;
	const struct hub_cache *c = hub_parts_kept(lab->hub);

	configure(lab, 1000, 10000);
	for (int i = 0; i < 500; i++) {
		lab_push(lab, (size_t)(i % 300));
		assert_true(c->bytes <= 10000);
	}
	assert_in_range(count(lab, 0), 20, 60);
	lab_push(lab, 20000); /* has no room at all */
	assert_int_equal(count(lab, 0), 0);
	assert_int_equal(c->bytes, 0);
	lab_push(lab, 1);
	assert_int_equal(count(lab, 0), 1);
	configure(lab, 0, 10000);
	assert_int_equal(count(lab, 0), 0);
}

static void they_go_by_age_without_a_new_one(void **state)
{
	struct lab *lab = *state;

	configure(lab, 40, 10000);
	lab_push(lab, 1);
	lab_run(lab, 20);
	lab_push(lab, 1);
	assert_int_equal(count(lab, 0), 2);
	lab_run(lab, 30);
	assert_int_equal(count(lab, 0), 1);
	lab_run(lab, 30);
	assert_int_equal(hub_figures(lab->hub).cached_bytes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(parts_of_nobodys_interest_are_kept_too),
		LAB_TEST(the_oldest_go_when_it_is_full),
		LAB_TEST(they_go_by_age_without_a_new_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
