/* materialize_test.c */
#include "support/lab.h"

static void gives_what_happens_as_items(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-|");

	lab_expect_events(lab, rx_materialize(in),
			  "10:{kind:N,value:a} 30:{kind:C} 30:|", 500);
}

static void gives_an_error_as_an_item(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-#");

	lab_expect_events(lab, rx_materialize(in),
			  "10:{kind:E,error:error} 10:|", 500);
}

static void can_be_cancelled_in_the_last_word(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_materialize(in), "10:{kind:C}", 500);
}

static void dematerialize_goes_back(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-|");

	lab_expect_events(lab, rx_dematerialize(rx_materialize(in)),
			  "10:a 30:|", 500);
}

static void dematerialize_raises_the_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-#");

	lab_expect_events(lab, rx_dematerialize(rx_materialize(in)),
			  "10:a 30:#error", 500);
}

static void dematerialize_refuses_what_is_no_notification(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-|");

	lab_expect_events(lab, rx_dematerialize(in),
			  "10:#dematerialize: the kind is not N, E or C", 500);
}

static void dematerialize_skips_it_when_item_errors_are_handled(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-|");

	lab_skip_errors(lab);
	lab_expect_events(lab, rx_dematerialize(in),
			  "10:!dematerialize: the kind is not N, E or C 30:|",
			  500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(gives_what_happens_as_items),
		lab_test(gives_an_error_as_an_item),
		lab_test(can_be_cancelled_in_the_last_word),
		lab_test(dematerialize_goes_back),
		lab_test(dematerialize_raises_the_error),
		lab_test(dematerialize_refuses_what_is_no_notification),
		lab_test(dematerialize_skips_it_when_item_errors_are_handled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
