/* create_test.c */
#include "rx/host.h"
#include "support/lab.h"
#include "support/told.h"

static struct rx_observer *running; /* a run that emits later */

static void *begin(void *arg, struct rx_observer *out)
{
	tell('s');
	running = out;
	return arg;
}

static void finish(void *arg, void *run)
{
	assert_ptr_equal(run, arg);
	running = NULL;
	tell('x');
}

static const struct rx_create_calls later = {begin, finish};

static void *emit_two(void *arg, struct rx_observer *out)
{
	rx_next(out, value_int(1));
	rx_next(out, value_int(2));
	rx_done(out);
	rx_next(out, value_int(3)); /* nobody hears */
	tell('s');
	return arg;
}

static const struct rx_create_calls at_once = {emit_two, finish};

static void *emit_error(void *arg, struct rx_observer *out)
{
	struct weir_error err;

	error_set(&err, WEIR_EITEM, "broken");
	rx_error(out, &err);
	return arg;
}

static void runs_for_each_subscription(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = rx_create(lab_ctx(lab), &at_once, host(lab));

	lab_expect_events(lab, rx_repeat(in, 2, RX_NO_WAIT),
			  "0:1 0:2 0:1 0:2 0:|", 100);
	assert_string_equal(told, "sxsxD");
}

static void push_later(void *arg, struct value v)
{
	if (running)
		rx_next(running, v);
}

static void emits_later(void **state)
{
	struct lab *lab = *state;
	const struct rx_do_calls calls = {.next = push_later};
	struct rx_host h = host(lab);
	struct rx_source *in[] = {rx_create(lab_ctx(lab), &later, h),
				  rx_ignore_elements(
					  rx_do(lab_hot(lab, "-a-b-"), &calls,
						(struct rx_host){0}))};

	lab_expect(lab, rx_merge(lab_ctx(lab), in, 2), "-a-b-");
	assert_string_equal(told, "sxD");
}

static void an_error_ends_the_run(void **state)
{
	struct lab *lab = *state;
	const struct rx_create_calls calls = {emit_error, finish};

	lab_expect_events(lab, rx_create(lab_ctx(lab), &calls, host(NULL)),
			  "0:#broken", 100);
	assert_string_equal(told, "xD");
}

static void stop_waits_until_start_has_returned(void **state)
{
	struct lab *lab = *state;

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_create(lab_ctx(lab), &at_once, host(lab)),
			  "0:1", 100);
	assert_string_equal(told, "sxD");
}

static void stop_may_be_missing(void **state)
{
	struct lab *lab = *state;
	const struct rx_create_calls calls = {begin, NULL};

	lab_expect(lab, rx_create(lab_ctx(lab), &calls, host(NULL)), "---");
	assert_string_equal(told, "sD");
}

static void held(void *arg, void *run, bool hold)
{
	assert_ptr_equal(run, arg);
	tell(hold ? '[' : ']');
}

static const struct rx_create_calls can_wait = {begin, finish, held};

static void hold_once(struct lab *lab, struct value v)
{
	lab_hold(lab, true);
	lab_hold(lab, true);
	lab_hold(lab, false);
}

static void a_run_is_told_of_holds(void **state)
{
	struct lab *lab = *state;
	struct rx_source *run = rx_create(lab_ctx(lab), &can_wait, host(lab));
	struct rx_source *in[] = {lab_hot(lab, "-a-|"), run};

	lab_on_next(lab, hold_once);
	lab_run(lab, rx_merge(lab_ctx(lab), in, 2), 20);
	assert_string_equal(told, "s[]xD");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(runs_for_each_subscription),
		lab_test(emits_later),
		lab_test(an_error_ends_the_run),
		lab_test(stop_waits_until_start_has_returned),
		lab_test(stop_may_be_missing),
		lab_test(a_run_is_told_of_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
