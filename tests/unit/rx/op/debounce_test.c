/* debounce_test.c */
#include "support/lab.h"

static void keeps_the_last_of_a_burst(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab--c---|");

	lab_expect(lab, rx_debounce(in, 20), "----b--c-|");
}

static void lets_the_waiting_item_out_at_the_end(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a--b|");

	lab_expect(lab, rx_debounce(in, 20), "---a-(b|)");
}

static void drops_the_waiting_item_on_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a--b#");

	lab_expect(lab, rx_debounce(in, 20), "---a-#");
}

static void emits_under_the_cause_of_the_item(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab--c|");

	lab_show_causes(lab);
	lab_expect_events(lab, rx_debounce(in, 20), "40:b<b> 60:c<c> 60:|",
			  100);
}

static void can_be_cancelled_while_it_emits_the_last(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_debounce(in, 20), "20:a", 100);
}

static void lets_go_of_what_waits_when_it_is_cancelled(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b");

	lab_expect(lab, rx_debounce(in, 30), "-----");
}

static void push_once(struct lab *lab, struct value v)
{
	lab_on_next(lab, NULL);
	lab_push(lab, value_int(7));
}

static void an_item_that_comes_while_it_emits_waits_in_turn(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a---------");

	lab_on_next(lab, push_once);
	lab_expect(lab, rx_debounce(in, 20), "---a-7-----");
}

static void a_busy_source_is_heard_within_the_longest_wait(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-c-d-e---|");

	lab_expect(lab, rx_debounce_within(in, 30, 50), "------c-----e|");
}

static void the_longest_wait_counts_from_the_first_of_a_burst(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a------b-c-d-e---|");

	lab_expect(lab, rx_debounce_within(in, 30, 50), "----a--------d---e|");
}

static void a_wait_shorter_than_the_quiet_time_is_the_limit(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-----b|");

	lab_show_causes(lab);
	lab_expect_events(lab, rx_debounce_within(in, 50, 25),
			  "35:a<a> 80:b<b> 80:|", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(keeps_the_last_of_a_burst),
		lab_test(lets_the_waiting_item_out_at_the_end),
		lab_test(drops_the_waiting_item_on_an_error),
		lab_test(emits_under_the_cause_of_the_item),
		lab_test(can_be_cancelled_while_it_emits_the_last),
		lab_test(lets_go_of_what_waits_when_it_is_cancelled),
		lab_test(an_item_that_comes_while_it_emits_waits_in_turn),
		lab_test(a_busy_source_is_heard_within_the_longest_wait),
		lab_test(the_longest_wait_counts_from_the_first_of_a_burst),
		lab_test(a_wait_shorter_than_the_quiet_time_is_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
