/* delay_test.c */
#include "support/lab.h"

static void push_seven(struct lab *lab, struct value v)
{
	lab_on_next(lab, NULL);
	lab_push(lab, value_int(7));
}

static void shifts_items_and_the_end(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-|");

	lab_expect_events(lab, rx_delay(in, 30, 0), "40:a 60:b 80:|", 500);
}

static void lets_an_error_overtake(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-#");

	lab_expect_events(lab, rx_delay(in, 30, 0), "40:a 50:#error", 500);
}

static void emits_under_the_cause_of_the_item(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab-|");

	lab_show_causes(lab);
	lab_expect_events(lab, rx_delay(in, 30, 0), "40:a<a> 50:b<b> 70:|",
			  500);
}

static void refuses_an_item_too_many(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-abc-|");

	lab_skip_errors(lab);
	lab_show_causes(lab);
	lab_expect_events(lab, rx_delay(in, 30, 2),
			  "30:!delay holds 2 items, its max_buffer<c> 40:a<a> "
			  "50:b<b> 80:|",
			  500);
}

static void ends_when_it_is_full_without_a_handler(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-abc-|");

	lab_expect_events(lab, rx_delay(in, 30, 2),
			  "30:#delay holds 2 items, its max_buffer", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-(ab)-|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_delay(in, 30, 0), "40:a", 500);
}

static void an_item_pushed_from_inside_waits_in_turn(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a---------|");

	lab_on_next(lab, push_seven);
	lab_expect_events(lab, rx_delay(in, 30, 0), "40:a 70:7 140:|", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(shifts_items_and_the_end),
		lab_test(lets_an_error_overtake),
		lab_test(emits_under_the_cause_of_the_item),
		lab_test(refuses_an_item_too_many),
		lab_test(ends_when_it_is_full_without_a_handler),
		lab_test(can_be_cancelled_inside_next),
		lab_test(an_item_pushed_from_inside_waits_in_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
