/* stream_test.c - numbered events, the bounded queue, and who attaches. */
#include "lab.h"

#include <stdlib.h>

enum { FULL = 100000, PART = 1000 };

static void events_are_numbered_and_go_straight_to_a_sink_with_room(
	void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct hub_stream *s;

	lab_sink_init(&k);
	s = lab_stream(lab, &k, false);
	lab_job(lab, s, "{\"source\":\"x\",\"n\":2}");
	hub_stream_seal(s);
	lab_run(lab, 5);
	lab_expect(&k, "1 open, 2 part 0, 3 part 1, 4 done: done 2, end");
	lab_sink_fini(&k);
}

static void a_stream_without_jobs_ends_when_it_is_sealed(void **state)
{
	struct lab_sink k;

	lab_sink_init(&k);
	hub_stream_seal(lab_stream(*state, &k, false));
	lab_expect(&k, "1 open, end");
	lab_sink_fini(&k);
}

static void what_a_full_sink_cannot_take_waits_in_order(void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct hub_stream *s;

	lab_sink_init(&k);
	s = lab_stream(lab, &k, true);
	k.unsent = FULL;
	for (int i = 0; i < 3; i++)
		lab_push(lab, 10);
	lab_expect(&k, "1 open");
	assert_true(hub_stream_backlog(s) > FULL);
	k.unsent = 0;
	/* Not before what waits, though there is room now. */
	lab_push(lab, 11);
	lab_expect(&k, "");
	hub_stream_drain(s);
	lab_expect(&k, "2 part \"xxxxxxxxxx\", 3 part \"xxxxxxxxxx\", "
		       "4 part \"xxxxxxxxxx\", 5 part \"xxxxxxxxxxx\"");
	assert_int_equal(hub_stream_backlog(s), 0);
	hub_stream_bye(s, "test");
	lab_sink_fini(&k);
}

static void what_a_turn_brings_is_fetched_together(void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct hub_stream *s;

	lab_sink_init_gathering(&k);
	s = hub_stream_open(lab->edge,
			    &(struct hub_stream_opts){.sink = &k.base,
						      .linger_ms = 1000});
	lab_interest(s, NULL, "");
	lab_push(lab, 10);
	lab_push(lab, 10);
	lab_expect(&k, "1 open");
	assert_int_equal(k.wakes, 1);
	hub_stream_drain(s);
	lab_expect(&k, "2 part \"xxxxxxxxxx\", 3 part \"xxxxxxxxxx\"");

	/* More than the queue may hold, but there is room for it. */
	for (int i = 0; i < 10; i++)
		lab_push(lab, PART);
	assert_int_equal(k.wakes, 2);
	hub_stream_drain(s);
	assert_int_equal(k.last_seq, 13);
	assert_int_equal(k.told_lost, 0);
	hub_stream_delete(s, "over", 0);
	lab_sink_fini(&k);
}

static void the_oldest_parts_go_and_their_last_number_tells_how_many(
	void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct hub_stream *s;

	lab_sink_init(&k);
	s = lab_stream(lab, &k, true);
	k.unsent = FULL;
	for (int i = 0; i < 10; i++) /* 2 to 11; three have room */
		lab_push(lab, PART);
	k.unsent = 0;
	hub_stream_drain(s);
	lab_expect(&k, "1 open, 8 dropped 7, 9 part, 10 part, 11 part");
	assert_int_equal(hub_figures(lab->hub).dropped, 7);
	/* The count begins anew. */
	k.unsent = FULL;
	for (int i = 0; i < 4; i++)
		lab_push(lab, PART);
	k.unsent = 0;
	hub_stream_drain(s);
	lab_expect(&k, "12 dropped 1, 13 part, 14 part, 15 part");
	hub_stream_bye(s, "test");
	lab_expect(&k, "16 bye: test, end");
	lab_sink_fini(&k);
}

static void a_part_larger_than_the_queue_is_dropped_alone(void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct hub_stream *s;

	lab_sink_init(&k);
	s = lab_stream(lab, &k, true);
	k.unsent = FULL;
	lab_push(lab, 5000);
	k.unsent = 0;
	hub_stream_drain(s);
	lab_expect(&k, "1 open, 2 dropped 1");
	hub_stream_bye(s, "test");
	lab_sink_fini(&k);
}

