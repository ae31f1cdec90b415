/* api_ws_ops.c - what a client can ask for by a message of weir.v1.json: a
 * function each, and a row of the table at the end.
 *
 * Source: docs/protocol.md.
 */
#include "http/api_ws.h"

#include "base/mem.h"
#include "hub/submit.h"

#include <stdio.h>

/* --- hello --------------------------------------------------------------- */

/* What it asks for, read. */
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
	if (w->from.stream.len && !w->stream.p)
		return "last says where in stream, which is missing";
	return NULL;
}

/* The stream that the client comes back for. False: w is closed, or another
 * one has to be opened. */
static bool come_back(struct session *s, const struct wanted *w)
{
	struct hub_edge *edge = s->api->host.edge;
	struct hub_stream *stream = hub_find_stream(edge, w->stream);

	if (stream ? !hub_stream_has_more(stream, &w->from)
		   : hub_stream_absence(edge, w->stream) == HUB_ENDED) {
		ws_close(&s->ws, WS_NORMAL, "the stream has ended");
	} else if (stream && stream->sink && !w->from.stream.len) {
		ws_close(&s->ws, WS_BAD_MESSAGE,
			 "somebody is reading the stream: who says by last "
			 "where it was takes over");
	} else if (stream) {
		session_attach(s, stream, &w->from);
		return true;
	}
	return false;
}

static void hello(struct session_request *rq)
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
		session_refuse_member(rq, 409, "conflict", "/op",
				      "hello has been said before");
		return;
	}
	loop_timer_stop(s->ws.loop, &s->hello);
	why = read_hello(rq->msg, &w, &err);
	if (why) {
		ws_close(&s->ws, WS_BAD_MESSAGE, why);
		return;
	}
	if (hub_edge_closing(s->api->host.edge)) {
		ws_close(&s->ws, WS_GOING_AWAY, "the server is closing");
		return;
	}
	if (w.stream.p && session_move(rq, w.stream))
		return;
	/* Behind an end that is sent at once there is no stream any more. */
	snprintf(id, sizeof id, "%.*s", STR_FMT(w.stream));
	resumed = w.stream.p && come_back(s, &w);
	if (!resumed && ws_is_open(&s->ws)) {
		/* Also for what is gone, as after a restart. */
		session_open_stream(s);
		snprintf(id, sizeof id, "%s", s->stream->id);
		if (w.from.stream.len)
			hub_stream_tell_restart(s->stream, &w.from);
	}
	n = snprintf(members, sizeof members,
		     "\"stream\":\"%s\",\"resumed\":%s", id,
		     resumed ? "true" : "false");
	session_accept(rq, str_from(members, (size_t)n));
}

/* --- jobs ---------------------------------------------------------------- */

/* All of them are looked at before the first one runs. */
static bool check_jobs(const struct session_request *rq, struct value jobs)
{
	const char *member;
	struct weir_error err;
	char pointer[64];

	if (value_type(jobs) != VALUE_ARRAY || !jobs.len) {
		session_refuse_member(rq, 422, "no-jobs", "/jobs",
				      "expected an array of jobs");
		return false;
	}
	if (jobs.len > API_JOBS_MAX) {
		snprintf(err.message, sizeof err.message,
			 "a request has at most %d jobs", API_JOBS_MAX);
		session_refuse_member(rq, 413, "too-many-jobs", "/jobs",
				      err.message);
		return false;
	}
	for (uint32_t i = 0; i < jobs.len; i++) {
		if (hub_job_check(value_nodes(jobs)[i], &member, &err) == 0)
			continue;
		snprintf(pointer, sizeof pointer, "/jobs/%u%s", i, member);
		session_refuse_member(rq, 422, "bad-job", pointer, err.message);
		return false;
	}
	return true;
}

static void jobs(struct session_request *rq)
{
	struct session *s = rq->s;
	struct value all = value_get(rq->msg, STR("jobs"));
	struct buf members = {0};

	if (!check_jobs(rq, all))
		return;
	buf_append_cstr(&members, "\"jobs\":");
	api_submit_all(s->ws.x, value_nodes(all), all.len, s->stream, &members);
	session_accept(rq, buf_str(&members));
	buf_fini(&members);
}

static void cancel(struct session_request *rq)
{
	struct value id = value_get(rq->msg, STR("job"));
	struct api_job_call c = {.id = value_str(id), .cancel = true};

	if (value_type(id) != VALUE_STRING) {
		session_refuse_member(rq, 422, "no-job", "/job",
				      "expected the id of a job");
		return;
	}
	buf_append_cstr(&c.out, "\"job\":");
	if (api_call_job(rq->s->api, &c))
		session_accept(rq, buf_str(&c.out));
	else
		session_refuse_member(rq, 404, "no-job", "/job",
				      "there is no job of this id");
	buf_fini(&c.out);
}

/* --- interests ----------------------------------------------------------- */

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

static void interest(struct session_request *rq)
{
	struct value conf = interest_of(rq->msg);
	struct hub_interest_spec spec;
	struct hub_interest *i;
	struct buf members = {0};
	struct weir_error err;
	struct conf_error e;

	if (hub_interest_read(rq->s->api->host.edge, conf, (struct str){0}, "",
			      &spec, &e) < 0) {
		/* A place in a text is a condition's. */
		session_refuse(rq, &(struct problem){
					   .status = 422,
					   .slug = e.err.line ? "bad-condition"
							      : "bad-interest",
					   .detail = e.err.message,
					   .pointer = e.pointer,
					   .line = e.err.line,
					   .column = e.err.column});
	} else if (hub_interest_set(rq->s->stream, &spec, NULL, &i, &err) < 0) {
		struct problem p = api_interest_problem(&err);

		session_refuse(rq, &p);
	} else {
		buf_append_cstr(&members, "\"interest\":");
		hub_interest_write(i, &members);
		session_accept(rq, buf_str(&members));
	}
	buf_fini(&members);
	value_unref(conf);
}

static void drop(struct session_request *rq)
{
	struct value name = value_get(rq->msg, STR("name"));
	struct hub_interest *i =
		hub_interest_find(rq->s->stream, value_str(name));

	if (!i) {
		session_refuse_member(
			rq, 404, "no-interest", "/name",
			"the stream has no interest of this name");
		return;
	}
	hub_interest_drop(i);
	session_accept(rq, STR(""));
}

/* --- small things -------------------------------------------------------- */

/* Who is asking is not looked at so far; a client may renew what it said. */
static void token(struct session_request *rq)
{
	if (value_type(value_get(rq->msg, STR("token"))) == VALUE_STRING)
		session_accept(rq, STR(""));
	else
		session_refuse_member(rq, 422, "no-token", "/token",
				      "expected a string");
}

/* Pages cannot send the pings of the protocol below; this is theirs. */
static void ping(struct session_request *rq)
{
	if (value_type(rq->ref) == VALUE_NULL)
		ws_answer(&rq->s->ws, STR("{\"type\":\"ping\"}"));
	else
		session_accept(rq, STR(""));
}

const struct session_op session_ops[] = {
	{"hello", hello},
	{"jobs", jobs},
	{"interest", interest},
	{"drop", drop},
	{"cancel", cancel, .waits = true},
	{"token", token},
	{"ping", ping},
	{0},
};
