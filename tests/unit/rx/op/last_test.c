/* last_test.c */
#include "support/lab.h"

static void gives_the_last_item_under_its_cause(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-|");

	lab_show_causes(lab);
	lab_expect_events(lab, rx_last(in, NULL), "50:b<b> 50:|", 500);
}

static void gives_the_last_that_matches(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-5-6-1|");

	lab_expect_events(lab, rx_last(in, lab_above(3)), "60:6 60:|", 500);
}

static void raises_empty_when_none_matched(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1|");

	lab_expect_events(lab, rx_last(in, lab_above(3)), "20:#empty", 500);
}

static void the_default_comes_instead(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1|");

	lab_expect_events(lab,
			  rx_last_or_default(in, lab_above(3), value_int(9)),
			  "20:9 20:|", 500);
}

static void gives_nothing_before_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-5#");

	lab_expect_events(lab, rx_last(in, lab_above(3)), "20:#error", 500);
}

static void skips_an_item_that_fails(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-5-x|");

	lab_skip_errors(lab);
	lab_expect_events(lab, rx_last(in, lab_above(3)), "30:!bad 40:5 40:|",
			  500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_last(in, NULL), "20:a", 500);
}

static void single_gives_the_only_one_at_the_end(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-5-|");

	lab_expect_events(lab, rx_single(in, lab_above(3)), "50:5 50:|", 500);
}

static void single_raises_more_than_one_when_the_second_arrives(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-5-6-|");

	lab_expect_events(lab, rx_single(in, lab_above(3)), "30:#more_than_one",
			  500);
}

static void single_raises_empty(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-|");

	lab_expect_events(lab, rx_single(in, NULL), "10:#empty", 500);
}

static void single_or_default_gives_the_default(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-|");

	lab_expect_events(lab, rx_single_or_default(in, NULL, value_int(9)),
			  "10:9 10:|", 500);
}

static void single_or_default_raises_more_than_one_too(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "ab|");

	lab_expect_events(lab, rx_single_or_default(in, NULL, value_int(9)),
			  "10:#more_than_one", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(gives_the_last_item_under_its_cause),
		lab_test(gives_the_last_that_matches),
		lab_test(raises_empty_when_none_matched),
		lab_test(the_default_comes_instead),
		lab_test(gives_nothing_before_an_error),
		lab_test(skips_an_item_that_fails),
		lab_test(can_be_cancelled_inside_next),
		lab_test(single_gives_the_only_one_at_the_end),
		lab_test(single_raises_more_than_one_when_the_second_arrives),
		lab_test(single_raises_empty),
		lab_test(single_or_default_gives_the_default),
		lab_test(single_or_default_raises_more_than_one_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
