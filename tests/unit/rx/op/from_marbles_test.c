/* from_marbles_test.c */
#include "support/lab.h"

static struct rx_source *marbles(struct lab *lab, const char *text)
{
	struct weir_error err;
	struct rx_source *src =
		rx_from_marbles(lab_ctx(lab), str_of(text), 10, &err);

	assert_non_null(src);
	return src;
}

static void assert_refused(struct lab *lab, const char *text, const char *why)
{
	struct weir_error err;

	assert_null(rx_from_marbles(lab_ctx(lab), str_of(text), 10, &err));
	assert_string_equal(err.message, why);
}

static void reads_a_drawing(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab, marbles(lab, "--1--(2,x)-12|"),
			  "20:1 50:2 50:x 110:12 130:|", 500);
}

static void spaces_are_for_the_eye(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab, marbles(lab, "- - a |"), "20:a 30:|", 500);
}

static void reads_an_error(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab, marbles(lab, "-a#"), "10:a 20:#error", 500);
}

static void reads_fractions(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab, marbles(lab, "1.5-|"), "0:1.5 40:|", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, marbles(lab, "(a,b)|"), "0:a", 500);
}

static void tells_what_is_wrong(void **state)
{
	struct lab *lab = *state;

	assert_refused(lab, "-a|b", "nothing can follow the end of a stream");
	assert_refused(lab, "-(a,b", "the parenthesis is not closed");
	assert_refused(lab, "a,b", "this belongs into parentheses: (a,b)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(reads_a_drawing),
		lab_test(spaces_are_for_the_eye),
		lab_test(reads_an_error),
		lab_test(reads_fractions),
		lab_test(can_be_cancelled_inside_next),
		lab_test(tells_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
