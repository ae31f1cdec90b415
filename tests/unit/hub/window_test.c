/* window_test.c - what is kept, what waits, and what is gone. */
#include "hub/window.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

static struct hub_event *part(size_t bytes)
{
	char *text = mem_alloc(bytes + 1);
	struct hub_event *e;
	struct value v;

	memset(text, 'x', bytes);
	v = value_string(str_from(text, bytes));
	e = hub_event_part(STR(""), STR(""), STR(""), v, NULL);
	value_unref(v);
	mem_free(text);
	return e;
}

static void push(struct hub_window *w, struct hub_event *e, uint64_t seq)
{
	hub_window_push(w, e, seq, NULL, false);
}

/* Writes all that waits: "1 2 (4) 5" with the last of a hole in brackets. */
static void expect(struct hub_window *w, const char *want)
{
	struct buf got = {0};
	const struct hub_slot *s;

	while ((s = hub_window_next(w))) {
		buf_printf(&got, s->event ? "%s%llu" : "%s(%llu)",
			   buf_len(&got) ? " " : "",
			   (unsigned long long)s->seq);
		hub_window_advance(w);
	}
	if (!str_eq(buf_str(&got), str_of(want)))
		fail_msg("'%.*s', not '%s'", STR_FMT(buf_str(&got)), want);
	buf_fini(&got);
}

static void what_was_written_can_be_written_again(void **state)
{
	struct hub_window w = {0};
	struct hub_event *e = part(10);

	for (uint64_t seq = 1; seq <= 5; seq++)
		push(&w, e, seq);
	assert_int_equal(w.waiting_bytes, 5 * e->len);
	expect(&w, "1 2 3 4 5");
	assert_int_equal(w.kept_bytes, 5 * e->len);
	assert_int_equal(hub_window_seek(&w, 2, 5), 2);
	assert_int_equal(w.waiting_bytes, 0); /* that is no queue */
	push(&w, e, 6);
	expect(&w, "3 4 5 6");
	assert_int_equal(hub_window_seek(&w, 6, 6), 6);
	expect(&w, "");
	assert_int_equal(hub_window_seek(&w, 0, 6), 0);
	expect(&w, "1 2 3 4 5 6");
	assert_int_equal(e->refs, 7);
	hub_window_fini(&w);
	assert_int_equal(e->refs, 1);
	hub_event_unref(e);
}

static void what_is_forgotten_is_told_by_the_number_before_the_rest(
	void **state)
{
	struct hub_window w = {0};
	struct hub_event *e = part(10);

	for (uint64_t seq = 1; seq <= 5; seq++)
		push(&w, e, seq);
	/* Nothing that waits is forgotten. */
	hub_window_forget(&w, INT64_MAX, 0);
	expect(&w, "1 2 3 4 5");
	hub_window_forget(&w, 0, 2 * e->len);
	assert_int_equal(w.kept_bytes, 2 * e->len);
	assert_int_equal(hub_window_seek(&w, 1, 5), 3);
	expect(&w, "4 5");
	assert_int_equal(hub_window_seek(&w, 4, 5), 4);
	expect(&w, "5");
	hub_window_forget(&w, INT64_MAX, SIZE_MAX); /* by age */
	assert_int_equal(hub_window_seek(&w, 4, 5), 5);
	assert_null(w.slots);
	hub_window_fini(&w);
	hub_event_unref(e);
}

static void the_oldest_that_waits_is_dropped(void **state)
{
	struct hub_window w = {0};
	struct hub_event *e = part(10);

	push(&w, e, 1);
	expect(&w, "1");
	for (uint64_t seq = 2; seq <= 6; seq++)
		hub_window_push(&w, e, seq, NULL, seq == 3);
	assert_true(hub_window_drop_oldest(&w));
	assert_true(hub_window_drop_oldest(&w));
	assert_true(hub_window_drop_oldest(&w));
	expect(&w, "(2) 3 (5) 6");
	assert_false(hub_window_drop_oldest(&w));
	/* Who comes back hears of the same. */
	assert_int_equal(hub_window_seek(&w, 1, 6), 1);
	expect(&w, "(2) 3 (5) 6");
	assert_int_equal(hub_window_seek(&w, 5, 6), 5);
	expect(&w, "6");
	hub_window_fini(&w);
	hub_event_unref(e);
}

