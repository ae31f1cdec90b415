/* lab.c - runs an operator over marbles and compares what comes out.
 *
 * Everything that is heard is noted as text ("20:a 30:|"), and the expected
 * diagram is turned into the same text; so a failure shows both lines, one
 * below the other.
 */
#include "lab.h"

#include "base/clock.h"
#include "base/mem.h"
#include "json/parse.h"
#include "rx/op.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	FRAME_MS = 10,
	TIMERS_MAX = 12, /* at one moment of lab_run; more is endless */
};

struct input { /* a hot one */
	struct list link;
	struct lab *lab;
	struct rx_subject *subject;
	struct rx_timer timer;
	struct rx_event *events; /* ours */
	uint32_t n;
	uint32_t at;
};

struct lab {
	struct rx_ctx ctx;
	struct list inputs;
	uint32_t cold_runs;
	uint32_t causes; /* alive */

	struct rx_observer observer;
	struct rx_sub *sub;
	struct buf heard;
	bool over; /* nothing may come any more */
	bool json; /* diagrams are those of examples */
	struct lab_outcome outcome;
	uint32_t cancel_after;
	uint32_t hold_at;
	int64_t hold_ms;
	struct rx_timer release;
	bool show_causes;
	void (*on_next)(struct lab *lab, struct value v);
};

struct lab_cause {
	struct rx_cause cause;
	struct lab *lab;
	struct value v;
};

/* --- text --------------------------------------------------------------- */

static void print_value(struct buf *b, struct value v)
{
	uint32_t n = value_len(v);
	const struct value *nodes = n ? value_nodes(v) : NULL;

	switch (value_type(v)) {
	case VALUE_NULL:
		buf_append_cstr(b, "null");
		break;
	case VALUE_FALSE:
		buf_append_cstr(b, "false");
		break;
	case VALUE_TRUE:
		buf_append_cstr(b, "true");
		break;
	case VALUE_STRING:
		buf_append_str(b, value_str(v));
		break;
	case VALUE_ARRAY:
		buf_append_char(b, '[');
		for (uint32_t i = 0; i < n; i++) {
			if (i)
				buf_append_char(b, ',');
			print_value(b, nodes[i]);
		}
		buf_append_char(b, ']');
		break;
	case VALUE_OBJECT:
		buf_append_char(b, '{');
		for (uint32_t i = 0; i < n; i++) {
			if (i)
				buf_append_char(b, ',');
			print_value(b, nodes[2 * i]);
			buf_append_char(b, ':');
			print_value(b, nodes[2 * i + 1]);
		}
		buf_append_char(b, '}');
		break;
	default:
		buf_printf(b, "%g", value_to_double(v));
	}
}

static struct value marble(char c)
{
	if (c >= '0' && c <= '9')
		return value_int(c - '0');
	return value_string(str_from(&c, 1));
}

struct diagram {
	struct rx_event *events; /* ours */
	uint32_t n;
	int64_t columns;
	bool ended;
};

/* Reads "[a7]" from behind its bracket; *p is then behind the closing one. */
static struct value read_array(const char **p, int64_t *columns)
{
	struct value elements[64];
	uint32_t n = 0;

	for (; **p && **p != ']'; (*p)++, (*columns)++) {
		assert_true(n < ARRAY_LEN(elements));
		elements[n++] = marble(**p);
	}
	assert_int_equal(**p, ']');
	(*p)++;
	(*columns) += 2;
	return value_array(elements, n);
}

/* Reads the value that begins at *p; nothing in it is taken for a marble. */
static struct value read_json(const char **p)
{
	const char *end = *p;
	struct weir_error err;
	struct value v;
	bool quoted = false;
	int depth = 0;

	do {
		assert_int_not_equal(*end, 0);
		if (*end == '"')
			quoted = !quoted;
		else if (!quoted && strchr("[{", *end))
			depth++;
		else if (!quoted && strchr("]}", *end))
			depth--;
		end++;
	} while (depth);
	if (json_parse(str_from(*p, (size_t)(end - *p)), &v, &err) < 0)
		fail_msg("%s: %s", *p, err.message);
	*p = end;
	return v;
}

static struct diagram read_diagram(const char *text, bool json)
{
	size_t cap = strlen(text) + 1;
	struct diagram d = {.events = mem_zalloc(cap * sizeof *d.events)};
	int64_t group = -1, zero = 0, columns = 0;

