/* subject_test.c - many listeners, who come and go while they are told. */
#include "support/lab.h"

#include "base/util.h"

struct ear {
	struct rx_observer o;
	struct rx_sub *sub;
	struct buf heard;
	void (*on_next)(struct ear *e);
	struct ear *other;
};

static struct rx_subject *subject;

static void ear_next(struct rx_observer *o, struct value v)
{
	struct ear *e = CONTAINER_OF(o, struct ear, o);

	buf_printf(&e->heard, "%lld", (long long)v.i);
	if (e->on_next)
		e->on_next(e);
}

static void ear_error(struct rx_observer *o, const struct weir_error *err)
{
	buf_printf(&CONTAINER_OF(o, struct ear, o)->heard, "#%s", err->message);
}

static void ear_done(struct rx_observer *o)
{
	buf_append_char(&CONTAINER_OF(o, struct ear, o)->heard, '|');
}

static const struct rx_observer_ops ear_ops = {ear_next, ear_error, ear_done};

static void listen(struct ear *e)
{
	struct rx_source *src = rx_subject_source(subject);

	e->o.ops = &ear_ops;
	rx_subscribe(src, &e->o, &e->sub);
	rx_source_unref(src);
}

static void go(struct ear *e)
{
	struct rx_sub *sub = e->sub;

	e->sub = NULL;
	rx_sub_cancel(sub);
}

static void push(int64_t n)
{
	rx_next(rx_subject_observer(subject), value_int(n));
}

/* Compares, cancels and frees. */
static void assert_heard(struct ear *e, const char *expected)
{
	buf_append_char(&e->heard, '\0');
	assert_string_equal(buf_bytes(&e->heard), expected);
	buf_fini(&e->heard);
	go(e);
}

static int setup(void **state)
{
	lab_setup(state);
	subject = rx_subject_create(lab_ctx(*state));
	return 0;
}

static int teardown(void **state)
{
	rx_subject_destroy(subject);
	assert_int_equal(lab_ctx(*state)->live, 0);
	return lab_teardown(state);
}

static void tells_all_listeners(void **state)
{
	struct ear a = {0}, b = {0};

	push(1);
	listen(&a);
	push(2);
	listen(&b);
	assert_int_equal(rx_subject_listeners(subject), 2);
	push(3);
	rx_done(rx_subject_observer(subject));
	push(4);
	assert_int_equal(rx_subject_listeners(subject), 0);
	assert_heard(&a, "23|");
	assert_heard(&b, "3|");
}

static void an_error_is_the_last_word(void **state)
{
	struct weir_error err = {0};
	struct ear a = {0};

	error_set(&err, WEIR_EITEM, "oh");
	listen(&a);
	rx_error(rx_subject_observer(subject), &err);
	rx_error(rx_subject_observer(subject), &err);
	rx_done(rx_subject_observer(subject));
	assert_heard(&a, "#oh");
}

static void forgets_its_end(void **state)
{
	struct ear a = {0};

	rx_done(rx_subject_observer(subject));
	listen(&a);
	assert_heard(&a, "");
}

static void a_remembering_one_tells_its_end_to_who_comes_late(void **state)
{
	struct weir_error err = {0};
	struct ear a = {0};

	rx_subject_destroy(subject);
	subject = rx_subject_create_remembering(lab_ctx(*state));
	error_set(&err, WEIR_EITEM, "oh");
	rx_error(rx_subject_observer(subject), &err);
	listen(&a);
	assert_heard(&a, "#oh");
}

static void go_and_send_the_other_away(struct ear *e)
{
	go(e);
	if (e->other->sub)
		go(e->other);
}

static void who_goes_hears_nothing_more_of_the_present_push(void **state)
{
	struct ear a = {.on_next = go_and_send_the_other_away}, b = {0};
	struct ear c = {0};

	a.other = &b;
	listen(&a);
	listen(&b);
	listen(&c);
	push(1);
	push(2);
	assert_int_equal(rx_subject_listeners(subject), 1);
	assert_heard(&a, "1");
	assert_heard(&b, "");
	assert_heard(&c, "12");
}

static void let_the_other_in(struct ear *e)
{
	if (!e->other->sub)
		listen(e->other);
}

static void who_comes_hears_from_the_next_push_on(void **state)
{
	struct ear a = {.on_next = let_the_other_in}, b = {0};

	a.other = &b;
	listen(&a);
	push(1);
	push(2);
	assert_heard(&a, "12");
	assert_heard(&b, "2");
}

static void let_the_other_in_and_push(struct ear *e)
{
	e->on_next = NULL;
	listen(e->other);
	push(2);
}

static void a_push_within_a_push_reaches_who_came_before_it(void **state)
{
	struct ear a = {.on_next = let_the_other_in_and_push}, b = {0};

	a.other = &b;
	listen(&a);
	push(1);
	push(3);
	assert_heard(&a, "123");
	assert_heard(&b, "23");
}

static void end_it(struct ear *e)
{
	e->on_next = NULL;
	rx_done(rx_subject_observer(subject));
}

static void an_end_within_a_push_ends_the_push(void **state)
{
	struct ear a = {.on_next = end_it}, b = {0};

	listen(&a);
	listen(&b);
	push(1);
	assert_heard(&a, "1|");
	assert_heard(&b, "|");
}

static void destroy_it(struct ear *e)
{
	rx_subject_destroy(subject);
	subject = NULL;
}

static void may_be_destroyed_within_a_push(void **state)
{
	struct ear a = {.on_next = destroy_it}, b = {0};

	listen(&a);
	listen(&b);
	push(1);
	assert_heard(&a, "1");
	assert_heard(&b, "1");
}

static void its_stream_outlives_it(void **state)
{
	struct rx_source *src = rx_subject_source(subject);
	struct ear a = {.o = {&ear_ops}};

	rx_subject_destroy(subject);
	subject = NULL;
	rx_subscribe(src, &a.o, &a.sub);
	rx_source_unref(src);
	assert_heard(&a, "");
}

#define subject_test(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		subject_test(tells_all_listeners),
		subject_test(an_error_is_the_last_word),
		subject_test(forgets_its_end),
		subject_test(a_remembering_one_tells_its_end_to_who_comes_late),
		subject_test(who_goes_hears_nothing_more_of_the_present_push),
		subject_test(who_comes_hears_from_the_next_push_on),
		subject_test(a_push_within_a_push_reaches_who_came_before_it),
		subject_test(an_end_within_a_push_ends_the_push),
		subject_test(may_be_destroyed_within_a_push),
		subject_test(its_stream_outlives_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
