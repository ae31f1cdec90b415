/* marble_vectors.c - `weir marble --vectors`: pipelines in virtual time.
 *
 *     {"id", "pipe", "inputs", "dispose_at"}     one vector a line on stdin
 *     {"id", "got": [[t,"N",v] ... [t,"C"]]}     its result on stdout
 *     {"id", "unsupported": "why"}               when the text is refused
 */
#include "cli/marble.h"

#include "base/buf.h"
#include "base/mem.h"
#include "cli/marble_lab.h"
#include "json/parse.h"
#include "json/write.h"

#include <stdio.h>
#include <stdlib.h>

#define EVENTS_MAX 1000000 /* in one result; more is an endless pipeline */

struct run {
	struct marble_lab lab;
	struct rx_observer watcher;
	struct buf got; /* the events, JSON, with a comma between */
	uint32_t n_events;
};

/* --- what comes out ------------------------------------------------------ */

static struct run *run_of(struct rx_observer *o)
{
	return CONTAINER_OF(o, struct run, watcher);
}

static void note(struct run *r, const char *kind)
{
	buf_printf(&r->got, "%s[%lld,\"%s\"", r->n_events++ ? "," : "",
		   (long long)rx_sched_now_ms(r->lab.ctx.sched), kind);
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct run *r = run_of(o);

	note(r, "N");
	buf_append_char(&r->got, ',');
	json_write(v, &r->got);
	buf_append_char(&r->got, ']');
	if (r->n_events == EVENTS_MAX)
		marble_lab_stop(&r->lab);
}

static void on_error(struct rx_observer *o, const struct weir_error *err)
{
	struct run *r = run_of(o);

	note(r, "E");
	buf_append_char(&r->got, ',');
	json_write_string(str_of(err->message), &r->got);
	buf_append_char(&r->got, ']');
}

static void on_done(struct rx_observer *o)
{
	note(run_of(o), "C");
	buf_append_char(&run_of(o)->got, ']');
}

static const struct rx_observer_ops watcher_ops = {on_next, on_error, on_done};

/* --- inputs -------------------------------------------------------------- */

/* [t,"N",value], [t,"E",message], [t,"C"] */
static bool read_event(struct value v, struct rx_event *e)
{
	struct str kind = value_str(value_at(v, 1));

	if (value_len(v) < 2 || !value_to_i64(value_at(v, 0), &e->at_ms))
		return false;
	e->v = value_ref(value_at(v, 2));
	if (str_eq(kind, STR("N")))
		e->kind = RX_EVENT_NEXT;
	else if (str_eq(kind, STR("E")))
		e->kind = RX_EVENT_ERROR;
	else if (str_eq(kind, STR("C")))
		e->kind = RX_EVENT_DONE;
	else
		return false;
	return true;
}

static int read_input(struct run *r, struct str name, struct value spec,
		      struct weir_error *err)
{
	bool hot = str_eq(value_str(value_get(spec, STR("kind"))), STR("hot"));
	struct value list = value_get(spec, STR("events"));
	uint32_t n = value_len(list);
	struct rx_event *events = mem_zalloc((n + 1) * sizeof *events);
	int rc = 0;

	for (uint32_t i = 0; i < n; i++)
		if (!read_event(value_nodes(list)[i], &events[i]))
			rc = error_set(err, WEIR_EINVAL,
				       "event %u of %.*s is none", i,
				       STR_FMT(name));
	if (rc == 0)
		marble_lab_input(&r->lab, name, hot, events, n);
	for (uint32_t i = 0; rc < 0 && i < n; i++)
		value_unref(events[i].v);
	mem_free(events);
	return rc;
}

/* --- a vector ------------------------------------------------------------ */

static int run_pipeline(struct run *r, struct value vector,
			struct weir_error *err)
{
	struct value inputs = value_get(vector, STR("inputs"));
	struct flow *flow;
	int64_t end_ms = 0;
	int rc = flow_parse(value_str(value_get(vector, STR("pipe"))), &flow,
			    err);

	if (rc < 0)
		return rc;
	value_to_i64(value_get(vector, STR("dispose_at")), &end_ms);
	for (uint32_t i = 0; i < value_len(inputs) && rc == 0; i++)
		rc = read_input(r, value_str(value_nodes(inputs)[2 * i]),
				value_nodes(inputs)[2 * i + 1], err);
	if (rc == 0)
		rc = marble_lab_run(&r->lab, flow,
				    marble_lab_stream(&r->lab, STR("main")),
				    end_ms, err);
	flow_unref(flow);
	return rc;
}

static void write_answer(struct value id, const char *key, struct str json)
{
	struct buf out = {0};

	buf_append_cstr(&out, "{\"id\":");
	json_write(id, &out);
	buf_printf(&out, ",\"%s\":%.*s}\n", key, STR_FMT(json));
	fwrite(buf_bytes(&out), 1, buf_len(&out), stdout);
	buf_fini(&out);
}

/* Returns the subscriptions that were not let go: 0, or there is a bug. */
static uint64_t run_vector(struct value vector)
{
	struct run r = {.watcher = {&watcher_ops}};
	struct weir_error err = {0};
	struct buf why = {0};
	struct buf json = {0};
	struct value id = value_get(vector, STR("id"));
	int rc;

	marble_lab_init(&r.lab, &r.watcher);
	buf_append_char(&r.got, '[');
	rc = run_pipeline(&r, vector, &err);
	buf_append_char(&r.got, ']');
	if (rc == 0) {
		write_answer(id, "got", buf_str(&r.got));
	} else {
		if (err.line)
			buf_printf(&why, "%u:%u: ", err.line, err.column);
		buf_append_cstr(&why, err.message);
		json_write_string(buf_str(&why), &json);
		write_answer(id, "unsupported", buf_str(&json));
	}
	buf_fini(&r.got);
	buf_fini(&why);
	buf_fini(&json);
	return marble_lab_fini(&r.lab);
}

int marble_vectors(void)
{
	FILE *in = stdin;
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	unsigned line_no = 0;
	int status = 0;

	while ((len = getline(&line, &cap, in)) > 0) {
		struct str text = str_trim(str_from(line, (size_t)len));
		struct weir_error err;
		struct value vector;
		uint64_t left;

		line_no++;
		if (!text.len)
			continue;
		if (json_parse(text, &vector, &err) < 0) {
			fprintf(stderr, "weir marble: line %u: %s\n", line_no,
				err.message);
			status = 1;
			continue;
		}
		left = run_vector(vector);
		if (left) {
			fprintf(stderr,
				"weir marble: line %u: %llu subscriptions "
				"were not let go\n",
				line_no, (unsigned long long)left);
			status = 1;
		}
		value_unref(vector);
	}
	free(line);
	return status;
}
