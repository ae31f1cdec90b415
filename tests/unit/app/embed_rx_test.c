/* embed_rx_test.c - streams of an embedding program, in virtual time.
 *
 * What operators do is tested beside them; here it is what the program sees:
 * who owns what, when callbacks come, how loops end.
 */
#include "embed_lab.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

/* --- functions of the program ------------------------------------------- */

static int times_ten(struct weir_value item, const struct weir_vars *vars,
		     void *arg, struct weir_value *out, struct weir_error *err)
{
	int64_t i;

	if (!weir_value_int(item, &i))
		return weir_error_set(err, WEIR_EITEM, "no number");
	*out = weir_int(10 * i);
	return 0;
}

static int add(struct weir_value item, const struct weir_vars *vars, void *arg,
	       struct weir_value *out, struct weir_error *err)
{
	int64_t sum = 0;
	int64_t i = 0;

	weir_value_int(vars->acc, &sum);
	weir_value_int(item, &i);
	*out = weir_int(sum + i);
	return 0;
}

static int above(struct weir_value item, const struct weir_vars *vars,
		 void *arg, struct weir_value *out, struct weir_error *err)
{
	int64_t i = 0;

	weir_value_int(item, &i);
	*out = weir_bool(i > *(const int64_t *)arg);
	return 0;
}

/* [item, $key] */
static int keyed(struct weir_value item, const struct weir_vars *vars,
		 void *arg, struct weir_value *out, struct weir_error *err)
{
	struct weir_value both[2] = {weir_ref(item), weir_ref(vars->key)};

	*out = weir_array(both, 2);
	return 0;
}

static int say_nothing(struct weir_value item, const struct weir_vars *vars,
		       void *arg, struct weir_value *out,
		       struct weir_error *err)
{
	return WEIR_ENOTFOUND;
}

static int64_t two = 2;

static const struct weir_function functions[] = {
	{"times_ten", times_ten, NULL}, {"add", add, NULL},
	{"above-two", above, &two},	{"keyed", keyed, NULL},
	{"mute", say_nothing, NULL},	{0},
};

static const struct weir_names names = {.functions = functions};

/* --- texts --------------------------------------------------------------- */

static void a_text_uses_functions_of_the_program(void **state)
{
	expect(*state,
	       text_stream(*state,
			   "of(1, 2, 3) | filter(&above-two) | map(&times_ten)",
			   &names),
	       "0:30 0:|");
	expect(*state, text_stream(*state, "of(1, 2) | scan(&add, 0)", &names),
	       "0:1 0:3 0:|");
	expect(*state,
	       text_stream(*state, "of(1) | delay_with_mapper(&times_ten)",
			   &names),
	       "10:1 10:|");
	expect(*state,
	       text_stream(*state, "of(1) | group_by(.) { map(&keyed) }",
			   &names),
	       "10:[1,1] 10:|");
}

static void an_error_of_a_function_ends_the_stream(void **state)
{
	expect(*state,
	       text_stream(*state, "of(1, 'a') | map(&times_ten)", &names),
	       "0:10 0:#no number");
	expect(*state, text_stream(*state, "of(1) | map(&mute)", &names),
	       "0:#not found");
}

static void note_item_error(const struct weir_error *err,
			    struct weir_value item, void *arg)
{
	char json[32];

	weir_value_json(item, json, sizeof json);
	note(arg, "!", json);
}

static void item_errors_can_be_told_instead(void **state)
{
	struct heard h = {.loop = *state};

	weir_loop_on_item_error(*state, note_item_error, &h);
	expect(*state,
	       text_stream(*state, "of(1, 'a', 2) | map(&times_ten)", &names),
	       "0:10 0:20 0:|");
	assert_string_equal(h.text, "0:!\"a\"");
}

static void a_text_listens_to_streams_of_the_program(void **state)
{
	struct weir_stream *other =
		text_stream(*state, "timer(30ms) | map_to('x')", NULL);
	struct weir_named_stream streams[] = {{"other", other}, {0}};
	struct weir_names with = {.streams = streams};

	expect(*state,
	       weir_pipe(text_stream(*state, "interval(10ms)", NULL),
			 "merge(@other) | take(4)", &with, NULL),
	       "10:0 20:1 30:\"x\" 30:2 30:|");
	weir_stream_unref(other);
}

