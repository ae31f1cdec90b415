/* join_test.c */
#include "support/lab.h"

static void pairs_items_whose_lives_overlap(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a------b--|");
	struct rx_source *b = lab_hot(lab, "--1--2---3-|");

	lab_expect_events(lab, rx_join(in, b, rx_dur_ms(30), rx_dur_ms(40), 0),
			  "20:[a,1] 80:[b,2] 90:[b,3] 110:|", 500);
}

static void ends_when_one_side_ended_and_none_of_it_lives(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a|");
	struct rx_source *b = lab_hot(lab, "--1--2---3----");

	lab_expect_events(lab, rx_join(in, b, rx_dur_ms(55), rx_dur_ms(40), 0),
			  "20:[a,1] 50:[a,2] 65:|", 500);
}

static void the_life_is_asked_of_the_item(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "5------|");
	struct rx_source *b = lab_hot(lab, "-1-2----2|");

	lab_expect_events(lab,
			  rx_join(in, b, rx_dur_fn(lab_times_ten()),
				  rx_dur_fn(lab_times_ten()), 0),
			  "10:[5,1] 30:[5,2] 70:|", 500);
}

static void emits_under_both_causes(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a----|");
	struct rx_source *b = lab_hot(lab, "--1---|");

	lab_show_causes(lab);
	lab_expect_events(lab, rx_join(in, b, rx_dur_ms(30), rx_dur_ms(40), 0),
			  "20:[a,1]<1,a> 60:|", 500);
}

static void an_item_whose_life_fails_is_an_item_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "5------|");
	struct rx_source *b = lab_hot(lab, "-x-2----|");

	lab_skip_errors(lab);
	lab_expect_events(lab,
			  rx_join(in, b, rx_dur_fn(lab_times_ten()),
				  rx_dur_fn(lab_times_ten()), 0),
			  "10:!bad 30:[5,2] 70:|", 500);
}

static void ends_with_the_error_of_the_program(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "5------|");
	struct rx_source *b = lab_hot(lab, "-x-2----|");

	lab_expect_events(lab,
			  rx_join(in, b, rx_dur_fn(lab_times_ten()),
				  rx_dur_fn(lab_times_ten()), 0),
			  "10:#bad", 500);
}

static void an_error_of_either_is_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-----|");
	struct rx_source *b = lab_hot(lab, "-1--#");

	lab_expect_events(lab, rx_join(in, b, rx_dur_ms(30), rx_dur_ms(40), 0),
			  "10:[a,1] 40:#error", 500);
}

static void refuses_an_item_too_many(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abc|");
	struct rx_source *b = lab_hot(lab, "---1|");

	lab_skip_errors(lab);
	lab_expect_events(
		lab, rx_join(in, b, rx_dur_ms(300), rx_dur_ms(400), 2),
		"20:!join holds 2 items, its max_buffer 30:[a,1] 30:[b,1] 40:|",
		500);
}

static void can_be_cancelled_between_two_pairs(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "ab");
	struct rx_source *b = lab_hot(lab, "--1-");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab,
			  rx_join(in, b, rx_dur_ms(300), rx_dur_ms(400), 0),
			  "20:[a,1]", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(pairs_items_whose_lives_overlap),
		lab_test(ends_when_one_side_ended_and_none_of_it_lives),
		lab_test(the_life_is_asked_of_the_item),
		lab_test(emits_under_both_causes),
		lab_test(an_item_whose_life_fails_is_an_item_error),
		lab_test(ends_with_the_error_of_the_program),
		lab_test(an_error_of_either_is_an_error),
		lab_test(refuses_an_item_too_many),
		lab_test(can_be_cancelled_between_two_pairs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