static void a_loss_is_told_before_anything_that_comes_after_it(void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct hub_stream *s;

	lab_sink_init(&k);
	s = lab_stream(lab, &k, true);
	k.unsent = FULL;
	lab_push(lab, 5000);
	k.unsent = 0; /* and another part is faster than the drain */
	lab_push(lab, 1);
	hub_stream_drain(s);
	lab_expect(&k, "1 open, 2 dropped 1, 3 part \"x\"");
	hub_stream_bye(s, "test");
	lab_sink_fini(&k);
}

static void only_the_parts_of_others_are_dropped(void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct hub_stream *s;

	lab_sink_init(&k);
	s = lab_stream(lab, &k, true);
	k.unsent = FULL;
	lab_push(lab, PART);
	lab_job(lab, s, "{\"source\":\"x\",\"n\":1,\"fail\":true}");
	for (int i = 0; i < 100; i++)
		lab_push(lab, PART);
	lab_run(lab, 5);
	k.unsent = 0;
	hub_stream_drain(s);
	/* 2, and 6 to 103 but the last three. */
	assert_int_equal(k.told_lost + k.parts + 3, k.last_seq);
	assert_int_equal(k.last_seq, 105);
	assert_non_null(memmem(buf_bytes(&k.notes), buf_len(&k.notes),
			       "3 part 0, 4 error 502, ", 23));
	hub_stream_bye(s, "test");
	lab_sink_fini(&k);
}

/* However pushing and draining mix: numbers rise, and what is received and
 * what is told as lost make up all that was sent. */
static void nothing_is_ever_lost_silently(void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct hub_stream *s;

	lab_sink_init(&k);
	s = lab_stream(lab, &k, true);
	k.fills = true;
	srand(11);
	for (int i = 0; i < 20000; i++) {
		if (rand() % 3)
			lab_push(lab, (size_t)(rand() % 6000));
		if (rand() % 20 == 0)
			k.unsent = (size_t)(rand() % 2) * 70000;
		if (rand() % 50 == 0)
			hub_stream_drain(s);
		buf_clear(&k.notes);
	}
	k.fills = false;
	k.unsent = 0;
	hub_stream_drain(s);
	assert_true(k.told_lost > 100 && k.parts > 100);
	assert_int_equal(1 + k.parts + k.told_lost, k.last_seq);
	assert_int_equal(hub_figures(lab->hub).dropped, k.told_lost);
	hub_stream_bye(s, "test");
	lab_sink_fini(&k);
}

static void the_queue_is_bounded(void **state)
{
	struct lab *lab = *state;
	struct hub_stream *s = lab_stream(lab, NULL, true);

	for (int i = 0; i < 1000; i++) {
		lab_push(lab, (size_t)(i % 700));
		assert_in_range(hub_stream_backlog(s), 1, 4096);
	}
	hub_stream_bye(s, "test");
}

static void all_see_a_part_once_the_owner_too(void **state)
{
	struct lab *lab = *state;
	struct lab_sink a;
	struct lab_sink b;
	struct hub_stream *s;
	struct hub_stream *other;

	lab_sink_init(&a);
	lab_sink_init(&b);
	s = lab_stream(lab, &a, true);
	other = lab_stream(lab, &b, true);
	lab_job(lab, s, "{\"source\":\"x\",\"n\":1}");
	lab_run(lab, 5);
	lab_expect(&a, "1 open, 2 part 0, 3 done: done 1");
	lab_expect(&b, "1 open, 2 part 0");
	hub_stream_bye(s, "test");
	hub_stream_bye(other, "test");
	lab_sink_fini(&a);
	lab_sink_fini(&b);
}

static void a_batch_of_parts_is_taken_apart_for_their_owners(void **state)
{
	struct lab *lab = *state;
	struct weir_error err;
	struct lab_sink a;
	struct lab_sink b;

	assert_int_equal(hub_pipeline_set(lab->hub, HUB_PARTS,
					  STR("buffer_with_count(4)"), false,
					  &err),
			 0);
	lab_sink_init(&a);
	lab_sink_init(&b);

	struct hub_stream *s = lab_stream(lab, &a, false);
	struct hub_stream *other = lab_stream(lab, &b, false);

	lab_job(lab, s, "{\"id\":\"a\",\"source\":\"x\",\"n\":1}");
	lab_job(lab, other, "{\"id\":\"b\",\"source\":\"x\",\"n\":2}");
	hub_stream_seal(s);
	hub_stream_seal(other);
	lab_run(lab, 5);
	lab_expect(&a, "1 open"); /* its part waits: it is not done */
	lab_push(lab, 1);
	lab_run(lab, 5);
	lab_expect(&a, "2 part 0, 3 done: done 1, end");
	lab_expect(&b, "1 open, 2 part 0, 3 part 1, 4 done: done 2, end");
	lab_sink_fini(&a);
	lab_sink_fini(&b);
}

