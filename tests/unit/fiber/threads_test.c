/* threads_test.c - several threads, each with a loop and fibers of its own.
 *
 *     thread 0 --post--> thread 1 --post--> thread 2 --post--> thread 3
 *        ^                                                         |
 *        '-------------------------- post --------------------------'
 *
 * Letters go round this ring. On each thread the loop hands them to a channel,
 * and fibers take them out, read and rewrite their text, block now and then,
 * and post them on. Between threads goes text in memory of mem_alloc; values
 * and slab objects never leave the thread that made them.
 *
 * Whether that shares anything it should not is for ThreadSanitizer to see:
 * ./dev test tsan.
 */
#include "tests/support/fiber_run.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/util.h"
#include "json/parse.h"
#include "json/write.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
	THREADS = 4,
	READERS = 8,		/* fibers of each thread */
	LETTERS = 64,		/* begun by each thread */
	HOPS = 3 * THREADS + 1, /* the last is at home again */
	SPAWNED = 500, /* fibers of each thread that come and go beside them */
	AT_ONCE = 10,
	LIMIT_MS = 60000,
};

struct ring;

struct place {
	struct ring *ring;
	int nr;
	pthread_t thread;
	struct loop *loop;
	struct fiber_chan *letters;
	struct fiber_cond over;
	bool is_over;
	int home; /* letters of this place that have come back */
	uint32_t numbers[SPAWNED];
	uint32_t n_numbers;
};

struct ring {
	struct place places[THREADS];
	pthread_barrier_t barrier;
	int complete; /* places whose letters are all home; for place 0 only */
};

struct letter {
	struct place *at; /* where it is posted to */
	int from;
	struct buf text; /* {"hops":n,"path":[...]} */
};

static void on_letter(void *arg)
{
	struct letter *l = arg;

	int rc = fiber_chan_try_send(l->at->letters, l);

	assert(rc == 0);
}

static void post(struct letter *l, struct place *to)
{
	l->at = to;
	loop_post(to->loop, on_letter, l);
}

static void post_new(struct place *from)
{
	struct letter *l = mem_zalloc(sizeof *l);

	l->from = from->nr;
	buf_append_cstr(&l->text, "{\"hops\":0,\"path\":[]}");
	post(l, from);
}

/* Counts the hop and appends the place to the path. Returns the hops. */
static int64_t stamp(struct letter *l, int nr)
{
	struct value old, path, counted, next, nodes[HOPS];
	int64_t hops;
	uint32_t n;
	int rc;

	rc = json_parse(buf_str(&l->text), &old, NULL);
	assert(rc == 0);
	hops = value_get(old, STR("hops")).i + 1;
	path = value_get(old, STR("path"));
	n = value_len(path);
	assert(n + 1 == hops);
	assert(hops >= 1 && hops <= HOPS);
	for (uint32_t i = 0; i < n; i++)
		nodes[i] = value_ref(value_nodes(path)[i]);
	nodes[n] = value_int(nr);
	counted = value_with(old, STR("hops"), value_int(hops));
	next = value_with(counted, STR("path"), value_array(nodes, n + 1));
	buf_clear(&l->text);
	json_write(next, &l->text);
	value_unref(next);
	value_unref(counted);
	value_unref(old);
	return hops;
}

static void on_over(void *arg)
{
	struct place *p = arg;

	p->is_over = true;
	fiber_cond_wake_all(&p->over);
}

static void on_complete(void *arg)
{
	struct ring *r = arg;

	if (++r->complete < THREADS)
		return;
	for (int i = 0; i < THREADS; i++)
		loop_post(r->places[i].loop, on_over, &r->places[i]);
}

static void come_home(struct place *p, struct letter *l)
{
	assert(l->from == p->nr);
	buf_fini(&l->text);
	mem_free(l);
	if (++p->home == LETTERS)
		loop_post(p->ring->places[0].loop, on_complete, p->ring);
}

