/* buffer_with_size_test.c */
#include "support/lab.h"

static void a_batch_stays_within_the_size(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-c-d-|");

	/* ["a","b"] has 9 bytes, with a third 13. */
	lab_expect_events(lab, rx_buffer_with_size(in, 12, 0, 0),
			  "50:[a,b] 90:[c,d] 90:|", 500);
}

static void a_batch_goes_out_as_soon_as_nothing_more_can_fit(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-c-|");

	lab_expect_events(lab, rx_buffer_with_size(in, 9, 0, 0),
			  "30:[a,b] 70:[c] 70:|", 500);
}

static void numbers_are_measured_as_they_are_written(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-2-|");

	lab_expect_events(lab, rx_buffer_with_size(in, 5, 0, 0),
			  "30:[1,2] 50:|", 500);
}

static void an_item_too_large_by_itself_is_a_batch_alone(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-[abc]-2-|");

	lab_expect_events(lab, rx_buffer_with_size(in, 9, 0, 0),
			  "30:[1] 30:[[a,b,c]] 110:[2] 110:|", 500);
}

static void max_buffer_items_are_a_full_batch(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-2-3-|");

	lab_expect_events(lab, rx_buffer_with_size(in, 1000, 0, 2),
			  "30:[1,2] 70:[3] 70:|", 500);
}

static void the_time_counts_from_the_first_item(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "---a-b---c-----|");

	lab_expect_events(lab, rx_buffer_with_size(in, 1000, 45, 0),
			  "75:[a,b] 135:[c] 150:|", 500);
}

static void a_full_batch_starts_the_time_anew(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-c-----|");

	lab_expect_events(lab, rx_buffer_with_size(in, 9, 45, 0),
			  "30:[a,b] 95:[c] 110:|", 500);
}

static void gives_no_empty_batch(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "------|");

	lab_expect_events(lab, rx_buffer_with_size(in, 100, 10, 0), "60:|",
			  500);
}

static void drops_what_is_there_on_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-#");

	lab_expect_events(lab, rx_buffer_with_size(in, 100, 0, 0), "30:#error",
			  500);
}

static void a_batch_works_for_all_its_causes(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-c-|");

	lab_show_causes(lab);
	lab_expect_events(lab, rx_buffer_with_size(in, 12, 0, 0),
			  "50:[a,b]<a,b> 70:[c]<c> 70:|", 500);
}

static void can_be_cancelled_between_two_batches(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-[abc]-2-|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_buffer_with_size(in, 9, 0, 0), "30:[1]", 500);
}

static void lets_go_of_what_is_there_when_it_is_cancelled(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b");

	lab_expect(lab, rx_buffer_with_size(in, 100, 90, 0), "-----");
}

static void push_once(struct lab *lab, struct value v)
{
	lab_on_next(lab, NULL);
	lab_push(lab, value_int(7));
}

static void an_item_pushed_from_inside_comes_behind(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-c-|");

	lab_on_next(lab, push_once);
	lab_expect_events(lab, rx_buffer_with_size(in, 10, 0, 0),
			  "30:[a,b] 70:[7,c] 70:|", 500);
}

static void one_pushed_between_two_batches_comes_behind_both(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-[abc]-2-|");

	lab_on_next(lab, push_once);
	lab_expect_events(lab, rx_buffer_with_size(in, 9, 0, 0),
			  "30:[1] 30:[[a,b,c]] 110:[7,2] 110:|", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(a_batch_stays_within_the_size),
		lab_test(a_batch_goes_out_as_soon_as_nothing_more_can_fit),
		lab_test(numbers_are_measured_as_they_are_written),
		lab_test(an_item_too_large_by_itself_is_a_batch_alone),
		lab_test(max_buffer_items_are_a_full_batch),
		lab_test(the_time_counts_from_the_first_item),
		lab_test(a_full_batch_starts_the_time_anew),
		lab_test(gives_no_empty_batch),
		lab_test(drops_what_is_there_on_an_error),
		lab_test(a_batch_works_for_all_its_causes),
		lab_test(can_be_cancelled_between_two_batches),
		lab_test(lets_go_of_what_is_there_when_it_is_cancelled),
		lab_test(an_item_pushed_from_inside_comes_behind),
		lab_test(one_pushed_between_two_batches_comes_behind_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
