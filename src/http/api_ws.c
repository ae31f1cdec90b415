/* api_ws.c - GET /v1/ws: a stream and all its requests on one connection, the
 * subprotocol weir.v1.json.
 *
 *     {"op":"hello","ref":1} --> {"ref":1,"ok":{"stream":"s..", ..}}
 *     {"op":"jobs", ..}      --> events, as on each other transport
 *
 * hello comes first, and within the time for a request's head. A message with a
 * `ref` is answered with it, in the order of messages; of one without it only a
 * failure is told, by an `error` event. What is no message at all ends the
 * connection.
 *
 * An operation is a row of the table below.
 */
#include "base/log.h"
#include "base/mem.h"
#include "http/api_internal.h"
#include "http/ws.h"
#include "hub/hub.h"
#include "hub/job.h"
#include "json/parse.h"
#include "json/write.h"

#include <stdarg.h>
#include <stdio.h>

#define SUBPROTOCOL "weir.v1.json"

struct session {
	struct ws ws;
	struct hub_sink base;
	struct api *api;
	struct list link;	   /* in api->sessions */
	struct loop_timer hello;   /* runs until it has come */
	struct hub_stream *stream; /* NULL before hello and after its end */
	uint32_t who;
};

/* A message at work. */
struct request {
	struct session *s;
	struct value msg; /* borrowed */
	struct value ref; /* borrowed; null: it is not answered */
};

static struct loop *loop_of(const struct session *s)
{
	return hub_loop(s->api->host.hub);
}

/* --- answers ----------------------------------------------------------- */

static void begin_answer(const struct request *rq, struct buf *out)
{
	buf_append_cstr(out, "{\"ref\":");
	json_write(rq->ref, out);
}

/* members: of the object that tells the result, without its braces. */
static void accept(const struct request *rq, struct str members)
{
	struct buf out = {0};

	if (value_type(rq->ref) == VALUE_NULL)
		return;
	begin_answer(rq, &out);
	buf_append_cstr(&out, ",\"ok\":{");
	buf_append_str(&out, members);
	buf_append_cstr(&out, "}}");
	ws_answer(&rq->s->ws, buf_str(&out));
	buf_fini(&out);
}

static void refuse(const struct request *rq, const struct problem *p)
{
	struct buf out = {0};

	if (value_type(rq->ref) == VALUE_NULL) {
		struct hub_event *e = hub_event_problem(STR(""), p);

		hub_stream_send(rq->s->stream, e);
		hub_event_unref(e);
		return;
	}
	begin_answer(rq, &out);
	buf_append_cstr(&out, ",\"error\":");
	problem_write(p, &out);
	buf_append_char(&out, '}');
	ws_answer(&rq->s->ws, buf_str(&out));
	buf_fini(&out);
}

static void refuse_member(const struct request *rq, int status,
			  const char *slug, const char *pointer,
			  const char *detail)
{
	refuse(rq, &(struct problem){.status = status,
				     .slug = slug,
				     .detail = detail,
				     .pointer = pointer});
}

/* --- the stream's sink -------------------------------------------------- */

static void on_event(struct hub_sink *base, const struct hub_event *e,
		     const struct hub_stamp *at)
{
	struct session *s = CONTAINER_OF(base, struct session, base);
	char id[SINK_ID_MAX];
	struct str parts[3];

	if (e->type == HUB_PING) {
		ws_ping(&s->ws);
		return;
	}
	parts[0] = str_from(id, sink_put_id(id, s->stream->epoch, at->seq));
	parts[1] = at->matched;
	parts[2] = str_from(e->body, e->len);
	ws_send(&s->ws, parts, ARRAY_LEN(parts));
}

static size_t on_unsent(const struct hub_sink *base)
{
	return ws_unsent(&CONTAINER_OF(base, struct session, base)->ws);
}

/* `bye` has told why. */
static void on_end(struct hub_sink *base)
{
	struct session *s = CONTAINER_OF(base, struct session, base);
	bool stopping = hub_closing(s->api->host.hub);

	s->stream = NULL;
	ws_close(&s->ws, stopping ? WS_GOING_AWAY : WS_NORMAL,
		 stopping ? "the server is closing"
			  : "nothing more comes here");
}

static const struct hub_sink_ops sink_ops = {on_event, on_unsent, on_end};

/* Before the first event, which needs the stream's epoch. */
static void on_opened(struct sink *k, struct hub_stream *stream)
{
	struct session *s = (struct session *)(void *)k;

	s->stream = stream;
}

