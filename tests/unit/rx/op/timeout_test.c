/* timeout_test.c */
#include "support/lab.h"

static void is_silent_while_items_come_in_time(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-|");

	lab_expect_events(lab, rx_timeout(in, 30, NULL), "10:a 30:b 50:|", 500);
}

static void raises_an_error_when_the_first_is_late(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "------a|");

	lab_expect_events(lab, rx_timeout(in, 30, NULL), "30:#timeout", 500);
}

static void raises_an_error_between_two(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b------c|");

	lab_expect_events(lab, rx_timeout(in, 30, NULL),
			  "10:a 30:b 60:#timeout", 500);
}

static void the_other_takes_over(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a------b|");
	struct rx_source *b = lab_cold(lab, "-x-|");

	lab_expect_events(lab, rx_timeout(in, 30, b), "10:a 50:x 70:|", 500);
}

static void an_error_of_the_other_is_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a------b|");
	struct rx_source *b = lab_cold(lab, "-#");

	lab_expect_events(lab, rx_timeout(in, 30, b), "10:a 50:#error", 500);
}

static void passes_an_error_on(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a#");

	lab_expect_events(lab, rx_timeout(in, 30, NULL), "10:a 20:#error", 500);
}

static void the_other_works_for_the_cause_that_subscribed(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "a|");
	struct rx_source *b = lab_cold(lab, "-x|");

	lab_show_causes(lab);
	lab_expect_events(
		lab,
		rx_flat_map(in,
			    lab_always(lab, rx_timeout(rx_never(lab_ctx(lab)),
						       30, b)),
			    0, 0),
		"40:x<a> 50:|", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_timeout(in, 30, NULL), "10:a", 500);
}

static void can_be_cancelled_inside_the_other(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "------|");
	struct rx_source *b = lab_cold(lab, "-x-y|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_timeout(in, 30, b), "40:x", 500);
}

static void the_first_item_and_the_others_have_limits_of_their_own(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(
		lab,
		rx_timeout_with(lab_hot(lab, "------a--b------|"),
				(struct rx_timeout_opts){.first_ms = 70,
							 .each_ms = 40}),
		"60:a 90:b 130:#timeout", 500);
}

static void the_limit_of_the_first_may_be_the_shorter(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(
		lab,
		rx_timeout_with(lab_hot(lab, "---a------b|"),
				(struct rx_timeout_opts){.first_ms = 20,
							 .each_ms = 90}),
		"20:#timeout", 500);
}

static void all_but_the_first_may_take_any_time(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(
		lab,
		rx_timeout_with(lab_hot(lab, "-a------------b|"),
				(struct rx_timeout_opts){.first_ms = 30,
							 .each_ms = -1}),
		"10:a 140:b 150:|", 500);
}

static void the_first_may_take_any_time(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(
		lab,
		rx_timeout_with(lab_hot(lab, "---------a------b|"),
				(struct rx_timeout_opts){.first_ms = -1,
							 .each_ms = 30}),
		"90:a 120:#timeout", 500);
}

static void a_block_takes_over_with_the_message(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a------b|");

	lab_expect_events(lab,
			  rx_timeout_with(in,
					  (struct rx_timeout_opts){
						  .first_ms = 30,
						  .each_ms = 30,
						  .fallback =
							  lab_identity(lab)}),
			  "10:a 40:timeout 40:|", 500);
}

static struct rx_source *no_block(struct lab *lab, const struct rx_inner *in,
				  struct rx_source *arg)
{
	rx_source_unref(in->source);
	return NULL;
}

static void a_block_that_cannot_be_built_is_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a------b|");

	lab_expect_events(
		lab,
		rx_timeout_with(in,
				(struct rx_timeout_opts){
					.first_ms = 30,
					.each_ms = 30,
					.fallback = lab_block(lab, no_block,
							      NULL)}),
		"10:a 40:#no block", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(is_silent_while_items_come_in_time),
		lab_test(raises_an_error_when_the_first_is_late),
		lab_test(raises_an_error_between_two),
		lab_test(the_other_takes_over),
		lab_test(an_error_of_the_other_is_an_error),
		lab_test(passes_an_error_on),
		lab_test(the_other_works_for_the_cause_that_subscribed),
		lab_test(can_be_cancelled_inside_next),
		lab_test(can_be_cancelled_inside_the_other),
		lab_test(
			the_first_item_and_the_others_have_limits_of_their_own),
		lab_test(the_limit_of_the_first_may_be_the_shorter),
		lab_test(all_but_the_first_may_take_any_time),
		lab_test(the_first_may_take_any_time),
		lab_test(a_block_takes_over_with_the_message),
		lab_test(a_block_that_cannot_be_built_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
