/* cause_test.c - for whom items are on their way, one by one and joined. */
#include "support/lab.h"

#include "base/util.h"

struct probe {
	struct rx_cause cause;
	uint32_t released;
	uint32_t told;
};

static void probe_released(struct rx_cause *c)
{
	CONTAINER_OF(c, struct probe, cause)->released++;
}

static struct probe probe(void)
{
	return (struct probe){.cause = {1, probe_released}};
}

static void tell(void *arg, struct rx_cause *c)
{
	CONTAINER_OF(c, struct probe, cause)->told++;
	++*(uint32_t *)arg;
}

static struct rx_item item_of(struct probe *p)
{
	return (struct rx_item){value_null(), p ? &p->cause : NULL};
}

static void the_last_reference_releases(void **state)
{
	struct probe a = probe();

	rx_cause_ref(&a.cause);
	rx_cause_unref(&a.cause);
	assert_int_equal(a.released, 0);
	rx_cause_unref(&a.cause);
	assert_int_equal(a.released, 1);
}

static void an_item_holds_the_present_cause(void **state)
{
	struct probe a = probe();
	struct rx_cause *old = rx_cause_enter(&a.cause);
	struct rx_item it = rx_item_hold(value_int(1));

	rx_cause_leave(old);
	rx_cause_unref(&a.cause);
	assert_int_equal(a.released, 0);
	rx_item_drop(it);
	assert_int_equal(a.released, 1);
}

static void joining_the_same_gives_it_itself(void **state)
{
	struct probe a = probe();
	struct rx_item items[] = {item_of(&a), item_of(NULL), item_of(&a)};

	assert_ptr_equal(rx_cause_join(items, 3), &a.cause);
	assert_int_equal(a.cause.refs, 2);
}

static void joining_none_gives_none(void **state)
{
	struct rx_item items[] = {item_of(NULL), item_of(NULL)};

	assert_null(rx_cause_join(items, 2));
	assert_null(rx_cause_join(NULL, 0));
}

static void a_joined_one_holds_each_once(void **state)
{
	struct probe a = probe(), b = probe();
	struct rx_item items[] = {item_of(&a), item_of(&b), item_of(&a)};
	struct rx_cause *both = rx_cause_join(items, 3);
	uint32_t n = 0;

	rx_cause_each(both, tell, &n);
	assert_int_equal(n, 2);
	assert_int_equal(a.told, 1);
	assert_int_equal(b.told, 1);
	rx_cause_unref(&a.cause);
	rx_cause_unref(&b.cause);
	assert_int_equal(a.released + b.released, 0);
	rx_cause_unref(both);
	assert_int_equal(a.released, 1);
	assert_int_equal(b.released, 1);
}

static void joined_ones_join_to_a_flat_one(void **state)
{
	struct probe p[3] = {probe(), probe(), probe()};
	struct rx_item first[] = {item_of(&p[0]), item_of(&p[1])};
	struct rx_cause *inner = rx_cause_join(first, 2);
	struct rx_item second[] = {{value_null(), inner},
				   item_of(&p[2]),
				   item_of(&p[0])};
	struct rx_cause *all = rx_cause_join(second, 3);
	uint32_t n = 0;

	rx_cause_unref(inner);
	for (int i = 0; i < 3; i++)
		rx_cause_unref(&p[i].cause);
	rx_cause_each(all, tell, &n);
	assert_int_equal(n, 3);
	rx_cause_unref(all);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(p[i].told, 1);
		assert_int_equal(p[i].released, 1);
	}
}

static void each_of_none_tells_nothing(void **state)
{
	uint32_t n = 0;

	rx_cause_each(NULL, tell, &n);
	assert_int_equal(n, 0);
}

/* --- how long operators keep it ------------------------------------------- */

static void push_under(struct probe *p, struct rx_subject *to)
{
	struct rx_cause *old = rx_cause_enter(&p->cause);

	rx_next(rx_subject_observer(to), value_int(1));
	rx_cause_leave(old);
	rx_cause_unref(&p->cause);
}

static void ignore_next(struct rx_observer *o, struct value v)
{
}

static void ignore_error(struct rx_observer *o, const struct weir_error *err)
{
}

static void ignore_done(struct rx_observer *o)
{
}

static const struct rx_observer_ops deaf_ops = {ignore_next, ignore_error,
						ignore_done};

typedef struct rx_source *(*flat_fn)(struct rx_source *in, struct rx_block *b);

/* Two items, the second at 10 ms, each opens a stream of 30 ms. first and
 * second tell of each whether it is held (H) or released, from 10 ms on, one
 * character a frame; with cancel all is cancelled behind the first. */
static void follow(struct lab *lab, flat_fn op, const char *first,
		   const char *second, bool cancel)
{
	struct rx_sched *sched = lab_ctx(lab)->sched;
	struct rx_subject *in = rx_subject_create(lab_ctx(lab));
	struct rx_source *span = rx_timer_source(lab_ctx(lab), 30, -1);
	struct rx_source *src =
		op(rx_subject_source(in), lab_always(lab, span));
	struct rx_observer deaf = {&deaf_ops};
	struct probe a = probe(), b = probe();
	struct rx_sub *sub;

	rx_subscribe(src, &deaf, &sub);
	rx_source_unref(src);
	push_under(&a, in);
	rx_sched_advance(sched, 10);
	push_under(&b, in);
	for (int i = 0; first[i]; i++) {
		if (cancel && i == 1) {
			rx_sub_cancel(sub);
			sub = NULL;
		}
		rx_sched_advance(sched, 10 + 10 * i);
		assert_int_equal(a.released ? '.' : 'H', first[i]);
		assert_int_equal(b.released ? '.' : 'H', second[i]);
	}
	rx_sub_cancel(sub);
	rx_sched_advance(sched, 1000);
	assert_int_equal(lab_ctx(lab)->live, 0);
	rx_subject_destroy(in);
}

static struct rx_source *flat(struct rx_source *in, struct rx_block *block)
{
	return rx_flat_map(in, block, 0, 0);
}

static struct rx_source *concat(struct rx_source *in, struct rx_block *block)
{
	return rx_concat_map(in, block, 0);
}

static void flat_map_keeps_it_until_the_inner_stream_has_ended(void **state)
{
	follow(*state, flat, "HH...", "HHH..", false);
}

static void concat_map_keeps_that_of_an_item_that_waits(void **state)
{
	follow(*state, concat, "HH......", "HHHHH...", false);
}

static void switch_map_lets_go_of_the_one_it_left(void **state)
{
	follow(*state, rx_switch_map, ".....", "HHH..", false);
}

static void exhaust_map_keeps_none_of_what_it_ignores(void **state)
{
	follow(*state, rx_exhaust_map, "HH...", ".....", false);
}

static void a_cancel_lets_go_of_all(void **state)
{
	follow(*state, concat, "H..", "H..", true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_reference_releases),
		cmocka_unit_test(an_item_holds_the_present_cause),
		cmocka_unit_test(joining_the_same_gives_it_itself),
		cmocka_unit_test(joining_none_gives_none),
		cmocka_unit_test(a_joined_one_holds_each_once),
		cmocka_unit_test(joined_ones_join_to_a_flat_one),
		cmocka_unit_test(each_of_none_tells_nothing),
		lab_test(flat_map_keeps_it_until_the_inner_stream_has_ended),
		lab_test(concat_map_keeps_that_of_an_item_that_waits),
		lab_test(switch_map_lets_go_of_the_one_it_left),
		lab_test(exhaust_map_keeps_none_of_what_it_ignores),
		lab_test(a_cancel_lets_go_of_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