	for (const char *p = text; *p;) {
		struct rx_event *e = &d.events[d.n];
		int64_t at = group < 0 ? columns : group;
		char c = *p++;

		if (c == ' ')
			continue;
		e->at_ms = at * FRAME_MS;
		if (json && strchr("[{", c)) {
			p--;
			e->kind = RX_EVENT_NEXT;
			e->v = read_json(&p);
			d.n++;
			columns++;
			continue;
		}
		if (c == '[') {
			e->kind = RX_EVENT_NEXT;
			e->v = read_array(&p, &columns);
			d.n++;
			continue;
		}
		columns++;
		if (c == '(')
			group = at;
		else if (c == ')')
			group = -1;
		else if (c == '^')
			zero = at * FRAME_MS;
		else if (c == '|')
			d.events[d.n++].kind = RX_EVENT_DONE;
		else if (c == '#')
			d.events[d.n++] =
				(struct rx_event){at * FRAME_MS, RX_EVENT_ERROR,
						  value_cstr("error")};
		else if (c != '-')
			d.events[d.n++].v = marble(c);
	}
	for (uint32_t i = 0; i < d.n; i++) {
		d.events[i].at_ms -= zero;
		d.ended |= d.events[i].kind != RX_EVENT_NEXT;
	}
	d.columns = columns;
	return d;
}

static void free_events(struct rx_event *events, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		value_unref(events[i].v);
	mem_free(events);
}

static void print_diagram(struct buf *b, const struct diagram *d)
{
	for (uint32_t i = 0; i < d->n; i++) {
		const struct rx_event *e = &d->events[i];

		buf_printf(b, "%s%lld:", i ? " " : "", (long long)e->at_ms);
		if (e->kind == RX_EVENT_NEXT) {
			print_value(b, e->v);
		} else if (e->kind == RX_EVENT_ERROR) {
			buf_append_char(b, '#');
			print_value(b, e->v);
		} else {
			buf_append_char(b, '|');
		}
	}
}

/* --- inputs ------------------------------------------------------------- */

static void cause_released(struct rx_cause *c)
{
	struct lab_cause *lc = CONTAINER_OF(c, struct lab_cause, cause);

	lc->lab->causes--;
	value_unref(lc->v);
	mem_free(lc);
}

static void push_under_cause(struct lab *lab, struct rx_observer *to,
			     struct value v)
{
	struct lab_cause *lc = mem_alloc(sizeof *lc);

	*lc = (struct lab_cause){{1, cause_released}, lab, value_ref(v)};
	lab->causes++;

	struct rx_cause *old = rx_cause_enter(&lc->cause);

	rx_next(to, v);
	rx_cause_leave(old);
	rx_cause_unref(&lc->cause);
}

static void play(struct rx_timer *t)
{
	struct input *in = CONTAINER_OF(t, struct input, timer);
	struct rx_observer *to = rx_subject_observer(in->subject);
	int64_t now_ms = lab_now_ms(in->lab);

	while (in->at < in->n && in->events[in->at].at_ms <= now_ms) {
		struct rx_event *e = &in->events[in->at++];
		struct weir_error err = {0};

		switch (e->kind) {
		case RX_EVENT_NEXT:
			push_under_cause(in->lab, to, e->v);
			break;
		case RX_EVENT_ERROR:
			error_set(&err, WEIR_EITEM, "%.*s",
				  STR_FMT(value_str(e->v)));
			rx_error(to, &err);
			break;
		case RX_EVENT_DONE:
			rx_done(to);
			break;
		}
	}
	if (in->at < in->n)
		rx_timer_start(in->lab->ctx.sched, &in->timer,
			       in->events[in->at].at_ms, play);
}

struct rx_source *lab_hot(struct lab *lab, const char *diagram)
{
	struct diagram d = read_diagram(diagram, lab->json);
	struct input *in = mem_zalloc(sizeof *in);

	in->lab = lab;
	in->subject = rx_subject_create(&lab->ctx);
	in->events = d.events;
	in->n = d.n;
	list_push(&lab->inputs, &in->link);
	while (in->at < in->n && in->events[in->at].at_ms < 0)
		in->at++; /* nobody listened */
	if (in->at < in->n)
		rx_timer_start(lab->ctx.sched, &in->timer,
			       in->events[in->at].at_ms, play);
	return rx_subject_source(in->subject);
}

void lab_push(struct lab *lab, struct value v)
{
	struct input *in = CONTAINER_OF(lab->inputs.next, struct input, link);

	push_under_cause(lab, rx_subject_observer(in->subject), v);
}

void lab_hold(struct lab *lab, bool hold)
{
	rx_sub_hold(lab->sub, hold);
}

struct counted_source {
	struct rx_source source;
	struct lab *lab;
};

