/* log_test.c */
#include "support/lab.h"

#include "support/capture.h"

#include <string.h>

static char text[4096];

static void run(struct lab *lab, struct rx_source *in, enum rx_log_level level,
		const char *events)
{
	struct capture c;

	capture_begin(&c, STDERR_FILENO);
	lab_expect_events(lab, rx_log(in, STR("in"), level), events, 100);
	capture_end(&c, text, sizeof text);
}

static void writes_each_item_and_the_end(void **state)
{
	struct lab *lab = *state;

	run(lab, lab_hot(lab, "-a-[b7]|"), RX_LOG_INFO, "10:a 30:[b,7] 70:|");
	assert_string_equal(text, "weir: in: \"a\"\n"
				  "weir: in: [\"b\",7]\n"
				  "weir: in: done\n");
}

static void writes_an_error(void **state)
{
	struct lab *lab = *state;

	run(lab, lab_hot(lab, "-1#"), RX_LOG_WARN, "10:1 20:#error");
	assert_string_equal(text, "weir: warning: in: 1\n"
				  "weir: warning: in: error: error\n");
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;

	lab_cancel_after(lab, 1);
	run(lab, lab_hot(lab, "-1-2|"), RX_LOG_ERROR, "10:1");
	assert_string_equal(text, "weir: error: in: 1\n");
}

static void count_items(struct lab *lab, struct value v)
{
	assert_int_equal(value_type(v), VALUE_STRING);
}

/* A long item is cut, and not within a character of two bytes. */
static void a_long_item_is_cut(void **state)
{
	struct lab *lab = *state;
	char long_text[2002];
	struct value v;
	struct capture c;

	for (size_t i = 0; i < sizeof long_text; i += 2)
		memcpy(long_text + i, "\xC3\xA4", 2);
	v = value_string(str_from(long_text, sizeof long_text));
	lab_on_next(lab, count_items);
	capture_begin(&c, STDERR_FILENO);
	lab_run(lab, rx_log(rx_just(lab_ctx(lab), v), STR("in"), RX_LOG_INFO),
		0);
	capture_end(&c, text, sizeof text);
	assert_non_null(strstr(text, "\xC3\xA4...\nweir: in: done\n"));
	assert_in_range(strlen(text), 380, 440);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(writes_each_item_and_the_end),
		lab_test(writes_an_error),
		lab_test(can_be_cancelled_inside_next),
		lab_test(a_long_item_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
