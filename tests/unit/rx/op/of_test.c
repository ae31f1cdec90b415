/* of_test.c */
#include "support/lab.h"

static void gives_its_items_at_once(void **state)
{
	struct lab *lab = *state;
	const struct value items[] = {value_int(1), value_cstr("b")};

	lab_expect_events(lab, rx_of(lab_ctx(lab), items, 2), "0:1 0:b 0:|",
			  500);
}

static void of_nothing_ends(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab, rx_of(lab_ctx(lab), NULL, 0), "0:|", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	const struct value items[] = {value_int(1), value_cstr("b")};

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_of(lab_ctx(lab), items, 2), "0:1", 500);
}

static void gives_all_of_a_long_list(void **state)
{
	struct lab *lab = *state;
	struct value items[10000];

	for (int i = 0; i < 10000; i++)
		items[i] = value_int(i);
	lab_expect_events(lab,
			  rx_count(rx_of(lab_ctx(lab), items, 10000), NULL),
			  "0:10000 0:|", 500);
}

static void just_gives_one_item(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab, rx_just(lab_ctx(lab), value_int(1)), "0:1 0:|",
			  500);
}

static void just_can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_just(lab_ctx(lab), value_int(1)), "0:1", 500);
}

static void empty_only_ends(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab, rx_empty(lab_ctx(lab)), "0:|", 500);
}

static void never_is_silent(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab, rx_never(lab_ctx(lab)), "", 500);
}

static void throw_is_an_error_with_its_message(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab, rx_throw(lab_ctx(lab), STR("oh")), "0:#oh", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(gives_its_items_at_once),
		lab_test(of_nothing_ends),
		lab_test(can_be_cancelled_inside_next),
		lab_test(gives_all_of_a_long_list),
		lab_test(just_gives_one_item),
		lab_test(just_can_be_cancelled_inside_next),
		lab_test(empty_only_ends),
		lab_test(never_is_silent),
		lab_test(throw_is_an_error_with_its_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