/* --- operations --------------------------------------------------------- */

static void open_stream(struct session *s)
{
	struct hub *hub = s->api->host.hub;

	hub_stream_open(hub, &(struct hub_stream_opts){
				     .sink = &s->base,
				     .who = s->who,
				     .linger_ms = hub_limits(hub)->linger_ms,
				     .opened = on_opened,
				     .opened_arg = (struct sink *)(void *)s});
}

/* What a hello asks for, read. */
struct wanted {
	struct str stream; /* p is NULL: a new one */
	struct hub_position from;
};

/* Why hello is none; NULL: it is one. */
static const char *read_hello(struct value msg, struct wanted *w,
			      struct weir_error *err)
{
	static const char *const members[] = {"token", "stream", "last"};
	struct value v;

	*w = (struct wanted){0};
	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		if (value_find(msg, str_of(members[i]), &v) &&
		    value_type(v) != VALUE_STRING)
			return "token, stream and last are strings";
	if (value_find(msg, STR("stream"), &v))
		w->stream = value_str(v);
	v = value_get(msg, STR("last"));
	if (hub_position_parse(value_str(v), &w->from, err) < 0)
		return err->message;
	if (w->from.epoch.len && !w->stream.p)
		return "last says where in stream, which is missing";
	return NULL;
}

/* The stream that the client comes back for. False: w is closed, or another
 * one has to be opened. */
static bool come_back(struct session *s, const struct wanted *w)
{
	struct hub *hub = s->api->host.hub;
	struct hub_stream *stream = hub_find_stream(hub, w->stream);

	if (stream ? !hub_stream_has_more(stream, &w->from)
		   : hub_stream_absence(hub, w->stream) == HUB_ENDED) {
		ws_close(&s->ws, WS_NORMAL, "the stream has ended");
	} else if (stream && stream->sink && !w->from.epoch.len) {
		ws_close(&s->ws, WS_BAD_MESSAGE,
			 "somebody is reading the stream: who says by last "
			 "where it was takes over");
	} else if (stream) {
		s->stream = stream;
		hub_stream_attach(stream, &s->base, s->who, &w->from);
		return true;
	}
	return false;
}

static void hello(struct request *rq)
{
	struct session *s = rq->s;
	char id[HUB_STREAM_ID_LEN + 1];
	char members[80];
	struct weir_error err;
	struct wanted w;
	const char *why;
	bool resumed;
	int n;

	if (s->stream) {
		refuse_member(rq, 409, "conflict", "/op",
			      "hello has been said before");
		return;
	}
	loop_timer_stop(loop_of(s), &s->hello);
	why = read_hello(rq->msg, &w, &err);
	if (why) {
		ws_close(&s->ws, WS_BAD_MESSAGE, why);
		return;
	}
	if (hub_closing(s->api->host.hub)) {
		ws_close(&s->ws, WS_GOING_AWAY, "the server is closing");
		return;
	}
	/* Behind an end that is sent at once there is no stream any more. */
	snprintf(id, sizeof id, "%.*s", STR_FMT(w.stream));
	resumed = w.stream.p && come_back(s, &w);
	if (!resumed && ws_is_open(&s->ws)) {
		/* Also for what is gone, as after a restart. */
		open_stream(s);
		snprintf(id, sizeof id, "%s", s->stream->id);
		if (w.from.epoch.len)
			hub_stream_tell_restart(s->stream, &w.from);
	}
	n = snprintf(members, sizeof members,
		     "\"stream\":\"%s\",\"resumed\":%s", id,
		     resumed ? "true" : "false");
	accept(rq, str_from(members, (size_t)n));
}

/* All of them are looked at before the first one runs. */
static bool check_jobs(const struct request *rq, struct value jobs)
{
	const char *member;
	struct weir_error err;
	char pointer[64];

	if (value_type(jobs) != VALUE_ARRAY || !jobs.len) {
		refuse_member(rq, 422, "no-jobs", "/jobs",
			      "expected an array of jobs");
		return false;
	}
	if (jobs.len > API_JOBS_MAX) {
		snprintf(err.message, sizeof err.message,
			 "a request has at most %d jobs", API_JOBS_MAX);
		refuse_member(rq, 413, "too-many-jobs", "/jobs", err.message);
		return false;
	}
	for (uint32_t i = 0; i < jobs.len; i++) {
		if (hub_job_check(value_nodes(jobs)[i], &member, &err) == 0)
			continue;
		snprintf(pointer, sizeof pointer, "/jobs/%u%s", i, member);
		refuse_member(rq, 422, "bad-job", pointer, err.message);
		return false;
	}
	return true;
}

