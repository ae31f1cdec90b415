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

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(runs_while_it_is_connected),
		lab_test(connecting_twice_is_connecting_once),
		lab_test(behind_its_end_connecting_does_nothing),
		lab_test(an_error_reaches_the_listeners),
		lab_test(can_be_destroyed_by_a_listener),
		lab_test(runs_without_listeners_until_it_is_destroyed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
