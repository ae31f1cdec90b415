/* flat_map_test.c */
#include "support/lab.h"

static struct rx_source *only_two(struct lab *lab, const struct rx_inner *in,
				  struct rx_source *arg)
{
	if (in->item.i == 2)
		return in->source;
	rx_source_unref(in->source);
	return NULL;
}

static struct rx_source *number(struct lab *lab, const struct rx_inner *in,
				struct rx_source *arg)
{
	rx_source_unref(in->source);
	return rx_just(lab_ctx(lab), value_int(in->index));
}

static int below_hundred(struct value v, const struct rx_vars *vars,
			 struct value *out, struct weir_error *err)
{
	*out = value_bool(v.i < 100);
	return 0;
}

static struct rx_source *ten_times_later(struct lab *lab,
					 const struct rx_inner *in,
					 struct rx_source *arg)
{
	struct rx_source *small = rx_filter(in->source, lab_fn(below_hundred));

	return rx_map(rx_delay(small, 10, 0), lab_times_ten());
}

static void opens_all_side_by_side(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "1-2-----|");
	struct rx_source *b = lab_cold(lab, "-x-y|");

	lab_expect_events(lab, rx_flat_map(in, lab_always(lab, b), 0, 0),
			  "10:x 30:y 30:x 50:y 80:|", 500);
}

static void waits_for_the_last_inner_stream(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "1-|");
	struct rx_source *b = lab_cold(lab, "-x-y-|");

	lab_expect_events(lab, rx_flat_map(in, lab_always(lab, b), 0, 0),
			  "10:x 30:y 50:|", 500);
}

static void opens_as_many_as_may_be_open(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "123|");
	struct rx_source *b = lab_cold(lab, "x--|");

	lab_expect_events(lab, rx_flat_map(in, lab_always(lab, b), 2, 0),
			  "0:x 10:x 30:x 60:|", 500);
}

static void ends_with_the_error_of_an_inner_stream(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "1-2-|");
	struct rx_source *b = lab_cold(lab, "x-#");

	lab_expect_events(lab, rx_flat_map(in, lab_always(lab, b), 0, 0),
			  "0:x 20:#error", 500);
}

static void tells_the_error_of_an_inner_stream_with_the_cause_of_its_item(
	void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "1-2-|");
	struct rx_source *b = lab_cold(lab, "x---#");

	lab_skip_errors(lab);
	lab_show_causes(lab);
	lab_expect_events(lab, rx_flat_map(in, lab_always(lab, b), 0, 0),
			  "0:x<1> 20:x<2> 40:!error<1> 60:!error<2> 60:|", 500);
}

static void an_item_whose_block_cannot_be_built_is_an_item_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "1-2-|");

	lab_skip_errors(lab);
	lab_show_causes(lab);
	lab_expect_events(lab,
			  rx_flat_map(in, lab_block(lab, only_two, NULL), 0, 0),
			  "0:!no block<1> 20:2<2> 40:|", 500);
}

static void refuses_an_item_too_many(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "1234|");
	struct rx_source *b = lab_cold(lab, "-------|");

	lab_skip_errors(lab);
	lab_show_causes(lab);
	lab_expect_events(lab, rx_flat_map(in, lab_always(lab, b), 1, 2),
			  "30:!flat_map holds 2 items, its max_buffer<4> 210:|",
			  500);
}

static void refuses_an_inner_stream_too_many(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "123|");
	struct rx_source *b = lab_cold(lab, "-------|");

	lab_skip_errors(lab);
	lab_expect_events(lab, rx_flat_map(in, lab_always(lab, b), 0, 2),
			  "20:!flat_map holds 2 items, its max_buffer 80:|",
			  500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "1-2-|");
	struct rx_source *b = lab_cold(lab, "x-y|");

	lab_cancel_after(lab, 2);
	lab_expect_events(lab, rx_flat_map(in, lab_always(lab, b), 0, 0),
			  "0:x 20:y", 500);
}

static void lends_the_number_of_the_item(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "a-b-|");

	lab_expect_events(lab,
			  rx_flat_map_indexed(in, lab_block(lab, number, NULL),
					      0, 0),
			  "0:0 20:1 40:|", 500);
}

static void concat_map_keeps_the_order(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "12-|");
	struct rx_source *b = lab_cold(lab, "-x-y|");

	lab_expect_events(lab, rx_concat_map(in, lab_always(lab, b), 0),
			  "10:x 30:y 50:x 70:y 80:|", 500);
}

