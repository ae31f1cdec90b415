/* combine_latest_by_key_test.c - items are [key value] */
#include "support/lab.h"

static struct rx_source *joined(struct lab *lab, struct rx_source *a,
				struct rx_source *b, uint32_t max_keys)
{
	struct rx_source *in[] = {a, b};

	return rx_combine_latest_by_key(lab_ctx(lab), in, 2, lab_get("0"),
					max_keys);
}

static void joins_what_is_current_of_each_key(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_hot(lab, "-[a1]---[b2]-------|");
	struct rx_source *b = lab_hot(lab, "----[a3]----[b4]-[b5]|");

	lab_expect_events(lab, joined(lab, a, b, 0),
			  "40:[[a,1],[a,3]] 120:[[b,2],[b,4]] "
			  "170:[[b,2],[b,5]] 210:|",
			  500);
}

static void gives_each_item_of_a_complete_key(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_hot(lab, "-[a1]------[a1]-[a2]|");
	struct rx_source *b = lab_hot(lab, "------[a3]|");

	lab_expect_events(lab, joined(lab, a, b, 0),
			  "60:[[a,1],[a,3]] 110:[[a,1],[a,3]] "
			  "160:[[a,2],[a,3]] 200:|",
			  500);
}

static void forgets_the_key_that_was_updated_longest_ago(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_hot(lab, "[a1][b2][a3][c4]--------------|");
	struct rx_source *b = lab_hot(lab, "-----------------[a5][b6][c7]|");

	/* b is older than a, since a was updated by 3. Then b, being new
	 * again, takes the place of c, so 7 finds nothing. */
	lab_expect_events(lab, joined(lab, a, b, 2), "170:[[a,3],[a,5]] 300:|",
			  500);
}

static void the_end_is_that_of_all(void **state)
{
	struct lab *lab = *state;

	lab_expect(lab,
		   joined(lab, lab_hot(lab, "-|"), lab_hot(lab, "---|"), 0),
		   "---|");
}

static void of_nothing_ends(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab,
			  rx_combine_latest_by_key(lab_ctx(lab), NULL, 0,
						   lab_get("0"), 0),
			  "0:|", 100);
}

static void an_error_ends_it(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_hot(lab, "-[a1]-----|");
	struct rx_source *b = lab_hot(lab, "------#");

	lab_expect_events(lab, joined(lab, a, b, 0), "60:#error", 500);
}

static void an_item_whose_key_fails_is_an_item_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in[] = {lab_hot(lab, "-1-|"), lab_hot(lab, "-|")};

	lab_skip_errors(lab);
	lab_expect_events(lab,
			  rx_combine_latest_by_key(lab_ctx(lab), in, 2,
						   lab_fail(), 0),
			  "10:!bad 30:|", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_hot(lab, "-[a1]--[a2]-");
	struct rx_source *b = lab_hot(lab, "------[a3]--");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, joined(lab, a, b, 0), "60:[[a,1],[a,3]]", 500);
}

static void lets_go_of_all_rows_when_it_is_cancelled(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_hot(lab, "-[a1][b2]---");

	lab_expect(lab, joined(lab, a, lab_hot(lab, "-----------"), 0),
		   "-----------");
}

static void push_once(struct lab *lab, struct value v)
{
	const struct value pair[] = {value_cstr("b"), value_int(9)};
	struct value item = value_array(pair, 2);

	lab_on_next(lab, NULL);
	lab_push(lab, item);
	value_unref(item);
}

/* With room for one key, the row that comes out is forgotten meanwhile. */
static void an_item_may_come_while_a_row_goes_out(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_hot(lab, "-[a1]---------");
	struct rx_source *b = lab_hot(lab, "------[a3][b4]");

	lab_on_next(lab, push_once);
	lab_expect_events(lab, joined(lab, a, b, 1),
			  "60:[[a,1],[a,3]] 100:[[b,9],[b,4]]", 130);
}

static void a_row_has_the_cause_of_the_newest(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_hot(lab, "-[a1]------|");
	struct rx_source *b = lab_hot(lab, "------[a3]-|");

	lab_show_causes(lab);
	lab_expect_events(lab, joined(lab, a, b, 0),
			  "60:[[a,1],[a,3]]<[a,3]> 110:|", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(joins_what_is_current_of_each_key),
		lab_test(gives_each_item_of_a_complete_key),
		lab_test(forgets_the_key_that_was_updated_longest_ago),
		lab_test(the_end_is_that_of_all),
		lab_test(of_nothing_ends),
		lab_test(an_error_ends_it),
		lab_test(an_item_whose_key_fails_is_an_item_error),
		lab_test(can_be_cancelled_inside_next),
		lab_test(lets_go_of_all_rows_when_it_is_cancelled),
		lab_test(an_item_may_come_while_a_row_goes_out),
		lab_test(a_row_has_the_cause_of_the_newest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