static int reader(void *arg)
{
	struct place *p = arg;
	uint32_t who = trace_who;
	void *got;

	while (fiber_chan_recv(p->letters, &got, CLOCK_NEVER) == 0) {
		struct letter *l = got;
		unsigned char *scratch = slab_alloc(200);
		int64_t hops = stamp(l, p->nr);

		memset(scratch, p->nr, 200);
		if (hops % 3 == 0)
			fiber_sleep(1);
		else
			fiber_yield();
		assert(trace_who == who);
		assert(fiber_loop() == p->loop);
		assert(scratch[199] == p->nr);
		slab_free(scratch, 200);
		if (hops == HOPS)
			come_home(p, l);
		else
			post(l, &p->ring->places[(p->nr + 1) % THREADS]);
	}
	return 0;
}

static int note_number(void *arg)
{
	struct place *p = arg;

	fiber_yield();
	p->numbers[p->n_numbers++] = fiber_number(fiber_self());
	return 0;
}

static int spawner(void *arg)
{
	struct fiber *some[AT_ONCE];

	for (int i = 0; i < SPAWNED / AT_ONCE; i++) {
		for (int j = 0; j < AT_ONCE; j++)
			some[j] = fiber_spawn(fiber_pool_here(), "short",
					      note_number, arg);
		for (int j = 0; j < AT_ONCE; j++)
			fiber_join(some[j], NULL, CLOCK_NEVER);
	}
	return 0;
}

static void place_main(void *arg)
{
	struct place *p = arg;
	struct fiber *fibers[READERS + 1];
	int64_t limit_ms;

	p->loop = fiber_loop();
	p->letters = fiber_chan_create(THREADS * LETTERS);
	pthread_barrier_wait(&p->ring->barrier); /* all can be posted to */

	trace_who = (uint32_t)p->nr + 1;
	fibers[0] = fiber_spawn(fiber_pool_here(), "spawner", spawner, p);
	for (int i = 1; i <= READERS; i++)
		fibers[i] = fiber_spawn(fiber_pool_here(), "reader", reader, p);
	for (int i = 0; i < LETTERS; i++)
		post_new(p);
	limit_ms = loop_now_ms(p->loop) + LIMIT_MS;
	while (!p->is_over) {
		int rc = fiber_cond_wait(&p->over, limit_ms);

		assert(rc == 0);
	}
	fiber_chan_close(p->letters);
	for (int i = 0; i <= READERS; i++)
		fiber_join(fibers[i], NULL, CLOCK_NEVER);
	fiber_chan_destroy(p->letters);
	pthread_barrier_wait(&p->ring->barrier); /* nobody posts any more */
}

static void *place_run(void *arg)
{
	/* Checks of cmocka are for its own thread; here they are asserts. */
	fiber_run(place_main, arg);
	return NULL;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a;
	uint32_t y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void letters_go_round_a_ring_of_threads(void **state)
{
	struct ring ring = {0};
	uint32_t numbers[THREADS * SPAWNED];

	pthread_barrier_init(&ring.barrier, NULL, THREADS);
	for (int i = 0; i < THREADS; i++) {
		struct place *p = &ring.places[i];

		p->ring = &ring;
		p->nr = i;
		assert_int_equal(pthread_create(&p->thread, NULL, place_run, p),
				 0);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(ring.places[i].thread, NULL);
	pthread_barrier_destroy(&ring.barrier);

	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(ring.places[i].home, LETTERS);
		assert_int_equal(ring.places[i].n_numbers, SPAWNED);
		memcpy(numbers + i * SPAWNED, ring.places[i].numbers,
		       sizeof ring.places[i].numbers);
	}
	/* A number in the trace is one fiber of the process. */
	qsort(numbers, ARRAY_LEN(numbers), sizeof *numbers, by_number);
	for (size_t i = 1; i < ARRAY_LEN(numbers); i++)
		assert_true(numbers[i - 1] < numbers[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(letters_go_round_a_ring_of_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
