/* embed_lab.h - for tests of streams as an embedding program sees them.
 *
 *     expect(loop, weir_pipe(...), "20:{\"a\":1} 30:|");
 *
 * Each case has a loop in virtual time. An observer notes what it hears and
 * when: items as JSON, an error as `#message`, the end as `|`.
 */
#ifndef WEIR_TESTS_EMBED_LAB_H
#define WEIR_TESTS_EMBED_LAB_H

#include "weir/rx.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct heard {
	struct weir_loop *loop;
	struct weir_sub *sub;
	char text[512];
	void (*in_next)(struct heard *h);
};

static inline void note(struct heard *h, const char *mark, const char *text)
{
	size_t len = strlen(h->text);

	snprintf(h->text + len, sizeof h->text - len, "%s%lld:%s%s",
		 len ? " " : "", (long long)weir_loop_now_ms(h->loop), mark,
		 text);
}

static inline void note_next(struct weir_value item, void *arg)
{
	struct heard *h = arg;
	char json[128];

	weir_value_json(item, json, sizeof json);
	note(h, "", json);
	if (h->in_next)
		h->in_next(h);
}

static inline void note_error(const struct weir_error *err, void *arg)
{
	note(arg, "#", err->message);
}

static inline void note_done(void *arg)
{
	note(arg, "|", "");
}

static inline struct weir_observer noting(struct heard *h)
{
	return (struct weir_observer){note_next, note_error, note_done, h};
}

static inline int loop_setup(void **state)
{
	*state = weir_loop_create_virtual();
	return 0;
}

static inline int loop_teardown(void **state)
{
	weir_loop_destroy(*state);
	return 0;
}

static inline struct weir_stream *text_stream(struct weir_loop *l,
					      const char *text,
					      const struct weir_names *names)
{
	struct weir_error err = {0};
	struct weir_stream *s = weir_from_text(l, text, names, &err);

	if (!s)
		fail_msg("%s: %u:%u: %s", text, err.line, err.column,
			 err.message);
	return s;
}

/* Takes s and runs it to its end. */
static inline void expect(struct weir_loop *l, struct weir_stream *s,
			  const char *events)
{
	struct heard h = {.loop = l};
	struct weir_observer o = noting(&h);

	weir_subscribe(s, &o, NULL);
	weir_loop_run(l);
	assert_string_equal(h.text, events);
}

#define loop_test(fn) \
	cmocka_unit_test_setup_teardown(fn, loop_setup, loop_teardown)

#endif
