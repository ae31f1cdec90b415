/* from_fn_test.c */
#include "support/lab.h"

static int itself(struct value v, const struct rx_vars *vars, struct value *out,
		  struct weir_error *err)
{
	*out = value_ref(v);
	return 0;
}

static int many(struct value v, const struct rx_vars *vars, struct value *out,
		struct weir_error *err)
{
	static struct value elements[10000];

	for (int i = 0; i < 10000; i++)
		elements[i] = value_int(i);
	*out = value_array(elements, 10000);
	return 0;
}

static struct value pair(void)
{
	const struct value elements[] = {value_int(1), value_int(2)};

	return value_array(elements, 2);
}

static void gives_the_elements(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab, rx_from_fn(lab_ctx(lab), lab_fn(itself), pair()),
			  "0:1 0:2 0:|", 500);
}

static void must_be_an_array(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(
		lab, rx_from_fn(lab_ctx(lab), lab_fn(itself), value_int(1)),
		"0:#from_: the program gives number, not an array", 500);
}

static void an_error_of_the_program_is_an_error(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab,
			  rx_from_fn(lab_ctx(lab), lab_fail(), value_int(1)),
			  "0:#bad", 500);
}

static void gives_all_of_a_long_array(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab,
			  rx_count(rx_from_fn(lab_ctx(lab), lab_fn(many),
					      value_null()),
				   NULL),
			  "0:10000 0:|", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_from_fn(lab_ctx(lab), lab_fn(itself), pair()),
			  "0:1", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(gives_the_elements),
		lab_test(must_be_an_array),
		lab_test(an_error_of_the_program_is_an_error),
		lab_test(gives_all_of_a_long_array),
		lab_test(can_be_cancelled_inside_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
