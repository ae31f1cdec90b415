/* lab.c - see lab.h. */
#include "lab.h"

#include "hub/submit.h"
#include "json/parse.h"
#include "rx/op.h"

#include <stdio.h>
#include <string.h>

/* --- the host ------------------------------------------------------------ */

struct work {
	struct rx_source src;
	struct lab *lab;
	struct value job; /* one reference */
};

struct work_sub {
	struct rx_sub sub;
	struct hub_run run;
	struct hub_job *job; /* one reference; NULL once over */
};

static void leave_job(struct work_sub *w)
{
	struct hub_job *j = w->job;

	w->job = NULL;
	if (!j)
		return;
	hub_job_run_end(j, &w->run);
	hub_job_unref(j);
}

static void on_cancel(struct hub_run *r)
{
	struct work_sub *w = CONTAINER_OF(r, struct work_sub, run);
	struct rx_cause *old = rx_cause_enter(&w->job->cause);

	leave_job(w);
	rx_finish_done(&w->sub);
	rx_cause_leave(old);
}

static void start(struct rx_sub *s)
{
	struct work_sub *w = CONTAINER_OF(s, struct work_sub, sub);
	struct work *work = CONTAINER_OF(s->src, struct work, src);
	struct hub_job *j = hub_job_of_cause(rx_cause_now);
	int64_t n = 0;

	assert_non_null(j);
	w->run.cancel = on_cancel;
	w->job = hub_job_ref(j);
	hub_job_run_begin(j, &w->run);
	value_to_i64(value_get(work->job, STR("n")), &n);
	for (int64_t i = 0; i < n && !s->halted; i++) {
		struct value part = hub_part(work->lab->hub, hub_job_id(j),
					     STR("x"), value_int(i));

		rx_next(s->down, part);
		value_unref(part);
	}
	if (s->halted || value_truthy(value_get(work->job, STR("hold"))))
		return;
	leave_job(w);
	if (value_truthy(value_get(work->job, STR("fail"))))
		rx_finish_code(s, WEIR_EUPSTREAM, "as asked");
	else
		rx_finish_done(s);
}

static void stop(struct rx_sub *s)
{
	leave_job(CONTAINER_OF(s, struct work_sub, sub));
}

static void destroy(struct rx_source *src)
{
	value_unref(CONTAINER_OF(src, struct work, src)->job);
}

static const struct rx_source_ops work_ops = {
	.name = "work",
	.source_bytes = sizeof(struct work),
	.sub_bytes = sizeof(struct work_sub),
	.start = start,
	.stop = stop,
	.destroy = destroy,
};

static struct rx_source *on_run(void *arg, struct rx_ctx *ctx, struct value job)
{
	struct work *w = rx_source_new(&work_ops, ctx, NULL);

	w->lab = arg;
	w->job = value_ref(job);
	return &w->src;
}

static bool on_has_source(void *arg, struct str name)
{
	return str_eq(name, STR("x"));
}

/* --- the lab ------------------------------------------------------------- */

int lab_open(void **state)
{
	struct lab *lab = mem_zalloc(sizeof *lab);
	struct hub_conf conf = hub_conf_default;
	struct hub_host host = {.run = on_run,
				.has_source = on_has_source,
				.arg = lab};
	struct weir_error err;

	conf.queue_max = 4096;
	lab->loop = loop_create();
	lab->fibers = fiber_pool_create(lab->loop);
	lab->hub = hub_create(lab->loop, &conf, &host);
	lab->edge = hub_edge_home(lab->hub);
	*state = lab;
	return hub_pipeline_set(lab->hub, HUB_JOBS, STR("flat_map { run }"),
				false, &err);
}

static void on_pause(struct loop_timer *t)
{
	loop_stop(CONTAINER_OF(t, struct lab, pause)->loop);
}

