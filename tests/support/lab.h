/* lab.h - the marble laboratory: operators under test, on virtual time.
 *
 *     struct rx_source *in = lab_hot(lab, "-ab--c---|");
 *     lab_expect(lab, rx_debounce(in, 20), "----b--c-|");
 *
 * One character is 10 ms. Spaces are only for the eye.
 *
 *     -        nothing happens
 *     a 7      an item: a letter is a string, a digit a number
 *     [a7]     an item that is an array; its width counts as time
 *     (ab|)    all at the time of the parenthesis; its width counts as time
 *     | #      the end; the error `error`
 *     ^        in lab_hot: the moment of subscription (else the first column)
 *     {"a":1}  an item, after lab_json, where it is one frame wide
 *
 * A diagram with an end is watched for a second longer, one without exactly as
 * long as it is. After each expectation the lab cancels, and fails the test
 * when a subscription, a timer or a cause is left, or when something is heard
 * after the end or the cancel.
 */
#ifndef WEIR_TESTS_LAB_H
#define WEIR_TESTS_LAB_H

#include "rx/ops.h"
#include "rx/subject.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

struct lab;

int lab_setup(void **state); /* *state becomes a struct lab */
int lab_teardown(void **state);
struct rx_ctx *lab_ctx(struct lab *lab);
int64_t lab_now_ms(const struct lab *lab);

/* Items happen whether or not somebody listens. Each is pushed under a cause of
 * its own. */
struct rx_source *lab_hot(struct lab *lab, const char *diagram);
/* Each subscription gets its own run. */
struct rx_source *lab_cold(struct lab *lab, const char *diagram);
/* From now on diagrams are read as those of an operator's example: what stands
 * in brackets or braces is JSON, one item and one frame wide. */
void lab_json(struct lab *lab);
/* How often the cold inputs were subscribed in all. */
uint32_t lab_cold_runs(const struct lab *lab);

/* Takes src, subscribes it and compares. */
void lab_expect(struct lab *lab, struct rx_source *src, const char *diagram);
/* The same in words, until until_ms: "20:a 30:[a,7] 45:#message 50:|". */
void lab_expect_events(struct lab *lab, struct rx_source *src,
		       const char *events, int64_t until_ms);

/* What lab_run heard before it cancelled. */
struct lab_outcome {
	bool arrived; /* false: it never gets past some moment */
	char end;     /* '|' or '#'; 0: it had not ended */
	uint32_t items;
	uint32_t item_errors; /* told, see lab_skip_errors */
	uint64_t sum;	 /* of the items' hashes: in any order it is the same */
	int64_t next_ms; /* when something more would have happened */
};

/* Only that it is silent after its end, and leaves nothing. Takes src. One that
 * never gets past some moment is cancelled there. */
struct lab_outcome lab_run(struct lab *lab, struct rx_source *src,
			   int64_t until_ms);

/* Passes src (taken) on. The test fails when something of it comes after its
 * error, its end or its cancel. */
struct rx_source *lab_probe(struct rx_source *src);

/* --- how the observer of lab_expect behaves; call before -------------- */
void lab_cancel_after(struct lab *lab, uint32_t items); /* inside next */
/* Called inside each next, after the item was noted. */
void lab_on_next(struct lab *lab, void (*fn)(struct lab *lab, struct value v));
/* Pushes into the first lab_hot input, from inside such a next. */
void lab_push(struct lab *lab, struct value v);
/* Holds what is under test, from inside such a next; see rx_sub_hold. */
void lab_hold(struct lab *lab, bool hold);
/* The same inside the next of that item (the first is 1); lets go ms later. */
void lab_hold_at(struct lab *lab, uint32_t item, int64_t ms);
/* Notes the causes of each item: "20:a<a>", "30:[a,7]<a,7>". */
void lab_show_causes(struct lab *lab);
/* Item errors are told ("20:!message") and the stream goes on. */
void lab_skip_errors(struct lab *lab);

/* --- value functions and blocks --------------------------------------- */
typedef int (*lab_call)(struct value v, const struct rx_vars *vars,
			struct value *out, struct weir_error *err);
struct rx_fn *lab_fn(lab_call call);
/* Some that many tests need. */
struct rx_fn *lab_times_ten(void); /* of a number; else the error `bad` */
struct rx_fn *lab_add(void);	   /* $acc + . ; the error `bad` */
struct rx_fn *lab_is_number(void);
struct rx_fn *lab_above(int64_t than);	/* of a number; else the error `bad` */
struct rx_fn *lab_get(const char *key); /* the element or member */
struct rx_fn *lab_index(void);		/* $index */
struct rx_fn *lab_fail(void);		/* the error `bad`, always */

typedef struct rx_source *(*lab_build)(struct lab *lab,
				       const struct rx_inner *in,
				       struct rx_source *arg);
/* build gets arg (one reference more; may be NULL). It takes in->source. */
struct rx_block *lab_block(struct lab *lab, lab_build build,
			   struct rx_source *arg);
struct rx_block *lab_identity(struct lab *lab);
struct rx_block *lab_to_list(struct lab *lab);
/* Every item opens that stream; arg is taken. */
struct rx_block *lab_always(struct lab *lab, struct rx_source *arg);

#define lab_test(fn) \
	cmocka_unit_test_setup_teardown(fn, lab_setup, lab_teardown)

#endif
