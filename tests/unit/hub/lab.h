/* lab.h - a hub with a tiny host, and sinks that note what they are given.
 *
 *     job {"source":"x","n":3}          emits 0, 1, 2 and ends
 *         {"source":"x","hold":true}    then works on until it is cancelled
 *         {"source":"x","fail":true}    then ends in an error
 *
 *     note of a sink: "1 open, 2 part 0, 3 part 1, 4 done: done 2, end"
 */
#ifndef WEIR_TESTS_HUB_LAB_H
#define WEIR_TESTS_HUB_LAB_H

#include "hub/edge.h"
#include "hub/interest.h"
#include "hub/job.h"
#include "hub/stream.h"

#include "base/buf.h"
#include "base/mem.h"
#include "fiber/fiber.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

struct lab {
	struct loop *loop;
	struct fiber_pool *fibers;
	struct hub *hub;
	struct hub_edge *edge; /* the only one */
	struct loop_timer pause;
	bool drained;
};

struct lab_sink {
	struct hub_sink base;
	size_t unsent; /* what it says it has waiting */
	bool fills;    /* each event adds to unsent; else it takes everything */
	bool ended;
	uint32_t wakes;	    /* of lab_sink_init_gathering */
	uint64_t last_seq;  /* numbers rise, of those that have one */
	uint64_t parts;	    /* received */
	uint64_t told_lost; /* by `dropped` events */
	struct buf notes;
};

int lab_open(void **state);
int lab_close(void **state); /* shuts the hub down; it must drain */

#define LAB_TEST(name) \
	cmocka_unit_test_setup_teardown(name, lab_open, lab_close)

/* Runs the loop for that long. */
void lab_run(struct lab *lab, int64_t ms);
void lab_shutdown(struct lab *lab);

void lab_sink_init(struct lab_sink *k);
/* One that is woken, and is drained by the test. */
void lab_sink_init_gathering(struct lab_sink *k);
void lab_sink_fini(struct lab_sink *k);
/* Compares the notes and forgets them. */
void lab_expect(struct lab_sink *k, const char *notes);

/* A stream on k (NULL: detached) that ends with its jobs, or sees all. */
struct hub_stream *lab_stream(struct lab *lab, struct lab_sink *k, bool all);

/* s is interested, by that name (NULL: none), in what meets the condition;
 * empty: in all. */
void lab_interest(struct hub_stream *s, const char *name, const char *where);

/* The job that a JSON text is, submitted for s (may be NULL). */
int lab_submit(struct lab *lab, struct hub_stream *s, const char *json,
	       struct weir_error *err);
/* The same, which must go well. */
void lab_job(struct lab *lab, struct hub_stream *s, const char *json);

/* Pushes a part of no job: a string of that many bytes. */
void lab_push(struct lab *lab, size_t bytes);

/* What hub_job_write says of it, up to "begun". */
void lab_expect_job(struct lab *lab, const char *id, const char *want);

#endif
