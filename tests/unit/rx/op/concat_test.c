/* concat_test.c */
#include "support/lab.h"

static void gives_one_after_the_other(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_cold(lab, "-1-|");
	struct rx_source *b = lab_cold(lab, "-2-|");
	struct rx_source *in[] = {a, b};

	lab_expect_events(lab, rx_concat(lab_ctx(lab), in, 2), "10:1 40:2 60:|",
			  500);
}

static void an_error_ends_it(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_cold(lab, "-1-#");
	struct rx_source *b = lab_cold(lab, "-2-|");
	struct rx_source *in[] = {a, b};

	lab_expect_events(lab, rx_concat(lab_ctx(lab), in, 2), "10:1 30:#error",
			  500);
}

static void of_nothing_ends(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab, rx_concat(lab_ctx(lab), NULL, 0), "0:|", 500);
}

static void goes_round_without_recursion(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in[100000];

	for (int i = 0; i < 100000; i++)
		in[i] = rx_empty(lab_ctx(lab));
	lab_expect_events(lab, rx_concat(lab_ctx(lab), in, 100000), "0:|", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_cold(lab, "-1|");
	struct rx_source *b = lab_cold(lab, "-2-3|");
	struct rx_source *in[] = {a, b};

	lab_cancel_after(lab, 2);
	lab_expect_events(lab, rx_concat(lab_ctx(lab), in, 2), "10:1 30:2",
			  500);
}

static void catch_goes_on_after_an_error_only(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_cold(lab, "-1#");
	struct rx_source *b = lab_cold(lab, "-2|");
	struct rx_source *c = lab_cold(lab, "-3|");
	struct rx_source *in[] = {a, b, c};

	lab_expect_events(lab, rx_catch_many(lab_ctx(lab), in, 3),
			  "10:1 30:2 40:|", 500);
}

static void catch_ends_with_the_error_of_the_last(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_cold(lab, "-1#");
	struct rx_source *b = lab_cold(lab, "-2#");
	struct rx_source *in[] = {a, b};

	lab_expect_events(lab, rx_catch_many(lab_ctx(lab), in, 2),
			  "10:1 30:2 40:#error", 500);
}

static void on_error_resume_next_goes_on_after_either(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_cold(lab, "-1#");
	struct rx_source *b = lab_cold(lab, "-2|");
	struct rx_source *c = lab_cold(lab, "-3#");
	struct rx_source *in[] = {a, b, c};

	lab_expect_events(lab, rx_on_error_resume_next(lab_ctx(lab), in, 3),
			  "10:1 30:2 50:3 60:|", 500);
}

static void an_error_can_wait_for_the_others(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in[] = {lab_cold(lab, "-1-#"), lab_cold(lab, "-2|")};

	lab_expect_events(lab, rx_concat_delay_error(lab_ctx(lab), in, 2),
			  "10:1 40:2 50:#error", 500);
}

static void of_several_errors_the_first_is_told(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in[] = {rx_throw(lab_ctx(lab), STR("no")),
				  lab_cold(lab, "-2#")};

	lab_expect_events(lab, rx_concat_delay_error(lab_ctx(lab), in, 2),
			  "10:2 20:#no (and 1 more error)", 500);
}

static void an_error_that_waits_goes_with_a_cancel(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in[] = {rx_throw(lab_ctx(lab), STR("no")),
				  lab_cold(lab, "-2-3|")};

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_concat_delay_error(lab_ctx(lab), in, 2),
			  "10:2", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(gives_one_after_the_other),
		lab_test(an_error_ends_it),
		lab_test(of_nothing_ends),
		lab_test(goes_round_without_recursion),
		lab_test(can_be_cancelled_inside_next),
		lab_test(catch_goes_on_after_an_error_only),
		lab_test(catch_ends_with_the_error_of_the_last),
		lab_test(on_error_resume_next_goes_on_after_either),
		lab_test(an_error_can_wait_for_the_others),
		lab_test(of_several_errors_the_first_is_told),
		lab_test(an_error_that_waits_goes_with_a_cancel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
