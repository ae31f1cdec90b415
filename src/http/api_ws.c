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
 * What can be asked for is in api_ws_ops.c.
 */
#include "http/api_ws.h"

#include "base/log.h"
#include "base/mem.h"
#include "fiber/fiber.h"
#include "json/parse.h"
#include "json/write.h"

#define SUBPROTOCOL "weir.v1.json"

static struct loop *loop_of(const struct session *s)
{
	return hub_edge_loop(s->api->host.edge);
}

/* --- answers ----------------------------------------------------------- */

static void begin_answer(const struct session_request *rq, struct buf *out)
{
	buf_append_cstr(out, "{\"ref\":");
	json_write(rq->ref, out);
}

/* Behind the events that it has caused. */
static void answer(const struct session_request *rq, struct buf *out)
{
	if (rq->s->stream)
		hub_stream_drain(rq->s->stream);
	ws_answer(&rq->s->ws, buf_str(out));
	buf_fini(out);
}

void session_accept(const struct session_request *rq, struct str members)
{
	struct buf out = {0};

	if (value_type(rq->ref) == VALUE_NULL)
		return;
	begin_answer(rq, &out);
	buf_append_cstr(&out, ",\"ok\":{");
	buf_append_str(&out, members);
	buf_append_cstr(&out, "}}");
	answer(rq, &out);
}

void session_refuse(const struct session_request *rq, const struct problem *p)
{
	struct buf out = {0};

	if (value_type(rq->ref) == VALUE_NULL) {
		if (!rq->s->stream)
			return; /* it has ended meanwhile */

		struct hub_event *e = hub_event_problem(STR(""), p);

		hub_stream_send(rq->s->stream, e);
		hub_event_unref(e);
		return;
	}
	begin_answer(rq, &out);
	buf_append_cstr(&out, ",\"error\":");
	problem_write(p, &out);
	buf_append_char(&out, '}');
	answer(rq, &out);
}

void session_refuse_member(const struct session_request *rq, int status,
			   const char *slug, const char *pointer,
			   const char *detail)
{
	session_refuse(rq, &(struct problem){.status = status,
					     .slug = slug,
					     .detail = detail,
					     .pointer = pointer});
}

/* --- the stream's sink -------------------------------------------------- */

/* Whether to come back is told by the code, too. */
static uint16_t code_of_bye(const struct session *s)
{
	if (hub_edge_closing(s->api->host.edge))
		return WS_GOING_AWAY;
	return s->stream->overflowed ? WS_POLICY : WS_NORMAL;
}

static void on_event(struct hub_sink *base, const struct hub_event *e,
		     const struct hub_stamp *at)
{
	struct session *s = CONTAINER_OF(base, struct session, base);
	char id[SINK_ID_MAX];
	struct str parts[2];

	if (e->type == HUB_PING) {
		ws_ping(&s->ws);
		return;
	}
	if (e->type == HUB_BYE)
		s->code = code_of_bye(s);
	parts[0] = str_from(id, sink_put_id(id, s->stream->id, at->seq));
	parts[1] = at->matched;
	ws_send_shared(&s->ws, parts, ARRAY_LEN(parts),
		       str_from(e->body, e->len));
}

static size_t on_unsent(const struct hub_sink *base)
{
	return ws_unsent(&CONTAINER_OF(base, struct session, base)->ws);
}

static void on_wake(struct hub_sink *base)
{
	ws_want_write(&CONTAINER_OF(base, struct session, base)->ws);
}

/* `bye` has told why, unless there was nothing more to come. */
static void on_end(struct hub_sink *base)
{
	struct session *s = CONTAINER_OF(base, struct session, base);

	s->stream = NULL;
	ws_close(&s->ws, s->code ? s->code : WS_NORMAL,
		 s->code == WS_GOING_AWAY ? "the server is closing"
					  : "nothing more comes here");
}

static const struct hub_sink_ops sink_ops = {on_event, on_unsent, on_wake,
					     on_end};

/* Before the first event, which needs the stream's id. */
static void on_opened(struct hub_sink *base, struct hub_stream *stream)
{
	struct session *s = CONTAINER_OF(base, struct session, base);

	s->stream = stream;
}

void session_open_stream(struct session *s)
{
	struct hub_edge *edge = s->api->host.edge;

	hub_stream_open(edge,
			&(struct hub_stream_opts){
				.sink = &s->base,
				.who = s->who,
				.linger_ms = hub_edge_limits(edge)->linger_ms,
				.opened = on_opened});
}

void session_attach(struct session *s, struct hub_stream *stream,
		    const struct hub_position *from)
{
	s->stream = stream;
	hub_stream_attach(stream, &s->base, s->who, from);
}

/* --- messages ----------------------------------------------------------- */

static const struct session_op *find_op(struct str name)
{
	for (const struct session_op *op = session_ops; op->name; op++)
		if (str_eq(name, str_of(op->name)))
			return op;
	return NULL;
}

