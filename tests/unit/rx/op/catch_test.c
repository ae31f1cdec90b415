/* catch_test.c */
#include "support/lab.h"

static struct rx_source *refuse(struct lab *lab, const struct rx_inner *in,
				struct rx_source *arg)
{
	rx_source_unref(in->source);
	return NULL;
}

static void another_stream_takes_over_after_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-#");
	struct rx_source *b = lab_cold(lab, "-x-|");

	lab_expect_events(lab, rx_catch(in, b, NULL), "10:a 40:x 60:|", 500);
}

static void is_silent_without_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-|");
	struct rx_source *b = lab_cold(lab, "-x-|");

	lab_expect_events(lab, rx_catch(in, b, NULL), "10:a 30:|", 500);
	assert_int_equal(lab_cold_runs(lab), 0);
}

static void an_error_of_the_other_is_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-#");
	struct rx_source *b = lab_cold(lab, "-#");

	lab_expect_events(lab, rx_catch(in, b, NULL), "20:#error", 500);
}

static void the_block_gets_the_message(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-#");

	lab_expect_events(lab, rx_catch(in, NULL, lab_identity(lab)),
			  "10:a 30:error 30:|", 500);
}

static void a_block_that_cannot_be_built_is_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-#");

	lab_expect_events(lab, rx_catch(in, NULL, lab_block(lab, refuse, NULL)),
			  "10:a 30:#no block", 500);
}

static void can_be_cancelled_inside_the_other(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-#");
	struct rx_source *b = lab_cold(lab, "-x-y|");

	lab_cancel_after(lab, 2);
	lab_expect_events(lab, rx_catch(in, b, NULL), "10:a 40:x", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(another_stream_takes_over_after_an_error),
		lab_test(is_silent_without_an_error),
		lab_test(an_error_of_the_other_is_an_error),
		lab_test(the_block_gets_the_message),
		lab_test(a_block_that_cannot_be_built_is_an_error),
		lab_test(can_be_cancelled_inside_the_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
