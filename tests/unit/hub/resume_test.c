/* resume_test.c - a client that comes back, and one that is slow. */
#include "lab.h"

#include <stdio.h>
#include <string.h>

enum { FULL = 100000, PART = 1000 };

/* Streams that wait for their client. */
static struct hub_stream *open_stream(struct lab *lab, struct lab_sink *k,
				      enum hub_overflow overflow)
{
	struct hub_stream *s =
		hub_stream_open(lab->edge,
				&(struct hub_stream_opts){.sink = &k->base,
							  .linger_ms = 5000,
							  .overflow = overflow,
							  .key = STR(".k")});

	lab_interest(s, NULL, "");
	return s;
}

static void attach(struct hub_stream *s, struct lab_sink *k, uint64_t seen)
{
	hub_stream_attach(s, &k->base, 7,
			  &(struct hub_position){.stream = str_of(s->id),
						 .seq = seen});
}

static void push_key(struct lab *lab, int key, int n)
{
	struct value pairs[4] = {value_cstr("k"), value_int(key),
				 value_cstr("n"), value_int(n)};
	struct value part =
		hub_part(lab->hub, STR(""), STR("x"), value_object(pairs, 2));

	hub_push(lab->hub, part);
	value_unref(part);
}

static void what_comes_meanwhile_waits_and_what_was_lost_comes_again(
	void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct lab_sink again;
	struct hub_stream *s;

	lab_sink_init(&k);
	lab_sink_init(&again);
	s = open_stream(lab, &k, HUB_DROP_OLDEST);
	for (int i = 0; i < 3; i++)
		lab_push(lab, 1);
	hub_stream_gone(s);
	lab_push(lab, 2);
	attach(s, &again, 2); /* 3 and 4 were on their way */
	lab_expect(&again, "0 open again: true 0, 3 part \"x\", 4 part \"x\", "
			   "5 part \"xx\"");
	lab_push(lab, 3);
	lab_expect(&again, "6 part \"xxx\"");
	hub_stream_delete(s, "deleted", 0);
	lab_sink_fini(&k);
	lab_sink_fini(&again);
}

static void who_says_nothing_gets_all_that_is_kept(void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct lab_sink again;
	struct hub_stream *s;

	lab_sink_init(&k);
	lab_sink_init(&again);
	s = open_stream(lab, &k, HUB_DROP_OLDEST);
	lab_push(lab, 1);
	hub_stream_gone(s);
	hub_stream_attach(s, &again.base, 7, &(struct hub_position){0});
	lab_expect(&again, "1 open, 2 part \"x\"");
	hub_stream_delete(s, "deleted", 0);
	lab_sink_fini(&k);
	lab_sink_fini(&again);
}

static void what_is_not_kept_any_more_is_told(void **state)
{
	struct lab *lab = *state;
	struct hub_conf conf = hub_conf_default;
	struct lab_sink k;
	struct lab_sink again;
	struct hub_stream *s;

	conf.kept_max = 3 * PART;
	hub_configure(lab->hub, &conf);
	lab_sink_init(&k);
	lab_sink_init(&again);
	s = open_stream(lab, &k, HUB_DROP_OLDEST);
	for (int i = 0; i < 9; i++) /* 2 to 10 */
		lab_push(lab, PART);
	hub_stream_gone(s);
	attach(s, &again, 4);
	lab_expect(&again, "0 open again: true 4, 8 gap: expired 4, 9 part, "
			   "10 part");
	hub_stream_gone(s);
	lab_sink_fini(&again);
	lab_sink_init(&again);
	attach(s, &again, 8);
	lab_expect(&again, "0 open again: true 0, 9 part, 10 part");
	hub_stream_delete(s, "deleted", 0);
	lab_sink_fini(&k);
	lab_sink_fini(&again);
}

static void what_is_kept_grows_old(void **state)
{
	struct lab *lab = *state;
	struct hub_conf conf = hub_conf_default;
	struct lab_sink k;
	struct lab_sink again;
	struct hub_stream *s;

	conf.kept_ms = 20;
	hub_configure(lab->hub, &conf);
	lab_sink_init(&k);
	lab_sink_init(&again);
	s = open_stream(lab, &k, HUB_DROP_OLDEST);
	lab_push(lab, 1);
	lab_run(lab, 60);
	lab_push(lab, 2);
	hub_stream_gone(s);
	attach(s, &again, 1);
	lab_expect(&again, "0 open again: true 1, 2 gap: expired 1, "
			   "3 part \"xx\"");
	hub_stream_delete(s, "deleted", 0);
	lab_sink_fini(&k);
	lab_sink_fini(&again);
}

