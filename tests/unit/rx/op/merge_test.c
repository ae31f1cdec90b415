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

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(gives_all_as_they_come),
		lab_test(the_first_error_ends_it),
		lab_test(of_nothing_ends),
		lab_test(
			cancelled_inside_the_first_never_subscribes_the_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
