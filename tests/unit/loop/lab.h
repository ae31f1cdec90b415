/* lab.h - a loop for each test, which notes what happens in a text. */
#ifndef WEIR_TESTS_LOOP_LAB_H
#define WEIR_TESTS_LOOP_LAB_H

#include "loop/loop.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/util.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

struct lab {
	struct loop *loop;
	struct loop_timer limit; /* no test runs longer */
	bool late;
	struct buf notes;
};

static inline void lab_on_limit(struct loop_timer *t)
{
	struct lab *lab = CONTAINER_OF(t, struct lab, limit);

	lab->late = true;
	loop_stop(lab->loop);
}

static inline int lab_open(void **state)
{
	struct lab *lab = mem_zalloc(sizeof *lab);

	lab->loop = loop_create();
	*state = lab;
	return lab->loop ? 0 : -1;
}

static inline int lab_close(void **state)
{
	struct lab *lab = *state;

	loop_destroy(lab->loop);
	buf_fini(&lab->notes);
	mem_free(lab);
	return 0;
}

static inline void lab_run(struct lab *lab)
{
	loop_update(lab->loop);
	loop_timer_start(lab->loop, &lab->limit, loop_now_ms(lab->loop) + 10000,
			 lab_on_limit);
	loop_run(lab->loop);
	loop_timer_stop(lab->loop, &lab->limit);
	assert_false(lab->late);
}

static inline void lab_note(struct lab *lab, char c)
{
	buf_append_char(&lab->notes, c);
}

static inline void lab_expect(struct lab *lab, const char *notes)
{
	if (!str_eq(buf_str(&lab->notes), str_of(notes)))
		fail_msg("noted '%.*s', not '%s'",
			 STR_FMT(buf_str(&lab->notes)), notes);
	buf_clear(&lab->notes);
}

#define LAB_TEST(name) \
	cmocka_unit_test_setup_teardown(name, lab_open, lab_close)

#endif