static void count_start(struct rx_sub *s)
{
	CONTAINER_OF(s->src, struct counted_source, source)->lab->cold_runs++;
	rx_subscribe_in(s);
}

static const struct rx_source_ops counted_ops = {
	.name = "cold",
	.source_bytes = sizeof(struct counted_source),
	.sub_bytes = sizeof(struct rx_sub),
	.in = {rx_pass_next, rx_pass_error, rx_pass_done},
	.start = count_start,
};

struct rx_source *lab_cold(struct lab *lab, const char *diagram)
{
	struct diagram d = read_diagram(diagram, lab->json);
	struct rx_source *events = rx_from_events(&lab->ctx, d.events, d.n);
	struct counted_source *c = rx_source_new(&counted_ops, NULL, events);

	mem_free(d.events);
	c->lab = lab;
	return &c->source;
}

void lab_json(struct lab *lab)
{
	lab->json = true;
}

uint32_t lab_cold_runs(const struct lab *lab)
{
	return lab->cold_runs;
}

/* --- the observer ------------------------------------------------------- */

static void note(struct lab *lab)
{
	if (buf_len(&lab->heard))
		buf_append_char(&lab->heard, ' ');
	if (lab->over)
		buf_append_cstr(&lab->heard, "(AFTER THE END) ");
	buf_printf(&lab->heard, "%lld:", (long long)lab_now_ms(lab));
}

struct cause_list {
	struct value names[64];
	uint32_t n;
};

static void collect_cause(void *arg, struct rx_cause *c)
{
	struct cause_list *list = arg;

	assert_true(list->n < ARRAY_LEN(list->names));
	list->names[list->n++] = CONTAINER_OF(c, struct lab_cause, cause)->v;
}

static int by_name(const void *a, const void *b)
{
	return value_compare(*(const struct value *)a,
			     *(const struct value *)b);
}

/* Sorted: a joined cause has no order. */
static void note_causes(struct lab *lab)
{
	struct cause_list list = {.n = 0};

	if (!lab->show_causes)
		return;
	rx_cause_each(rx_cause_now, collect_cause, &list);
	qsort(list.names, list.n, sizeof list.names[0], by_name);
	for (uint32_t i = 0; i < list.n; i++) {
		buf_append_char(&lab->heard, i ? ',' : '<');
		print_value(&lab->heard, list.names[i]);
	}
	buf_append_cstr(&lab->heard, list.n ? ">" : "<>");
}

static void release(struct rx_timer *t)
{
	lab_hold(CONTAINER_OF(t, struct lab, release), false);
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct lab *lab = CONTAINER_OF(o, struct lab, observer);

	note(lab);
	print_value(&lab->heard, v);
	note_causes(lab);
	lab->outcome.sum += value_hash(v);
	if (++lab->outcome.items == lab->cancel_after) {
		struct rx_sub *sub = lab->sub;

		lab->sub = NULL;
		lab->over = true;
		rx_sub_cancel(sub);
	}
	if (lab->outcome.items == lab->hold_at) {
		lab_hold(lab, true);
		rx_timer_start(lab->ctx.sched, &lab->release,
			       lab_now_ms(lab) + lab->hold_ms, release);
	}
	if (lab->on_next)
		lab->on_next(lab, v);
}

static void on_error(struct rx_observer *o, const struct weir_error *err)
{
	struct lab *lab = CONTAINER_OF(o, struct lab, observer);

	note(lab);
	buf_append_char(&lab->heard, '#');
	buf_append_cstr(&lab->heard, err->message);
	lab->outcome.end = '#';
	lab->over = true;
}

static void on_done(struct rx_observer *o)
{
	struct lab *lab = CONTAINER_OF(o, struct lab, observer);

	note(lab);
	buf_append_char(&lab->heard, '|');
	lab->outcome.end = '|';
	lab->over = true;
}

static const struct rx_observer_ops observer_ops = {on_next, on_error, on_done};

static void on_item_error(struct rx_ctx *ctx, const struct weir_error *err,
			  struct value item)
{
	struct lab *lab = CONTAINER_OF(ctx, struct lab, ctx);

	lab->outcome.item_errors++;
	note(lab);
	buf_append_char(&lab->heard, '!');
	buf_append_cstr(&lab->heard, err->message);
	note_causes(lab);
}

void lab_cancel_after(struct lab *lab, uint32_t items)
{
	lab->cancel_after = items;
}

void lab_hold_at(struct lab *lab, uint32_t item, int64_t ms)
{
	lab->hold_at = item;
	lab->hold_ms = ms;
}