static void open_is_never_too_old(void **state)
{
	struct lab *lab = *state;
	struct hub_conf conf = hub_conf_default;
	struct lab_sink k;
	struct lab_sink again;
	struct hub_stream *s;

	conf.kept_ms = 20;
	hub_configure(lab->hub, &conf);
	lab_sink_init(&k);
	lab_sink_init(&again);
	s = open_stream(lab, &k, HUB_DROP_OLDEST);
	lab_run(lab, 60);
	lab_push(lab, 1);
	hub_stream_gone(s);
	attach(s, &again, 0);
	lab_expect(&again, "0 open again: true 0, 1 open, 2 part \"x\"");
	hub_stream_delete(s, "deleted", 0);
	lab_sink_fini(&k);
	lab_sink_fini(&again);
}

static void another_stream_is_a_gap_without_an_end(void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct lab_sink again;
	struct hub_stream *s;

	lab_sink_init(&k);
	lab_sink_init(&again);
	s = open_stream(lab, &k, HUB_DROP_OLDEST);
	hub_stream_gone(s);
	hub_stream_attach(s, &again.base, 7,
			  &(struct hub_position){STR("other"), 7});
	lab_expect(&again, "0 open again: false 0, 0 gap: restart , 1 open");
	hub_stream_gone(s);
	lab_sink_fini(&again);
	lab_sink_init(&again);
	attach(s, &again, 1000); /* so many there never were */
	lab_expect(&again, "0 open again: false 0, 0 gap: restart , 1 open");
	hub_stream_delete(s, "deleted", 0);
	lab_sink_fini(&k);
	lab_sink_fini(&again);
}

static void a_new_connection_takes_over(void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct lab_sink again;
	struct hub_stream *s;

	lab_sink_init(&k);
	lab_sink_init(&again);
	s = open_stream(lab, &k, HUB_DROP_OLDEST);
	lab_push(lab, 1);
	attach(s, &again, 1);
	lab_expect(&k, "1 open, 2 part \"x\", 0 bye: replaced, end");
	lab_push(lab, 2);
	lab_expect(&again, "0 open again: true 0, 2 part \"x\", "
			   "3 part \"xx\"");
	hub_stream_delete(s, "deleted", 0);
	lab_sink_fini(&k);
	lab_sink_fini(&again);
}

static void the_end_of_a_stream_can_be_resumed_too(void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct lab_sink again;
	struct hub_stream *s;
	struct hub_position at;
	char id[HUB_STREAM_ID_LEN + 1];

	lab_sink_init(&k);
	lab_sink_init(&again);
	s = hub_stream_open(lab->edge,
			    &(struct hub_stream_opts){.sink = &k.base,
						      .linger_ms = 30,
						      .ends_with_jobs = true});
	memcpy(id, s->id, sizeof id);
	lab_job(lab, s, "{\"source\":\"x\",\"n\":1}");
	hub_stream_seal(s);
	lab_run(lab, 5);
	lab_expect(&k, "1 open, 2 part 0, 3 done: done 1, end");
	assert_int_equal(hub_figures(lab->hub).streams, 0);
	at = (struct hub_position){str_of(s->id), 2};
	assert_true(hub_stream_has_more(s, &at));
	hub_stream_attach(s, &again.base, 7, &at);
	lab_expect(&again, "0 open again: true 0, 3 done: done 1, end");
	at.seq = 3;
	assert_false(hub_stream_has_more(s, &at));
	lab_run(lab, 80);
	assert_null(hub_find_stream(lab->edge, str_of(id)));
	assert_int_equal(hub_stream_absence(lab->edge, str_of(id)), HUB_ENDED);
	assert_int_equal(hub_stream_absence(lab->edge, STR("s")), HUB_UNKNOWN);
	lab_sink_fini(&k);
	lab_sink_fini(&again);
}