static void jobs(struct request *rq)
{
	struct session *s = rq->s;
	struct value all = value_get(rq->msg, STR("jobs"));
	struct buf members = {0};

	if (!check_jobs(rq, all))
		return;
	buf_append_cstr(&members, "\"jobs\":");
	api_submit_all(s->api, s->ws.x, value_nodes(all), all.len, s->stream,
		       &members);
	accept(rq, buf_str(&members));
	buf_fini(&members);
}

static void cancel(struct request *rq)
{
	struct value id = value_get(rq->msg, STR("job"));
	struct buf members = {0};
	struct hub_job *j;

	if (value_type(id) != VALUE_STRING) {
		refuse_member(rq, 422, "no-job", "/job",
			      "expected the id of a job");
		return;
	}
	j = hub_find_job(rq->s->api->host.hub, value_str(id));
	if (!j) {
		refuse_member(rq, 404, "no-job", "/job",
			      "there is no job of this id");
		return;
	}
	hub_job_ref(j);
	hub_job_cancel(j);
	buf_append_cstr(&members, "\"job\":");
	hub_job_write(j, &members);
	hub_job_unref(j);
	accept(rq, buf_str(&members));
	buf_fini(&members);
}

/* The message without what is not the interest's. */
static struct value interest_of(struct value msg)
{
	const struct value *nodes = value_nodes(msg);
	struct value *pairs = mem_alloc(2 * msg.len * sizeof *pairs);
	struct value v;
	uint32_t n = 0;

	for (uint32_t i = 0; i < msg.len; i++) {
		struct str key = value_str(nodes[2 * i]);

		if (str_eq(key, STR("op")) || str_eq(key, STR("ref")))
			continue;
		pairs[2 * n] = value_ref(nodes[2 * i]);
		pairs[2 * n + 1] = value_ref(nodes[2 * i + 1]);
		n++;
	}
	v = value_object(pairs, n);
	mem_free(pairs);
	return v;
}

static void interest(struct request *rq)
{
	struct value conf = interest_of(rq->msg);
	struct hub_interest_spec spec;
	struct hub_interest *i;
	struct buf members = {0};
	struct weir_error err;
	struct conf_error e;

	if (hub_interest_read(rq->s->api->host.hub, conf, (struct str){0}, "",
			      &spec, &e) < 0) {
		/* A place in a text is a condition's. */
		refuse(rq,
		       &(struct problem){.status = 422,
					 .slug = e.err.line ? "bad-condition"
							    : "bad-interest",
					 .detail = e.err.message,
					 .pointer = e.pointer,
					 .line = e.err.line,
					 .column = e.err.column});
	} else if (hub_interest_set(rq->s->stream, &spec, NULL, &i, &err) < 0) {
		refuse_member(rq, 422, "too-many-interests", "", err.message);
	} else {
		buf_append_cstr(&members, "\"interest\":");
		hub_interest_write(i, &members);
		accept(rq, buf_str(&members));
	}
	buf_fini(&members);
	value_unref(conf);
}

static void drop(struct request *rq)
{
	struct value name = value_get(rq->msg, STR("name"));
	struct hub_interest *i =
		hub_interest_find(rq->s->stream, value_str(name));

	if (!i) {
		refuse_member(rq, 404, "no-interest", "/name",
			      "the stream has no interest of this name");
		return;
	}
	hub_interest_drop(i);
	accept(rq, STR(""));
}

/* Who is asking is not looked at so far; a client may renew what it said. */
static void token(struct request *rq)
{
	if (value_type(value_get(rq->msg, STR("token"))) == VALUE_STRING)
		accept(rq, STR(""));
	else
		refuse_member(rq, 422, "no-token", "/token",
			      "expected a string");
}

/* Pages cannot send the pings of the protocol below; this is theirs. */
static void ping(struct request *rq)
{
	if (value_type(rq->ref) == VALUE_NULL)
		ws_answer(&rq->s->ws, STR("{\"type\":\"ping\"}"));
	else
		accept(rq, STR(""));
}