static void refuse_op(const struct session_request *rq, struct str name)
{
	struct buf detail = {0};
	char *text;

	buf_printf(&detail, "there is no op '%.*s'; expected",
		   (int)MIN(name.len, 32), name.p);
	buf_truncate(&detail, str_utf8_valid(buf_str(&detail)));
	for (const struct session_op *op = session_ops; op->name; op++)
		buf_printf(&detail, "%s %s", op == session_ops ? "" : ",",
			   op->name);
	text = buf_take_cstr(&detail);
	session_refuse_member(rq, 400, "bad-op", "/op", text);
	mem_free(text);
}

/* Events are never dropped but for parts, so that who causes them has to read
 * them. */
static bool asks_too_much(const struct session *s)
{
	size_t max =
		2 * hub_edge_limits(s->api->host.edge)->queue_max + WS_OWED_MAX;

	return s->stream && hub_stream_backlog(s->stream) > max;
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

struct pending {
	struct session_request rq; /* with a reference of msg */
	const struct session_op *op;
};

static int run_pending(void *arg)
{
	struct pending *p = arg;
	struct session *s = p->rq.s;

	p->op->run(&p->rq);
	value_unref(p->rq.msg);
	mem_free(p);
	s->busy = false;
	if (s->gone)
		slab_free(s, sizeof *s);
	else
		ws_resume(&s->ws);
	return 0;
}

static void run(struct session_request *rq, const struct session_op *op)
{
	struct pending p = {*rq, op};
	struct fiber *f;

	trace("%s", op->name);
	if (!op->waits) {
		op->run(rq);
		return;
	}
	value_ref(p.rq.msg);
	rq->s->busy = true;
	ws_hold(&rq->s->ws);
	f = fiber_spawn(fiber_pool_here(), "message", run_pending,
			mem_dup(&p, sizeof p));
	if (f)
		fiber_detach(f);
}

static void on_message(struct ws *w, struct str text)
{
	struct session *s = CONTAINER_OF(w, struct session, ws);
	struct session_request rq = {.s = s};
	const struct session_op *op;
	struct weir_error err;
	const char *why;

	if (asks_too_much(s)) {
		ws_close(w, WS_TOO_MANY, "more is asked than is read");
		return;
	}
	if (json_parse(text, &rq.msg, &err) < 0) {
		ws_close(w, WS_BAD_MESSAGE, err.message);
		return;
	}
	why = not_a_message(s, rq.msg);
	if (why) {
		ws_close(w, WS_BAD_MESSAGE, why);
	} else {
		struct str name = value_str(value_get(rq.msg, STR("op")));

		rq.ref = value_get(rq.msg, STR("ref"));
		op = find_op(name);
		if (op)
			run(&rq, op);
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
	s->gone = true;
	if (!s->busy)
		slab_free(s, sizeof *s);
}

static const struct ws_ops ws_ops = {on_message, on_writable, on_closing,
				     on_gone};

static void on_no_hello(struct loop_timer *t)
{
	struct session *s = CONTAINER_OF(t, struct session, hello);

	ws_close(&s->ws, WS_TOO_LATE, "no hello came");
}

/* deflate: of a's, or NULL. */
static struct session *open_session(struct api *a, struct http_exchange *x,
				    struct ws_deflate *deflate)
{
	struct session *s = slab_zalloc(sizeof *s);

	s->base.ops = &sink_ops;
	s->api = a;
	s->who = http_client(x);
	list_push(&a->sessions, &s->link);
	loop_timer_start(loop_of(s), &s->hello,
			 loop_now_ms(loop_of(s)) + http_head_timeout_ms(x),
			 on_no_hello);
	ws_open(&s->ws, x, &ws_ops, deflate);
	return s;
}

void api_ws(struct api *a, struct http_exchange *x)
{
	struct ws_deflate *deflate = a->deflates ? api_deflate(a) : NULL;

	if (http_method(x) != HTTP1_GET)
		http_405(x, "GET");
	else if (!api_refuse_closing(a, x) &&
		 ws_upgrade(x, SUBPROTOCOL, &deflate))
		open_session(a, x, deflate);
}

/* --- to another thread ---------------------------------------------------- */

/* Nothing of a session has to go along but the message that says where to, and
 * what was agreed on. */
struct moving {
	struct api *to;
	struct buf hello;
	bool deflates;
};

static void on_arrived(void *arg, struct http_exchange *x)
{
	struct moving *m = arg;

	if (x)
		on_message(&open_session(m->to, x,
					 m->deflates ? api_deflate(m->to)
						     : NULL)
				    ->ws,
			   buf_str(&m->hello));
	buf_fini(&m->hello);
	mem_free(m);
}

bool session_move(struct session_request *rq, struct str stream)
{
	struct session *s = rq->s;
	struct http_server *to = api_server_of(s->api, s->ws.x, stream);
	struct moving *m;

	if (!to)
		return false;
	m = mem_zalloc(sizeof *m);
	m->to = http_server_arg(to);
	m->deflates = s->ws.reader.deflate != NULL;
	json_write(rq->msg, &m->hello);
	ws_hold(&s->ws);
	http_move(s->ws.x, to, on_arrived, m);
	return true;
}

/* --- the end of all ------------------------------------------------------- */

void api_stop(struct api *a)
{
	LIST_FOREACH (l, &a->sessions)
		ws_close(&CONTAINER_OF(l, struct session, link)->ws,
			 WS_GOING_AWAY, "the server is closing");
}
