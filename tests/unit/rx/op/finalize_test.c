/* finalize_test.c */
#include "support/lab.h"

#include "base/log.h"
#include "support/capture.h"

#include <string.h>

/* Runs it and compares what the trace says, without its columns. */
static void expect_trace(struct lab *lab, const char *diagram,
			 const char *events, const char *told)
{
	struct rx_source *in = lab_hot(lab, diagram);
	struct capture c;
	char text[1024];

	trace_start(TRACE_COLOUR_NEVER);
	capture_begin(&c, STDOUT_FILENO);
	lab_expect_events(lab, rx_finalize(in, STR("in")), events, 100);
	capture_end(&c, text, sizeof text);
	trace_on = false;
	assert_non_null(strstr(text, "in: "));
	assert_string_equal(strstr(text, "in: "), told);
}

static void tells_the_end(void **state)
{
	expect_trace(*state, "-a-b-|", "10:a 30:b 50:|",
		     "in: done after 2 items, 50 ms\n");
}

static void tells_an_error(void **state)
{
	expect_trace(*state, "-a-#", "10:a 30:#error",
		     "in: error after 1 items, 30 ms: error\n");
}

static void tells_a_cancel(void **state)
{
	expect_trace(*state, "-a-b", "10:a 30:b",
		     "in: cancelled after 2 items, 100 ms\n");
}

static void tells_a_cancel_inside_next(void **state)
{
	lab_cancel_after(*state, 1);
	expect_trace(*state, "-a-b|", "10:a",
		     "in: cancelled after 1 items, 10 ms\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(tells_the_end),
		lab_test(tells_an_error),
		lab_test(tells_a_cancel),
		lab_test(tells_a_cancel_inside_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
