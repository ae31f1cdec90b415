/* distinct_test.c */
#include "support/lab.h"

static void drops_what_was_there_before(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "12132|");

	lab_expect_events(lab, rx_distinct(in, NULL, 0), "0:1 10:2 30:3 50:|",
			  500);
}

static void compares_keys(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "[a1][b2][c1]|");

	lab_expect_events(lab, rx_distinct(in, lab_get("1"), 0),
			  "0:[a,1] 40:[b,2] 120:|", 500);
}

static void refuses_a_key_too_many(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "123141|");

	lab_skip_errors(lab);
	lab_expect_events(lab, rx_distinct(in, NULL, 2),
			  "0:1 10:2 20:!distinct holds 2 items, its max_buffer "
			  "40:!distinct holds 2 items, its max_buffer 60:|",
			  500);
}

static void ends_when_it_is_full_without_a_handler(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "123|");

	lab_expect_events(lab, rx_distinct(in, NULL, 2),
			  "0:1 10:2 20:#distinct holds 2 items, its max_buffer",
			  500);
}

static void skips_an_item_whose_key_fails(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "[a1]x[b1]|");

	lab_skip_errors(lab);
	lab_expect_events(lab, rx_distinct(in, lab_get("1"), 0),
			  "0:[a,1] 40:!bad 90:|", 500);
}

static void remembers_many(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(
		lab,
		rx_count(rx_distinct(rx_range(lab_ctx(lab), 0, 5000, 1), NULL,
				     0),
			 NULL),
		"0:5000 0:|", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "12|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_distinct(in, NULL, 0), "0:1", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(drops_what_was_there_before),
		lab_test(compares_keys),
		lab_test(refuses_a_key_too_many),
		lab_test(ends_when_it_is_full_without_a_handler),
		lab_test(skips_an_item_whose_key_fails),
		lab_test(remembers_many),
		lab_test(can_be_cancelled_inside_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
