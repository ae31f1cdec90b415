/* using_test.c */
#include "rx/host.h"
#include "support/lab.h"
#include "support/told.h"

static int acquire(void *arg, void **resource, struct weir_error *err)
{
	tell('a');
	*resource = told;
	return 0;
}

static int acquire_nothing(void *arg, void **resource, struct weir_error *err)
{
	return error_set(err, WEIR_EBUSY, "none left");
}

static struct rx_source *use(void *arg, void *resource, struct weir_error *err)
{
	assert_ptr_equal(resource, told);
	tell('u');
	return rx_source_ref(arg);
}

static struct rx_source *use_nothing(void *arg, void *resource,
				     struct weir_error *err)
{
	error_set(err, WEIR_EITEM, "of no use");
	return NULL;
}

static void let_go(void *arg, void *resource)
{
	assert_ptr_equal(resource, told);
	tell('r');
}

static void drop_stream(void *arg)
{
	rx_source_unref(arg);
	dropped(arg);
}

static struct rx_source *with(struct lab *lab, struct rx_source *stream)
{
	static const struct rx_using_calls calls = {acquire, use, let_go};

	told[0] = '\0';
	return rx_using(lab_ctx(lab), &calls,
			(struct rx_host){stream, drop_stream});
}

static void releases_at_the_end(void **state)
{
	struct lab *lab = *state;

	lab_expect(lab, with(lab, lab_hot(lab, "-a-|")), "-a-|");
	assert_string_equal(told, "aurD");
}

static void releases_on_an_error(void **state)
{
	struct lab *lab = *state;

	lab_expect(lab, with(lab, lab_hot(lab, "-a-#")), "-a-#");
	assert_string_equal(told, "aurD");
}

static void releases_when_it_is_cancelled(void **state)
{
	struct lab *lab = *state;

	lab_cancel_after(lab, 1);
	lab_expect_events(lab, with(lab, lab_hot(lab, "-a-b")), "10:a", 100);
	assert_string_equal(told, "aurD");
}

static void each_run_has_a_resource_of_its_own(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(
		lab, rx_repeat(with(lab, lab_cold(lab, "(a|)")), 2, RX_NO_WAIT),
		"0:a 0:a 0:|", 100);
	assert_string_equal(told, "auraurD");
}

static void what_cannot_be_acquired_is_an_error(void **state)
{
	struct lab *lab = *state;
	const struct rx_using_calls calls = {acquire_nothing, use, let_go};

	lab_expect_events(lab, rx_using(lab_ctx(lab), &calls, host(NULL)),
			  "0:#none left", 100);
	assert_string_equal(told, "D");
}

static void releases_what_cannot_be_used(void **state)
{
	struct lab *lab = *state;
	const struct rx_using_calls calls = {acquire, use_nothing, let_go};

	lab_expect_events(lab, rx_using(lab_ctx(lab), &calls, host(NULL)),
			  "0:#of no use", 100);
	assert_string_equal(told, "arD");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(releases_at_the_end),
		lab_test(releases_on_an_error),
		lab_test(releases_when_it_is_cancelled),
		lab_test(each_run_has_a_resource_of_its_own),
		lab_test(what_cannot_be_acquired_is_an_error),
		lab_test(releases_what_cannot_be_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