static void what_is_wrong_in_a_text_is_told(void **state)
{
	static const struct weir_named_stream streams[] = {{"none", NULL}, {0}};
	static const struct weir_names with = {functions, streams};
	static const struct {
		const char *text;
		uint32_t column;
		const char *message;
	} wrong[] = {
		{"mpa(.)", 1, "no operator 'mpa'; did you mean 'map'?"},
		{"map(&nobody)", 5, "there is no function &nobody"},
		{"merge(@nobody)", 7, "there is no stream @nobody"},
		{"merge(@none)", 7, "there is no stream @none"},
		{"of(1)", 1,
		 "of begins a stream, but this pipeline has an "
		 "input already"},
		{"run", 1, "run has no sources to run jobs at here"},
	};

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct weir_error err = {0};

		assert_null(weir_pipe(text_stream(*state, "never", NULL),
				      wrong[i].text, &with, &err));
		assert_string_equal(err.message, wrong[i].message);
		assert_int_equal(err.column, wrong[i].column);
	}
	assert_null(weir_from_text(*state, "map(.)", NULL, NULL));
}

static void a_call_that_failed_fails_all_behind_it(void **state)
{
	struct weir_error err = {0};
	struct weir_value last;
	struct heard h = {.loop = *state};
	struct weir_observer o = noting(&h);
	struct weir_stream *in[2] = {text_stream(*state, "of(1)", NULL),
				     weir_from_text(*state, "no", NULL, &err)};
	struct weir_stream *s =
		weir_pipe(weir_filter(weir_map(weir_merge(*state, in, 2),
					       times_ten, NULL),
				      above, &two),
			  "also wrong", NULL, &err);

	assert_null(s);
	assert_string_equal(err.message, "no operator 'no'");
	assert_int_equal(weir_await(s, &last, &err), WEIR_EINVAL);
	assert_string_equal(err.message, "no operator 'no'");
	assert_null(weir_scan(NULL, add, NULL, weir_text("seed")));
	weir_subscribe(s, &o, &h.sub);
	assert_null(h.sub);
	weir_loop_run(*state);
	assert_string_equal(h.text, "");
}

/* --- operators as functions ---------------------------------------------- */

static struct weir_stream *of_three(struct weir_loop *l)
{
	struct weir_value values[3] = {weir_int(1), weir_text("b"),
				       weir_int(3)};

	return weir_of(l, values, 3);
}

static struct weir_stream *twice(struct weir_value item, void *arg,
				 struct weir_error *err)
{
	struct weir_value both[2] = {weir_ref(item), weir_ref(item)};

	if (weir_value_is_text(item, "b")) {
		weir_unref(both[0]);
		weir_unref(both[1]);
		weir_error_set(err, WEIR_EITEM, "no b");
		return NULL;
	}
	return weir_pipe(weir_of(arg, both, 2), "delay(10ms)", NULL, err);
}

static void operators_take_functions_of_the_program(void **state)
{
	expect(*state, weir_filter(of_three(*state), above, &two), "0:3 0:|");
	expect(*state, weir_scan(of_three(*state), add, NULL, weir_int(5)),
	       "0:6 0:6 0:9 0:|");
	expect(*state, weir_map(of_three(*state), times_ten, NULL),
	       "0:10 0:#no number");
	expect(*state,
	       weir_flat_map(weir_filter(of_three(*state), above, &two), twice,
			     *state, 0),
	       "10:3 10:3 10:|");
	expect(*state, weir_flat_map(of_three(*state), twice, *state, 0),
	       "10:#no b");
}

static void operators_take_many_streams(void **state)
{
	struct weir_loop *l = *state;
	struct weir_stream *in[2] = {
		text_stream(l, "interval(10ms) | take(2)", NULL),
		text_stream(l, "timer(15ms) | map_to(7)", NULL)};

	for (int i = 0; i < 6; i++)
		weir_stream_ref(in[i % 2]);
	expect(l, weir_merge(l, in, 2), "10:0 15:7 20:1 20:|");
	expect(l, weir_concat(l, in, 2), "30:0 40:1 55:7 55:|");
	expect(l, weir_zip(l, in, 2), "70:[0,7] 70:|");
	expect(l, weir_combine_latest(l, in, 2), "85:[0,7] 90:[1,7] 90:|");
	expect(l, weir_merge(l, NULL, 0), "90:|");
}

/* --- subscriptions ------------------------------------------------------- */

static void cancel_itself(struct heard *h)
{
	weir_cancel(h->sub);
	h->sub = NULL;
}

