/* group_by_test.c */
#include "support/lab.h"

static const struct rx_group_by_opts no_opts;

static struct rx_source *key_and_item(struct lab *lab,
				      const struct rx_inner *in,
				      struct rx_source *arg)
{
	const struct value told[] = {value_ref(in->key), value_ref(in->item)};

	assert_true(in->has_key);
	rx_source_unref(in->source);
	return rx_of(lab_ctx(lab), told, 2);
}

static struct rx_source *first_only(struct lab *lab, const struct rx_inner *in,
				    struct rx_source *arg)
{
	return rx_take(in->source, 1);
}

static struct rx_source *later(struct lab *lab, const struct rx_inner *in,
			       struct rx_source *arg)
{
	return rx_delay(in->source, 30, 0);
}

static struct rx_source *tell_errors(struct lab *lab, const struct rx_inner *in,
				     struct rx_source *arg)
{
	return rx_catch(in->source, NULL, lab_identity(lab));
}

static struct rx_source *tenfold(struct lab *lab, const struct rx_inner *in,
				 struct rx_source *arg)
{
	return rx_map(in->source, lab_times_ten());
}

/* An item error of map would be skipped: this one is the stream's. */
static struct rx_source *failing_tenfold(struct lab *lab,
					 const struct rx_inner *in,
					 struct rx_source *arg)
{
	struct value second = value_at(in->item, 1);

	if (value_is_number(second))
		return tenfold(lab, in, arg);
	rx_source_unref(in->source);
	return rx_throw(lab_ctx(lab), STR("late"));
}

static void gives_each_key_a_block_of_its_own(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "[a1][b2][a3]|");

	lab_expect_events(lab,
			  rx_group_by(in, lab_get("0"), lab_get("1"),
				      lab_to_list(lab), no_opts),
			  "120:[1,3] 120:[2] 120:|", 500);
}

static void results_come_as_the_blocks_give_them(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "[a1][b2][a3]|");

	lab_expect_events(lab,
			  rx_group_by(in, lab_get("0"), lab_get("1"),
				      lab_identity(lab), no_opts),
			  "0:1 40:2 80:3 120:|", 500);
}

static void takes_one_and_one_point_zero_as_one_key(void **state)
{
	struct lab *lab = *state;
	const struct value items[] = {value_int(1), value_double(1.0),
				      value_cstr("1")};

	lab_expect_events(lab,
			  rx_group_by(rx_of(lab_ctx(lab), items, 3), NULL, NULL,
				      lab_to_list(lab), no_opts),
			  "0:[1,1] 0:[1] 0:|", 500);
}

static void lends_the_key_and_the_opening_item(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "[a1][b2][a3]|");

	lab_expect_events(lab,
			  rx_group_by(in, lab_get("0"), NULL,
				      lab_block(lab, key_and_item, NULL),
				      no_opts),
			  "0:a 0:[a,1] 40:b 40:[b,2] 120:|", 500);
}

static void a_block_that_ends_early_lets_the_rest_of_its_group_fall(
	void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "[a1][b2][a3]|");

	lab_expect_events(lab,
			  rx_group_by(in, lab_get("0"), lab_get("1"),
				      lab_block(lab, first_only, NULL),
				      no_opts),
			  "0:1 40:2 120:|", 500);
}

static void waits_for_a_block_that_is_still_at_work(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "[a1]|");

	lab_expect_events(lab,
			  rx_group_by(in, lab_get("0"), lab_get("1"),
				      lab_block(lab, later, NULL), no_opts),
			  "30:1 70:|", 500);
}

static void an_error_of_the_source_reaches_every_group_and_the_outcome(
	void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "[a1][b2]#");

	lab_expect_events(lab,
			  rx_group_by(in, lab_get("0"), lab_get("1"),
				      lab_block(lab, tell_errors, NULL),
				      no_opts),
			  "0:1 40:2 80:error 80:error 80:#error", 500);
}

static void an_error_of_a_block_ends_it_without_a_handler(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "[a1][bx][a3]|");

	lab_expect_events(lab,
			  rx_group_by(in, lab_get("0"), lab_get("1"),
				      lab_block(lab, tenfold, NULL), no_opts),
			  "0:10 40:#bad", 500);
}

static void a_block_that_fails_is_told_and_the_next_item_opens_a_new_group(
	void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "[a1][bx][a3][b4]|");

	lab_skip_errors(lab);
	lab_show_causes(lab);
	lab_expect_events(
		lab,
		rx_group_by(in, lab_get("0"), lab_get("1"),
			    lab_block(lab, failing_tenfold, NULL), no_opts),
		"0:10<[a,1]> 40:!late<[b,x]> 80:30<[a,3]> 120:40<[b,4]> 160:|",
		500);
}

