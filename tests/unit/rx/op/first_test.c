/* first_test.c */
#include "support/lab.h"

static void gives_the_first_item_and_ends(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b|");

	lab_expect_events(lab, rx_first(in, NULL), "10:a 10:|", 500);
}

static void gives_the_first_that_matches(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-5-6|");

	lab_expect_events(lab, rx_first(in, lab_above(3)), "30:5 30:|", 500);
}

static void raises_empty_when_none_matched(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-2|");

	lab_expect_events(lab, rx_first(in, lab_above(3)), "40:#empty", 500);
}

static void the_default_comes_instead(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-2|");

	lab_expect_events(lab,
			  rx_first_or_default(in, lab_above(3), value_int(9)),
			  "40:9 40:|", 500);
}

static void ends_with_the_error_of_the_predicate(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-x-5|");

	lab_expect_events(lab, rx_first(in, lab_above(3)), "10:#bad", 500);
}

static void skips_an_item_that_fails(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-x-5|");

	lab_skip_errors(lab);
	lab_expect_events(lab, rx_first(in, lab_above(3)), "10:!bad 30:5 30:|",
			  500);
}

static void passes_an_error_on(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-#");

	lab_expect_events(lab, rx_first_or_default(in, NULL, value_int(9)),
			  "10:#error", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_first(in, NULL), "10:a", 500);
}

static void find_gives_null_when_none_matched(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-2|");

	lab_expect_events(lab, rx_find(in, lab_above(3)), "40:null 40:|", 500);
}

static void find_gives_the_match(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-5-6|");

	lab_expect_events(lab, rx_find(in, lab_above(3)), "30:5 30:|", 500);
}

static void find_index_gives_its_number(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-5-6|");

	lab_expect_events(lab, rx_find_index(in, lab_above(3)), "30:1 30:|",
			  500);
}

static void find_index_gives_minus_one_when_none_matched(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1|");

	lab_expect_events(lab, rx_find_index(in, lab_above(3)), "20:-1 20:|",
			  500);
}

static void element_at_gives_that_one(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-c|");

	lab_expect_events(lab, rx_element_at(in, 1), "30:b 30:|", 500);
}

static void element_at_raises_out_of_range(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b|");

	lab_expect_events(lab, rx_element_at(in, 2), "40:#out_of_range", 500);
}

static void element_at_or_default_gives_the_default(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b|");

	lab_expect_events(lab, rx_element_at_or_default(in, 2, value_int(9)),
			  "40:9 40:|", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(gives_the_first_item_and_ends),
		lab_test(gives_the_first_that_matches),
		lab_test(raises_empty_when_none_matched),
		lab_test(the_default_comes_instead),
		lab_test(ends_with_the_error_of_the_predicate),
		lab_test(skips_an_item_that_fails),
		lab_test(passes_an_error_on),
		lab_test(can_be_cancelled_inside_next),
		lab_test(find_gives_null_when_none_matched),
		lab_test(find_gives_the_match),
		lab_test(find_index_gives_its_number),
		lab_test(find_index_gives_minus_one_when_none_matched),
		lab_test(element_at_gives_that_one),
		lab_test(element_at_raises_out_of_range),
		lab_test(element_at_or_default_gives_the_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
