/* buffer_test.c */
#include "support/lab.h"

/* Lets one through after so many that recursion would not have lasted. */
static int after_many(struct value v, const struct rx_vars *vars,
		      struct value *out, struct weir_error *err)
{
	static uint32_t rounds;

	*out = value_bool(++rounds == 100000);
	return 0;
}

static void gives_an_array_at_each_boundary_and_the_rest(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b--c-|");
	struct rx_source *b = lab_hot(lab, "----x--------");

	lab_expect_events(lab, rx_buffer(in, b, 0), "40:[a,b] 80:[c] 80:|",
			  500);
}

static void gives_empty_ones_too(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-----|");
	struct rx_source *b = lab_hot(lab, "-x-x");

	lab_expect_events(lab, rx_buffer(in, b, 0), "10:[] 30:[] 50:[] 50:|",
			  500);
}

static void the_end_of_the_boundaries_only_stops_new_arrays(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-c|");
	struct rx_source *b = lab_hot(lab, "--x|");

	lab_expect_events(lab, rx_buffer(in, b, 0), "20:[a] 60:[b,c] 60:|",
			  500);
}

static void an_error_of_the_boundaries_is_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-c|");
	struct rx_source *b = lab_hot(lab, "--#");

	lab_expect_events(lab, rx_buffer(in, b, 0), "20:#error", 500);
}

static void drops_what_it_holds_on_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-#");
	struct rx_source *b = lab_hot(lab, "-----x");

	lab_expect_events(lab, rx_buffer(in, b, 0), "30:#error", 500);
}

static void refuses_an_item_too_many(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-abc-|");
	struct rx_source *b = lab_hot(lab, "----x");

	lab_skip_errors(lab);
	lab_expect_events(
		lab, rx_buffer(in, b, 2),
		"30:!buffer holds 2 items, its max_buffer 40:[a,b] 50:[] 50:|",
		500);
}

static void emits_under_the_causes_of_all(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-ab-|");
	struct rx_source *b = lab_hot(lab, "---x");

	lab_show_causes(lab);
	lab_expect_events(lab, rx_buffer(in, b, 2),
			  "30:[a,b]<a,b> 40:[]<> 40:|", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-|");
	struct rx_source *b = lab_hot(lab, "--x-x");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_buffer(in, b, 0), "20:[a]", 500);
}

static void when_asks_for_a_span_anew_each_time(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a--b---|");

	lab_expect_events(lab, rx_buffer_when(in, rx_dur_ms(30), 0),
			  "30:[a] 60:[b] 80:[] 80:|", 500);
}

static void when_takes_the_first_item_of_a_stream_as_the_signal(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a--b---|");
	struct rx_source *b = lab_cold(lab, "---xx|");

	lab_expect_events(lab, rx_buffer_when(in, rx_dur_source(b), 0),
			  "30:[a] 60:[b] 80:[] 80:|", 500);
}

static void when_takes_its_end_as_the_signal_too(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a--b---|");
	struct rx_source *b = lab_cold(lab, "---|");

	lab_expect_events(lab, rx_buffer_when(in, rx_dur_source(b), 0),
			  "30:[a] 60:[b] 80:[] 80:|", 500);
}

static void when_can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a--b---|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_buffer_when(in, rx_dur_ms(30), 0), "30:[a]",
			  500);
}

static void when_goes_round_without_recursion(void **state)
{
	struct lab *lab = *state;
	struct rx_source *never = rx_never(lab_ctx(lab));
	struct rx_source *empty = rx_empty(lab_ctx(lab));

	lab_cancel_after(lab, 1);
	lab_expect_events(lab,
			  rx_filter(rx_buffer_when(never, rx_dur_source(empty),
						   0),
				    lab_fn(after_many)),
			  "0:[]", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(gives_an_array_at_each_boundary_and_the_rest),
		lab_test(gives_empty_ones_too),
		lab_test(the_end_of_the_boundaries_only_stops_new_arrays),
		lab_test(an_error_of_the_boundaries_is_an_error),
		lab_test(drops_what_it_holds_on_an_error),
		lab_test(refuses_an_item_too_many),
		lab_test(emits_under_the_causes_of_all),
		lab_test(can_be_cancelled_inside_next),
		lab_test(when_asks_for_a_span_anew_each_time),
		lab_test(when_takes_the_first_item_of_a_stream_as_the_signal),
		lab_test(when_takes_its_end_as_the_signal_too),
		lab_test(when_can_be_cancelled_inside_next),
		lab_test(when_goes_round_without_recursion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