static void an_item_whose_key_fails_is_an_item_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "[a1]x[a3]|");

	lab_skip_errors(lab);
	lab_expect_events(lab,
			  rx_group_by(in, lab_get("0"), lab_get("1"),
				      lab_identity(lab), no_opts),
			  "0:1 40:!bad 50:3 90:|", 500);
}

static void an_item_whose_element_fails_is_an_item_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "[a1]|");

	lab_expect_events(lab,
			  rx_group_by(in, lab_get("0"), lab_fail(),
				      lab_identity(lab), no_opts),
			  "0:#bad", 500);
}

static void refuses_a_group_too_many(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "1231|");

	lab_skip_errors(lab);
	lab_expect_events(
		lab,
		rx_group_by(in, NULL, NULL, lab_identity(lab),
			    (struct rx_group_by_opts){.max_groups = 2}),
		"0:1 10:2 20:!group_by holds 2 items, its max_groups 30:1 40:|",
		500);
}

static void an_idle_group_ends_and_its_key_opens_a_new_one(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "1-1------1-|");

	lab_expect_events(lab,
			  rx_group_by(in, NULL, NULL, lab_to_list(lab),
				      (struct rx_group_by_opts){.idle_ms = 35}),
			  "55:[1,1] 110:[1] 110:|", 500);
}

static void an_idle_group_whose_block_has_ended_opens_anew_too(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "1-1------1-|");

	lab_expect_events(lab,
			  rx_group_by(in, NULL, NULL,
				      lab_block(lab, first_only, NULL),
				      (struct rx_group_by_opts){.idle_ms = 35}),
			  "0:1 90:1 110:|", 500);
}

static void many_groups_end_in_the_order_of_their_keys(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(
		lab,
		rx_take_last(rx_group_by(rx_range(lab_ctx(lab), 0, 5000, 1),
					 NULL, NULL, lab_to_list(lab), no_opts),
			     2),
		"0:[4998] 0:[4999] 0:|", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "123|");

	lab_cancel_after(lab, 2);
	lab_expect_events(
		lab, rx_group_by(in, NULL, NULL, lab_identity(lab), no_opts),
		"0:1 10:2", 500);
}

static void can_be_cancelled_while_the_groups_are_ended(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "123|");

	lab_cancel_after(lab, 2);
	lab_expect_events(
		lab, rx_group_by(in, NULL, NULL, lab_to_list(lab), no_opts),
		"30:[1] 30:[2]", 500);
}

static void until_ends_a_group_after_its_span(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "1-1-1-1|");

	lab_expect_events(lab,
			  rx_group_by_until(in, NULL, NULL, rx_dur_ms(30),
					    lab_to_list(lab), no_opts),
			  "30:[1,1] 70:[1,1] 70:|", 500);
}

static void until_may_be_a_stream(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "1-1-1-1|");
	struct rx_source *b = lab_cold(lab, "---x");

	lab_expect_events(lab,
			  rx_group_by_until(in, NULL, NULL, rx_dur_source(b),
					    lab_to_list(lab), no_opts),
			  "30:[1,1] 70:[1,1] 70:|", 500);
}

static void an_error_of_until_reaches_the_groups_and_the_outcome(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "1-1-1-1|");
	struct rx_source *b = lab_cold(lab, "---#");

	lab_expect_events(lab,
			  rx_group_by_until(in, NULL, NULL, rx_dur_source(b),
					    lab_block(lab, tell_errors, NULL),
					    no_opts),
			  "0:1 20:1 30:error 30:#error", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(gives_each_key_a_block_of_its_own),
		lab_test(results_come_as_the_blocks_give_them),
		lab_test(takes_one_and_one_point_zero_as_one_key),
		lab_test(lends_the_key_and_the_opening_item),
		lab_test(
			a_block_that_ends_early_lets_the_rest_of_its_group_fall),
		lab_test(waits_for_a_block_that_is_still_at_work),
		lab_test(
			an_error_of_the_source_reaches_every_group_and_the_outcome),
		lab_test(an_error_of_a_block_ends_it_without_a_handler),
		lab_test(
			a_block_that_fails_is_told_and_the_next_item_opens_a_new_group),
		lab_test(an_item_whose_key_fails_is_an_item_error),
		lab_test(an_item_whose_element_fails_is_an_item_error),
		lab_test(refuses_a_group_too_many),
		lab_test(an_idle_group_ends_and_its_key_opens_a_new_one),
		lab_test(an_idle_group_whose_block_has_ended_opens_anew_too),
		lab_test(many_groups_end_in_the_order_of_their_keys),
		lab_test(can_be_cancelled_inside_next),
		lab_test(can_be_cancelled_while_the_groups_are_ended),
		lab_test(until_ends_a_group_after_its_span),
		lab_test(until_may_be_a_stream),
		lab_test(an_error_of_until_reaches_the_groups_and_the_outcome),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
