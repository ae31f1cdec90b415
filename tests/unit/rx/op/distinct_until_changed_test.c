/* distinct_until_changed_test.c */
#include "support/lab.h"

static void drops_repetitions(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "1122-1|");

	lab_expect_events(lab, rx_distinct_until_changed(in, NULL),
			  "0:1 20:2 50:1 60:|", 500);
}

static void compares_keys(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "[a1][b1][c2]|");

	lab_expect_events(lab, rx_distinct_until_changed(in, lab_get("1")),
			  "0:[a,1] 80:[c,2] 120:|", 500);
}

static void takes_one_and_one_point_zero_as_equal_and_true_as_different(
	void **state)
{
	struct lab *lab = *state;
	const struct value items[] = {value_int(1), value_double(1.0),
				      value_bool(true)};

	lab_expect_events(
		lab,
		rx_distinct_until_changed(rx_of(lab_ctx(lab), items, 3), NULL),
		"0:1 0:true 0:|", 500);
}

static void skips_an_item_whose_key_fails(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "[a1]x[b1]|");

	lab_skip_errors(lab);
	lab_expect_events(lab, rx_distinct_until_changed(in, lab_get("1")),
			  "0:[a,1] 40:!bad 90:|", 500);
}

static void ends_with_the_error_of_the_key(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "[a1]x|");

	lab_expect_events(lab, rx_distinct_until_changed(in, lab_get("1")),
			  "0:[a,1] 40:#bad", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "12|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_distinct_until_changed(in, NULL), "0:1", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(drops_repetitions),
		lab_test(compares_keys),
		lab_test(
			takes_one_and_one_point_zero_as_equal_and_true_as_different),
		lab_test(skips_an_item_whose_key_fails),
		lab_test(ends_with_the_error_of_the_key),
		lab_test(can_be_cancelled_inside_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