static void a_subscription_can_be_cancelled_in_next(void **state)
{
	struct heard h = {.loop = *state, .in_next = cancel_itself};
	struct weir_observer o = noting(&h);

	weir_subscribe(of_three(*state), &o, &h.sub);
	weir_loop_run(*state);
	assert_string_equal(h.text, "0:1");
}

static void a_handle_outlives_the_end(void **state)
{
	struct heard h = {.loop = *state};
	struct weir_observer o = noting(&h);

	weir_subscribe(of_three(*state), &o, &h.sub);
	weir_loop_run(*state);
	assert_string_equal(h.text, "0:1 0:\"b\" 0:3 0:|");
	weir_cancel(h.sub);
	weir_cancel(NULL);
}

static void cancel_in_done(void *arg)
{
	cancel_itself(arg);
}

static void a_handle_can_be_let_go_of_in_done(void **state)
{
	struct heard h = {.loop = *state};
	struct weir_observer o = {.done = cancel_in_done, .arg = &h};

	weir_subscribe(of_three(*state), &o, &h.sub);
	assert_null(h.sub);
}

static void the_loop_cancels_what_is_left(void **state)
{
	struct weir_loop *l = weir_loop_create_virtual();
	struct heard h = {.loop = l};
	struct weir_observer o = noting(&h);

	weir_subscribe(text_stream(l, "interval(10ms)", NULL), &o, NULL);
	weir_subscribe(text_stream(l, "never", NULL), &o, NULL);
	weir_loop_advance(l, 25);
	weir_loop_destroy(l);
	assert_string_equal(h.text, "10:0 20:1");
	weir_loop_destroy(NULL);
}

static void stop_the_loop(struct heard *h)
{
	weir_loop_stop(h->loop);
}

static void a_loop_can_be_stopped_and_run_again(void **state)
{
	struct heard h = {.loop = *state, .in_next = stop_the_loop};
	struct weir_observer o = noting(&h);

	weir_subscribe(text_stream(*state, "interval(10ms) | take(2)", NULL),
		       &o, NULL);
	weir_loop_run(*state);
	assert_string_equal(h.text, "10:0");
	h.in_next = NULL;
	weir_loop_run(*state);
	assert_string_equal(h.text, "10:0 20:1 20:|");
}

/* --- await --------------------------------------------------------------- */

static void await_gives_the_last_item(void **state)
{
	struct weir_value v;
	struct weir_error err;

	assert_int_equal(weir_await(text_stream(*state, "of('a', 'b')", NULL),
				    &v, &err),
			 0);
	assert_true(weir_value_is_text(v, "b"));
	weir_unref(v);
	assert_int_equal(weir_await(text_stream(*state, "timer(1h)", NULL), &v,
				    NULL),
			 0);
	assert_int_equal(weir_loop_now_ms(*state), 3600000);
}

static void await_tells_the_other_ends(void **state)
{
	struct weir_value v;
	struct weir_error err;
	struct heard h = {.loop = *state, .in_next = stop_the_loop};
	struct weir_observer o = noting(&h);

	assert_int_equal(weir_await(text_stream(*state, "empty", NULL), &v,
				    &err),
			 WEIR_EOF);
	assert_true(weir_await(text_stream(*state, "from_marbles('a#', 10ms)",
					   NULL),
			       &v, &err) < 0);
	assert_string_equal(err.message, "error");
	assert_true(weir_value_is_null(v));
	assert_int_equal(weir_await(text_stream(*state, "never", NULL), &v,
				    &err),
			 WEIR_ECANCELED);
	weir_subscribe(text_stream(*state, "timer(10ms)", NULL), &o, NULL);
	assert_int_equal(weir_await(text_stream(*state, "timer(1h)", NULL), &v,
				    &err),
			 WEIR_ECANCELED);
	assert_string_equal(err.message, "the loop was stopped");
}

static void others_go_on_while_one_waits(void **state)
{
	struct weir_value v;
	struct heard h = {.loop = *state};
	struct weir_observer o = noting(&h);

	weir_subscribe(text_stream(*state, "interval(10ms)", NULL), &o, NULL);
	assert_int_equal(weir_await(text_stream(*state, "timer(25ms)", NULL),
				    &v, NULL),
			 0);
	assert_string_equal(h.text, "10:0 20:1");
}

/* --- subjects, timers, posts --------------------------------------------- */

