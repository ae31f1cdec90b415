/* on_item_error_test.c */
#include "support/lab.h"

static struct rx_source *tens(struct lab *lab, const char *diagram)
{
	return rx_map(lab_hot(lab, diagram), lab_times_ten());
}

static void skip_lets_the_stream_go_on(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab,
			  rx_on_item_error(tens(lab, "-1-x-3-|"), RX_ITEM_SKIP),
			  "10:10 50:30 70:|", 100);
}

static void skip_tells_the_surroundings(void **state)
{
	struct lab *lab = *state;

	lab_skip_errors(lab);
	lab_expect_events(lab,
			  rx_on_item_error(tens(lab, "-1-x-|"), RX_ITEM_SKIP),
			  "10:10 30:!bad 50:|", 100);
}

static void fail_ends_the_stream_where_others_skip(void **state)
{
	struct lab *lab = *state;

	lab_skip_errors(lab);
	lab_expect_events(lab,
			  rx_on_item_error(tens(lab, "-1-x-|"), RX_ITEM_FAIL),
			  "10:10 30:#bad", 100);
}

static void dead_letter_comes_out_in_place(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab,
			  rx_on_item_error(tens(lab, "-1-x-3-|"),
					   RX_ITEM_DEAD_LETTER),
			  "10:10 30:{error:bad,item:x} 50:30 70:|", 100);
}

static void dead_letter_has_the_cause_of_its_item(void **state)
{
	struct lab *lab = *state;
	struct rx_source *late = rx_delay(lab_hot(lab, "-x-|"), 20, 0);

	lab_show_causes(lab);
	lab_expect_events(lab,
			  rx_on_item_error(rx_map(late, lab_times_ten()),
					   RX_ITEM_DEAD_LETTER),
			  "30:{error:bad,item:x}<x> 50:|", 100);
}

static void dead_letter_of_a_stage_that_is_full(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = rx_to_list(lab_hot(lab, "-ab|"), 1);

	lab_expect_events(lab, rx_on_item_error(in, RX_ITEM_DEAD_LETTER),
			  "20:{error:to_list holds 1 items, its "
			  "max_buffer,item:b} 30:[a] 30:|",
			  100);
}

static struct rx_source *inner_tens(struct lab *lab, const struct rx_inner *in,
				    struct rx_source *arg)
{
	return rx_map(in->source, lab_times_ten());
}

static struct rx_source *inner_error(struct lab *lab, const struct rx_inner *in,
				     struct rx_source *arg)
{
	rx_source_unref(in->source);
	return rx_throw(lab_ctx(lab), STR("no"));
}

static void covers_blocks(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in =
		rx_flat_map(lab_hot(lab, "-x-1|"),
			    lab_block(lab, inner_tens, NULL), 0, 0);

	lab_expect_events(lab, rx_on_item_error(in, RX_ITEM_DEAD_LETTER),
			  "10:{error:bad,item:x} 30:10 40:|", 100);
}

static void covers_groups(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = rx_group_by(lab_hot(lab, "-x-1|"), NULL, NULL,
					   lab_block(lab, inner_tens, NULL),
					   (struct rx_group_by_opts){0});

	lab_expect_events(lab, rx_on_item_error(in, RX_ITEM_SKIP), "30:10 40:|",
			  100);
}

static void knows_the_item_whose_inner_stream_fails(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in =
		rx_flat_map(lab_hot(lab, "-a-|"),
			    lab_block(lab, inner_error, NULL), 0, 0);

	lab_expect_events(lab, rx_on_item_error(in, RX_ITEM_DEAD_LETTER),
			  "10:{error:no,item:a} 30:|", 100);
}

static struct rx_source *inner_skips(struct lab *lab, const struct rx_inner *in,
				     struct rx_source *arg)
{
	return rx_map(rx_on_item_error(rx_map(in->source, lab_times_ten()),
				       RX_ITEM_DEAD_LETTER),
		      lab_times_ten());
}

static void the_nearest_one_below_decides(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in =
		rx_flat_map(lab_hot(lab, "-x-1|"),
			    lab_block(lab, inner_skips, NULL), 0, 0);

	/* The letter of the inner one makes the second map fail. */
	lab_expect_events(lab, rx_on_item_error(in, RX_ITEM_DEAD_LETTER),
			  "10:{error:bad,item:{error:bad,item:x}} 30:100 40:|",
			  100);
}

static void stages_below_are_not_covered(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in =
		rx_on_item_error(lab_hot(lab, "-1-x|"), RX_ITEM_SKIP);

	lab_expect_events(lab, rx_map(in, lab_times_ten()), "10:10 30:#bad",
			  100);
}

static void passes_errors_of_the_stream_on(void **state)
{
	struct lab *lab = *state;

	lab_expect(lab,
		   rx_on_item_error(lab_hot(lab, "-a-#"), RX_ITEM_DEAD_LETTER),
		   "-a-#");
}

static void each_subscription_has_its_own_letters(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in =
		rx_on_item_error(rx_map(lab_cold(lab, "-x|"), lab_times_ten()),
				 RX_ITEM_DEAD_LETTER);
	struct rx_source *both[] = {in, rx_source_ref(in)};

	lab_expect_events(lab, rx_merge(lab_ctx(lab), both, 2),
			  "10:{error:bad,item:x} 10:{error:bad,item:x} 20:|",
			  100);
}

static void a_letter_can_be_where_it_is_cancelled(void **state)
{
	struct lab *lab = *state;

	lab_cancel_after(lab, 1);
	lab_expect_events(
		lab, rx_on_item_error(tens(lab, "-x-x-|"), RX_ITEM_DEAD_LETTER),
		"10:{error:bad,item:x}", 100);
}

static void push_once(struct lab *lab, struct value v)
{
	lab_on_next(lab, NULL);
	lab_push(lab, value_int(7));
}

static void an_item_may_come_while_a_letter_goes_out(void **state)
{
	struct lab *lab = *state;

	lab_on_next(lab, push_once);
	lab_expect_events(
		lab, rx_on_item_error(tens(lab, "-x-|"), RX_ITEM_DEAD_LETTER),
		"10:{error:bad,item:x} 10:70 30:|", 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(skip_lets_the_stream_go_on),
		lab_test(skip_tells_the_surroundings),
		lab_test(fail_ends_the_stream_where_others_skip),
		lab_test(dead_letter_comes_out_in_place),
		lab_test(dead_letter_has_the_cause_of_its_item),
		lab_test(dead_letter_of_a_stage_that_is_full),
		lab_test(covers_blocks),
		lab_test(covers_groups),
		lab_test(knows_the_item_whose_inner_stream_fails),
		lab_test(the_nearest_one_below_decides),
		lab_test(stages_below_are_not_covered),
		lab_test(passes_errors_of_the_stream_on),
		lab_test(each_subscription_has_its_own_letters),
		lab_test(a_letter_can_be_where_it_is_cancelled),
		lab_test(an_item_may_come_while_a_letter_goes_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
