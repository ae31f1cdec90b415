/* edges_test.c - streams of another thread than the jobs': what crosses comes
 * whole, in order and once, and nobody runs ahead without bound.
 *
 * The test's own thread is the reactor. What the edge's thread finds is noted
 * and looked at afterwards.
 */
#include "lab.h"

#include "base/clock.h"
#include "hub/lane.h"
#include "hub/submit.h"
#include "json/parse.h"

#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

enum { PARTS = 3000, CALLS = 50, CALLERS = 4 };

struct other {
	struct lab *lab;
	struct loop *loop;
	struct hub_edge *edge;
	pthread_t thread;
	sem_t done; /* what was asked of it last */
};

/* --- the other thread ---------------------------------------------------- */

static void *run(void *arg)
{
	struct other *o = arg;
	struct fiber_pool *fibers = fiber_pool_create(o->loop);

	o->edge = hub_edge_create(o->lab->hub, o->loop, 1,
				  hub_limits(o->lab->hub));
	sem_post(&o->done);
	loop_run(o->loop);
	hub_edge_destroy(o->edge);
	fiber_pool_destroy(fibers);
	return NULL;
}

static int open_other(void **state)
{
	struct other *o = mem_zalloc(sizeof *o);
	void *lab;
	int rc = lab_open(&lab);

	o->lab = lab;
	o->loop = loop_create();
	sem_init(&o->done, 0, 0);
	pthread_create(&o->thread, NULL, run, o);
	sem_wait(&o->done);
	hub_edge_join(o->lab->hub, o->edge);
	*state = o;
	return rc;
}

static int close_other(void **state)
{
	struct other *o = *state;
	void *lab = o->lab;

	lab_shutdown(lab);
	loop_stop(o->loop);
	pthread_join(o->thread, NULL);
	loop_destroy(o->loop);
	sem_destroy(&o->done);
	mem_free(o);
	return lab_close(&lab);
}

struct task {
	struct other *o;
	void (*fn)(struct other *o, void *arg);
	void *arg;
};

static void on_task(void *arg)
{
	struct task *t = arg;

	t->fn(t->o, t->arg);
	sem_post(&t->o->done);
}

/* Has it done on the other thread, behind all that was posted there. */
static void there(struct other *o, void (*fn)(struct other *o, void *arg),
		  void *arg)
{
	struct task t = {o, fn, arg};

	loop_post(o->loop, on_task, &t);
	sem_wait(&o->done);
}

static void nothing(struct other *o, void *arg)
{
}

/* Lets both sides take what the other has posted. */
static void settle(struct other *o)
{
	for (int i = 0; i < 20; i++) {
		there(o, nothing, NULL);
		lab_run(o->lab, 1);
	}
}

/* --- parts ---------------------------------------------------------------- */

/* Counts, and takes its time. */
struct counter {
	struct hub_sink base;
	struct hub_stream *stream;
	uint64_t parts;
	uint64_t wrong; /* numbers that are not the next one */
	unsigned us;	/* for each */
};

static void on_event(struct hub_sink *base, const struct hub_event *e,
		     const struct hub_stamp *at)
{
	struct counter *k = CONTAINER_OF(base, struct counter, base);
	uint64_t n;

	if (e->type != HUB_PART)
		return;
	if (str_to_u64(str_from(e->body + e->data_off, e->data_len), &n) < 0 ||
	    n != k->parts)
		k->wrong++;
	k->parts++;
	if (k->us)
		usleep(k->us);
}

static size_t on_unsent(const struct hub_sink *base)
{
	return 0;
}

static void on_end(struct hub_sink *base)
{
	CONTAINER_OF(base, struct counter, base)->stream = NULL;
}

static const struct hub_sink_ops counter_ops = {
	.event = on_event,
	.unsent = on_unsent,
	.end = on_end,
};

static void open_counter(struct other *o, void *arg)
{
	struct counter *k = arg;

	k->base.ops = &counter_ops;
	k->stream =
		hub_stream_open(o->edge,
				&(struct hub_stream_opts){.sink = &k->base});
	lab_interest(k->stream, NULL, "");
}

/* The sink goes with the test. */
static void end_stream(struct other *o, void *arg)
{
	hub_stream_delete(arg, "test", 0);
}

struct pusher {
	struct other *o;
	uint64_t most; /* that were in the mailbox */
	bool done;
};

static int push_all(void *arg)
{
	struct pusher *p = arg;
	struct hub *hub = p->o->lab->hub;
	const struct hub_edge *e = p->o->edge;

	for (int64_t i = 0; i < PARTS; i++) {
		struct value part =
			hub_part(hub, STR(""), STR("x"), value_int(i));

		hub_push(hub, part);
		value_unref(part);
		p->most = MAX(p->most, e->posted - atomic_load(&e->taken));
		assert_int_equal(hub_wait_room(hub), 0);
	}
	p->done = true;
	return 0;
}

static void parts_come_in_order_and_no_faster_than_they_are_taken(void **state)
{
	struct other *o = *state;
	struct counter k = {.us = 20};
	struct pusher p = {.o = o};
	struct hub_stream *s;

	there(o, open_counter, &k);
	s = k.stream;
	fiber_detach(fiber_spawn(fiber_pool_here(), "pusher", push_all, &p));
	for (int i = 0; i < 2000 && !p.done; i++)
		lab_run(o->lab, 5);
	assert_true(p.done);
	settle(o);
	there(o, end_stream, s);
	assert_int_equal(k.parts, PARTS);
	assert_int_equal(k.wrong, 0);
	/* At 20 us or more, what five milliseconds hold; before the pace is
	 * known, what a mailbox holds at most. */
	assert_in_range(p.most, 2, 520);
	assert_int_equal(atomic_load(&o->edge->events), PARTS);
}

