/* generate_test.c */
#include "support/lab.h"

static int below_hundred(struct value v, const struct rx_vars *vars,
			 struct value *out, struct weir_error *err)
{
	*out = value_bool(v.i < 100);
	return 0;
}

static int itself(struct value v, const struct rx_vars *vars, struct value *out,
		  struct weir_error *err)
{
	*out = value_ref(v);
	return 0;
}

static void goes_on_while_the_condition_holds(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab,
			  rx_generate(lab_ctx(lab), value_int(1),
				      lab_fn(below_hundred), lab_times_ten()),
			  "0:1 0:10 0:|", 500);
}

static void of_a_condition_that_never_held_is_empty(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab,
			  rx_generate(lab_ctx(lab), value_int(100),
				      lab_fn(below_hundred), lab_times_ten()),
			  "0:|", 500);
}

static void an_error_of_a_program_is_an_error(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab,
			  rx_generate(lab_ctx(lab), value_cstr("x"),
				      lab_is_number(), lab_times_ten()),
			  "0:|", 500);
}

static void an_error_of_iterate_comes_after_the_first(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab,
			  rx_generate(lab_ctx(lab), value_int(5), lab_above(3),
				      lab_fail()),
			  "0:5 0:#bad", 500);
}

static void an_error_of_the_condition_is_an_error(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab,
			  rx_generate(lab_ctx(lab), value_cstr("x"),
				      lab_above(3), lab_fail()),
			  "0:#bad", 500);
}

static void an_endless_one_can_be_taken_from(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(
		lab,
		rx_count(rx_take(rx_generate(lab_ctx(lab), value_int(5),
					     lab_above(3), lab_fn(itself)),
				 100000),
			 NULL),
		"0:100000 0:|", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;

	lab_cancel_after(lab, 1);
	lab_expect_events(lab,
			  rx_generate(lab_ctx(lab), value_int(1),
				      lab_fn(below_hundred), lab_times_ten()),
			  "0:1", 500);
}

static void waits_while_it_is_held(void **state)
{
	struct lab *lab = *state;

	lab_hold_at(lab, 1, 20);
	lab_expect_events(lab,
			  rx_generate(lab_ctx(lab), value_int(1),
				      lab_fn(below_hundred), lab_times_ten()),
			  "0:1 20:10 20:|", 500);
}

static void timed_goes_on_after_a_hold(void **state)
{
	struct lab *lab = *state;

	lab_hold_at(lab, 1, 20);
	lab_expect_events(
		lab,
		rx_generate_with_relative_time(lab_ctx(lab), value_int(1),
					       lab_fn(below_hundred),
					       lab_times_ten(), rx_dur_ms(10)),
		"10:1 40:10 40:|", 500);
}

static void timed_waits_before_each(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab,
			  rx_generate_with_relative_time(
				  lab_ctx(lab), value_int(1),
				  lab_fn(below_hundred), lab_times_ten(),
				  rx_dur_fn(lab_times_ten())),
			  "10:1 110:10 110:|", 500);
}

static void timed_with_no_wait_goes_round_without_recursion(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(
		lab,
		rx_count(rx_take(rx_generate_with_relative_time(
					 lab_ctx(lab), value_int(5),
					 lab_above(3), lab_fn(itself),
					 rx_dur_source(rx_empty(lab_ctx(lab)))),
				 100000),
			 NULL),
		"0:100000 0:|", 500);
}

static void timed_works_for_the_cause_that_subscribed_it(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "a|");

	lab_show_causes(lab);
	lab_expect_events(
		lab,
		rx_flat_map(in,
			    lab_always(lab,
				       rx_generate_with_relative_time(
					       lab_ctx(lab), value_int(1),
					       lab_fn(below_hundred),
					       lab_times_ten(), rx_dur_ms(10))),
			    0, 0),
		"10:1<a> 20:10<a> 20:|", 500);
}

static void timed_ends_with_the_error_of_the_wait(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab,
			  rx_generate_with_relative_time(
				  lab_ctx(lab), value_int(5), lab_above(3),
				  lab_fn(itself), rx_dur_fn(lab_fail())),
			  "0:#bad", 500);
}

static void timed_can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;

	lab_cancel_after(lab, 1);
	lab_expect_events(
		lab,
		rx_generate_with_relative_time(lab_ctx(lab), value_int(1),
					       lab_fn(below_hundred),
					       lab_times_ten(), rx_dur_ms(10)),
		"10:1", 500);
}

static struct rx_source *build_timed(struct lab *lab, const struct rx_inner *in,
				     struct rx_source *arg)
{
	rx_source_unref(in->source);
	rx_source_unref(arg);
	return rx_take(rx_generate_with_relative_time(
			       lab_ctx(lab), value_int(0), lab_is_number(),
			       lab_times_ten(), rx_dur_ms(30)),
		       1);
}

/* The last count on the cause of `a` was the one of the state. */
static void who_subscribes_at_the_end_finds_a_cause(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in =
		rx_flat_map(lab_hot(lab, "-a-|"),
			    lab_block(lab, build_timed, NULL), 0, 0);

	lab_expect_events(lab,
			  rx_repeat(rx_timeout(in, 100, NULL), 2, RX_NO_WAIT),
			  "40:0 140:#timeout", 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(goes_on_while_the_condition_holds),
		lab_test(of_a_condition_that_never_held_is_empty),
		lab_test(an_error_of_a_program_is_an_error),
		lab_test(an_error_of_iterate_comes_after_the_first),
		lab_test(an_error_of_the_condition_is_an_error),
		lab_test(an_endless_one_can_be_taken_from),
		lab_test(can_be_cancelled_inside_next),
		lab_test(waits_while_it_is_held),
		lab_test(timed_goes_on_after_a_hold),
		lab_test(timed_waits_before_each),
		lab_test(timed_with_no_wait_goes_round_without_recursion),
		lab_test(timed_works_for_the_cause_that_subscribed_it),
		lab_test(timed_ends_with_the_error_of_the_wait),
		lab_test(timed_can_be_cancelled_inside_next),
		lab_test(who_subscribes_at_the_end_finds_a_cause),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
