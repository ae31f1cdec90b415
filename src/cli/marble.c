/* marble.c - `weir marble`: pipelines in virtual time.
 *
 *     {"id", "pipe", "inputs", "dispose_at"}     one vector a line on stdin
 *     {"id", "got": [[t,"N",v] ... [t,"C"]]}     its result on stdout
 *     {"id", "unsupported": "why"}               when the text is refused
 *
 *     time 0: the pipeline is subscribed, then the hot inputs begin
 *     ...     virtual time runs up to dispose_at
 *     end:    the subscription is cancelled; nothing may be left of it
 */
#include "cli/verbs.h"

#include "base/buf.h"
#include "base/mem.h"
#include "flow/flow.h"
#include "flow/table.h"
#include "json/parse.h"
#include "json/write.h"
#include "rx/ops.h"
#include "rx/subject.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS_MAX 1000000 /* in one result; more is an endless pipeline */
#define ROUNDS_MAX 1000	   /* of timers due at one time; as above */

struct input {
	struct str name; /* borrowed from the vector */
	bool hot;
	struct rx_source *events;   /* ours: as a cold stream */
	struct rx_subject *subject; /* ours: hot inputs only */
	struct rx_sub *feed;	    /* ours: hot inputs, while they run */
};

struct lab {
	struct rx_ctx ctx;
	struct flow_env env;
	struct input *inputs; /* ours */
	uint32_t n_inputs;
	struct rx_observer watcher;
	struct rx_sub *sub;
	struct rx_timer guard; /* see run_until */
	uint32_t rounds;       /* of timers at the present time */
	struct buf got;	       /* the events, JSON, with a comma behind each */
	uint32_t n_events;
};

/* --- what comes out ------------------------------------------------------ */

static struct lab *lab_of(struct rx_observer *o)
{
	return CONTAINER_OF(o, struct lab, watcher);
}

static void note(struct lab *lab, const char *kind)
{
	buf_printf(&lab->got, "%s[%lld,\"%s\"", lab->n_events++ ? "," : "",
		   (long long)rx_sched_now_ms(lab->ctx.sched), kind);
}

static void stop(struct lab *lab)
{
	struct rx_sub *sub = lab->sub;

	lab->sub = NULL;
	rx_sub_cancel(sub);
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct lab *lab = lab_of(o);

	note(lab, "N");
	buf_append_char(&lab->got, ',');
	json_write(v, &lab->got);
	buf_append_char(&lab->got, ']');
	if (lab->n_events == EVENTS_MAX)
		stop(lab);
}

static void on_error(struct rx_observer *o, const struct weir_error *err)
{
	struct lab *lab = lab_of(o);

	note(lab, "E");
	buf_append_char(&lab->got, ',');
	json_write_string(str_of(err->message), &lab->got);
	buf_append_char(&lab->got, ']');
}