static void a_subject_hands_on_to_who_listens(void **state)
{
	struct weir_subject *s = weir_subject_create(*state);
	struct heard h = {.loop = *state};
	struct weir_observer o = noting(&h);

	weir_subject_next(s, weir_text("nobody listens"));
	weir_subscribe(weir_pipe(weir_subject_stream(s), "debounce(20ms)", NULL,
				 NULL),
		       &o, NULL);
	weir_subject_next(s, weir_text("a"));
	weir_subject_next(s, weir_text("b"));
	weir_loop_advance(*state, 30);
	weir_subject_next(s, weir_text("c"));
	weir_subject_done(s);
	weir_subject_next(s, weir_text("after the end"));
	assert_string_equal(h.text, "20:\"b\" 30:\"c\" 30:|");
	weir_subject_destroy(s);
	weir_subject_destroy(NULL);
}

struct echo {
	struct heard heard;
	struct weir_subject *subject;
};

static void push_again(struct heard *h)
{
	struct echo *e = (struct echo *)h;

	h->in_next = NULL;
	weir_subject_next(e->subject, weir_text("within"));
}

static void an_observer_may_push_into_what_it_listens_to(void **state)
{
	struct echo e = {.heard = {.loop = *state, .in_next = push_again},
			 .subject = weir_subject_create(*state)};
	struct weir_observer o = noting(&e.heard);

	weir_subscribe(weir_pipe(weir_subject_stream(e.subject),
				 "map('[.]') | scan('$acc + .')", NULL, NULL),
		       &o, NULL);
	weir_subject_next(e.subject, weir_text("a"));
	weir_subject_next(e.subject, weir_text("b"));
	assert_string_equal(e.heard.text, "0:[\"a\"] 0:[\"a\",\"within\"] "
					  "0:[\"a\",\"within\",\"b\"]");
	weir_subject_destroy(e.subject);
}

static void keep(struct weir_value item, void *arg)
{
	*(struct weir_value *)arg = weir_ref(item);
}

static void a_kept_item_outlives_its_loop(void **state)
{
	struct weir_loop *l = weir_loop_create_virtual();
	struct weir_value kept = weir_null();
	struct weir_observer o = {.next = keep, .arg = &kept};

	weir_subscribe(text_stream(l, "just('kept')", NULL), &o, NULL);
	weir_loop_destroy(l);
	assert_true(weir_value_is_text(kept, "kept"));
	weir_unref(kept);
}

static void a_subject_ends_in_an_error(void **state)
{
	struct weir_subject *s = weir_subject_create(*state);
	struct heard h = {.loop = *state};
	struct weir_observer o = noting(&h);

	weir_subscribe(weir_subject_stream(s), &o, NULL);
	weir_subject_error(s, WEIR_EIO, "unplugged");
	assert_string_equal(h.text, "0:#unplugged");
	weir_subject_destroy(s);
}

static void note_timer(void *arg)
{
	note(arg, "t", "");
}

static void timers_ring_once(void **state)
{
	struct heard h = {.loop = *state};
	struct weir_timer *t = weir_timer_start(*state, 20, note_timer, &h);

	weir_timer_start(*state, 10, note_timer, &h);
	weir_timer_start(*state, 99, note_timer, &h); /* left to the loop */
	weir_timer_stop(t);
	weir_timer_stop(NULL);
	weir_loop_advance(*state, 50);
	assert_string_equal(h.text, "10:t");
}

struct poster {
	struct weir_loop *loop;
	struct weir_subject *subject;
};

static void push_end(void *arg)
{
	weir_subject_done(((struct poster *)arg)->subject);
}

static void push_one(void *arg)
{
	weir_subject_next(((struct poster *)arg)->subject, weir_int(1));
}

static void *post_two(void *arg)
{
	struct poster *p = arg;

	weir_loop_post(p->loop, push_one, p);
	weir_loop_post(p->loop, push_end, p);
	return NULL;
}

/* In real time: the loop waits until another thread has something. */
static void other_threads_post_to_the_loop(void **state)
{
	struct poster p = {.loop = weir_loop_create()};
	struct weir_value v;
	pthread_t thread;

	p.subject = weir_subject_create(p.loop);
	assert_int_equal(pthread_create(&thread, NULL, post_two, &p), 0);
	assert_int_equal(weir_await(weir_subject_stream(p.subject), &v, NULL),
			 0);
	assert_true(weir_value_equal(v, weir_int(1)));
	pthread_join(thread, NULL);
	weir_subject_destroy(p.subject);
	weir_loop_destroy(p.loop);
}

