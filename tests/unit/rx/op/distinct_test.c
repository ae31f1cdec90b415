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

static void a_key_is_forgotten_after_a_while(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-1-1-1-2-1-|");

	/* The second 1 does not prolong: 45 ms after the first it is new. */
	lab_expect(lab,
		   rx_distinct_within(in, NULL,
				      (struct rx_distinct_opts){.within_ms =
									45}),
		   "-1-----1-2---|");
}

static void the_oldest_key_makes_room(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "12132123|");

	lab_expect(lab,
		   rx_distinct_within(in, NULL,
				      (struct rx_distinct_opts){.max_keys = 2}),
		   "12-3-123|");
}

static void both_bounds_hold_together(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "1-2-3-1-3-3-2|");

	lab_expect(lab,
		   rx_distinct_within(in, NULL,
				      (struct rx_distinct_opts){.within_ms = 45,
								.max_keys = 2}),
		   "1-2-3-1---3-2|");
}

static void max_keys_is_not_bounded_by_the_default(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in =
		rx_range(lab_ctx(lab), 0, RX_MAX_BUFFER_DEFAULT + 10, 1);

	lab_expect_events(
		lab,
		rx_count(rx_distinct_within(in, NULL,
					    (struct rx_distinct_opts){
						    .max_keys = 100000}),
			 NULL),
		"0:65546 0:|", 500);
}

static void a_key_too_many_is_refused_until_one_is_forgotten(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "1-2-3---3|");

	lab_skip_errors(lab);
	lab_expect_events(
		lab,
		rx_distinct_within(in, NULL,
				   (struct rx_distinct_opts){.within_ms = 55,
							     .max_buffer = 2}),
		"0:1 20:2 40:!distinct holds 2 items, its max_buffer 80:3 90:|",
		500);
}

static void a_key_keeps_no_cause(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "1-2-1");

	lab_cancel_after(lab, 2);
	lab_expect_events(lab,
			  rx_distinct_within(in, NULL,
					     (struct rx_distinct_opts){
						     .within_ms = 500}),
			  "0:1 20:2", 100);
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
		lab_test(a_key_is_forgotten_after_a_while),
		lab_test(the_oldest_key_makes_room),
		lab_test(both_bounds_hold_together),
		lab_test(max_keys_is_not_bounded_by_the_default),
		lab_test(a_key_too_many_is_refused_until_one_is_forgotten),
		lab_test(a_key_keeps_no_cause),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