static void concat_map_goes_round_without_recursion(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(
		lab,
		rx_count(rx_concat_map(
				 rx_concat_map(
					 rx_just(lab_ctx(lab), value_int(1)),
					 lab_always(lab, rx_range(lab_ctx(lab),
								  0, 60000, 1)),
					 0),
				 lab_identity(lab), 0),
			 NULL),
		"0:60000 0:|", 500);
}

static void concat_map_opens_what_waits_after_an_inner_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "12-|");
	struct rx_source *b = lab_cold(lab, "x-#");

	lab_skip_errors(lab);
	lab_expect_events(lab, rx_concat_map(in, lab_always(lab, b), 0),
			  "0:x 20:!error 20:x 40:!error 40:|", 500);
}

static void concat_map_emits_under_the_cause_of_each_item(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "12|");
	struct rx_source *b = lab_cold(lab, "-x|");

	lab_show_causes(lab);
	lab_expect_events(lab, rx_concat_map(in, lab_identity(lab), 0),
			  "0:1<1> 10:2<2> 20:|", 500);
	rx_source_unref(b);
}

static void switch_map_drops_the_older(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "1--2--|");
	struct rx_source *b = lab_cold(lab, "x-y-z|");

	lab_expect_events(lab, rx_switch_map(in, lab_always(lab, b)),
			  "0:x 20:y 30:x 50:y 70:z 80:|", 500);
}

static void switch_map_lets_go_of_the_cause_of_what_it_drops(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "1-2----|");
	struct rx_source *b = lab_cold(lab, "---y|");

	lab_show_causes(lab);
	lab_expect_events(lab, rx_switch_map(in, lab_always(lab, b)),
			  "50:y<2> 70:|", 500);
}

static void switch_map_ends_with_the_error_of_the_inner(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "12--|");
	struct rx_source *b = lab_cold(lab, "x-#");

	lab_expect_events(lab, rx_switch_map(in, lab_always(lab, b)),
			  "0:x 10:x 30:#error", 500);
}

static void exhaust_map_ignores_items_while_one_is_open(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "12--3-4|");
	struct rx_source *b = lab_cold(lab, "x-y|");

	lab_expect_events(lab, rx_exhaust_map(in, lab_always(lab, b)),
			  "0:x 20:y 40:x 60:y 70:|", 500);
}

static void expand_gives_the_results_to_the_block_too(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "1-----|");

	lab_expect_events(
		lab, rx_expand(in, lab_block(lab, ten_times_later, NULL), 0),
		"0:1 10:10 20:100 60:|", 500);
}

static void expand_goes_round_without_recursion(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(
		lab,
		rx_count(rx_take(rx_expand(rx_just(lab_ctx(lab), value_int(1)),
					   lab_identity(lab), 0),
				 100000),
			 NULL),
		"0:100000 0:|", 500);
}

static void expand_ends_with_the_error_of_a_block(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "1-----|");

	lab_expect_events(
		lab,
		rx_expand(in,
			  lab_always(lab, rx_throw(lab_ctx(lab), STR("no"))),
			  0),
		"0:1 0:#no", 500);
}

static void expand_refuses_an_item_too_many(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "123|");

	lab_skip_errors(lab);
	lab_expect_events(
		lab, rx_expand(in, lab_always(lab, rx_never(lab_ctx(lab))), 2),
		"0:1 10:2 20:3 20:!expand holds 2 items, its max_buffer", 60);
}

static void expand_can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "1");

	lab_cancel_after(lab, 3);
	lab_expect_events(lab, rx_expand(in, lab_identity(lab), 0),
			  "0:1 0:1 0:1", 500);
}

/* --- scans --------------------------------------------------------------- */

static int add_acc(struct value v, const struct rx_vars *vars,
		   struct value *out, struct weir_error *err)
{
	if (!value_is_number(value_at(v, 0)))
		return error_set(err, WEIR_EITEM, "bad");
	*out = value_int(value_at(v, 0).i + value_at(v, 1).i);
	return 0;
}

/* $acc + ., after 20 ms */
static struct rx_source *slow_sum(struct lab *lab, const struct rx_inner *in,
				  struct rx_source *arg)
{
	const struct value pair[] = {value_ref(in->item), value_ref(in->acc)};
	struct rx_source *both = rx_just(lab_ctx(lab), value_array(pair, 2));

	assert_true(in->has_acc);
	rx_source_unref(in->source);
	return rx_map(rx_delay(both, 20, 0), lab_fn(add_acc));
}

