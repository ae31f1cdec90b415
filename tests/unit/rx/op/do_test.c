/* do_test.c */
#include "rx/host.h"
#include "support/lab.h"
#include "support/told.h"

static void do_next(void *arg, struct value v)
{
	tell('n');
}

static void do_error(void *arg, const struct weir_error *err)
{
	tell('e');
}

static void do_done(void *arg)
{
	tell('d');
}

static const struct rx_do_calls all = {do_next, do_error, do_done};

static void calls_the_program_first(void **state)
{
	struct lab *lab = *state;

	lab_expect(lab, rx_do(lab_hot(lab, "-a-b-|"), &all, host(NULL)),
		   "-a-b-|");
	assert_string_equal(told, "nndD");
}

static void tells_it_of_an_error(void **state)
{
	struct lab *lab = *state;

	lab_expect(lab, rx_do(lab_hot(lab, "-a-#"), &all, host(NULL)), "-a-#");
	assert_string_equal(told, "neD");
}

static void functions_may_be_missing(void **state)
{
	struct lab *lab = *state;
	const struct rx_do_calls none = {NULL, NULL, NULL};

	lab_expect_events(
		lab,
		rx_catch(rx_do(lab_hot(lab, "-a-#"), &none, host(NULL)),
			 rx_do(rx_empty(lab_ctx(lab)), &none, host(NULL)),
			 NULL),
		"10:a 30:|", 100);
}

static void push_into_stop(void *arg, struct value v)
{
	struct rx_subject *stop = arg;

	rx_next(rx_subject_observer(stop), value_int(1));
}

/* The item stops the stream before it goes down. */
static void the_program_may_cancel_in_there(void **state)
{
	struct lab *lab = *state;
	struct rx_subject *stop = rx_subject_create(lab_ctx(lab));
	const struct rx_do_calls calls = {.next = push_into_stop};
	struct rx_source *in = rx_do(lab_hot(lab, "-a-b-"), &calls, host(stop));

	lab_expect_events(lab, rx_take_until(in, rx_subject_source(stop)),
			  "10:|", 100);
	rx_subject_destroy(stop);
}

static void finished(void *arg)
{
	tell('f');
}

static void finally_comes_behind_the_end(void **state)
{
	struct lab *lab = *state;
	struct rx_host h = host(NULL);
	struct rx_source *in =
		rx_finally(lab_hot(lab, "-a-|"), finished, (struct rx_host){0});

	lab_expect(lab, rx_do(in, &all, h), "-a-|");
	assert_string_equal(told, "ndfD");
}

static void finally_comes_behind_an_error(void **state)
{
	struct lab *lab = *state;
	struct rx_host h = host(NULL);
	struct rx_source *in =
		rx_finally(lab_hot(lab, "-a-#"), finished, (struct rx_host){0});

	lab_expect(lab, rx_do(in, &all, h), "-a-#");
	assert_string_equal(told, "nefD");
}

static void finally_comes_once_when_cancelled(void **state)
{
	struct lab *lab = *state;

	lab_cancel_after(lab, 1);
	lab_expect_events(
		lab, rx_finally(lab_hot(lab, "-a-b-"), finished, host(NULL)),
		"10:a", 100);
	assert_string_equal(told, "fD");
}

static void finally_comes_for_each_subscription(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in =
		rx_finally(lab_cold(lab, "a|"), finished, host(NULL));

	lab_expect_events(lab, rx_repeat(in, 3, RX_NO_WAIT),
			  "0:a 10:a 20:a 30:|", 100);
	assert_string_equal(told, "fffD");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(calls_the_program_first),
		lab_test(tells_it_of_an_error),
		lab_test(functions_may_be_missing),
		lab_test(the_program_may_cancel_in_there),
		lab_test(finally_comes_behind_the_end),
		lab_test(finally_comes_behind_an_error),
		lab_test(finally_comes_once_when_cancelled),
		lab_test(finally_comes_for_each_subscription),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
