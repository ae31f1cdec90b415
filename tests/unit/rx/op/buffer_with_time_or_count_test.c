/* buffer_with_time_or_count_test.c */
#include "support/lab.h"

static void push_seven(struct lab *lab, struct value v)
{
	lab_on_next(lab, NULL);
	lab_push(lab, value_int(7));
}

static void gives_an_array_when_it_is_full_and_starts_the_time_anew(
	void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab--c------|");

	lab_expect_events(lab, rx_buffer_with_time_or_count(in, 60, 2),
			  "20:[a,b] 80:[c] 120:[] 120:|", 500);
}

static void gives_an_empty_array_when_the_time_is_up(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-----|");

	lab_expect_events(lab, rx_buffer_with_time_or_count(in, 20, 2),
			  "20:[] 40:[] 50:[] 50:|", 500);
}

static void drops_what_it_holds_on_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-#");

	lab_expect_events(lab, rx_buffer_with_time_or_count(in, 40, 2),
			  "30:#error", 500);
}

static void emits_under_the_causes_of_all(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-abc-|");

	lab_show_causes(lab);
	lab_expect_events(lab, rx_buffer_with_time_or_count(in, 40, 2),
			  "20:[a,b]<a,b> 50:[c]<c> 50:|", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab-c-d|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_buffer_with_time_or_count(in, 40, 2),
			  "20:[a,b]", 500);
}

static void an_item_pushed_from_inside_goes_into_the_next_array(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "ab-----|");

	lab_on_next(lab, push_seven);
	lab_expect_events(lab, rx_buffer_with_time_or_count(in, 40, 2),
			  "10:[a,b] 50:[7] 70:[] 70:|", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(
			gives_an_array_when_it_is_full_and_starts_the_time_anew),
		lab_test(gives_an_empty_array_when_the_time_is_up),
		lab_test(drops_what_it_holds_on_an_error),
		lab_test(emits_under_the_causes_of_all),
		lab_test(can_be_cancelled_inside_next),
		lab_test(an_item_pushed_from_inside_goes_into_the_next_array),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
