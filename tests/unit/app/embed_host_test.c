/* embed_host_test.c - what only functions can say, in virtual time. */
#include "embed_lab.h"

/* --- producers ----------------------------------------------------------- */

/* Counts up every 10 ms. */
struct counter {
	struct weir_loop *loop;
	struct weir_emitter *out;
	struct weir_timer *timer;
	int64_t next;
	int stopped;
};

static void count_on(void *arg)
{
	struct counter *c = arg;

	/* First: the item may end the run, which stops the timer. */
	c->timer = weir_timer_start(c->loop, 10, count_on, c);
	weir_emitter_next(c->out, weir_int(c->next++));
}

static void *start_counter(struct weir_emitter *out, void *arg)
{
	struct counter *c = arg;

	c->out = out;
	c->timer = weir_timer_start(c->loop, 10, count_on, c);
	return c;
}

static void stop_counter(void *run, void *arg)
{
	struct counter *c = run;

	assert_ptr_equal(run, arg);
	weir_timer_stop(c->timer);
	c->stopped++;
}

static void a_producer_emits_until_it_is_stopped(void **state)
{
	struct counter c = {.loop = *state};
	struct weir_producer p = {.start = start_counter,
				  .stop = stop_counter,
				  .arg = &c};

	expect(*state,
	       weir_pipe(weir_create(*state, &p), "take(2)", NULL, NULL),
	       "10:0 20:1 20:|");
	assert_int_equal(c.stopped, 1);
}

static void hold_counter(void *run, bool hold, void *arg)
{
	struct counter *c = run;

	weir_timer_stop(c->timer);
	c->timer = hold ? NULL : weir_timer_start(c->loop, 10, count_on, c);
}

/* Nothing is lost, since it waits. */
static void a_producer_waits_for_who_is_busy(void **state)
{
	struct counter c = {.loop = *state};
	struct weir_producer p = {.start = start_counter,
				  .stop = stop_counter,
				  .hold = hold_counter,
				  .arg = &c};

	expect(*state,
	       weir_pipe(weir_create(*state, &p),
			 "concat_map(max_buffer=1) { delay(50ms) } | take(3)",
			 NULL, NULL),
	       "60:0 120:1 180:2 180:|");
	assert_int_equal(c.stopped, 1);
}

static void *start_failing(struct weir_emitter *out, void *arg)
{
	weir_emitter_next(out, weir_text("last words"));
	if (arg)
		weir_emitter_error(out, WEIR_EIO, "unplugged");
	else
		weir_emitter_done(out);
	return NULL;
}

static void a_producer_may_end_while_it_starts(void **state)
{
	struct weir_producer p = {.start = start_failing};

	expect(*state, weir_create(*state, &p), "0:\"last words\" 0:|");
	p.arg = *state;
	expect(*state, weir_create(*state, &p),
	       "0:\"last words\" 0:#unplugged");
}

/* --- made when they are asked for ----------------------------------------- */

static int calls; /* of the functions below */

static int answer(struct weir_value item, const struct weir_vars *vars,
		  void *arg, struct weir_value *out, struct weir_error *err)
{
	assert_true(weir_value_is_null(item));
	*out = weir_int(++calls);
	return 0;
}

static void start_asks_at_each_subscription(void **state)
{
	struct weir_stream *s = weir_start(*state, answer, NULL);

	calls = 0;
	expect(*state, weir_stream_ref(s), "0:1 0:|");
	expect(*state, s, "0:2 0:|");
}

static struct weir_stream *make_timer(void *arg, struct weir_error *err)
{
	if (++calls == 2)
		return NULL;
	if (calls == 3) {
		weir_error_set(err, WEIR_EBUSY, "not now");
		return NULL;
	}
	return weir_from_text(arg, "timer(10ms)", NULL, err);
}

static void defer_asks_at_each_subscription(void **state)
{
	struct weir_stream *s = weir_defer(*state, make_timer, *state);

	calls = 0;
	expect(*state, weir_stream_ref(s), "10:0 10:|");
	expect(*state, weir_stream_ref(s), "10:#item error");
	expect(*state, s, "10:#not now");
}

struct door {
	struct weir_loop *loop;
	int open;
	int refuses;
	int useless;
};

static int open_door(void *arg, void **resource, struct weir_error *err)
{
	struct door *d = arg;

	if (d->refuses)
		return WEIR_EDENIED;
	d->open++;
	*resource = d;
	return 0;
}

static struct weir_stream *use_door(void *resource, void *arg,
				    struct weir_error *err)
{
	struct door *d = resource;

	assert_int_equal(d->open, 1);
	return d->useless ? NULL
			  : weir_from_text(d->loop, "timer(10ms)", NULL, err);
}

static void close_door(void *resource, void *arg)
{
	((struct door *)resource)->open--;
}

static void a_resource_lives_as_long_as_the_subscription(void **state)
{
	struct door d = {.loop = *state};
	struct weir_resource r = {open_door, use_door, close_door, &d};
	struct weir_stream *s = weir_using(*state, &r);
	struct heard h = {.loop = *state};
	struct weir_observer o = noting(&h);

	expect(*state, weir_stream_ref(s), "10:0 10:|");
	assert_int_equal(d.open, 0);
	weir_subscribe(weir_stream_ref(s), &o, &h.sub);
	assert_int_equal(d.open, 1);
	weir_cancel(h.sub);
	assert_int_equal(d.open, 0);
	d.useless = 1;
	expect(*state, weir_stream_ref(s), "10:#item error");
	assert_int_equal(d.open, 0);
	d.refuses = 1;
	expect(*state, s, "10:#permission denied");
}

