/* log_test.c - the shape of log and trace lines, read back through a pipe. */
#include "base/log.h"

#include "base/str.h"
#include "tests/support/capture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static char text[8192];

static void a_level_stands_in_front_of_its_line(void **state)
{
	struct capture c;

	capture_begin(&c, STDERR_FILENO);
	log_error("no %s", "disk");
	log_warn("slow");
	log_info("ready");
	capture_end(&c, text, sizeof text);
	assert_string_equal(text, "weir: error: no disk\n"
				  "weir: warning: slow\n"
				  "weir: ready\n");
}

static void a_long_line_is_cut_and_ends(void **state)
{
	for (int width = 950; width < 1100; width++) {
		struct capture c;
		size_t n;

		capture_begin(&c, STDERR_FILENO);
		log_error("%*d", width, 1);
		n = capture_end(&c, text, sizeof text);
		assert_in_range(n, 950, 1024);
		assert_int_equal(text[n - 1], '\n');
	}
}

/* What peers send may stand in messages; it must not write lines of its own,
 * nor tell the terminal anything. */
static void control_characters_of_a_message_are_not_written(void **state)
{
	struct capture c;

	capture_begin(&c, STDOUT_FILENO);
	trace_print("job for %s", "a\n     1 M  [S] forged\033]0;x\a\x7F");
	capture_end(&c, text, sizeof text);
	assert_string_equal(text + 16,
			    "job for a?     1 M  [S] forged?]0;x??\n");

	capture_begin(&c, STDERR_FILENO);
	log_error("two lines:\nare a report\033[2J\r");
	capture_end(&c, text, sizeof text);
	assert_string_equal(text,
			    "weir: error: two lines:\nare a report?[2J?\n");
}

static void a_trace_that_is_off_does_nothing(void **state)
{
	struct capture c;
	int evaluated = 0;

	assert_false(trace_on);
	capture_begin(&c, STDOUT_FILENO);
	trace("%d", evaluated++);
	assert_int_equal(capture_end(&c, text, sizeof text), 0);
	assert_int_equal(evaluated, 0);
}

/* "  1042 M    [S] what": milliseconds, fiber, who. */
static void a_trace_line_has_its_columns(void **state)
{
	struct capture c;
	int ms;
	char fiber[16];
	char who[16];
	char what[16];

	trace_start(TRACE_COLOUR_NEVER);
	capture_begin(&c, STDOUT_FILENO);
	trace("%s", "listening");
	capture_end(&c, text, sizeof text);
	assert_int_equal(
		sscanf(text, "%d %15s %15s %15s", &ms, fiber, who, what), 4);
	assert_in_range(ms, 0, 600000);
	assert_string_equal(fiber, "M");
	assert_string_equal(who, "[S]");
	assert_string_equal(text + 6, " M    [S] listening\n");

	trace_fiber = 7;
	trace_who = 3;
	capture_begin(&c, STDOUT_FILENO);
	trace("job %s", "j4");
	capture_end(&c, text, sizeof text);
	assert_string_equal(text + 6, " 7      3 job j4\n");
	trace_fiber = trace_who = 0;
	trace_on = false;
}

static void colours_are_taken_back_at_the_end_of_the_line(void **state)
{
	struct capture c;
	char one[256];

	trace_start(TRACE_COLOUR_ALWAYS);
	for (uint32_t who = 0; who < 14; who++) {
		trace_who = who;
		capture_begin(&c, STDOUT_FILENO);
		trace("x%*d", who ? 1 : 2000, 1);
		size_t n = capture_end(&c, text, sizeof text);

		assert_memory_equal(text, "\033[90m", 5);
		assert_string_equal(text + n - 5, "\033[0m\n");
		if (who == 1)
			memcpy(one, text + 11, 60);
		if (who == 7) /* six colours, then the first again */
			assert_memory_equal(text + 17, one + 6, 5);
	}
	trace_who = 0;
	trace_start(TRACE_COLOUR_NEVER);
	trace_on = false;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_level_stands_in_front_of_its_line),
		cmocka_unit_test(a_long_line_is_cut_and_ends),
		cmocka_unit_test(
			control_characters_of_a_message_are_not_written),
		cmocka_unit_test(a_trace_that_is_off_does_nothing),
		cmocka_unit_test(a_trace_line_has_its_columns),
		cmocka_unit_test(colours_are_taken_back_at_the_end_of_the_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
