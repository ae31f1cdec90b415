/* share_test.c */
#include "support/lab.h"

static void gives_one_run_to_all(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_cold(lab, "-1-2|");
	struct rx_source *shared = rx_share(a);
	struct rx_source *in[] = {shared, rx_source_ref(shared)};

	lab_expect_events(lab, rx_merge(lab_ctx(lab), in, 2),
			  "10:1 10:1 30:2 30:2 40:|", 500);
	assert_int_equal(lab_cold_runs(lab), 1);
}

static void who_comes_later_hears_what_comes(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_cold(lab, "-1-2|");
	struct rx_source *shared = rx_share(a);
	struct rx_source *in[] = {
		shared, rx_delay_subscription(rx_source_ref(shared), 20)};

	lab_expect_events(lab, rx_merge(lab_ctx(lab), in, 2),
			  "10:1 30:2 30:2 40:|", 500);
}

static void the_last_who_goes_ends_the_run(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_cold(lab, "-1-2-3-4");
	struct rx_source *shared = rx_share(a);
	struct rx_source *in[] = {rx_take(shared, 1),
				  rx_take(rx_source_ref(shared), 2)};

	lab_expect_events(lab, rx_merge(lab_ctx(lab), in, 2),
			  "10:1 10:1 30:2 30:|", 500);
}

static void an_error_reaches_all(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_cold(lab, "-1-#");
	struct rx_source *shared = rx_share(a);
	struct rx_source *in[] = {rx_catch(shared, rx_empty(lab_ctx(lab)),
					   NULL),
				  rx_source_ref(shared)};

	lab_expect_events(lab, rx_merge(lab_ctx(lab), in, 2),
			  "10:1 10:1 30:#error", 500);
}

static void a_new_run_begins_after_the_end(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_cold(lab, "-1|");

	lab_expect_events(lab, rx_repeat(rx_share(a), 2, RX_NO_WAIT),
			  "10:1 30:1 40:|", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_cold(lab, "-1-2|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_share(a), "10:1", 500);
}

static void can_be_cancelled_within_a_synchronous_run(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_cold(lab, "(12)|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_share(a), "0:1", 500);
}

static void value_tells_the_latest_at_once(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_cold(lab, "-1-2|");
	struct rx_source *shared = rx_share_value(a, value_int(0));
	struct rx_source *in[] = {
		shared, rx_delay_subscription(rx_source_ref(shared), 20)};

	lab_expect_events(lab, rx_merge(lab_ctx(lab), in, 2),
			  "0:0 10:1 20:1 30:2 30:2 40:|", 500);
}

static void value_can_be_cancelled_in_what_it_tells_at_once(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_cold(lab, "-1-2|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_share_value(a, value_int(0)), "0:0", 500);
	assert_int_equal(lab_cold_runs(lab), 0);
}

static void replay_tells_the_last_items_at_once(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_cold(lab, "1-2-3-4|");
	struct rx_source *shared = rx_share_replay(a, 2, -1);
	struct rx_source *in[] = {
		shared, rx_delay_subscription(rx_source_ref(shared), 50)};

	lab_expect_events(lab, rx_merge(lab_ctx(lab), in, 2),
			  "0:1 20:2 40:3 50:2 50:3 60:4 60:4 70:|", 500);
}

static void replay_forgets_what_is_older_than_its_window(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_cold(lab, "1-2-3-4|");
	struct rx_source *shared = rx_share_replay(a, 9, 15);
	struct rx_source *in[] = {
		shared, rx_delay_subscription(rx_source_ref(shared), 50)};

	lab_expect_events(lab, rx_merge(lab_ctx(lab), in, 2),
			  "0:1 20:2 40:3 50:3 60:4 60:4 70:|", 500);
}

static void replay_after_the_end_tells_what_it_remembers_and_the_end(
	void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_cold(lab, "1-2|");
	struct rx_source *shared = rx_share_replay(a, 9, -1);
	struct rx_source *in[] = {
		shared, rx_delay_subscription(rx_source_ref(shared), 50)};

	lab_expect_events(lab, rx_merge(lab_ctx(lab), in, 2),
			  "0:1 20:2 50:1 50:2 50:|", 500);
	assert_int_equal(lab_cold_runs(lab), 1);
}

static void replay_after_an_error_begins_anew(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_cold(lab, "1-#");

	lab_expect_events(lab,
			  rx_retry(rx_share_replay(a, 9, -1), 2, RX_NO_WAIT),
			  "0:1 20:1 40:#error", 500);
}

static void replay_can_be_cancelled_in_what_it_tells_at_once(void **state)
{
	struct lab *lab = *state;
	struct rx_source *a = lab_cold(lab, "(12)--3|");
	struct rx_source *shared = rx_share_replay(a, 9, -1);
	struct rx_source *in[] = {
		shared, rx_delay_subscription(rx_source_ref(shared), 10)};

	lab_cancel_after(lab, 3);
	lab_expect_events(lab, rx_merge(lab_ctx(lab), in, 2), "0:1 0:2 10:1",
			  500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(gives_one_run_to_all),
		lab_test(who_comes_later_hears_what_comes),
		lab_test(the_last_who_goes_ends_the_run),
		lab_test(an_error_reaches_all),
		lab_test(a_new_run_begins_after_the_end),
		lab_test(can_be_cancelled_inside_next),
		lab_test(can_be_cancelled_within_a_synchronous_run),
		lab_test(value_tells_the_latest_at_once),
		lab_test(value_can_be_cancelled_in_what_it_tells_at_once),
		lab_test(replay_tells_the_last_items_at_once),
		lab_test(replay_forgets_what_is_older_than_its_window),
		lab_test(
			replay_after_the_end_tells_what_it_remembers_and_the_end),
		lab_test(replay_after_an_error_begins_anew),
		lab_test(replay_can_be_cancelled_in_what_it_tells_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