struct reader {
	struct weir_subject *subject;
	int fd;
};

static void on_readable(int events, void *arg)
{
	struct reader *r = arg;
	char text[8];
	ssize_t n = read(r->fd, text, sizeof text);

	if (n > 0)
		weir_subject_next(r->subject, weir_string(text, (size_t)n));
	else
		weir_subject_done(r->subject);
}

static void descriptors_are_watched(void **state)
{
	struct weir_loop *l = weir_loop_create();
	struct reader r = {.subject = weir_subject_create(l)};
	struct weir_watch *w;
	struct weir_value v;
	int ends[2];

	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	r.fd = ends[0];
	w = weir_watch_start(l, r.fd, WEIR_READABLE, on_readable, &r);
	assert_non_null(w);
	assert_int_equal(write(ends[1], "hello", 5), 5);
	close(ends[1]);
	assert_int_equal(weir_await(weir_subject_stream(r.subject), &v, NULL),
			 0);
	assert_true(weir_value_is_text(v, "hello"));
	weir_unref(v);
	weir_watch_stop(w);
	weir_watch_stop(NULL);
	assert_null(weir_watch_start(l, -1, WEIR_READABLE, on_readable, &r));
	weir_subject_destroy(r.subject);
	weir_loop_destroy(l);
	close(ends[0]);
}

static void a_watch_that_is_left_goes_with_the_loop(void **state)
{
	struct weir_loop *l = weir_loop_create();
	int ends[2];

	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	assert_non_null(
		weir_watch_start(l, ends[0], WEIR_READABLE, on_readable, NULL));
	weir_loop_destroy(l);
	close(ends[0]);
	close(ends[1]);
}

static void what_was_posted_runs_though_nothing_is_subscribed(void **state)
{
	struct weir_loop *loops[2] = {weir_loop_create(), *state};

	for (int i = 0; i < 2; i++) {
		struct heard h = {.loop = loops[i]};

		weir_loop_post(loops[i], note_timer, &h);
		weir_loop_run(loops[i]);
		assert_non_null(strstr(h.text, ":t"));
	}
	weir_loop_destroy(loops[0]);
}

static void a_real_loop_keeps_time_and_ends(void **state)
{
	struct weir_loop *l = weir_loop_create();
	struct heard h = {.loop = l};
	struct weir_observer o = noting(&h);
	int64_t began_ms = weir_loop_now_ms(l);

	weir_subscribe(text_stream(l, "timer(20ms)", NULL), &o, NULL);
	weir_loop_run(l);
	assert_true(weir_loop_now_ms(l) >= began_ms + 20);
	assert_non_null(strstr(h.text, ":|"));
	weir_loop_stop(l);
	weir_loop_run(l); /* returns at once */
	weir_loop_destroy(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		loop_test(a_text_uses_functions_of_the_program),
		loop_test(an_error_of_a_function_ends_the_stream),
		loop_test(item_errors_can_be_told_instead),
		loop_test(a_text_listens_to_streams_of_the_program),
		loop_test(what_is_wrong_in_a_text_is_told),
		loop_test(a_call_that_failed_fails_all_behind_it),
		loop_test(operators_take_functions_of_the_program),
		loop_test(operators_take_many_streams),
		loop_test(a_subscription_can_be_cancelled_in_next),
		loop_test(a_handle_outlives_the_end),
		loop_test(a_handle_can_be_let_go_of_in_done),
		loop_test(the_loop_cancels_what_is_left),
		loop_test(a_loop_can_be_stopped_and_run_again),
		loop_test(await_gives_the_last_item),
		loop_test(await_tells_the_other_ends),
		loop_test(others_go_on_while_one_waits),
		loop_test(a_subject_hands_on_to_who_listens),
		loop_test(an_observer_may_push_into_what_it_listens_to),
		loop_test(a_kept_item_outlives_its_loop),
		loop_test(a_subject_ends_in_an_error),
		loop_test(timers_ring_once),
		loop_test(other_threads_post_to_the_loop),
		loop_test(descriptors_are_watched),
		loop_test(a_watch_that_is_left_goes_with_the_loop),
		loop_test(what_was_posted_runs_though_nothing_is_subscribed),
		loop_test(a_real_loop_keeps_time_and_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