static void on_done(struct rx_observer *o)
{
	note(lab_of(o), "C");
	buf_append_char(&lab_of(o)->got, ']');
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

static int input_open(struct lab *lab, struct input *in, struct value spec,
		      struct weir_error *err)
{
	struct value list = value_get(spec, STR("events"));
	struct rx_event *events =
		mem_zalloc((value_len(list) + 1) * sizeof *events);
	uint32_t n = 0;
	int rc = 0;

	in->hot = str_eq(value_str(value_get(spec, STR("kind"))), STR("hot"));
	for (uint32_t i = 0; i < value_len(list) && rc == 0; i++) {
		struct rx_event *e = &events[n];

		if (!read_event(value_nodes(list)[i], e))
			rc = error_set(err, WEIR_EINVAL,
				       "event %u of %.*s is none", i,
				       STR_FMT(in->name));
		else if (in->hot && e->at_ms < 0)
			value_unref(e->v); /* before our time: never seen */
		else
			n++;
	}
	in->events = rx_from_events(&lab->ctx, events, n);
	mem_free(events);
	if (in->hot)
		in->subject = rx_subject_create(&lab->ctx);
	return rc;
}

static void input_close(struct input *in)
{
	rx_sub_cancel(in->feed);
	if (in->subject)
		rx_subject_destroy(in->subject);
	rx_source_unref(in->events);
}

static int open_inputs(struct lab *lab, struct value inputs,
		       struct weir_error *err)
{
	int rc = 0;

	lab->inputs = mem_zalloc((value_len(inputs) + 1) * sizeof *lab->inputs);
	for (uint32_t i = 0; i < value_len(inputs) && rc == 0; i++) {
		struct input *in = &lab->inputs[lab->n_inputs++];

		in->name = value_str(value_nodes(inputs)[2 * i]);
		rc = input_open(lab, in, value_nodes(inputs)[2 * i + 1], err);
	}
	return rc;
}

static struct rx_source *find_stream(void *arg, struct str name)
{
	struct lab *lab = arg;

	for (uint32_t i = 0; i < lab->n_inputs; i++) {
		struct input *in = &lab->inputs[i];

		if (!str_eq(in->name, name))
			continue;
		return in->subject ? rx_subject_source(in->subject)
				   : rx_source_ref(in->events);
	}
	return NULL;
}

/* --- a vector ------------------------------------------------------------ */

/* Goes round with the timers of one time, as long as there are others. */
static void on_round(struct rx_timer *t)
{
	struct lab *lab = CONTAINER_OF(t, struct lab, guard);
	int64_t now_ms = rx_sched_now_ms(lab->ctx.sched);

	if (++lab->rounds == ROUNDS_MAX)
		stop(lab);
	else if (rx_sched_next_ms(lab->ctx.sched) == now_ms)
		rx_timer_start(lab->ctx.sched, t, now_ms, on_round);
}

/* Time by time: a pipeline that never gets past one (repeat_value(1) | last) is
 * stopped there. */
static int run_until(struct lab *lab, int64_t end_ms, struct weir_error *err)
{
	struct rx_sched *sched = lab->ctx.sched;
	int64_t next_ms;

	while ((next_ms = rx_sched_next_ms(sched)) <= end_ms) {
		lab->rounds = 0;
		rx_timer_start(sched, &lab->guard, next_ms, on_round);
		rx_sched_advance(sched, next_ms);
		if (lab->rounds == ROUNDS_MAX)
			return error_set(err, WEIR_EINVAL,
					 "there is no end to what happens at "
					 "%lld ms",
					 (long long)next_ms);
	}
	return 0;
}

static int run_pipeline(struct lab *lab, struct value vector,
			struct weir_error *err)
{
	struct rx_source *src;
	struct flow *flow;
	int64_t end_ms = 0;
	int rc = flow_parse(value_str(value_get(vector, STR("pipe"))), &flow,
			    err);

	if (rc < 0)
		return rc;
	value_to_i64(value_get(vector, STR("dispose_at")), &end_ms);
	lab->env = (struct flow_env){.ctx = &lab->ctx,
				     .stream = find_stream,
				     .arg = lab};
	rc = flow_build(flow, &lab->env, find_stream(lab, STR("main")), &src,
			err);
	flow_unref(flow);
	if (rc < 0)
		return rc;

	rx_subscribe(src, &lab->watcher, &lab->sub);
	rx_source_unref(src);
	for (uint32_t i = 0; i < lab->n_inputs; i++)
		if (lab->inputs[i].hot)
			rx_subscribe(lab->inputs[i].events,
				     rx_subject_observer(
					     lab->inputs[i].subject),
				     &lab->inputs[i].feed);
	rc = run_until(lab, end_ms, err);
	stop(lab);
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
	struct lab lab = {.watcher = {&watcher_ops}};
	struct weir_error err = {0};
	struct buf why = {0};
	struct buf json = {0};
	struct value id = value_get(vector, STR("id"));
	int rc;

	lab.ctx.sched = rx_sched_create_virtual();
	buf_append_char(&lab.got, '[');
	rc = open_inputs(&lab, value_get(vector, STR("inputs")), &err);
	if (rc == 0)
		rc = run_pipeline(&lab, vector, &err);
	buf_append_char(&lab.got, ']');
	if (rc == 0) {
		write_answer(id, "got", buf_str(&lab.got));
	} else {
		if (err.line)
			buf_printf(&why, "%u:%u: ", err.line, err.column);
		buf_append_cstr(&why, err.message);
		json_write_string(buf_str(&why), &json);
		write_answer(id, "unsupported", buf_str(&json));
	}
	for (uint32_t i = 0; i < lab.n_inputs; i++)
		input_close(&lab.inputs[i]);
	mem_free(lab.inputs);
	rx_sched_destroy(lab.ctx.sched);
	buf_fini(&lab.got);
	buf_fini(&why);
	buf_fini(&json);
	return lab.ctx.live;
}

static int run_vectors(FILE *in)
{
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

/* A cell ends at a bar. */
static void put_cell(struct str text, struct buf *out)
{
	while (text.p) {
		buf_append_str(out, str_cut(&text, '|'));
		if (text.p)
			buf_append_cstr(out, "\\|");
	}
}

/* As a table in Markdown: that is how the documentation has it, too. */
static int list_operators(void)
{
	struct buf out = {0};
	const struct op *op;

	buf_append_cstr(&out, "| form | also | gives |\n|---|---|---|\n");
	for (size_t i = 0; (op = op_at(i)); i++) {
		buf_append_cstr(&out, "| `");
		op_form(op, &out);
		buf_printf(&out, "` | %s | ", op->aliases ? op->aliases : "");
		put_cell(str_of(op->does), &out);
		buf_append_cstr(&out, " |\n");
	}
	fwrite(buf_bytes(&out), 1, buf_len(&out), stdout);
	buf_fini(&out);
	return 0;
}

static void usage(FILE *out)
{
	fprintf(out,
		"usage: weir marble --vectors <in >out\n"
		"       weir marble --operators\n"
		"\n"
		"  --vectors    runs pipelines in virtual time\n"
		"     in   {\"id\", \"pipe\", \"inputs\", \"dispose_at\"}, one "
		"a line\n"
		"     out  {\"id\", \"got\": [[ms, \"N\", value], ..., "
		"[ms, \"C\"]]}\n"
		"  --operators  lists the operators of pipelines\n"
		"\n"
		"Exit status: 0 fine, 1 a line was no vector, 2 wrong "
		"usage.\n");
}

int verb_marble(int argc, char **argv)
{
	const char *option = argc == 2 ? argv[1] : "";

	if (!strcmp(option, "--vectors"))
		return run_vectors(stdin);
	if (!strcmp(option, "--operators"))
		return list_operators();
	if (!strcmp(option, "--help") || !strcmp(option, "-h")) {
		usage(stdout);
		return 0;
	}
	usage(stderr);
	return 2;
}
