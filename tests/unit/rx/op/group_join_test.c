/* group_join_test.c */
#include "support/lab.h"

static struct rx_source *tell_errors(struct lab *lab, const struct rx_inner *in,
				     struct rx_source *arg)
{
	return rx_catch(in->source, NULL, lab_identity(lab));
}

static void gives_the_results_of_a_block_with_their_left_item(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a------b-|");
	struct rx_source *b = lab_hot(lab, "---1-2--------|");

	lab_expect_events(lab,
			  rx_group_join(in, b, rx_dur_ms(60), rx_dur_ms(20),
					lab_to_list(lab), 0),
			  "70:[a,[1,2]] 140:[b,[]] 140:|", 500);
}

static void a_left_item_gets_what_lives_on_the_right(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "--a-|");
	struct rx_source *b = lab_hot(lab, "-1");

	lab_expect_events(lab,
			  rx_group_join(in, b, rx_dur_ms(20), rx_dur_ms(20),
					lab_identity(lab), 0),
			  "20:[a,1] 40:|", 500);
}

static void the_end_of_the_right_does_nothing(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "--a---|");
	struct rx_source *b = lab_hot(lab, "-1|");

	lab_expect_events(lab,
			  rx_group_join(in, b, rx_dur_ms(20), rx_dur_ms(20),
					lab_to_list(lab), 0),
			  "40:[a,[1]] 60:|", 500);
}

static void an_error_of_either_reaches_the_blocks_and_the_outcome(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "a-----|");
	struct rx_source *b = lab_hot(lab, "-1-#");

	lab_expect_events(lab,
			  rx_group_join(in, b, rx_dur_ms(90), rx_dur_ms(20),
					lab_block(lab, tell_errors, NULL), 0),
			  "10:[a,1] 30:[a,error] 30:#error", 500);
}

static void an_item_whose_life_fails_is_an_item_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "5------|");
	struct rx_source *b = lab_hot(lab, "-x-2----|");

	lab_skip_errors(lab);
	lab_expect_events(lab,
			  rx_group_join(in, b, rx_dur_fn(lab_times_ten()),
					rx_dur_fn(lab_times_ten()),
					lab_identity(lab), 0),
			  "10:!bad 30:[5,2] 70:|", 500);
}

static void refuses_an_item_too_many(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "----a|");
	struct rx_source *b = lab_hot(lab, "123");

	lab_skip_errors(lab);
	lab_expect_events(lab,
			  rx_group_join(in, b, rx_dur_ms(10), rx_dur_ms(90),
					lab_to_list(lab), 2),
			  "20:!group_join holds 2 items, its max_buffer "
			  "50:[a,[1,2]] 50:|",
			  500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "ab");
	struct rx_source *b = lab_hot(lab, "--1");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab,
			  rx_group_join(in, b, rx_dur_ms(90), rx_dur_ms(90),
					lab_identity(lab), 0),
			  "20:[a,1]", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(gives_the_results_of_a_block_with_their_left_item),
		lab_test(a_left_item_gets_what_lives_on_the_right),
		lab_test(the_end_of_the_right_does_nothing),
		lab_test(an_error_of_either_reaches_the_blocks_and_the_outcome),
		lab_test(an_item_whose_life_fails_is_an_item_error),
		lab_test(refuses_an_item_too_many),
		lab_test(can_be_cancelled_inside_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