static void nobody_comes_back(void **state)
{
	struct lab *lab = *state;
	struct hub_conf conf = hub_conf_default;
	struct lab_sink k;
	struct hub_stream *s;
	char id[HUB_STREAM_ID_LEN + 1];

	conf.orphan_ms = 60;
	hub_configure(lab->hub, &conf);
	lab_sink_init(&k);
	s = hub_stream_open(lab->edge,
			    &(struct hub_stream_opts){.sink = &k.base,
						      .linger_ms = 20});
	memcpy(id, s->id, sizeof id);
	lab_job(lab, s, "{\"id\":\"a\",\"source\":\"x\",\"hold\":true}");
	hub_stream_gone(s);
	lab_run(lab, 40);
	assert_null(hub_find_stream(lab->edge, str_of(id)));
	assert_int_equal(hub_stream_absence(lab->edge, str_of(id)), HUB_LOST);
	lab_expect_job(lab, "a",
		       "{\"id\":\"a\",\"source\":\"x\",\"state\":\"running\","
		       "\"parts\":0,\"errors\":0");
	lab_run(lab, 40); /* its time began when the client went */
	lab_expect_job(lab, "a",
		       "{\"id\":\"a\",\"source\":\"x\",\"state\":\"cancelled\","
		       "\"parts\":0,\"errors\":0");
	lab_sink_fini(&k);
}

static void an_id_is_taken_apart(void **state)
{
	static const char *const wrong[] = {".1",
					    "a",
					    "a.",
					    "a.b",
					    "a.-1",
					    "a.1.2",
					    "a. 1",
					    "a.99999999999999999999",
					    "much-too-long-stream.1"};
	struct hub_position p;
	struct weir_error err;

	assert_int_equal(hub_position_parse(STR("k3f9.1042"), &p, &err), 0);
	assert_true(str_eq(p.stream, STR("k3f9")));
	assert_int_equal(p.seq, 1042);
	assert_int_equal(hub_position_parse(STR(""), &p, &err), 0);
	assert_int_equal(p.stream.len, 0);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_int_equal(hub_position_parse(str_of(wrong[i]), &p, &err),
				 WEIR_EINVAL);
}

/* --- slow clients ----------------------------------------------------------
 */

static void drop_newest_keeps_what_waits(void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct hub_stream *s;

	lab_sink_init(&k);
	s = open_stream(lab, &k, HUB_DROP_NEWEST);
	k.unsent = FULL;
	for (int i = 0; i < 8; i++) /* 2 to 9; three have room */
		lab_push(lab, PART);
	k.unsent = 0;
	hub_stream_drain(s);
	lab_expect(&k, "1 open, 2 part, 3 part, 4 part, 9 dropped 5");
	assert_int_equal(hub_figures(lab->hub).dropped, 5);
	hub_stream_delete(s, "deleted", 0);
	lab_sink_fini(&k);
}

static void latest_keeps_the_newest_of_each_key(void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct hub_stream *s;

	lab_sink_init(&k);
	s = open_stream(lab, &k, HUB_LATEST);
	push_key(lab, 1, 0); /* is sent, and stays */
	k.unsent = FULL;
	for (int n = 1; n < 1000; n++)
		push_key(lab, n % 3, n);
	lab_push(lab, 1); /* without a key: nothing replaces it */
	lab_push(lab, 1);
	k.unsent = 0;
	hub_stream_drain(s);
	lab_expect(&k, "1 open, 2 part {\"k\":1,\"n\":0}, 998 dropped 996, "
		       "999 part {\"k\":1,\"n\":997}, "
		       "1000 part {\"k\":2,\"n\":998}, "
		       "1001 part {\"k\":0,\"n\":999}, 1002 part \"x\", "
		       "1003 part \"x\"");
	/* Who keeps up gets each of them. */
	push_key(lab, 1, 1);
	push_key(lab, 1, 2);
	lab_expect(&k, "1004 part {\"k\":1,\"n\":1}, "
		       "1005 part {\"k\":1,\"n\":2}");
	hub_stream_delete(s, "deleted", 0);
	lab_sink_fini(&k);
}

static void latest_of_too_many_keys_drops_the_oldest(void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct hub_stream *s;

	lab_sink_init(&k);
	s = open_stream(lab, &k, HUB_LATEST);
	k.unsent = FULL;
	for (int n = 0; n < 20000; n++) {
		push_key(lab, n * 7 % 5000, n);
		assert_in_range(hub_stream_backlog(s), FULL, FULL + 4096);
	}
	k.unsent = 0;
	hub_stream_drain(s);
	assert_int_equal(1 + k.parts + k.told_lost, k.last_seq);
	assert_int_equal(k.last_seq, 20001);
	hub_stream_delete(s, "deleted", 0);
	lab_sink_fini(&k);
}