static const struct op {
	const char *name;
	void (*run)(struct request *rq);
} ops[] = {
	{"hello", hello}, {"jobs", jobs},     {"interest", interest},
	{"drop", drop},	  {"cancel", cancel}, {"token", token},
	{"ping", ping},
};

/* --- messages ----------------------------------------------------------- */

static const struct op *find_op(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(ops); i++)
		if (str_eq(name, str_of(ops[i].name)))
			return &ops[i];
	return NULL;
}

static void refuse_op(const struct request *rq, struct str name)
{
	struct buf detail = {0};
	char *text;

	buf_printf(&detail, "there is no op '%.*s'; expected",
		   (int)MIN(name.len, 32), name.p);
	buf_truncate(&detail, str_utf8_valid(buf_str(&detail)));
	for (size_t i = 0; i < ARRAY_LEN(ops); i++)
		buf_printf(&detail, "%s %s", i ? "," : "", ops[i].name);
	text = buf_take_cstr(&detail);
	refuse_member(rq, 400, "bad-op", "/op", text);
	mem_free(text);
}

/* Why msg is none; NULL: it is one. */
static const char *not_a_message(const struct session *s, struct value msg)
{
	struct value op = value_get(msg, STR("op"));

	if (value_type(msg) != VALUE_OBJECT || value_type(op) != VALUE_STRING)
		return "expected an object with an op";
	switch (value_type(value_get(msg, STR("ref")))) {
	case VALUE_ARRAY:
	case VALUE_OBJECT:
		return "ref is a string or a number";
	default:
		break;
	}
	if (!s->stream && !str_eq(value_str(op), STR("hello")))
		return "the first message is hello";
	return NULL;
}

static void on_message(struct ws *w, struct str text)
{
	struct session *s = CONTAINER_OF(w, struct session, ws);
	struct request rq = {.s = s};
	const struct op *op;
	struct weir_error err;
	const char *why;

	if (json_parse(text, &rq.msg, &err) < 0) {
		ws_close(w, WS_BAD_MESSAGE, err.message);
		return;
	}
	why = not_a_message(s, rq.msg);
	if (why) {
		ws_close(w, WS_BAD_MESSAGE, why);
	} else {
		struct str name = value_str(value_get(rq.msg, STR("op")));

		trace("%.*s", STR_FMT(name));
		rq.ref = value_get(rq.msg, STR("ref"));
		op = find_op(name);
		if (op)
			op->run(&rq);
		else
			refuse_op(&rq, name);
	}
	value_unref(rq.msg);
}

/* --- life --------------------------------------------------------------- */

static void on_writable(struct ws *w)
{
	struct session *s = CONTAINER_OF(w, struct session, ws);

	if (s->stream)
		hub_stream_drain(s->stream);
}

static void on_closing(struct ws *w)
{
	struct session *s = CONTAINER_OF(w, struct session, ws);
	struct hub_stream *stream = s->stream;

	s->stream = NULL;
	loop_timer_stop(loop_of(s), &s->hello);
	if (stream)
		hub_stream_gone(stream);
}

static void on_gone(struct ws *w)
{
	struct session *s = CONTAINER_OF(w, struct session, ws);

	list_remove(&s->link);
	slab_free(s, sizeof *s);
}

static const struct ws_ops ws_ops = {on_message, on_writable, on_closing,
				     on_gone};

static void on_no_hello(struct loop_timer *t)
{
	struct session *s = CONTAINER_OF(t, struct session, hello);

	ws_close(&s->ws, WS_TOO_LATE, "no hello came");
}

void api_ws(struct api *a, struct http_exchange *x)
{
	struct session *s;

	if (http_method(x) != HTTP1_GET) {
		http_405(x, "GET");
		return;
	}
	if (api_refuse_closing(a, x) || !ws_upgrade(x, SUBPROTOCOL))
		return;
	s = slab_zalloc(sizeof *s);
	s->base.ops = &sink_ops;
	s->api = a;
	s->who = http_client(x);
	list_push(&a->sessions, &s->link);
	loop_timer_start(loop_of(s), &s->hello,
			 loop_now_ms(loop_of(s)) + http_head_timeout_ms(x),
			 on_no_hello);
	ws_open(&s->ws, x, &ws_ops);
}

void api_stop(struct api *a)
{
	LIST_FOREACH (l, &a->sessions)
		ws_close(&CONTAINER_OF(l, struct session, link)->ws,
			 WS_GOING_AWAY, "the server is closing");
}
