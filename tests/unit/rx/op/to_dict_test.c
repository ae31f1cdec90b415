/* to_dict_test.c */
#include "support/lab.h"

static void gives_an_object(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "[a1][b2]|");

	lab_show_causes(lab);
	lab_expect_events(lab, rx_to_dict(in, lab_get("0"), lab_get("1"), 0),
			  "80:{a:1,b:2}<[a,1],[b,2]> 80:|", 500);
}

static void a_later_item_with_the_key_replaces_the_earlier(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "[a1][b2][a3]|");

	lab_show_causes(lab);
	lab_expect_events(lab, rx_to_dict(in, lab_get("0"), lab_get("1"), 0),
			  "120:{a:3,b:2}<[a,3],[b,2]> 120:|", 500);
}

static void a_number_becomes_its_text(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "12|");

	lab_expect_events(lab, rx_to_dict(in, NULL, NULL, 0),
			  "20:{1:1,2:2} 20:|", 500);
}

static void an_array_cannot_be_a_key(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "[a1]|");

	lab_expect_events(lab, rx_to_dict(in, NULL, NULL, 0),
			  "0:#to_dict: the key is array", 500);
}

static void skips_an_item_whose_key_or_element_fails(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "x[a1]|");

	lab_skip_errors(lab);
	lab_expect_events(lab, rx_to_dict(in, lab_get("0"), lab_fail(), 0),
			  "0:!bad 10:!bad 50:{} 50:|", 500);
}

static void refuses_a_key_too_many(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "1231|");

	lab_skip_errors(lab);
	lab_expect_events(
		lab, rx_to_dict(in, NULL, NULL, 2),
		"20:!to_dict holds 2 items, its max_buffer 40:{1:1,2:2} 40:|",
		500);
}

static void gives_nothing_before_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "1#");

	lab_expect_events(lab, rx_to_dict(in, NULL, NULL, 2), "10:#error", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "1|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_to_dict(in, NULL, NULL, 2), "10:{1:1}", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(gives_an_object),
		lab_test(a_later_item_with_the_key_replaces_the_earlier),
		lab_test(a_number_becomes_its_text),
		lab_test(an_array_cannot_be_a_key),
		lab_test(skips_an_item_whose_key_or_element_fails),
		lab_test(refuses_a_key_too_many),
		lab_test(gives_nothing_before_an_error),
		lab_test(can_be_cancelled_inside_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