static void close_ends_the_stream(void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct lab_sink again;
	struct hub_stream *s;

	lab_sink_init(&k);
	lab_sink_init(&again);
	s = open_stream(lab, &k, HUB_CLOSE);
	k.unsent = FULL;
	for (int i = 0; i < 6; i++)
		lab_push(lab, PART);
	assert_false(k.ended); /* not while parts are on their way to others */
	lab_run(lab, 5);
	lab_expect(&k, "1 open, 2 part, 3 part, 4 part, 7 dropped 3, "
		       "8 bye: overflow, end");
	attach(s, &again, 4);
	lab_expect(&again, "0 open again: true 0, 7 dropped 3, "
			   "8 bye: overflow, end");
	lab_sink_fini(&k);
	lab_sink_fini(&again);
}

static void what_is_sent_again_is_not_what_is_dropped(void **state)
{
	struct lab *lab = *state;
	struct lab_sink k;
	struct lab_sink again;
	struct hub_stream *s;

	lab_sink_init(&k);
	lab_sink_init(&again);
	s = open_stream(lab, &k, HUB_DROP_OLDEST);
	for (int i = 0; i < 20; i++) /* 2 to 21: five times a queue */
		lab_push(lab, PART);
	hub_stream_gone(s);
	again.unsent = FULL;
	attach(s, &again, 1);
	for (int i = 0; i < 5; i++) /* 22 to 26; three have room */
		lab_push(lab, PART);
	again.unsent = 0;
	hub_stream_drain(s);
	assert_int_equal(again.parts, 23);
	assert_int_equal(again.told_lost, 2);
	assert_int_equal(again.last_seq, 26);
	hub_stream_delete(s, "deleted", 0);
	lab_sink_fini(&k);
	lab_sink_fini(&again);
}

/* What nobody reads is bounded over all streams: the oldest go. */
static void streams_that_nobody_reads_are_bounded(void **state)
{
	struct lab *lab = *state;
	struct hub_conf conf = hub_conf_default;
	struct lab_sink k;

	conf.waiting_max = 1 << 20;
	hub_configure(lab->hub, &conf);
	lab_sink_init(&k);
	for (int i = 0; i < 4000; i++) {
		struct hub_stream *s = open_stream(lab, &k, HUB_DROP_OLDEST);

		if (i % 50 == 0)
			lab_push(lab, 60);
		hub_stream_gone(s);
		if (i % 100 == 0)
			lab_run(lab, 0);
		k.last_seq = 0;
		buf_clear(&k.notes);
	}
	lab_run(lab, 1);
	assert_in_range(hub_figures(lab->hub).streams, 200, 1200);
	lab_sink_fini(&k);
}

static void an_idle_stream_is_small(void **state)
{
	assert_int_equal(sizeof(struct hub_stream), 256); /* whole lines */
	assert_in_range(sizeof(struct hub_interest), 1, 96);
	assert_int_equal(sizeof(struct hub_slot), 24);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(
			what_comes_meanwhile_waits_and_what_was_lost_comes_again),
		LAB_TEST(who_says_nothing_gets_all_that_is_kept),
		LAB_TEST(what_is_not_kept_any_more_is_told),
		LAB_TEST(what_is_kept_grows_old),
		LAB_TEST(open_is_never_too_old),
		LAB_TEST(another_stream_is_a_gap_without_an_end),
		LAB_TEST(a_new_connection_takes_over),
		LAB_TEST(the_end_of_a_stream_can_be_resumed_too),
		LAB_TEST(nobody_comes_back),
		LAB_TEST(an_id_is_taken_apart),
		LAB_TEST(drop_newest_keeps_what_waits),
		LAB_TEST(latest_keeps_the_newest_of_each_key),
		LAB_TEST(latest_of_too_many_keys_drops_the_oldest),
		LAB_TEST(close_ends_the_stream),
		LAB_TEST(what_is_sent_again_is_not_what_is_dropped),
		LAB_TEST(streams_that_nobody_reads_are_bounded),
		LAB_TEST(an_idle_stream_is_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