static void holes_join(void **state)
{
	struct hub_window w = {0};
	struct hub_event *e = part(10);
	const struct hub_slot *s;

	for (uint64_t seq = 1; seq <= 3; seq++)
		push(&w, e, seq);
	hub_window_push_hole(&w, 4);
	hub_window_push_hole(&w, 5);
	push(&w, e, 6);
	assert_true(hub_window_drop(&w, 3));
	assert_false(hub_window_drop(&w, 3));
	assert_false(hub_window_waits(&w, 3));
	assert_true(hub_window_waits(&w, 2));
	assert_true(hub_window_drop(&w, 1));
	assert_true(hub_window_drop(&w, 2));
	s = hub_window_next(&w);
	assert_int_equal(s->seq, 5);
	assert_int_equal(s->count, 5);
	expect(&w, "(5) 6");
	hub_window_fini(&w);
	hub_event_unref(e);
}

/* Whatever happens: the numbers that come out, holes by their count, are each
 * exactly the next one, and bytes and memory stay what they should be. */
static void numbers_always_add_up(void **state)
{
	struct hub_window w = {0};
	struct hub_event *e = part(10);
	struct hub_event *big = part(200);
	uint64_t seq = 0;
	uint64_t at = 0; /* the reader's last number */

	srand(5);
	for (int i = 0; i < 300000; i++) {
		const struct hub_slot *s;

		switch (rand() % 8) {
		case 0:
		case 1:
			push(&w, rand() % 5 ? e : big, ++seq);
			break;
		case 2:
			hub_window_push(&w, e, ++seq, NULL, true);
			break;
		case 3:
			hub_window_push_hole(&w, ++seq);
			break;
		case 4:
			hub_window_drop_oldest(&w);
			break;
		case 5:
			if (seq)
				hub_window_drop(&w,
						seq - (uint64_t)rand() % 20);
			break;
		case 6:
			hub_window_forget(&w, 0, (size_t)(rand() % 4000));
			if (rand() % 50)
				break;
			at = (uint64_t)rand() % (seq + 1);
			at = hub_window_seek(&w, at, seq);
			break;
		default:
			for (int n = rand() % 6; n; n--) {
				s = hub_window_next(&w);
				if (!s)
					break;
				if (s->event && s->seq != at + 1)
					fail_msg("%llu after %llu",
						 (unsigned long long)s->seq,
						 (unsigned long long)at);
				if (!s->event)
					assert_true(s->count &&
						    s->seq - s->count <= at);
				at = s->seq;
				hub_window_advance(&w);
			}
		}
		if (i % 100)
			continue;

		size_t kept = 0;
		size_t waiting = 0;

		for (uint32_t n = w.head; n != w.tail; n++) {
			struct hub_slot *slot = &w.slots[n & (w.cap - 1)];
			size_t len = slot->event ? slot->event->len : 0;

			if (n - w.head < w.fresh - w.head)
				kept += len;
			else
				waiting += len;
		}
		assert_int_equal(w.kept_bytes, kept);
		assert_int_equal(w.waiting_bytes, waiting);
	}
	assert_true(seq > 10000);
	hub_window_fini(&w);
	assert_int_equal(e->refs, 1);
	hub_event_unref(e);
	hub_event_unref(big);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_can_be_written_again),
		cmocka_unit_test(
			what_is_forgotten_is_told_by_the_number_before_the_rest),
		cmocka_unit_test(the_oldest_that_waits_is_dropped),
		cmocka_unit_test(holes_join),
		cmocka_unit_test(numbers_always_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
