/* ops_test.c - the operators, by marbles on virtual time. */
#include "support/lab.h"

static void take_ends_after_n_items(void **state)
{
	struct lab *lab = *state;

	lab_expect(lab, rx_take(lab_hot(lab, "-ab-c-|"), 2), "-a(b|)");
}

static void debounce_keeps_the_last_of_a_burst(void **state)
{
	struct lab *lab = *state;

	lab_expect(lab, rx_debounce(lab_hot(lab, "-ab--c---|"), 20),
		   "----b--c-|");
}

static void debounce_lets_the_waiting_item_out_at_the_end(void **state)
{
	struct lab *lab = *state;

	lab_expect(lab, rx_debounce(lab_hot(lab, "-a|"), 50), "--(a|)");
}

static void debounce_drops_the_waiting_item_on_an_error(void **state)
{
	struct lab *lab = *state;

	lab_expect(lab, rx_debounce(lab_hot(lab, "-a#"), 50), "--#");
}

static void delay_shifts_items_and_the_end(void **state)
{
	struct lab *lab = *state;

	lab_expect(lab, rx_delay(lab_hot(lab, "-a-b-|"), 30, 0),
		   "----a-b-|");
}

static void delay_lets_an_error_overtake(void **state)
{
	struct lab *lab = *state;

	lab_expect(lab, rx_delay(lab_hot(lab, "-a#"), 30, 0), "--#");
}

static void merge_ends_with_the_last_of_its_streams(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in[] = {lab_hot(lab, "-a---c--|"),
				  lab_hot(lab, "---b------d-|")};

	lab_expect(lab, rx_merge(lab_ctx(lab), in, 2), "-a-b-c----d-|");
}

static void merge_ends_with_the_first_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in[] = {lab_hot(lab, "-a--#"),
				  lab_hot(lab, "--b------c|")};

	lab_expect(lab, rx_merge(lab_ctx(lab), in, 2), "-ab-#");
}

static void flat_map_runs_inner_streams_side_by_side(void **state)
{
	struct lab *lab = *state;
	struct rx_source *inner = lab_cold(lab, "x--y|");

	lab_expect(lab,
		   rx_flat_map(lab_hot(lab, "-a-b--|"), lab_always(lab, inner),
			       0, 0),
		   "-x-xy-y|");
}

static void concat_map_runs_one_after_the_other(void **state)
{
	struct lab *lab = *state;
	struct rx_source *inner = lab_cold(lab, "x--y|");

	lab_expect(lab,
		   rx_concat_map(lab_hot(lab, "-ab|"), lab_always(lab, inner),
				 0),
		   "-x--yx--y|");
}

static void switch_map_lets_the_newer_one_win(void **state)
{
	struct lab *lab = *state;
	struct rx_source *inner = lab_cold(lab, "x--y|");

	lab_expect(lab,
		   rx_switch_map(lab_hot(lab, "-a-b|"), lab_always(lab, inner)),
		   "-x-x--y|");
}

static void exhaust_map_ignores_items_while_one_is_open(void **state)
{
	struct lab *lab = *state;
	struct rx_source *inner = lab_cold(lab, "x--y|");

	lab_expect(lab,
		   rx_exhaust_map(lab_hot(lab, "-a-b-----|"),
				  lab_always(lab, inner)),
		   "-x--y----|");
}

static void flat_map_ends_with_an_inner_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *inner = lab_cold(lab, "x-#");

	lab_expect(lab,
		   rx_flat_map(lab_hot(lab, "-a-----|"),
			       lab_always(lab, inner), 0, 0),
		   "-x-#");
}

static void group_by_gives_each_key_its_own_block(void **state)
{
	struct lab *lab = *state;

	lab_expect(lab,
		   rx_group_by(lab_hot(lab, "-a-b-a-|"), NULL, NULL,
			       lab_identity(lab),
			       (struct rx_group_by_opts){0}),
		   "-a-b-a-|");
}

static void retry_begins_anew_until_its_runs_are_used_up(void **state)
{
	struct lab *lab = *state;

	lab_expect(lab, rx_retry(lab_cold(lab, "-a#"), 3), "-a-a-a#");
}

static void timeout_is_an_error_after_too_much_silence(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab, rx_timeout(lab_hot(lab, "-a-------b|"), 50, NULL),
			  "10:a 60:#timeout", 100);
}

static void catch_goes_on_with_the_other_stream(void **state)
{
	struct lab *lab = *state;
	struct rx_source *other = lab_cold(lab, "-x|");

	lab_expect(lab, rx_catch(lab_hot(lab, "-a-#"), other, NULL),
		   "-a--x|");
}

#define LAB(test) cmocka_unit_test_setup_teardown(test, lab_setup, lab_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB(take_ends_after_n_items),
		LAB(debounce_keeps_the_last_of_a_burst),
		LAB(debounce_lets_the_waiting_item_out_at_the_end),
		LAB(debounce_drops_the_waiting_item_on_an_error),
		LAB(delay_shifts_items_and_the_end),
		LAB(delay_lets_an_error_overtake),
		LAB(merge_ends_with_the_last_of_its_streams),
		LAB(merge_ends_with_the_first_error),
		LAB(flat_map_runs_inner_streams_side_by_side),
		LAB(concat_map_runs_one_after_the_other),
		LAB(switch_map_lets_the_newer_one_win),
		LAB(exhaust_map_ignores_items_while_one_is_open),
		LAB(flat_map_ends_with_an_inner_error),
		LAB(group_by_gives_each_key_its_own_block),
		LAB(retry_begins_anew_until_its_runs_are_used_up),
		LAB(timeout_is_an_error_after_too_much_silence),
		LAB(catch_goes_on_with_the_other_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
