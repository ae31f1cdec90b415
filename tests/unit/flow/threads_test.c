/* threads_test.c - pipelines, conditions and an index on several threads.
 *
 * Each thread reads the same texts, lets the same items through, and must get
 * the same out of it: keys of conditions, compiled programs and counters of
 * operators are kept by thread. What they would share by mistake is seen by
 * ThreadSanitizer: ./dev test tsan.
 */
#include "flow/flow.h"

#include "base/mem.h"
#include "base/util.h"
#include "cond/index/index.h"
#include "json/leaves.h"
#include "json/parse.h"
#include "json/write.h"
#include "rx/ops.h"

#include <assert.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

enum { THREADS = 4, ROUNDS = 4, END_MS = 100000 };

/* Natively and by libjq, with time, blocks, keys, state and jitter in it. */
static const char *const pipelines[] = {
	"range(20) | map('{n: ., name: \"n\\(. + 1)\"}') | where('n gt 2') "
	"| where('name matches \"n1.*\" or n in [3 5]') | map(.n)",
	"range(12) | group_by('. % 3') { scan('$acc + .') | take_last(1) }",
	"range(8) | flat_map { delay(20ms) | map('. * 2') } "
	"| buffer_with_count(4)",
	"throw('no') | retry(3, delay=10ms, jitter=0.5) | catch { of(7) }",
	"range(4) | map('[range(.)] | add // -1')",
};

/* --- one thread -------------------------------------------------------- */

struct place {
	pthread_t thread;
	struct rx_observer observer;
	struct buf heard; /* ours; all that came out, as text */
};

static void on_next(struct rx_observer *o, struct value v)
{
	struct place *p = CONTAINER_OF(o, struct place, observer);

	json_write(v, &p->heard);
	buf_append_char(&p->heard, ' ');
}

static void on_error(struct rx_observer *o, const struct weir_error *err)
{
	struct place *p = CONTAINER_OF(o, struct place, observer);

	buf_printf(&p->heard, "#%s\n", err->message);
}

static void on_done(struct rx_observer *o)
{
	struct place *p = CONTAINER_OF(o, struct place, observer);

	buf_append_cstr(&p->heard, "|\n");
}

static const struct rx_observer_ops ops = {on_next, on_error, on_done};

static void run_pipeline(struct place *p, const char *text)
{
	struct rx_ctx ctx = {.sched = rx_sched_create_virtual()};
	struct flow_env env = {.ctx = &ctx};
	struct weir_error err = {0};
	struct rx_source *src;
	struct rx_sub *sub;
	struct flow *f;

	if (flow_parse(str_of(text), &f, &err) < 0) {
		buf_printf(&p->heard, "%s: %s\n", text, err.message);
		rx_sched_destroy(ctx.sched);
		return;
	}

	int rc = flow_build(f, &env, NULL, &src, &err);

	assert(rc == 0);
	flow_unref(f);
	p->observer.ops = &ops;
	rx_subscribe(src, &p->observer, &sub);
	rx_source_unref(src);
	rx_sched_advance(ctx.sched, END_MS);
	rx_sub_cancel(sub);
	rx_sched_destroy(ctx.sched);
}

static void match_some(struct place *p)
{
	static const char *const texts[] = {
		"type eq order and total gt 100",
		"tags contains new",
		"name matches \"a[bc]+d\"",
		"[type eq order or type eq offer] and not closed eq true",
	};
	struct str event = STR("{\"type\":\"order\",\"total\":120,"
			       "\"tags\":[\"new\",\"x\"],\"name\":\"abcbd\"}");
	struct interest_index *ix = interest_index_create(NULL, 0);
	struct json_leaves leaves = {0};
	struct interest_event e = {.leaves = &leaves};
	uint64_t users = 0;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct cond *c;
		uint64_t id;
		int rc = cond_parse(str_of(texts[i]), &cond_rules_client, &c,
				    NULL);

		assert(rc == 0);
		rc = interest_index_insert(ix, c, INTEREST_NO_END, 1u << i, &id,
					   NULL, NULL);
		assert(rc == 0);
		cond_unref(c);
	}
	json_leaves_read(&leaves, event, NULL);
	interest_index_match(ix, &e, 1);
	for (size_t i = 0; i < e.n; i++)
		users |= e.matches[i].user;
	buf_printf(&p->heard, "met %x\n", (unsigned)users);
	json_leaves_fini(&leaves);
	interest_index_destroy(ix);
}

static void *place_run(void *arg)
{
	struct place *p = arg;

	for (int round = 0; round < ROUNDS; round++) {
		buf_clear(&p->heard);
		for (size_t i = 0; i < ARRAY_LEN(pipelines); i++)
			run_pipeline(p, pipelines[i]);
		match_some(p);
	}
	return NULL;
}

/* --- all of them ------------------------------------------------------- */

static void threads_that_do_the_same_get_the_same(void **state)
{
	struct place places[THREADS] = {0};

	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&places[i].thread, NULL,
						place_run, &places[i]),
				 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(places[i].thread, NULL);
	for (int i = 0; i < THREADS; i++)
		buf_append_char(&places[i].heard, '\0');
	assert_string_equal(buf_bytes(&places[0].heard),
			    "3 5 9 10 11 12 13 14 15 16 17 18 |\n"
			    "18 22 26 |\n"
			    "[0,2,4,6] [8,10,12,14] |\n"
			    "7 |\n"
			    "-1 0 1 3 |\n"
			    "met f\n");
	for (int i = 1; i < THREADS; i++)
		assert_string_equal(buf_bytes(&places[i].heard),
				    buf_bytes(&places[0].heard));
	for (int i = 0; i < THREADS; i++)
		buf_fini(&places[i].heard);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_that_do_the_same_get_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
