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

/* --- resets -------------------------------------------------------------- */

static struct rx_source *stays(struct rx_source *shared)
{
	return rx_share_resets(shared, (struct rx_resets){0});
}

static void an_error_can_stay(void **state)
{
	struct lab *lab = *state;
	struct rx_source *shared = stays(rx_share(lab_cold(lab, "-1#")));
	struct rx_source *in[] = {shared, rx_source_ref(shared)};

	lab_expect_events(lab, rx_on_error_resume_next(lab_ctx(lab), in, 2),
			  "10:1 20:|", 500);
	assert_int_equal(lab_cold_runs(lab), 1);
}

static void an_end_can_stay(void **state)
{
	struct lab *lab = *state;
	struct rx_source *shared = stays(rx_share(lab_cold(lab, "-1|")));

	lab_expect_events(lab, rx_repeat(shared, 3, RX_NO_WAIT), "10:1 20:|",
			  500);
	assert_int_equal(lab_cold_runs(lab), 1);
}

static void a_replay_can_keep_its_error(void **state)
{
	struct lab *lab = *state;
	struct rx_source *shared =
		stays(rx_share_replay(lab_cold(lab, "-1#"), 9, -1));

	lab_expect_events(lab, rx_retry(shared, 2, RX_NO_WAIT),
			  "10:1 20:1 20:#error", 500);
	assert_int_equal(lab_cold_runs(lab), 1);
}

static void a_replay_can_forget_its_end(void **state)
{
	struct lab *lab = *state;
	struct rx_resets all = {.on_error = true, .on_complete = true};
	struct rx_source *shared =
		rx_share_resets(rx_share_replay(lab_cold(lab, "-1|"), 9, -1),
				all);

	lab_expect_events(lab, rx_repeat(shared, 2, RX_NO_WAIT),
			  "10:1 30:1 40:|", 500);
}

/* One listener hears the first item; some time later there is another one. */
static void expect_after_a_pause(struct lab *lab, struct rx_source *shared,
				 int64_t pause_ms, const char *events)
{
	struct rx_source *in[] = {rx_take(shared, 1),
				  rx_delay_subscription(rx_source_ref(shared),
							pause_ms)};

	lab_expect_events(lab, rx_concat(lab_ctx(lab), in, 2), events, 85);
}

static struct rx_source *lingers(struct lab *lab, int64_t ms)
{
	return rx_share_resets(rx_share(lab_cold(lab, "-1-2-3-4-")),
			       (struct rx_resets){.on_zero_ms = ms});
}

static void a_run_can_linger_without_listeners(void **state)
{
	struct lab *lab = *state;

	expect_after_a_pause(lab, lingers(lab, 30), 15, "10:1 30:2 50:3 70:4");
	assert_int_equal(lab_cold_runs(lab), 1);
}

static void when_it_has_lingered_a_new_run_begins(void **state)
{
	struct lab *lab = *state;

	expect_after_a_pause(lab, lingers(lab, 30), 40, "10:1 60:1 80:2");
	assert_int_equal(lab_cold_runs(lab), 2);
}

static void a_run_can_go_on_without_listeners(void **state)
{
	struct lab *lab = *state;

	expect_after_a_pause(lab, lingers(lab, -1), 45, "10:1 70:4");
	assert_int_equal(lab_cold_runs(lab), 1);
}

static void such_a_run_goes_with_its_description(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab, rx_take(lingers(lab, -1), 1), "10:1 10:|", 500);
}

static void so_does_one_that_lingers(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab, rx_take(lingers(lab, 1000), 1), "10:1 10:|",
			  500);
}

static void a_run_that_ends_while_it_lingers_is_over(void **state)
{
	struct lab *lab = *state;
	struct rx_source *shared =
		rx_share_resets(rx_share(lab_cold(lab, "-1|")),
				(struct rx_resets){.on_zero_ms = 50});

	expect_after_a_pause(lab, shared, 30, "10:1 40:|");
	assert_int_equal(lab_cold_runs(lab), 1);
}

/* --- auto_connect -------------------------------------------------------- */

static void the_nth_subscriber_connects(void **state)
{
	struct lab *lab = *state;
	struct rx_source *shared =
		rx_auto_connect(rx_share(lab_cold(lab, "-1-2|")), 2);
	struct rx_source *in[] = {
		shared, rx_delay_subscription(rx_source_ref(shared), 20)};

	lab_expect_events(lab, rx_merge(lab_ctx(lab), in, 2),
			  "30:1 30:1 50:2 50:2 60:|", 500);
	assert_int_equal(lab_cold_runs(lab), 1);
}

static void once_connected_it_stays_so(void **state)
{
	struct lab *lab = *state;
	struct rx_source *shared =
		rx_auto_connect(rx_share(lab_cold(lab, "-1-2-3-4-")), 1);

	expect_after_a_pause(lab, shared, 45, "10:1 70:4");
	assert_int_equal(lab_cold_runs(lab), 1);
}

static void after_its_end_there_is_only_the_end(void **state)
{
	struct lab *lab = *state;
	struct rx_source *shared =
		rx_auto_connect(rx_share(lab_cold(lab, "-1|")), 1);

	lab_expect_events(lab, rx_repeat(shared, 3, RX_NO_WAIT), "10:1 20:|",
			  500);
}

static void at_zero_it_connects_before_it_listens(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_cold(lab, "(12)-3|");

	lab_expect_events(lab, rx_auto_connect(rx_share(in), 0), "50:3 60:|",
			  500);
}

static void at_zero_a_replay_loses_nothing(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_cold(lab, "(12|)");

	lab_expect_events(lab, rx_auto_connect(rx_share_replay(in, 9, -1), 0),
			  "0:1 0:2 0:|", 500);
}

static void who_waits_for_others_in_vain_leaves_nothing(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_cold(lab, "-1-2-");

	lab_expect(lab, rx_auto_connect(rx_share(in), 2), "-----");
	assert_int_equal(lab_cold_runs(lab), 0);
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
		lab_test(an_error_can_stay),
		lab_test(an_end_can_stay),
		lab_test(a_replay_can_keep_its_error),
		lab_test(a_replay_can_forget_its_end),
		lab_test(a_run_can_linger_without_listeners),
		lab_test(when_it_has_lingered_a_new_run_begins),
		lab_test(a_run_can_go_on_without_listeners),
		lab_test(such_a_run_goes_with_its_description),
		lab_test(so_does_one_that_lingers),
		lab_test(a_run_that_ends_while_it_lingers_is_over),
		lab_test(the_nth_subscriber_connects),
		lab_test(once_connected_it_stays_so),
		lab_test(after_its_end_there_is_only_the_end),
		lab_test(at_zero_it_connects_before_it_listens),
		lab_test(at_zero_a_replay_loses_nothing),
		lab_test(who_waits_for_others_in_vain_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
