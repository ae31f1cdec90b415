/* defer_test.c */
#include "rx/host.h"
#include "support/lab.h"
#include "support/told.h"

static struct rx_source *make(void *arg, struct weir_error *err)
{
	struct lab *lab = arg;

	tell('m');
	return rx_timer_source(lab_ctx(lab), 10, -1);
}

static struct rx_source *cannot(void *arg, struct weir_error *err)
{
	error_set(err, WEIR_EITEM, "no stream");
	return NULL;
}

static void makes_a_stream_for_each_subscription(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = rx_defer(lab_ctx(lab), make, host(lab));

	lab_expect_events(lab, rx_repeat(in, 2, RX_NO_WAIT), "10:0 20:0 20:|",
			  100);
	assert_string_equal(told, "mmD");
}

static void a_factory_that_cannot_is_an_error(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab, rx_defer(lab_ctx(lab), cannot, host(NULL)),
			  "0:#no stream", 100);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, rx_defer(lab_ctx(lab), make, host(lab)), "10:0",
			  100);
}

static uint32_t asked;

static bool first_time(void *arg)
{
	return asked++ == 0;
}

static void if_then_asks_at_each_subscription(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in =
		rx_if_then(lab_ctx(lab), first_time, lab_cold(lab, "-a|"),
			   lab_cold(lab, "-b|"), host(NULL));

	asked = 0;
	lab_expect_events(lab, rx_repeat(in, 3, RX_NO_WAIT),
			  "10:a 30:b 50:b 60:|", 100);
}

static void if_then_without_another_is_empty(void **state)
{
	struct lab *lab = *state;

	asked = 1;
	lab_expect_events(lab,
			  rx_if_then(lab_ctx(lab), first_time,
				     lab_cold(lab, "-a|"), NULL, host(NULL)),
			  "0:|", 100);
}

static uint32_t count_up(void *arg)
{
	return asked++;
}

static void case_takes_the_one_of_that_number(void **state)
{
	struct lab *lab = *state;
	struct rx_source *of[] = {lab_cold(lab, "(a|)"), lab_cold(lab, "(b|)")};
	struct rx_source *in = rx_case(lab_ctx(lab), count_up, of, 2,
				       lab_cold(lab, "(c|)"), host(NULL));

	asked = 0;
	lab_expect_events(lab, rx_repeat(in, 4, RX_NO_WAIT),
			  "0:a 0:b 0:c 0:c 0:|", 100);
	assert_string_equal(told, "D");
}

static void case_passes_an_error_on(void **state)
{
	struct lab *lab = *state;
	struct rx_source *of[] = {lab_cold(lab, "-#")};

	asked = 0;
	lab_expect_events(
		lab, rx_case(lab_ctx(lab), count_up, of, 1, NULL, host(NULL)),
		"10:#error", 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(makes_a_stream_for_each_subscription),
		lab_test(a_factory_that_cannot_is_an_error),
		lab_test(can_be_cancelled_inside_next),
		lab_test(if_then_asks_at_each_subscription),
		lab_test(if_then_without_another_is_empty),
		lab_test(case_takes_the_one_of_that_number),
		lab_test(case_passes_an_error_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
