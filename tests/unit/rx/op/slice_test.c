/* slice_test.c */
#include "support/lab.h"

enum { NONE = 1000 };

static struct rx_source *slice(struct rx_source *in, int64_t start,
			       int64_t stop, int64_t step)
{
	struct rx_slice s = {.has_start = start != NONE,
			     .has_stop = stop != NONE,
			     .start = start,
			     .stop = stop,
			     .step = step};
	struct weir_error err;
	struct rx_source *out = rx_slice(in, s, &err);

	assert_non_null(out);
	return out;
}

static void takes_from_start_to_stop(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abcde|");

	lab_expect_events(lab, slice(in, 1, 4, 1), "10:b 20:c 30:d 30:|", 500);
}

static void without_a_stop_goes_to_the_end(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abcde|");

	lab_expect_events(lab, slice(in, 3, NONE, 1), "30:d 40:e 50:|", 500);
}

static void a_stop_from_the_end_holds_items_back(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abcde|");

	lab_expect_events(lab, slice(in, NONE, -2, 1), "20:a 30:b 40:c 50:|",
			  500);
}

static void a_start_from_the_end_waits_for_it(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abcde|");

	lab_expect_events(lab, slice(in, -2, NONE, 1), "50:d 50:e 50:|", 500);
}

static void both_from_the_end(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abcde|");

	lab_expect_events(lab, slice(in, -4, -2, 1), "50:b 50:c 50:|", 500);
}

static void a_start_from_the_end_and_a_stop_from_the_beginning_do_as_python(
	void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abcde|");

	lab_expect_events(lab, slice(in, -4, 3, 1), "50:b 50:c 50:|", 500);
}

static void the_same_when_they_miss_each_other(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abcde|");

	lab_expect_events(lab, slice(in, -2, 3, 1), "50:|", 500);
}

static void the_same_of_a_stream_shorter_than_the_start(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "ab|");

	lab_expect_events(lab, slice(in, -4, 1, 1), "20:a 20:|", 500);
}

static void gives_every_other(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abcde|");

	lab_expect_events(lab, slice(in, NONE, NONE, 2), "0:a 20:c 40:e 50:|",
			  500);
}

static void gives_every_other_from_start_to_stop(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abcdef|");

	lab_expect_events(lab, slice(in, 1, 5, 2), "10:b 30:d 40:|", 500);
}

static void ends_at_once_when_the_stop_is_zero(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_cold(lab, "abc|");

	lab_expect_events(lab, slice(in, NONE, 0, 1), "0:|", 500);
}

static void passes_an_error_on(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "ab#");

	lab_expect_events(lab, slice(in, -4, 3, 1), "20:#error", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "abcde|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, slice(in, -4, 3, 1), "50:b", 500);
}

static void a_step_backwards_is_refused(void **state)
{
	struct lab *lab = *state;
	struct weir_error err;
	struct rx_source *in = lab_cold(lab, "a");

	assert_null(rx_slice(in, (struct rx_slice){.step = -1}, &err));
	assert_string_equal(err.message, "slice: the step is at least 1");
}

static void more_than_can_be_held_is_refused(void **state)
{
	struct lab *lab = *state;
	struct weir_error err;
	struct rx_source *in = lab_cold(lab, "a");

	assert_null(rx_slice(
		in, (struct rx_slice){.has_start = true, .start = -70000},
		&err));
	assert_string_equal(err.message,
			    "slice: at most 65536 items from the end");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(takes_from_start_to_stop),
		lab_test(without_a_stop_goes_to_the_end),
		lab_test(a_stop_from_the_end_holds_items_back),
		lab_test(a_start_from_the_end_waits_for_it),
		lab_test(both_from_the_end),
		lab_test(
			a_start_from_the_end_and_a_stop_from_the_beginning_do_as_python),
		lab_test(the_same_when_they_miss_each_other),
		lab_test(the_same_of_a_stream_shorter_than_the_start),
		lab_test(gives_every_other),
		lab_test(gives_every_other_from_start_to_stop),
		lab_test(ends_at_once_when_the_stop_is_zero),
		lab_test(passes_an_error_on),
		lab_test(can_be_cancelled_inside_next),
		lab_test(a_step_backwards_is_refused),
		lab_test(more_than_can_be_held_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