/* --- steered -------------------------------------------------------------- */

static bool counts_down(void *arg)
{
	return (*(int *)arg)-- > 0;
}

static uint32_t choose(void *arg)
{
	return *(uint32_t *)arg;
}

static struct weir_stream *text(struct weir_loop *l, const char *words)
{
	return text_stream(l, words, NULL);
}

static void the_program_decides_at_the_subscription(void **state)
{
	struct weir_loop *l = *state;
	struct weir_stream *in[2] = {text(l, "of('a')"), text(l, "of('b')")};
	struct weir_stream *s;
	uint32_t which = 1;
	int left = 1;

	s = weir_if_then(l, counts_down, &left, text(l, "of('then')"), NULL);
	expect(l, weir_stream_ref(s), "0:\"then\" 0:|");
	expect(l, s, "0:|");
	s = weir_case(l, choose, &which, in, 2, text(l, "of('other')"));
	expect(l, weir_stream_ref(s), "0:\"b\" 0:|");
	which = 2;
	expect(l, s, "0:\"other\" 0:|");
	assert_null(
		weir_if_then(l, counts_down, &left, NULL, text(l, "never")));
}

static void the_program_decides_before_each_run(void **state)
{
	struct weir_loop *l = *state;
	int left = 2;

	expect(l, weir_while_do(text(l, "of(1)"), counts_down, &left),
	       "0:1 0:1 0:|");
	left = 0;
	expect(l, weir_while_do(text(l, "of(1)"), counts_down, &left), "0:|");
	left = 1;
	expect(l, weir_do_while(text(l, "of(1)"), counts_down, &left),
	       "0:1 0:1 0:|");
	assert_null(weir_while_do(NULL, counts_down, &left));
	assert_null(weir_do_while(NULL, counts_down, &left));
}

static int is_text(struct weir_value item, const struct weir_vars *vars,
		   void *arg, struct weir_value *out, struct weir_error *err)
{
	*out = weir_bool(weir_value_type(item) == WEIR_STRING);
	return 0;
}

static void partition_gives_both_halves(void **state)
{
	struct weir_stream *halves[2];

	weir_partition(text(*state, "of(1, 'a') | delay(10ms)"), is_text, NULL,
		       halves);
	expect(*state, weir_merge(*state, halves, 2), "10:1 10:\"a\" 10:|");
	weir_partition(NULL, is_text, NULL, halves);
	assert_null(halves[0]);
	assert_null(halves[1]);
}

/* --- watched -------------------------------------------------------------- */

static void count_call(void *arg)
{
	++*(int *)arg;
}

static void do_tells_another_observer_first(void **state)
{
	struct heard h = {.loop = *state};
	struct weir_observer o = noting(&h);
	struct weir_observer nobody = {NULL, NULL, NULL, NULL};

	expect(*state, weir_do(text(*state, "of(1, 2) | take(1)"), &o),
	       "0:1 0:|");
	assert_string_equal(h.text, "0:1 0:|");
	expect(*state, weir_do(text(*state, "throw('no')"), &nobody), "0:#no");
	assert_null(weir_do(NULL, &o));
}

static void finally_is_called_once(void **state)
{
	struct heard h = {.loop = *state};
	struct weir_observer o = noting(&h);
	int over = 0;

	expect(*state, weir_finally(text(*state, "of(1)"), count_call, &over),
	       "0:1 0:|");
	assert_int_equal(over, 1);
	weir_subscribe(weir_finally(text(*state, "never"), count_call, &over),
		       &o, &h.sub);
	weir_cancel(h.sub);
	assert_int_equal(over, 2);
	assert_null(weir_finally(NULL, count_call, &over));
}

static void a_published_stream_runs_while_it_is_connected(void **state)
{
	struct weir_connectable *c =
		weir_publish(text(*state, "interval(10ms)"));
	struct heard h = {.loop = *state};
	struct weir_observer o = noting(&h);

	weir_subscribe(weir_connectable_stream(c), &o, NULL);
	weir_loop_advance(*state, 15);
	weir_connect(c);
	weir_connect(c);
	weir_loop_advance(*state, 20);
	weir_disconnect(c);
	weir_loop_advance(*state, 50);
	assert_string_equal(h.text, "25:0 35:1");
	weir_connect(c);
	weir_loop_advance(*state, 10);
	assert_string_equal(h.text, "25:0 35:1 95:0");
	weir_connectable_destroy(c);
	weir_connectable_destroy(NULL);
	assert_null(weir_publish(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		loop_test(a_producer_emits_until_it_is_stopped),
		loop_test(a_producer_waits_for_who_is_busy),
		loop_test(a_producer_may_end_while_it_starts),
		loop_test(start_asks_at_each_subscription),
		loop_test(defer_asks_at_each_subscription),
		loop_test(a_resource_lives_as_long_as_the_subscription),
		loop_test(the_program_decides_at_the_subscription),
		loop_test(the_program_decides_before_each_run),
		loop_test(partition_gives_both_halves),
		loop_test(do_tells_another_observer_first),
		loop_test(finally_is_called_once),
		loop_test(a_published_stream_runs_while_it_is_connected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
