/* window_until_test.c */
#include "support/lab.h"

#include "base/mem.h"
#include "base/util.h"

static struct rx_source *tell_errors(struct lab *lab, const struct rx_inner *in,
				     struct rx_source *arg)
{
	return rx_catch(in->source, NULL, lab_identity(lab));
}

static void until_the_match_closes_and_belongs_to_it(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-2-9-3-8-4-|");

	lab_expect_events(lab,
			  rx_window_until(in, lab_above(7), lab_to_list(lab)),
			  "50:[1,2,9] 90:[3,8] 130:[4] 130:|", 500);
}

static void while_what_does_not_match_closes_and_is_dropped(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-8-9-1-2-8-|");

	lab_expect_events(lab,
			  rx_window_while(in, lab_above(7), lab_to_list(lab)),
			  "50:[8,9] 110:[8] 110:|", 500);
}

static void no_window_is_empty(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab,
			  rx_window_while(lab_hot(lab, "-1-2-|"), lab_above(7),
					  lab_to_list(lab)),
			  "50:|", 500);
}

static void a_match_may_be_a_window_alone(void **state)
{
	struct lab *lab = *state;

	lab_expect_events(lab,
			  rx_window_until(lab_hot(lab, "-9|"), lab_above(7),
					  lab_to_list(lab)),
			  "10:[9] 20:|", 500);
}

static struct rx_source *the_opener(struct lab *lab, const struct rx_inner *in,
				    struct rx_source *arg)
{
	rx_source_unref(in->source);
	return rx_just(lab_ctx(lab), value_ref(in->item));
}

static void a_block_is_told_the_item_that_opens_it(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-2-9-3-|");

	lab_expect_events(lab,
			  rx_window_until(in, lab_above(7),
					  lab_block(lab, the_opener, NULL)),
			  "10:1 70:3 90:|", 500);
}

static void an_error_reaches_the_block_and_the_outcome(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-#");

	lab_expect_events(lab,
			  rx_window_until(in, lab_above(7),
					  lab_block(lab, tell_errors, NULL)),
			  "10:1 30:error 30:#error", 500);
}

static void skips_an_item_whose_predicate_fails(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-8x9-|");

	lab_skip_errors(lab);
	lab_expect_events(lab,
			  rx_window_while(in, lab_above(7), lab_to_list(lab)),
			  "20:!bad 50:[8,9] 50:|", 500);
}

static struct rx_source *first_fails(struct lab *lab, const struct rx_inner *in,
				     struct rx_source *arg)
{
	if (lab_now_ms(lab) == 10) {
		rx_source_unref(in->source);
		return rx_throw(lab_ctx(lab), STR("first"));
	}
	return rx_to_list(in->source, 0);
}

static void the_rest_of_a_failed_window_falls(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-2-9-3-|");
	struct rx_block *block = lab_block(lab, first_fails, NULL);

	lab_skip_errors(lab);
	lab_expect_events(lab, rx_window_until(in, lab_above(7), block),
			  "10:!first 90:[3] 90:|", 500);
}

static void can_be_cancelled_inside_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-9-2|");

	lab_cancel_after(lab, 1);
	lab_expect_events(lab,
			  rx_window_until(in, lab_above(7), lab_identity(lab)),
			  "10:1", 500);
}

static void lets_go_of_its_window_when_it_is_cancelled(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-2");

	lab_expect(lab, rx_window_until(in, lab_above(7), lab_to_list(lab)),
		   "-----");
}

static void push_once(struct lab *lab, struct value v)
{
	lab_on_next(lab, NULL);
	lab_push(lab, value_int(7));
}

static void an_item_pushed_from_inside_begins_the_next(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-9-2-|");

	lab_on_next(lab, push_once);
	lab_expect_events(lab,
			  rx_window_until(in, lab_above(7), lab_to_list(lab)),
			  "30:[1,9] 70:[7,2] 70:|", 500);
}

static void push_a_match(struct lab *lab, struct value v)
{
	lab_on_next(lab, NULL);
	lab_push(lab, value_int(8));
}

struct opened {
	struct rx_fn fn;
	struct value by;
};

static int pair(struct rx_fn *fn, struct value v, const struct rx_vars *vars,
		struct value *out, struct weir_error *err)
{
	const struct value two[] = {
		value_ref(CONTAINER_OF(fn, struct opened, fn)->by),
		value_ref(v)};

	*out = value_array(two, 2);
	return 0;
}

static void opened_destroy(struct rx_fn *fn)
{
	mem_free(CONTAINER_OF(fn, struct opened, fn));
}

static const struct rx_fn_ops opened_ops = {pair, opened_destroy};

/* Each item beside the one that opened its window. */
static struct rx_source *numbered(struct lab *lab, const struct rx_inner *in,
				  struct rx_source *arg)
{
	struct opened *o = mem_alloc(sizeof *o);

	*o = (struct opened){{&opened_ops, 1}, in->item};
	return rx_map(in->source, &o->fn);
}

static void a_match_pushed_from_inside_closes_once(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-9-1-9-2-|");
	struct rx_block *block = lab_block(lab, numbered, NULL);

	lab_on_next(lab, push_a_match);
	lab_expect_events(lab, rx_window_until(in, lab_above(7), block),
			  "10:[9,9] 10:[9,8] 30:[1,1] 50:[1,9] 70:[2,2] 90:|",
			  500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(until_the_match_closes_and_belongs_to_it),
		lab_test(while_what_does_not_match_closes_and_is_dropped),
		lab_test(no_window_is_empty),
		lab_test(a_match_may_be_a_window_alone),
		lab_test(a_match_pushed_from_inside_closes_once),
		lab_test(a_block_is_told_the_item_that_opens_it),
		lab_test(an_error_reaches_the_block_and_the_outcome),
		lab_test(skips_an_item_whose_predicate_fails),
		lab_test(the_rest_of_a_failed_window_falls),
		lab_test(can_be_cancelled_inside_next),
		lab_test(lets_go_of_its_window_when_it_is_cancelled),
		lab_test(an_item_pushed_from_inside_begins_the_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
