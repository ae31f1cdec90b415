/* partition_test.c */
#include "rx/host.h"
#include "support/lab.h"

static void gives_what_holds_and_the_rest(void **state)
{
	struct lab *lab = *state;
	struct rx_source *out[2];

	rx_partition(lab_cold(lab, "-1-2-3-|"), lab_above(1), out);
	out[1] = rx_map(out[1], lab_times_ten());
	lab_expect_events(lab, rx_merge(lab_ctx(lab), out, 2),
			  "10:10 30:2 50:3 70:|", 100);
	assert_int_equal(lab_cold_runs(lab), 1);
}

static int first_two(struct value v, const struct rx_vars *vars,
		     struct value *out, struct weir_error *err)
{
	*out = value_bool(vars->index < 2);
	return 0;
}

static void indexed_lends_the_number_of_the_item(void **state)
{
	struct lab *lab = *state;
	struct rx_source *out[2];

	rx_partition_indexed(lab_cold(lab, "-1-2-3-|"), lab_fn(first_two), out);
	out[0] = rx_map(out[0], lab_times_ten());
	lab_expect_events(lab, rx_merge(lab_ctx(lab), out, 2),
			  "10:10 30:20 50:3 70:|", 100);
}

static void an_item_that_fails_is_an_item_error_of_each(void **state)
{
	struct lab *lab = *state;
	struct rx_source *out[2];

	lab_skip_errors(lab);
	rx_partition(lab_cold(lab, "-x-3-|"), lab_above(1), out);
	lab_expect_events(lab, rx_merge(lab_ctx(lab), out, 2),
			  "10:!bad 10:!bad 30:3 50:|", 100);
}

static void an_error_reaches_both(void **state)
{
	struct lab *lab = *state;
	struct rx_source *out[2];

	rx_partition(lab_cold(lab, "-1-#"), lab_above(1), out);
	lab_expect_events(lab, rx_merge_limited(lab_ctx(lab), out, 2, 0, true),
			  "10:1 30:#error (and 1 more error)", 100);
}

static void either_may_be_left_alone(void **state)
{
	struct lab *lab = *state;
	struct rx_source *out[2];

	rx_partition(lab_cold(lab, "-1-3-|"), lab_above(1), out);
	rx_source_unref(out[1]);
	lab_expect(lab, out[0], "---3-|");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(gives_what_holds_and_the_rest),
		lab_test(indexed_lends_the_number_of_the_item),
		lab_test(an_item_that_fails_is_an_item_error_of_each),
		lab_test(an_error_reaches_both),
		lab_test(either_may_be_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
