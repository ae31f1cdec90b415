/* alloc_test.c - the hot chains do not ask the system for memory per item.
 *
 * Everything has its slab, ring or table once it has run for a while; what
 * makes an array for each item is not among them, since a block of its own is
 * what a value is. With AddressSanitizer, too: mem_alloc_count leaves out what
 * has a slab without it.
 */
#include "support/lab.h"

#include "base/mem.h"
#include "base/util.h"

enum { WARM = 5000, COUNTED = 20000 };

struct listener {
	struct rx_observer observer;
	uint64_t heard;
};

static void on_next(struct rx_observer *o, struct value v)
{
	CONTAINER_OF(o, struct listener, observer)->heard++;
}

static void on_error(struct rx_observer *o, const struct weir_error *err)
{
	fail_msg("%s", err->message);
}

static void on_done(struct rx_observer *o)
{
}

static const struct rx_observer_ops listener_ops = {on_next, on_error, on_done};

/* In turns into all inputs; frees now and then, as a loop does. */
static void push(struct lab *lab, struct rx_subject *const *in, int64_t n)
{
	struct rx_sched *sched = lab_ctx(lab)->sched;

	for (int64_t i = 0; i < n; i++) {
		rx_next(rx_subject_observer(in[i % 2]), value_int(i));
		if (i % 100 == 0)
			rx_sched_advance(sched, rx_sched_now_ms(sched) + 1);
	}
}

typedef struct rx_source *(*chain_fn)(struct lab *lab, struct rx_source *a,
				      struct rx_source *b);

static void assert_allocates_nothing(struct lab *lab, chain_fn chain)
{
	struct rx_subject *in[] = {rx_subject_create(lab_ctx(lab)),
				   rx_subject_create(lab_ctx(lab))};
	struct listener l = {.observer = {&listener_ops}};
	struct rx_source *src =
		chain(lab, rx_subject_source(in[0]), rx_subject_source(in[1]));
	struct rx_sub *sub;
	uint64_t allocs;

	rx_subscribe(src, &l.observer, &sub);
	rx_source_unref(src);
	push(lab, in, WARM);
	allocs = mem_alloc_count();
	push(lab, in, COUNTED);
	assert_int_equal(mem_alloc_count() - allocs, 0);
	rx_sub_cancel(sub);
	rx_subject_destroy(in[0]);
	rx_subject_destroy(in[1]);
}

/* --- chains; each takes both inputs -------------------------------------- */

static struct rx_source *merged(struct lab *lab, struct rx_source *a,
				struct rx_source *b)
{
	struct rx_source *in[] = {a, b};

	return rx_merge(lab_ctx(lab), in, 2);
}

static struct rx_source *mapped(struct lab *lab, struct rx_source *a,
				struct rx_source *b)
{
	struct rx_source *s = rx_map(merged(lab, a, b), lab_times_ten());

	s = rx_filter(s, lab_is_number());
	return rx_skip(rx_take(rx_scan(s, lab_add(), true, value_int(0)),
			       UINT64_MAX),
		       3);
}

static struct rx_source *changed(struct lab *lab, struct rx_source *a,
				 struct rx_source *b)
{
	return rx_distinct_until_changed(merged(lab, a, b), NULL);
}

static struct rx_source *quiet(struct lab *lab, struct rx_source *a,
			       struct rx_source *b)
{
	return rx_debounce(rx_throttle_first(merged(lab, a, b), 3), 2);
}

static struct rx_source *later(struct lab *lab, struct rx_source *a,
			       struct rx_source *b)
{
	return rx_delay(rx_sample(merged(lab, a, b), 2), 5, 0);
}

static int modulo_hundred(struct value v, const struct rx_vars *vars,
			  struct value *out, struct weir_error *err)
{
	*out = value_int(v.i % 100);
	return 0;
}

static struct rx_source *build_sum(struct lab *lab, const struct rx_inner *in,
				   struct rx_source *arg)
{
	rx_source_unref(arg);
	return rx_scan(in->source, lab_add(), true, value_int(0));
}

static struct rx_source *grouped(struct lab *lab, struct rx_source *a,
				 struct rx_source *b)
{
	return rx_group_by(merged(lab, a, b), lab_fn(modulo_hundred), NULL,
			   lab_block(lab, build_sum, NULL),
			   (struct rx_group_by_opts){.idle_ms = 10});
}

static struct rx_source *flattened(struct lab *lab, struct rx_source *a,
				   struct rx_source *b)
{
	struct rx_source *s =
		rx_flat_map(merged(lab, a, b), lab_identity(lab), 0, 0);

	s = rx_concat_map(s, lab_identity(lab), 0);
	return rx_switch_map(s, lab_identity(lab));
}

/* --- tests ---------------------------------------------------------------- */

static void passing_items_on_allocates_nothing(void **state)
{
	assert_allocates_nothing(*state, merged);
	assert_allocates_nothing(*state, mapped);
	assert_allocates_nothing(*state, changed);
}

static void holding_items_back_allocates_nothing(void **state)
{
	assert_allocates_nothing(*state, quiet);
	assert_allocates_nothing(*state, later);
}

static void groups_that_are_open_allocate_nothing(void **state)
{
	assert_allocates_nothing(*state, grouped);
}

static void inner_streams_come_from_slabs(void **state)
{
	assert_allocates_nothing(*state, flattened);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(passing_items_on_allocates_nothing),
		lab_test(holding_items_back_allocates_nothing),
		lab_test(groups_that_are_open_allocate_nothing),
		lab_test(inner_streams_come_from_slabs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
