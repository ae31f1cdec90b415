/* count_test.c */
#include "support/lab.h"

static void counts(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-|");

	lab_expect_events(lab, rx_count(in, NULL), "50:2 50:|", 500);
}

static void counts_what_matches(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-5-6|");

	lab_expect_events(lab, rx_count(in, lab_above(3)), "60:2 60:|", 500);
}

static void ends_with_the_error_of_the_predicate(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-x|");

	lab_expect_events(lab, rx_count(in, lab_above(3)), "10:#bad", 500);
}

static void says_nothing_before_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a#");

	lab_expect_events(lab, rx_count(in, NULL), "20:#error", 500);
}

static void can_be_cancelled_in_the_answer(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_count(in, NULL), "20:1", 500);
}

static void sum_adds(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-5-6|");

	lab_expect_events(lab, rx_sum(in, NULL), "60:12 60:|", 500);
}

static void sum_of_nothing_is_zero(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-|");

	lab_expect_events(lab, rx_sum(in, NULL), "10:0 10:|", 500);
}

static void sum_asks_for_the_number_of_an_item(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "[a1][b2]|");

	lab_expect_events(lab, rx_sum(in, lab_get("1")), "80:3 80:|", 500);
}

static void sum_adds_fractions_too(void **state)
{
	struct lab *lab = *state;
	const struct value items[] = {value_int(1), value_double(0.5)};

	lab_expect_events(lab, rx_sum(rx_of(lab_ctx(lab), items, 2), NULL),
			  "0:1.5 0:|", 500);
}

static void sum_goes_on_beyond_64_bits(void **state)
{
	struct lab *lab = *state;
	const struct value items[] = {value_int(INT64_MAX),
				      value_int(INT64_MAX)};

	lab_expect_events(lab, rx_sum(rx_of(lab_ctx(lab), items, 2), NULL),
			  "0:1.84467e+19 0:|", 500);
}

static void sum_of_a_string_is_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-a|");

	lab_expect_events(lab, rx_sum(in, NULL),
			  "30:#sum: string is not a number", 500);
}

static void sum_skips_a_string_when_item_errors_are_handled(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-a-2|");

	lab_skip_errors(lab);
	lab_expect_events(lab, rx_sum(in, NULL),
			  "30:!sum: string is not a number 60:3 60:|", 500);
}

static void average_of_whole_numbers_may_be_whole(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-2-6|");

	lab_expect_events(lab, rx_average(in, NULL), "60:3 60:|", 500);
}

static void average_may_be_a_fraction(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-2|");

	lab_expect_events(lab, rx_average(in, NULL), "40:1.5 40:|", 500);
}

static void average_of_nothing_is_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-|");

	lab_expect_events(lab, rx_average(in, NULL), "10:#empty", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(counts),
		lab_test(counts_what_matches),
		lab_test(ends_with_the_error_of_the_predicate),
		lab_test(says_nothing_before_an_error),
		lab_test(can_be_cancelled_in_the_answer),
		lab_test(sum_adds),
		lab_test(sum_of_nothing_is_zero),
		lab_test(sum_asks_for_the_number_of_an_item),
		lab_test(sum_adds_fractions_too),
		lab_test(sum_goes_on_beyond_64_bits),
		lab_test(sum_of_a_string_is_an_error),
		lab_test(sum_skips_a_string_when_item_errors_are_handled),
		lab_test(average_of_whole_numbers_may_be_whole),
		lab_test(average_may_be_a_fraction),
		lab_test(average_of_nothing_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