static void a_stream_that_nobody_reads_waits_for_who_attaches(void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct hub_stream *s = lab_stream(lab, NULL, false);

	lab_job(lab, s,
		"{\"id\":\"a\",\"source\":\"x\",\"n\":2,"
		"\"hold\":true}");
	hub_stream_seal(s);
	lab_run(lab, 5);
	lab_sink_init(&k);
	hub_stream_attach(s, &k.base, 7, &(struct hub_position){0});
	lab_expect(&k, "1 open, 2 part 0, 3 part 1");
	hub_job_cancel(hub_find_job(lab->hub, STR("a")));
	lab_run(lab, 5);
	lab_expect(&k, "4 done: cancelled 2, end");
	lab_sink_fini(&k);
}

static void a_stream_that_is_over_is_kept_for_who_attaches(void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct hub_stream *s = lab_stream(lab, NULL, false);
	char id[HUB_STREAM_ID_LEN + 1];

	memcpy(id, s->id, sizeof id);
	lab_job(lab, s, "{\"source\":\"x\",\"n\":1}");
	hub_stream_seal(s);
	lab_run(lab, 5);
	assert_ptr_equal(hub_find_stream(lab->edge, str_of(id)), s);
	lab_sink_init(&k);
	k.unsent = FULL; /* even a full one gets all: nothing more comes */
	hub_stream_attach(s, &k.base, 7, &(struct hub_position){0});
	lab_expect(&k, "1 open, 2 part 0, 3 done: done 1, end");
	assert_null(hub_find_stream(lab->edge, str_of(id)));
	lab_sink_fini(&k);
}

static void bye_sends_what_waits_and_then_ends(void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct hub_stream *s;

	lab_sink_init(&k);
	s = lab_stream(lab, &k, true);
	k.unsent = FULL;
	lab_push(lab, 1);
	hub_stream_bye(s, "deleted");
	lab_expect(&k, "1 open, 2 part \"x\", 3 bye: deleted, end");
	assert_int_equal(hub_figures(lab->hub).streams, 0);
	lab_sink_fini(&k);
}

static void a_stream_ends_when_its_time_is_over(void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct hub_stream_opts opts = {.for_ms = 20};

	lab_sink_init(&k);
	opts.sink = &k.base;
	hub_stream_open(lab->edge, &opts);
	lab_run(lab, 5);
	lab_expect(&k, "1 open");
	lab_run(lab, 40);
	lab_expect(&k, "2 bye: expired, end");
	lab_sink_fini(&k);
}

static void a_client_that_has_gone_hears_nothing_more(void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct hub_stream *s;

	lab_sink_init(&k);
	s = lab_stream(lab, &k, true);
	lab_job(lab, s, "{\"id\":\"a\",\"source\":\"x\",\"hold\":true}");
	lab_expect(&k, "1 open");
	hub_stream_gone(s);
	lab_push(lab, 1);
	lab_run(lab, 5);
	lab_expect(&k, "");
	/* Its job goes on. */
	lab_expect_job(lab, "a",
		       "{\"id\":\"a\",\"source\":\"x\",\"state\":\"running\","
		       "\"parts\":0,\"errors\":0");
	lab_sink_fini(&k);
}

/* --- backpressure ----------------------------------------------------------
 */

enum { EMITS = 200, EMIT_BYTES = 10000 };

struct emitter {
	struct lab *lab;
	struct hub_job *job;
	int emitted;
	int rc;
};

static void deliver_own(struct emitter *e)
{
	char text[EMIT_BYTES];
	struct rx_cause *old = rx_cause_enter(&e->job->cause);
	struct value part;

	memset(text, 'x', sizeof text);
	part = hub_part(e->lab->hub, hub_job_id(e->job), STR("x"),
			value_string(str_from(text, sizeof text)));
	hub_deliver(e->lab->hub, part);
	value_unref(part);
	rx_cause_leave(old);
}

/* What a source's fiber does. */
static int emit_all(void *arg)
{
	struct emitter *e = arg;

	while (e->emitted < EMITS && e->rc == 0) {
		e->emitted++;
		deliver_own(e);
		e->rc = hub_job_wait_room(e->job);
	}
	return 0;
}

