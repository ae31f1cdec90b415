/* merge_test.c */
#include "support/lab.h"

static void gives_all_as_they_come(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_hot(lab, "-1---3-|");
	struct rx_source *b = lab_hot(lab, "---2-----4-|");
	struct rx_source *in[] = {a, b};

	lab_expect_events(lab, rx_merge(lab_ctx(lab), in, 2),
			  "10:1 30:2 50:3 90:4 110:|", 500);
}

static void the_first_error_ends_it(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_hot(lab, "-1---3-|");
	struct rx_source *b = lab_hot(lab, "---#");
	struct rx_source *in[] = {a, b};

	lab_expect_events(lab, rx_merge(lab_ctx(lab), in, 2), "10:1 30:#error",
			  500);
}

static void of_nothing_ends(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab, rx_merge(lab_ctx(lab), NULL, 0), "0:|", 500);
}

static void cancelled_inside_the_first_never_subscribes_the_second(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_cold(lab, "1");
	struct rx_source *b = lab_cold(lab, "2");
	struct rx_source *in[] = {a, b};

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_merge(lab_ctx(lab), in, 2), "0:1", 500);
	assert_int_equal(lab_cold_runs(lab), 1);
}

static void subscribes_as_many_as_are_allowed(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in[] = {lab_cold(lab, "-1-|"),
				  lab_cold(lab, "-2---|"),
				  lab_cold(lab, "-3|")};

	lab_expect_events(lab, rx_merge_limited(lab_ctx(lab), in, 3, 2, false),
			  "10:1 10:2 40:3 50:|", 500);
}

static void one_at_a_time_does_not_recurse(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in[2000];

	for (size_t i = 0; i < ARRAY_LEN(in); i++)
		in[i] = rx_empty(lab_ctx(lab));
	lab_expect_events(lab,
			  rx_merge_limited(lab_ctx(lab), in, ARRAY_LEN(in), 1,
					   false),
			  "0:|", 500);
}

static void an_error_can_wait_for_the_others(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in[] = {lab_hot(lab, "-1-#"),
				  lab_hot(lab, "--2--3|")};

	lab_expect_events(lab, rx_merge_limited(lab_ctx(lab), in, 2, 0, true),
			  "10:1 20:2 50:3 60:#error", 500);
}

static void an_error_that_waits_makes_room(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in[] = {lab_cold(lab, "-1#"), lab_cold(lab, "-2|")};

	lab_expect_events(lab, rx_merge_limited(lab_ctx(lab), in, 2, 1, true),
			  "10:1 30:2 40:#error", 500);
}

static void of_several_errors_the_first_is_told(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in[] = {lab_hot(lab, "--#"),
				  rx_throw(lab_ctx(lab), STR("no")),
				  lab_hot(lab, "---#")};

	lab_expect_events(lab, rx_merge_limited(lab_ctx(lab), in, 3, 0, true),
			  "30:#no (and 2 more errors)", 500);
}

static void an_error_that_waits_goes_with_a_cancel(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in[] = {lab_hot(lab, "#"), lab_hot(lab, "-1-2-")};

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_merge_limited(lab_ctx(lab), in, 2, 0, true),
			  "10:1", 500);
}

static void cancelled_inside_next_opens_no_more(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in[] = {lab_cold(lab, "(1|)"), lab_cold(lab, "2")};

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_merge_limited(lab_ctx(lab), in, 2, 1, false),
			  "0:1", 500);
	assert_int_equal(lab_cold_runs(lab), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(gives_all_as_they_come),
		lab_test(the_first_error_ends_it),
		lab_test(of_nothing_ends),
		lab_test(
			cancelled_inside_the_first_never_subscribes_the_second),
		lab_test(subscribes_as_many_as_are_allowed),
		lab_test(one_at_a_time_does_not_recurse),
		lab_test(an_error_can_wait_for_the_others),
		lab_test(an_error_that_waits_makes_room),
		lab_test(of_several_errors_the_first_is_told),
		lab_test(an_error_that_waits_goes_with_a_cancel),
		lab_test(cancelled_inside_next_opens_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