/* --- jobs ------------------------------------------------------------------
 */

struct client {
	struct lab_sink k;
	struct hub_stream *s;
	const char *job;
	bool ends; /* with its jobs */
};

static void open_client(struct other *o, void *arg)
{
	struct client *c = arg;

	c->s = hub_stream_open(
		o->edge, &(struct hub_stream_opts){.sink = &c->k.base,
						   .ends_with_jobs = c->ends});
}

static void submit(struct other *o, void *arg)
{
	struct client *c = arg;
	struct value spec;

	if (json_parse(str_of(c->job), &spec, NULL) < 0)
		return;
	hub_stream_submit(c->s, spec, 0, false, NULL);
	value_unref(spec);
}

static void seal(struct other *o, void *arg)
{
	hub_stream_seal(((struct client *)arg)->s);
}

static void a_job_is_done_for_a_stream_of_another_thread(void **state)
{
	struct other *o = *state;
	struct client c = {.ends = true,
			   .job = "{\"id\":\"a\",\"source\":\"x\",\"n\":3}"};

	lab_sink_init(&c.k);
	there(o, open_client, &c);
	there(o, submit, &c);
	there(o, seal, &c);
	settle(o);
	lab_expect(&c.k, "1 open, 2 part 0, 3 part 1, 4 part 2, "
			 "5 done: done 3, end");
	lab_sink_fini(&c.k);
}

static void a_job_that_cannot_be_taken_is_over(void **state)
{
	struct other *o = *state;
	struct client c = {
		.ends = true,
		.job = "{\"id\":\"a\",\"source\":\"x\",\"hold\":true}"};

	lab_sink_init(&c.k);
	there(o, open_client, &c);
	there(o, submit, &c);
	there(o, submit, &c);
	there(o, seal, &c);
	settle(o);
	lab_expect(&c.k, "1 open, 2 error 409");
	hub_job_cancel(hub_find_job(o->lab->hub, STR("a")));
	settle(o);
	lab_expect(&c.k, "3 done: cancelled 0, end");
	lab_sink_fini(&c.k);
}

static void drain(struct other *o, void *arg)
{
	struct client *c = arg;

	while (hub_stream_backlog(c->s)) {
		c->k.unsent = 0;
		hub_stream_drain(c->s);
	}
}

static int wait_room(void *arg)
{
	return hub_job_wait_room(arg);
}

static void a_source_waits_for_a_client_of_another_thread(void **state)
{
	struct other *o = *state;
	struct client c = {.job = "{\"id\":\"a\",\"source\":\"x\","
				  "\"n\":6000,\"hold\":true}"};
	struct fiber *f;
	struct hub_job *j;
	int rc = -1;

	lab_sink_init(&c.k);
	c.k.fills = true; /* it takes nothing */
	there(o, open_client, &c);
	there(o, submit, &c);
	settle(o);
	j = hub_find_job(o->lab->hub, STR("a"));
	assert_false(hub_job_has_room(j));
	f = fiber_spawn(fiber_pool_here(), "source", wait_room, j);
	settle(o);
	assert_int_equal(fiber_stats(fiber_pool_here()).live, 1);
	there(o, drain, &c);
	settle(o);
	assert_int_equal(fiber_join(f, &rc, CLOCK_NEVER), 0);
	assert_int_equal(rc, 0);
	assert_true(hub_job_has_room(j));
	there(o, end_stream, c.s);
	assert_int_equal(c.k.last_seq, 6002); /* with `bye` */
	lab_sink_fini(&c.k);
}

/* --- calls ------------------------------------------------------------------
 */

struct caller {
	struct other *o;
	struct fiber *fiber;
	uint64_t calls; /* counted by the reactor */
	bool cancelled; /* seen when it was over */
	bool done;
};

static void count(struct hub *hub, void *arg)
{
	((struct caller *)arg)->calls++;
}

static int call_often(void *arg)
{
	struct caller *c = arg;

	for (int i = 0; i < CALLS; i++)
		hub_call(c->o->edge, count, c);
	c->cancelled = fiber_cancelled();
	c->done = true;
	return 0;
}

static void call_from_fibers(struct other *o, void *arg)
{
	struct caller *c = arg;

	for (int i = 0; i < CALLERS; i++) {
		c[i].o = o;
		c[i].fiber = fiber_spawn(fiber_pool_here(), "caller",
					 call_often, &c[i]);
		fiber_detach(c[i].fiber);
	}
	fiber_cancel(c[0].fiber);
}

static void a_call_comes_back_also_to_who_was_cancelled(void **state)
{
	struct other *o = *state;
	struct caller c[CALLERS] = {0};

	there(o, call_from_fibers, c);
	for (int i = 0; i < 50; i++)
		settle(o);
	for (int i = 0; i < CALLERS; i++) {
		assert_true(c[i].done);
		assert_int_equal(c[i].calls, CALLS);
		assert_int_equal(c[i].cancelled, i == 0);
	}
}

#define OTHER_TEST(name) \
	cmocka_unit_test_setup_teardown(name, open_other, close_other)

int main(void)
{
	const struct CMUnitTest tests[] = {
		OTHER_TEST(
			parts_come_in_order_and_no_faster_than_they_are_taken),
		OTHER_TEST(a_job_is_done_for_a_stream_of_another_thread),
		OTHER_TEST(a_job_that_cannot_be_taken_is_over),
		OTHER_TEST(a_source_waits_for_a_client_of_another_thread),
		OTHER_TEST(a_call_comes_back_also_to_who_was_cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
