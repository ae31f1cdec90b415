/* multicast_test.c */
#include "rx/host.h"
#include "support/lab.h"

static struct rx_connectable *connectable(struct lab *lab, struct rx_source *in)
{
	return rx_multicast(in, rx_subject_create(lab_ctx(lab)));
}

static void connect(void *arg, struct value v)
{
	rx_connectable_connect(arg);
}

static void disconnect(void *arg, struct value v)
{
	rx_connectable_disconnect(arg);
}

/* c is connected at each item of on, disconnected at each of off. */
static struct rx_source *driven(struct lab *lab, struct rx_connectable *c,
				const char *on, const char *off)
{
	const struct rx_do_calls connects = {.next = connect};
	const struct rx_do_calls disconnects = {.next = disconnect};
	struct rx_host host = {.arg = c};
	struct rx_source *in[] = {
		rx_connectable_source(c),
		rx_ignore_elements(rx_do(lab_hot(lab, on), &connects, host)),
		rx_ignore_elements(
			rx_do(lab_hot(lab, off), &disconnects, host))};

	return rx_merge(lab_ctx(lab), in, 3);
}

static void runs_while_it_is_connected(void **state)
{
	struct lab *lab = *state;
	struct rx_connectable *c = connectable(lab, lab_cold(lab, "-1-2-3-"));

	lab_expect(lab, driven(lab, c, "-c------c---", "-----d----d-"),
		   "--1-2----1--");
	assert_int_equal(lab_cold_runs(lab), 2);
	rx_connectable_destroy(c);
}

static void connecting_twice_is_connecting_once(void **state)
{
	struct lab *lab = *state;
	struct rx_connectable *c = connectable(lab, lab_cold(lab, "-1-2-|"));

	lab_expect(lab, driven(lab, c, "(cc)--c--|", "-|"), "-1-2-----|");
	assert_int_equal(lab_cold_runs(lab), 1);
	rx_connectable_destroy(c);
}

static void behind_its_end_connecting_does_nothing(void **state)
{
	struct lab *lab = *state;
	struct rx_connectable *c = connectable(lab, lab_cold(lab, "1|"));

	lab_expect(lab, driven(lab, c, "c--c-|", "|"), "1----|");
	assert_int_equal(lab_cold_runs(lab), 1);
	rx_connectable_destroy(c);
}

static void an_error_reaches_the_listeners(void **state)
{
	struct lab *lab = *state;
	struct rx_connectable *c = connectable(lab, lab_cold(lab, "-1#"));

	lab_expect(lab, driven(lab, c, "-c----", "------"), "--1#");
	rx_connectable_destroy(c);
}

static void destroy(void *arg, struct value v)
{
	rx_connectable_destroy(arg);
}

static void can_be_destroyed_by_a_listener(void **state)
{
	struct lab *lab = *state;
	const struct rx_do_calls calls = {.next = destroy};
	struct rx_connectable *c = connectable(lab, lab_hot(lab, "-1-2-"));
	struct rx_source *src = rx_do(rx_connectable_source(c), &calls,
				      (struct rx_host){.arg = c});

	rx_connectable_connect(c);
	lab_expect(lab, src, "-1---");
}

static void runs_without_listeners_until_it_is_destroyed(void **state)
{
	struct lab *lab = *state;
	struct rx_connectable *c = connectable(lab, lab_cold(lab, "-1-2-"));

	rx_connectable_connect(c);
	rx_connectable_destroy(c);
	rx_connectable_destroy(NULL);
	lab_expect(lab, rx_empty(lab_ctx(lab)), "|");
}

/* --- within a subscription ----------------------------------------------- */

static struct rx_source *with_next(void *arg, struct rx_source *shared,
				   struct weir_error *err)
{
	struct lab *lab = arg;
	struct rx_source *in[] = {shared, rx_skip(rx_source_ref(shared), 1)};

	return rx_zip(lab_ctx(lab), in, 2, 0);
}

static struct rx_source *fail_to_select(void *arg, struct rx_source *shared,
					struct weir_error *err)
{
	rx_source_unref(shared);
	error_set(err, WEIR_EITEM, "no stream");
	return NULL;
}

static struct rx_source *first_only(void *arg, struct rx_source *shared,
				    struct weir_error *err)
{
	return rx_take(shared, 1);
}

static struct rx_source *selected(struct lab *lab, struct rx_source *in,
				  rx_select_fn select)
{
	return rx_publish_selected(in, select, (struct rx_host){.arg = lab});
}

static void selected_parts_share_a_run(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab,
			  selected(lab, lab_cold(lab, "(123|)"), with_next),
			  "0:[1,2] 0:[2,3] 0:|", 100);
	assert_int_equal(lab_cold_runs(lab), 1);
}

static void each_subscription_has_a_run_of_its_own(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = selected(lab, lab_cold(lab, "-1-2|"), with_next);

	lab_expect_events(lab, rx_repeat(in, 2, RX_NO_WAIT),
			  "30:[1,2] 70:[1,2] 80:|", 200);
	assert_int_equal(lab_cold_runs(lab), 2);
}

static void an_error_ends_what_was_selected(void **state)
{
	struct lab *lab = *state;

	lab_expect(lab, selected(lab, lab_cold(lab, "-1-#"), with_next),
		   "---#");
}

static void selecting_may_fail(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab,
			  selected(lab, lab_cold(lab, "-1|"), fail_to_select),
			  "0:#no stream", 100);
	assert_int_equal(lab_cold_runs(lab), 0);
}

static void the_run_ends_with_what_was_selected(void **state)
{
	struct lab *lab = *state;

	lab_expect(lab, selected(lab, lab_cold(lab, "-1-2-"), first_only),
		   "-(1|)");
}

static void selected_can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;

	lab_cancel_after(lab, 1);
	lab_expect_events(lab,
			  selected(lab, lab_cold(lab, "(123|)"), with_next),
			  "0:[1,2]", 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(runs_while_it_is_connected),
		lab_test(connecting_twice_is_connecting_once),
		lab_test(behind_its_end_connecting_does_nothing),
		lab_test(an_error_reaches_the_listeners),
		lab_test(can_be_destroyed_by_a_listener),
		lab_test(runs_without_listeners_until_it_is_destroyed),
		lab_test(selected_parts_share_a_run),
		lab_test(each_subscription_has_a_run_of_its_own),
		lab_test(an_error_ends_what_was_selected),
		lab_test(selecting_may_fail),
		lab_test(the_run_ends_with_what_was_selected),
		lab_test(selected_can_be_cancelled_inside_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