static void a_job_is_slowed_by_its_owner_and_loses_nothing(void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct hub_stream *s;
	struct emitter e = {.lab = lab};

	lab_sink_init(&k);
	k.fills = true; /* and is emptied only by hand */
	s = lab_stream(lab, &k, false);
	lab_job(lab, s, "{\"id\":\"a\",\"source\":\"x\",\"hold\":true}");
	hub_stream_seal(s);
	e.job = hub_find_job(lab->hub, STR("a"));

	struct fiber *f = fiber_spawn(lab->fibers, "e", emit_all, &e);

	lab_run(lab, 5);
	assert_in_range(e.emitted, 20, 30); /* 256 KiB */
	for (int round = 0; round < 100 && e.emitted < EMITS; round++) {
		int before = e.emitted;

		k.unsent = 0;
		hub_stream_drain(s);
		lab_run(lab, 1);
		assert_in_range(e.emitted - before, 0, 30);
		assert_in_range(hub_stream_backlog(s), 0, 300 * 1024);
	}
	assert_int_equal(e.emitted, EMITS);
	assert_int_equal(e.rc, 0);
	for (int round = 0; round < 10; round++) {
		k.unsent = 0;
		hub_stream_drain(s);
	}
	assert_int_equal(k.parts, EMITS);
	assert_int_equal(k.told_lost, 0);
	assert_int_equal(fiber_join(f, NULL, 0), 0);
	hub_job_cancel(e.job);
	lab_run(lab, 5);
	assert_true(k.ended);
	lab_sink_fini(&k);
}

static void a_job_is_not_held_back_by_an_owner_who_has_gone(void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct hub_stream *s;
	struct emitter e = {.lab = lab};

	lab_sink_init(&k);
	s = lab_stream(lab, &k, false);
	k.unsent = 300 * 1024;
	lab_job(lab, s, "{\"id\":\"a\",\"source\":\"x\",\"hold\":true}");
	e.job = hub_find_job(lab->hub, STR("a"));

	struct fiber *f = fiber_spawn(lab->fibers, "e", emit_all, &e);

	lab_run(lab, 5);
	assert_int_equal(e.emitted, 1);
	hub_stream_gone(s);
	lab_run(lab, 5);
	assert_int_equal(e.emitted, EMITS);
	assert_int_equal(fiber_join(f, NULL, 0), 0);
	lab_sink_fini(&k);
}

static void a_waiting_job_can_be_cancelled(void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct hub_stream *s;
	struct emitter e = {.lab = lab};

	lab_sink_init(&k);
	s = lab_stream(lab, &k, false);
	k.unsent = 300 * 1024;
	lab_job(lab, s, "{\"id\":\"a\",\"source\":\"x\",\"hold\":true}");
	e.job = hub_find_job(lab->hub, STR("a"));

	struct fiber *f = fiber_spawn(lab->fibers, "e", emit_all, &e);

	lab_run(lab, 5);
	fiber_cancel(f);
	lab_run(lab, 5);
	assert_int_equal(e.rc, WEIR_ECANCELED);
	assert_int_equal(fiber_join(f, NULL, 0), 0);
	hub_stream_gone(s);
	lab_sink_fini(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(
			events_are_numbered_and_go_straight_to_a_sink_with_room),
		LAB_TEST(a_stream_without_jobs_ends_when_it_is_sealed),
		LAB_TEST(what_a_full_sink_cannot_take_waits_in_order),
		LAB_TEST(what_a_turn_brings_is_fetched_together),
		LAB_TEST(
			the_oldest_parts_go_and_their_last_number_tells_how_many),
		LAB_TEST(a_part_larger_than_the_queue_is_dropped_alone),
		LAB_TEST(a_loss_is_told_before_anything_that_comes_after_it),
		LAB_TEST(only_the_parts_of_others_are_dropped),
		LAB_TEST(nothing_is_ever_lost_silently),
		LAB_TEST(the_queue_is_bounded),
		LAB_TEST(all_see_a_part_once_the_owner_too),
		LAB_TEST(a_batch_of_parts_is_taken_apart_for_their_owners),
		LAB_TEST(a_stream_that_nobody_reads_waits_for_who_attaches),
		LAB_TEST(a_stream_that_is_over_is_kept_for_who_attaches),
		LAB_TEST(bye_sends_what_waits_and_then_ends),
		LAB_TEST(a_stream_ends_when_its_time_is_over),
		LAB_TEST(a_client_that_has_gone_hears_nothing_more),
		LAB_TEST(a_job_is_slowed_by_its_owner_and_loses_nothing),
		LAB_TEST(a_job_is_not_held_back_by_an_owner_who_has_gone),
		LAB_TEST(a_waiting_job_can_be_cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