static struct rx_block *sum_block(struct lab *lab)
{
	return lab_block(lab, slow_sum, NULL);
}

static void merge_scan_opens_with_the_latest_state(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1---2-3----|");

	lab_expect_events(lab,
			  rx_merge_scan(in, sum_block(lab), value_int(0), 1, 0),
			  "30:1 70:3 90:6 120:|", 500);
}

static void merge_scan_side_by_side_shares_the_state(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-12-----3---|");

	lab_expect_events(lab,
			  rx_merge_scan(in, sum_block(lab), value_int(4), 0, 0),
			  "30:5 40:6 100:9 120:|", 500);
}

static void merge_scan_of_nothing_gives_nothing(void **state)
{
	struct lab *lab = *state;

	lab_expect(lab,
		   rx_merge_scan(lab_hot(lab, "--|"), sum_block(lab),
				 value_int(0), 0, 0),
		   "--|");
}

static void merge_scan_keeps_its_state_when_an_item_fails(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1---x---2---|");

	lab_skip_errors(lab);
	lab_expect_events(lab,
			  rx_merge_scan(in, sum_block(lab), value_int(0), 0, 0),
			  "30:1 70:!bad 110:3 130:|", 500);
}

static void merge_scan_refuses_what_it_cannot_hold(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "(123)--|");

	lab_skip_errors(lab);
	lab_expect_events(lab,
			  rx_merge_scan(in, sum_block(lab), value_int(0), 1, 1),
			  "0:!merge_scan holds 1 items, its max_buffer "
			  "20:1 40:3 70:|",
			  500);
}

static void merge_scan_lets_go_of_its_state_when_cancelled(void **state)
{
	struct lab *lab = *state;

	lab_cancel_after(lab, 1);
	lab_expect_events(lab,
			  rx_merge_scan(lab_hot(lab, "-[12]--"),
					lab_identity(lab),
					value_cstr("a state of its own"), 1, 0),
			  "10:[1,2]", 500);
}

static void switch_scan_begins_with_what_came_out(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1---23-----|");

	lab_expect_events(lab, rx_switch_scan(in, sum_block(lab), value_int(0)),
			  "30:1 80:4 120:|", 500);
}

static void each_run_of_a_scan_begins_with_the_seed(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = rx_switch_scan(lab_cold(lab, "1--|"),
					      sum_block(lab), value_int(5));

	lab_expect_events(lab, rx_repeat(in, 2, RX_NO_WAIT), "20:6 50:6 60:|",
			  500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(opens_all_side_by_side),
		lab_test(waits_for_the_last_inner_stream),
		lab_test(opens_as_many_as_may_be_open),
		lab_test(ends_with_the_error_of_an_inner_stream),
		lab_test(
			tells_the_error_of_an_inner_stream_with_the_cause_of_its_item),
		lab_test(an_item_whose_block_cannot_be_built_is_an_item_error),
		lab_test(refuses_an_item_too_many),
		lab_test(refuses_an_inner_stream_too_many),
		lab_test(can_be_cancelled_inside_next),
		lab_test(lends_the_number_of_the_item),
		lab_test(concat_map_keeps_the_order),
		lab_test(concat_map_goes_round_without_recursion),
		lab_test(concat_map_opens_what_waits_after_an_inner_error),
		lab_test(concat_map_emits_under_the_cause_of_each_item),
		lab_test(switch_map_drops_the_older),
		lab_test(switch_map_lets_go_of_the_cause_of_what_it_drops),
		lab_test(switch_map_ends_with_the_error_of_the_inner),
		lab_test(exhaust_map_ignores_items_while_one_is_open),
		lab_test(expand_gives_the_results_to_the_block_too),
		lab_test(expand_goes_round_without_recursion),
		lab_test(expand_ends_with_the_error_of_a_block),
		lab_test(expand_refuses_an_item_too_many),
		lab_test(expand_can_be_cancelled_inside_next),
		lab_test(merge_scan_opens_with_the_latest_state),
		lab_test(merge_scan_side_by_side_shares_the_state),
		lab_test(merge_scan_of_nothing_gives_nothing),
		lab_test(merge_scan_keeps_its_state_when_an_item_fails),
		lab_test(merge_scan_refuses_what_it_cannot_hold),
		lab_test(merge_scan_lets_go_of_its_state_when_cancelled),
		lab_test(switch_scan_begins_with_what_came_out),
		lab_test(each_run_of_a_scan_begins_with_the_seed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
