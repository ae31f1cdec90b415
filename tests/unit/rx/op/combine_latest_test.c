/* combine_latest_test.c */
#include "support/lab.h"

static void gives_the_latest_of_all_at_each_item(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_hot(lab, "-1---2---|");
	struct rx_source *b = lab_hot(lab, "---3---4---|");
	struct rx_source *in[] = {a, b};

	lab_expect_events(lab, rx_combine_latest(lab_ctx(lab), in, 2),
			  "30:[1,3] 50:[2,3] 70:[2,4] 110:|", 500);
}

static void ends_when_all_have_ended_also_when_one_never_had_an_item(
	void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_hot(lab, "-1---2---|");
	struct rx_source *b = lab_hot(lab, "---|");
	struct rx_source *in[] = {a, b};

	lab_expect_events(lab, rx_combine_latest(lab_ctx(lab), in, 2), "90:|",
			  500);
}

static void an_error_of_any_ends_it(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_hot(lab, "-1---2---|");
	struct rx_source *b = lab_hot(lab, "---#");
	struct rx_source *in[] = {a, b};

	lab_expect_events(lab, rx_combine_latest(lab_ctx(lab), in, 2),
			  "30:#error", 500);
}

static void of_nothing_ends(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab, rx_combine_latest(lab_ctx(lab), NULL, 0), "0:|",
			  500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_hot(lab, "-1---2---|");
	struct rx_source *b = lab_hot(lab, "---3---4---|");
	struct rx_source *in[] = {a, b};

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_combine_latest(lab_ctx(lab), in, 2),
			  "30:[1,3]", 500);
}

static void with_latest_from_follows_the_first(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_hot(lab, "-1---2---5|");
	struct rx_source *b = lab_hot(lab, "---3---4---");
	struct rx_source *in[] = {a, b};

	lab_expect_events(lab, rx_with_latest_from(lab_ctx(lab), in, 2),
			  "50:[2,3] 90:[5,4] 100:|", 500);
}

static void with_latest_from_sees_what_the_others_give_at_once(void **state)
{
	struct lab *lab = *state;
	struct rx_source *b = lab_cold(lab, "3");
	struct rx_source *in[] = {rx_just(lab_ctx(lab), value_int(1)), b};

	lab_expect_events(lab, rx_with_latest_from(lab_ctx(lab), in, 2),
			  "0:[1,3] 0:|", 500);
}

static void with_latest_from_does_not_end_with_the_others(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_hot(lab, "-1---2-|");
	struct rx_source *b = lab_hot(lab, "3|");
	struct rx_source *in[] = {a, b};

	lab_expect_events(lab, rx_with_latest_from(lab_ctx(lab), in, 2),
			  "10:[1,3] 50:[2,3] 70:|", 500);
}

static void with_latest_from_ends_with_an_error_of_another(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_hot(lab, "-1---2-|");
	struct rx_source *b = lab_hot(lab, "3-#");
	struct rx_source *in[] = {a, b};

	lab_expect_events(lab, rx_with_latest_from(lab_ctx(lab), in, 2),
			  "10:[1,3] 20:#error", 500);
}

static void with_latest_from_can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_hot(lab, "-1---2-|");
	struct rx_source *b = lab_hot(lab, "3");
	struct rx_source *in[] = {a, b};

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_with_latest_from(lab_ctx(lab), in, 2),
			  "10:[1,3]", 500);
}

static void fork_join_gives_the_last_of_all_at_the_end(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_hot(lab, "-1---2-|");
	struct rx_source *b = lab_hot(lab, "3--4-----|");
	struct rx_source *in[] = {a, b};

	lab_show_causes(lab);
	lab_expect_events(lab, rx_fork_join(lab_ctx(lab), in, 2),
			  "90:[2,4]<2,4> 90:|", 500);
}

static void fork_join_ends_as_soon_as_one_ended_without_an_item(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_hot(lab, "-1---2-|");
	struct rx_source *b = lab_hot(lab, "---|");
	struct rx_source *in[] = {a, b};

	lab_expect_events(lab, rx_fork_join(lab_ctx(lab), in, 2), "30:|", 500);
}

static void fork_join_says_nothing_before_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_hot(lab, "-1-|");
	struct rx_source *b = lab_hot(lab, "-2---#");
	struct rx_source *in[] = {a, b};

	lab_expect_events(lab, rx_fork_join(lab_ctx(lab), in, 2), "50:#error",
			  500);
}

static void fork_join_can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_hot(lab, "-1|");
	struct rx_source *b = lab_hot(lab, "-2|");
	struct rx_source *in[] = {a, b};

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_fork_join(lab_ctx(lab), in, 2), "20:[1,2]",
			  500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(gives_the_latest_of_all_at_each_item),
		lab_test(
			ends_when_all_have_ended_also_when_one_never_had_an_item),
		lab_test(an_error_of_any_ends_it),
		lab_test(of_nothing_ends),
		lab_test(can_be_cancelled_inside_next),
		lab_test(with_latest_from_follows_the_first),
		lab_test(with_latest_from_sees_what_the_others_give_at_once),
		lab_test(with_latest_from_does_not_end_with_the_others),
		lab_test(with_latest_from_ends_with_an_error_of_another),
		lab_test(with_latest_from_can_be_cancelled_inside_next),
		lab_test(fork_join_gives_the_last_of_all_at_the_end),
		lab_test(fork_join_ends_as_soon_as_one_ended_without_an_item),
		lab_test(fork_join_says_nothing_before_an_error),
		lab_test(fork_join_can_be_cancelled_inside_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
