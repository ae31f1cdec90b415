/* panes_test.c - what a block gives while its pane opens or closes may end the
 * source: then nothing opens any more, and nothing leads to the pane.
 *
 *     source      -a--------          block      0, then its items 40 ms late
 *     stop        -x                  pushed from within the block's 0
 */
#include "support/lab.h"

/* The first lab_hot of each test is what ends the source. */
static struct rx_source *until_stopped(struct lab *lab, const char *diagram)
{
	struct rx_source *stop = lab_hot(lab, "");

	return rx_take_until(lab_hot(lab, diagram), stop);
}

static void stop_source(struct lab *lab, struct value v)
{
	lab_on_next(lab, NULL);
	lab_push(lab, v);
}

/* Speaks while it opens. */
static struct rx_source *build_zero_then_late(struct lab *lab,
					      const struct rx_inner *in,
					      struct rx_source *arg)
{
	struct value zero = value_int(0);

	return rx_start_with(rx_delay(in->source, 40, 0), &zero, 1);
}

/* Speaks while it closes, and is at work for another 40 ms. */
static struct rx_source *build_list_then_zero(struct lab *lab,
					      const struct rx_inner *in,
					      struct rx_source *arg)
{
	struct rx_source *parts[] = {rx_to_list(in->source, 0),
				     rx_timer_source(lab_ctx(lab), 40, -1)};

	return rx_concat(lab_ctx(lab), parts, 2);
}

static void a_group_closed_while_it_opens_has_no_idle_timer(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = until_stopped(lab, "-a---");
	struct rx_block *block = lab_block(lab, build_zero_then_late, NULL);
	struct rx_group_by_opts opts = {.idle_ms = 100};

	lab_on_next(lab, stop_source);
	lab_expect_events(lab, rx_group_by(in, NULL, NULL, block, opts),
			  "10:0 50:|", 300);
}

static void a_stretch_closed_while_it_opens_has_no_span(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = until_stopped(lab, "-a---");
	struct rx_source *openings = lab_hot(lab, "--x------");
	struct rx_block *block = lab_block(lab, build_zero_then_late, NULL);

	lab_on_next(lab, stop_source);
	lab_expect_events(lab,
			  rx_window_toggle(in, openings, rx_dur_ms(100), block),
			  "20:0 60:|", 300);
}

static void no_window_opens_when_the_one_before_ended_the_source(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = until_stopped(lab, "-a---");
	struct rx_source *ticks = lab_hot(lab, "--x--x--x");
	struct rx_block *block = lab_block(lab, build_list_then_zero, NULL);

	lab_on_next(lab, stop_source);
	lab_expect_events(lab, rx_window(in, ticks, block), "20:[a] 60:0 60:|",
			  300);
}

static void no_span_begins_when_a_window_ended_the_source(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = until_stopped(lab, "-a---");
	struct rx_block *block = lab_block(lab, build_list_then_zero, NULL);

	lab_on_next(lab, stop_source);
	lab_expect_events(lab, rx_window_when(in, rx_dur_ms(20), block),
			  "20:[a] 60:0 60:|", 300);
}

static void no_counted_window_opens_when_one_ended_the_source(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = until_stopped(lab, "-a-b-");
	struct rx_block *block = lab_block(lab, build_list_then_zero, NULL);

	lab_on_next(lab, stop_source);
	lab_expect_events(lab, rx_window_with_count(in, 1, 1, block),
			  "10:[a] 50:0 50:|", 300);
}

static void no_timed_window_opens_when_one_ended_the_source(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = until_stopped(lab, "-a---");
	struct rx_block *block = lab_block(lab, build_list_then_zero, NULL);

	lab_on_next(lab, stop_source);
	lab_expect_events(lab, rx_window_with_time(in, 20, 20, block),
			  "20:[a] 60:0 60:|", 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(a_group_closed_while_it_opens_has_no_idle_timer),
		lab_test(a_stretch_closed_while_it_opens_has_no_span),
		lab_test(no_window_opens_when_the_one_before_ended_the_source),
		lab_test(no_span_begins_when_a_window_ended_the_source),
		lab_test(no_counted_window_opens_when_one_ended_the_source),
		lab_test(no_timed_window_opens_when_one_ended_the_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
