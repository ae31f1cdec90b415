/* zip_with_list_test.c */
#include "support/lab.h"

static int two(struct value v, const struct rx_vars *vars, struct value *out,
	       struct weir_error *err)
{
	const struct value elements[] = {value_int(7), value_int(8)};

	*out = value_array(elements, 2);
	return 0;
}

static int none(struct value v, const struct rx_vars *vars, struct value *out,
		struct weir_error *err)
{
	*out = value_array(NULL, 0);
	return 0;
}

static void pairs_each_item_with_an_element(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-c-|");

	lab_expect_events(lab, rx_zip_with_list(in, lab_fn(two)),
			  "10:[a,7] 30:[b,8] 30:|", 500);
}

static void ends_with_a_shorter_source(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a|");

	lab_expect_events(lab, rx_zip_with_list(in, lab_fn(two)),
			  "10:[a,7] 20:|", 500);
}

static void passes_an_error_on(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a#");

	lab_expect_events(lab, rx_zip_with_list(in, lab_fn(two)),
			  "10:[a,7] 20:#error", 500);
}

static void ends_at_once_with_an_empty_list(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_cold(lab, "-a#");

	lab_expect_events(lab, rx_zip_with_list(in, lab_fn(none)), "0:|", 500);
}

static void the_program_must_give_an_array(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_cold(lab, "-a#");

	lab_expect_events(
		lab, rx_zip_with_list(in, lab_index()),
		"0:#zip_with_list: the program gives number, not an array",
		500);
}

static void an_error_of_the_program_is_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_cold(lab, "-a#");

	lab_expect_events(lab, rx_zip_with_list(in, lab_fail()), "0:#bad", 500);
}

static void can_be_cancelled_in_the_last(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-a-b-c-|");

	lab_cancel_after(lab, 2);
	lab_expect_events(lab, rx_zip_with_list(in, lab_fn(two)),
			  "10:[a,7] 30:[b,8]", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(pairs_each_item_with_an_element),
		lab_test(ends_with_a_shorter_source),
		lab_test(passes_an_error_on),
		lab_test(ends_at_once_with_an_empty_list),
		lab_test(the_program_must_give_an_array),
		lab_test(an_error_of_the_program_is_an_error),
		lab_test(can_be_cancelled_in_the_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