void lab_run(struct lab *lab, int64_t ms)
{
	loop_update(lab->loop);
	loop_timer_start(lab->loop, &lab->pause, loop_now_ms(lab->loop) + ms,
			 on_pause);
	loop_run(lab->loop);
}

static void on_drained(void *arg)
{
	((struct lab *)arg)->drained = true;
}

void lab_shutdown(struct lab *lab)
{
	hub_shutdown(lab->hub, on_drained, lab);
	for (int i = 0; i < 100 && !lab->drained; i++)
		lab_run(lab, 5);
	assert_true(lab->drained);
}

int lab_close(void **state)
{
	struct lab *lab = *state;

	lab_shutdown(lab);
	lab_run(lab, 0);
	hub_destroy(lab->hub);
	fiber_pool_destroy(lab->fibers);
	loop_destroy(lab->loop);
	mem_free(lab);
	return 0;
}

/* --- sinks --------------------------------------------------------------- */

/* The text behind "name": in an event's body, up to the next , or }. */
static struct str member(const struct hub_event *e, const char *name)
{
	struct str rest = str_from(e->body, e->len);
	char wanted[32];
	const char *at;

	snprintf(wanted, sizeof wanted, "\"%s\":", name);
	at = memmem(rest.p, rest.len, wanted, strlen(wanted));
	if (!at)
		return (struct str){0};
	at += strlen(wanted);
	if (*at == '"')
		at++;
	return str_from(at, strcspn(at, "\",}"));
}

static void on_event(struct hub_sink *s, const struct hub_event *e,
		     const struct hub_stamp *at)
{
	uint64_t seq = at->seq;
	struct lab_sink *k = CONTAINER_OF(s, struct lab_sink, base);
	uint64_t n = 0;

	assert_false(k->ended);
	buf_printf(&k->notes, "%s%llu %s", buf_len(&k->notes) ? ", " : "",
		   (unsigned long long)seq, hub_event_type_name(e->type));
	switch ((enum hub_event_type)e->type) {
	case HUB_PART:
		k->parts++;
		if (e->data_len <= 20)
			buf_printf(&k->notes, " %.*s", (int)e->data_len,
				   e->body + e->data_off);
		break;
	case HUB_DONE:
		buf_printf(&k->notes, ": %.*s %.*s",
			   STR_FMT(member(e, "state")),
			   STR_FMT(member(e, "parts")));
		break;
	case HUB_ERROR:
		buf_printf(&k->notes, " %u", e->status);
		break;
	case HUB_DROPPED:
		str_to_u64(member(e, "count"), &n);
		k->told_lost += n;
		buf_printf(&k->notes, " %llu", (unsigned long long)n);
		break;
	case HUB_BYE:
		buf_printf(&k->notes, ": %.*s", STR_FMT(member(e, "reason")));
		break;
	case HUB_INTEREST:
		buf_printf(&k->notes, ": %.*s %.*s", STR_FMT(member(e, "name")),
			   STR_FMT(member(e, "state")));
		break;
	case HUB_GAP:
		buf_printf(&k->notes, ": %.*s %.*s",
			   STR_FMT(member(e, "reason")),
			   STR_FMT(member(e, "count")));
		break;
	case HUB_OPEN:
		if (seq == 0)
			buf_printf(&k->notes, " again: %.*s %.*s",
				   STR_FMT(member(e, "resumed")),
				   STR_FMT(member(e, "missed")));
		break;
	case HUB_PING:
		assert_int_equal(seq, 0);
		return;
	}
	if (at->matched.len)
		buf_printf(&k->notes, " %.*s", STR_FMT(at->matched));
	if (seq == 0)
		return;
	if (seq <= k->last_seq)
		fail_msg("number %llu after %llu: %.*s",
			 (unsigned long long)seq,
			 (unsigned long long)k->last_seq,
			 STR_FMT(buf_str(&k->notes)));
	k->last_seq = seq;
	if (k->fills)
		k->unsent += e->len;
}

