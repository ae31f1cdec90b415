/* pairwise_test.c */
#include "support/lab.h"

static void push_seven(struct lab *lab, struct value v)
{
	lab_on_next(lab, NULL);
	lab_push(lab, value_int(7));
}

static void gives_each_item_with_the_one_before(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-c|");

	lab_expect_events(lab, rx_pairwise(in), "30:[a,b] 50:[b,c] 60:|", 500);
}

static void of_one_item_gives_only_the_end(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a|");

	lab_expect_events(lab, rx_pairwise(in), "20:|", 500);
}

static void passes_an_error_on(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a#");

	lab_expect_events(lab, rx_pairwise(in), "20:#error", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-c|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_pairwise(in), "30:[a,b]", 500);
}

static void an_item_pushed_from_inside_has_the_right_neighbour(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-c|");

	lab_on_next(lab, push_seven);
	lab_expect_events(lab, rx_pairwise(in),
			  "30:[a,b] 30:[b,7] 50:[7,c] 60:|", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(gives_each_item_with_the_one_before),
		lab_test(of_one_item_gives_only_the_end),
		lab_test(passes_an_error_on),
		lab_test(can_be_cancelled_inside_next),
		lab_test(an_item_pushed_from_inside_has_the_right_neighbour),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