void lab_on_next(struct lab *lab, void (*fn)(struct lab *lab, struct value v))
{
	lab->on_next = fn;
}

void lab_show_causes(struct lab *lab)
{
	lab->show_causes = true;
}

void lab_skip_errors(struct lab *lab)
{
	lab->ctx.item_error = on_item_error;
}

/* --- expectations ------------------------------------------------------- */

static void compare(struct lab *lab, struct str expected, const char *diagram)
{
	struct str heard = buf_str(&lab->heard);

	if (str_eq(expected, heard))
		return;
	fprintf(stderr,
		"  marbles differ%s%s\n    expected  %.*s\n"
		"    heard     %.*s\n",
		diagram ? ": " : "", diagram ? diagram : "", STR_FMT(expected),
		STR_FMT(heard));
	fail();
}

/* Nothing may be left but the inputs themselves. */
static void check_clean(struct lab *lab)
{
	rx_sched_advance(lab->ctx.sched, lab_now_ms(lab));
	assert_int_equal(lab->ctx.live, 0);
	assert_int_equal(lab->causes, 0);
	LIST_FOREACH (l, &lab->inputs)
		rx_timer_stop(lab->ctx.sched,
			      &CONTAINER_OF(l, struct input, link)->timer);
	assert_true(rx_sched_next_ms(lab->ctx.sched) == CLOCK_NEVER);
}

static void watch(struct lab *lab, struct rx_source *src, int64_t until_ms,
		  uint64_t max_timers)
{
	struct lab_outcome *outcome = &lab->outcome;

	buf_clear(&lab->heard);
	lab->over = false;
	lab->observer.ops = &observer_ops;
	rx_subscribe(src, &lab->observer, &lab->sub);
	rx_source_unref(src);
	outcome->arrived =
		rx_sched_advance_some(lab->ctx.sched, until_ms, max_timers);
	outcome->next_ms = rx_sched_next_ms(lab->ctx.sched);

	struct rx_sub *sub = lab->sub;

	lab->sub = NULL;
	lab->over = true;
	rx_sub_cancel(sub);
	/* The inputs go on a while: is it really silent? */
	rx_sched_advance(lab->ctx.sched, until_ms + 1000);
}

void lab_expect(struct lab *lab, struct rx_source *src, const char *diagram)
{
	struct diagram d = read_diagram(diagram, false);
	struct buf expected = {0};
	int64_t until_ms = d.columns * FRAME_MS;

	print_diagram(&expected, &d);
	watch(lab, src, d.ended ? until_ms + 1000 : until_ms - 1, UINT64_MAX);
	compare(lab, buf_str(&expected), diagram);
	buf_fini(&expected);
	free_events(d.events, d.n);
	check_clean(lab);
}

void lab_expect_events(struct lab *lab, struct rx_source *src,
		       const char *events, int64_t until_ms)
{
	watch(lab, src, until_ms, UINT64_MAX);
	compare(lab, str_of(events), NULL);
	check_clean(lab);
}

struct lab_outcome lab_run(struct lab *lab, struct rx_source *src,
			   int64_t until_ms)
{
	watch(lab, src, until_ms, TIMERS_MAX);
	if (buf_len(&lab->heard) &&
	    memmem(buf_bytes(&lab->heard), buf_len(&lab->heard), "(AFTER", 6))
		fail_msg("heard after the end: %.*s",
			 STR_FMT(buf_str(&lab->heard)));
	check_clean(lab);
	return lab->outcome;
}

/* --- life --------------------------------------------------------------- */

int lab_setup(void **state)
{
	struct lab *lab = mem_zalloc(sizeof *lab);

	lab->ctx.sched = rx_sched_create_virtual();
	list_init(&lab->inputs);
	*state = lab;
	return 0;
}

int lab_teardown(void **state)
{
	struct lab *lab = *state;
	struct list *link;

	rx_sub_cancel(lab->sub); /* a failed test left it */
	while ((link = list_pop(&lab->inputs))) {
		struct input *in = CONTAINER_OF(link, struct input, link);

		rx_timer_stop(lab->ctx.sched, &in->timer);
		rx_subject_destroy(in->subject);
		free_events(in->events, in->n);
		mem_free(in);
	}
	rx_sched_destroy(lab->ctx.sched);
	buf_fini(&lab->heard);
	mem_free(lab);
	slab_thread_fini();
	return 0;
}

struct rx_ctx *lab_ctx(struct lab *lab)
{
	return &lab->ctx;
}

int64_t lab_now_ms(const struct lab *lab)
{
	return rx_sched_now_ms(lab->ctx.sched);
}
