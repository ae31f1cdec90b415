/* min_test.c */
#include "support/lab.h"

static void gives_the_least_in_the_order_of_jq_under_its_cause(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "b-a-1-2|");

	lab_show_causes(lab);
	lab_expect_events(lab, rx_min(in), "70:1<1> 70:|", 500);
}

static void max_gives_the_greatest(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "1-a-b-2|");

	lab_expect_events(lab, rx_max(in), "70:b 70:|", 500);
}

static void of_nothing_is_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-|");

	lab_expect_events(lab, rx_min(in), "10:#empty", 500);
}

static void gives_nothing_before_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "1#");

	lab_expect_events(lab, rx_max(in), "10:#error", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "1|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_min(in), "10:1", 500);
}

static void min_by_gives_all_with_the_least_key(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "[a1][b2][c1]|");

	lab_show_causes(lab);
	lab_expect_events(lab, rx_min_by(in, lab_get("1"), 0),
			  "120:[[a,1],[c,1]]<[a,1],[c,1]> 120:|", 500);
}

static void max_by_gives_all_with_the_greatest_key(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "[a1][b2][c1]|");

	lab_expect_events(lab, rx_max_by(in, lab_get("1"), 0),
			  "120:[[b,2]] 120:|", 500);
}

static void max_by_of_nothing_is_an_empty_array(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-|");

	lab_expect_events(lab, rx_max_by(in, NULL, 0), "10:[] 10:|", 500);
}

static void max_by_skips_an_item_whose_key_fails(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "[a1]x|");

	lab_skip_errors(lab);
	lab_expect_events(lab, rx_max_by(in, lab_get("1"), 0),
			  "40:!bad 50:[[a,1]] 50:|", 500);
}

static void max_by_refuses_an_item_too_many(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "222|");

	lab_skip_errors(lab);
	lab_expect_events(
		lab, rx_max_by(in, NULL, 2),
		"20:!max_by holds 2 items, its max_buffer 30:[2,2] 30:|", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(gives_the_least_in_the_order_of_jq_under_its_cause),
		lab_test(max_gives_the_greatest),
		lab_test(of_nothing_is_an_error),
		lab_test(gives_nothing_before_an_error),
		lab_test(can_be_cancelled_inside_next),
		lab_test(min_by_gives_all_with_the_least_key),
		lab_test(max_by_gives_all_with_the_greatest_key),
		lab_test(max_by_of_nothing_is_an_empty_array),
		lab_test(max_by_skips_an_item_whose_key_fails),
		lab_test(max_by_refuses_an_item_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
