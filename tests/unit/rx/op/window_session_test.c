/* window_session_test.c */
#include "support/lab.h"

static struct rx_source *tell_errors(struct lab *lab, const struct rx_inner *in,
				     struct rx_source *arg)
{
	return rx_catch(in->source, NULL, lab_identity(lab));
}

static void quiet_closes_a_window_and_an_item_opens_one(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab-c-------d---|");

	lab_expect_events(lab, rx_window_session(in, 40, lab_to_list(lab)),
			  "80:[a,b,c] 160:[d] 160:|", 500);
}

static void gives_nothing_without_an_item(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "--------|");

	lab_expect_events(lab, rx_window_session(in, 40, lab_to_list(lab)),
			  "80:|", 500);
}

static void an_error_reaches_the_block_and_the_outcome(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-#");

	lab_expect_events(lab,
			  rx_window_session(in, 40,
					    lab_block(lab, tell_errors, NULL)),
			  "10:a 30:error 30:#error", 500);
}

static void a_window_works_for_its_items(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab-------|");

	lab_show_causes(lab);
	lab_expect_events(lab, rx_window_session(in, 40, lab_to_list(lab)),
			  "60:[a,b]<a,b> 100:|", 500);
}

static struct rx_source *first_fails(struct lab *lab, const struct rx_inner *in,
				     struct rx_source *arg)
{
	if (lab_now_ms(lab) == 10) {
		rx_source_unref(in->source);
		return rx_throw(lab_ctx(lab), STR("first"));
	}
	return rx_to_list(in->source, 0);
}

static void the_rest_of_a_failed_window_falls(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab------c|");
	struct rx_block *block = lab_block(lab, first_fails, NULL);

	lab_skip_errors(lab);
	lab_expect_events(lab, rx_window_session(in, 40, block),
			  "10:!first 100:[c] 100:|", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab-----c|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_window_session(in, 40, lab_to_list(lab)),
			  "60:[a,b]", 500);
}

static void lets_go_of_its_window_when_it_is_cancelled(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab-");

	lab_expect(lab, rx_window_session(in, 40, lab_to_list(lab)), "----");
}

static void push_once(struct lab *lab, struct value v)
{
	lab_on_next(lab, NULL);
	lab_push(lab, value_int(7));
}

static void an_item_pushed_while_it_closes_opens_the_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a------------|");

	lab_on_next(lab, push_once);
	lab_expect_events(lab, rx_window_session(in, 40, lab_to_list(lab)),
			  "50:[a] 90:[7] 140:|", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(quiet_closes_a_window_and_an_item_opens_one),
		lab_test(gives_nothing_without_an_item),
		lab_test(an_error_reaches_the_block_and_the_outcome),
		lab_test(a_window_works_for_its_items),
		lab_test(the_rest_of_a_failed_window_falls),
		lab_test(can_be_cancelled_inside_next),
		lab_test(lets_go_of_its_window_when_it_is_cancelled),
		lab_test(an_item_pushed_while_it_closes_opens_the_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