static size_t on_unsent(const struct hub_sink *s)
{
	return CONTAINER_OF(s, struct lab_sink, base)->unsent;
}

static void on_end(struct hub_sink *s)
{
	struct lab_sink *k = CONTAINER_OF(s, struct lab_sink, base);

	assert_false(k->ended);
	k->ended = true;
	buf_append_cstr(&k->notes, buf_len(&k->notes) ? ", end" : "end");
}

static void on_wake(struct hub_sink *s)
{
	CONTAINER_OF(s, struct lab_sink, base)->wakes++;
}

static const struct hub_sink_ops sink_ops = {
	.event = on_event,
	.unsent = on_unsent,
	.end = on_end,
};

static const struct hub_sink_ops gathering_ops = {
	.event = on_event,
	.unsent = on_unsent,
	.wake = on_wake,
	.end = on_end,
};

void lab_sink_init(struct lab_sink *k)
{
	*k = (struct lab_sink){.base.ops = &sink_ops};
}

void lab_sink_init_gathering(struct lab_sink *k)
{
	*k = (struct lab_sink){.base.ops = &gathering_ops};
}

void lab_sink_fini(struct lab_sink *k)
{
	buf_fini(&k->notes);
}

void lab_expect(struct lab_sink *k, const char *notes)
{
	if (!str_eq(buf_str(&k->notes), str_of(notes)))
		fail_msg("'%.*s', not '%s'", STR_FMT(buf_str(&k->notes)),
			 notes);
	buf_clear(&k->notes);
}

struct hub_stream *lab_stream(struct lab *lab, struct lab_sink *k, bool all)
{
	struct hub_stream_opts opts = {.sink = k ? &k->base : NULL,
				       .ends_with_jobs = !all};
	struct hub_stream *s = hub_stream_open(lab->edge, &opts);

	if (all)
		lab_interest(s, NULL, "");
	return s;
}

void lab_interest(struct hub_stream *s, const char *name, const char *where)
{
	struct hub_interest_spec spec;

	assert_int_equal(hub_interest_where(str_of(where), &spec, NULL), 0);
	if (name)
		spec.name = mem_strdup(name);
	assert_int_equal(hub_interest_set(s, &spec, NULL, NULL, NULL), 0);
}

/* --- jobs and parts ------------------------------------------------------ */

int lab_submit(struct lab *lab, struct hub_stream *s, const char *json,
	       struct weir_error *err)
{
	struct value spec;
	int rc;

	assert_int_equal(json_parse(str_of(json), &spec, NULL), 0);
	rc = s ? (hub_stream_submit(s, spec, 0, false, NULL), 0)
	       : hub_submit(lab->hub, &(struct hub_submission){.spec = spec},
			    err);
	value_unref(spec);
	return rc;
}

void lab_job(struct lab *lab, struct hub_stream *s, const char *json)
{
	assert_int_equal(lab_submit(lab, s, json, NULL), 0);
}

void lab_push(struct lab *lab, size_t bytes)
{
	char *text = mem_alloc(bytes + 1);
	struct value part;

	memset(text, 'x', bytes);
	part = hub_part(lab->hub, STR(""), STR("x"),
			value_string(str_from(text, bytes)));
	hub_push(lab->hub, part);
	value_unref(part);
	mem_free(text);
}

void lab_expect_job(struct lab *lab, const char *id, const char *want)
{
	struct hub_job *j = hub_find_job(lab->hub, str_of(id));
	struct buf out = {0};
	const char *begun;

	assert_non_null(j);
	hub_job_write(j, &out);
	begun = memmem(buf_bytes(&out), buf_len(&out), ",\"begun\"", 8);
	assert_non_null(begun);
	if (!str_eq(str_from(buf_bytes(&out),
			     (size_t)(begun - buf_bytes(&out))),
		    str_of(want)))
		fail_msg("'%.*s', not '%s'", STR_FMT(buf_str(&out)), want);
	buf_fini(&out);
}
