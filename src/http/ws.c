/* ws.c - see ws.h. */
#include "http/ws.h"

#include "base/log.h"
#include "fiber/fiber.h"
#include "wire/ws_handshake.h"

#include <assert.h>
#include <string.h>

/* How long the other side may take to say good-bye. */
#define CLOSE_MS 5000
/* So many pings without a sign of life. One follows the other after a time of
 * silence, so this is a minute. */
#define PINGS_MAX 3

enum { OPEN, CLOSING, OVER };

/* --- handshake --------------------------------------------------------- */

/* Who does not know is told what to ask for. Source: RFC 9110, 15.5.22. */
static void ask_to_upgrade(struct http_exchange *x, const char *why)
{
	http_set_header(x, "Upgrade", STR("websocket"));
	http_set_header(x, "Connection", STR("Upgrade"));
	http_set_header(x, "Sec-WebSocket-Version", STR(WS_VERSION));
	http_problem(x, 426, "upgrade-required", "%s", why);
}

static bool check(struct http_exchange *x, const char *protocol)
{
	if (!http_wants_upgrade(x) ||
	    !http_header_has(x, "upgrade", "websocket")) {
		ask_to_upgrade(x, "this is a WebSocket: expected Upgrade: "
				  "websocket and Connection: Upgrade");
		return false;
	}
	if (!str_eq(http_header(x, "sec-websocket-version"), STR(WS_VERSION))) {
		ask_to_upgrade(x,
			       "expected Sec-WebSocket-Version: " WS_VERSION);
		return false;
	}
	if (!ws_key_valid(http_header(x, "sec-websocket-key"))) {
		http_problem(x, 400, "bad-handshake",
			     "expected one Sec-WebSocket-Key of 16 bytes in "
			     "base64");
		return false;
	}
	if (http_has_body(x)) {
		http_problem(x, 400, "bad-handshake",
			     "a WebSocket is asked for without a body");
		return false;
	}
	/* The browser leaves it to us which pages may read what we say. */
	if (!http_origin_allowed(x)) {
		http_problem(x, 403, "bad-origin",
			     "pages of this origin may not connect");
		return false;
	}
	if (http_header(x, "sec-websocket-protocol").p &&
	    !http_header_has(x, "sec-websocket-protocol", protocol)) {
		http_problem(x, 400, "bad-handshake",
			     "expected %s in Sec-WebSocket-Protocol", protocol);
		return false;
	}
	return true;
}

static void agree_on_deflate(struct http_exchange *x,
			     struct ws_deflate **deflate)
{
	const char *answer = NULL;

	if (*deflate)
		answer = ws_deflate_agree(
			http_header(x, "sec-websocket-extensions"));
	if (answer)
		http_set_header(x, "Sec-WebSocket-Extensions", str_of(answer));
	else
		*deflate = NULL;
}

bool ws_upgrade(struct http_exchange *x, const char *protocol,
		struct ws_deflate **deflate)
{
	char accept[WS_ACCEPT_LEN + 1];

	if (!check(x, protocol))
		return false;
	ws_accept(http_header(x, "sec-websocket-key"), accept);
	http_set_header(x, "Sec-WebSocket-Accept", str_of(accept));
	if (http_header(x, "sec-websocket-protocol").p)
		http_set_header(x, "Sec-WebSocket-Protocol", str_of(protocol));
	agree_on_deflate(x, deflate);
	return http_upgrade(x, "websocket") == 0;
}

/* --- sending ----------------------------------------------------------- */

/* first: the opcode and, perhaps, WS_COMPRESSED. */
static void send_frame(struct ws *w, unsigned first, const struct str *parts,
		       size_t n)
{
	struct str text[WS_PARTS_MAX + 1];
	char header[WS_HEADER_MAX];
	size_t len = 0;

	assert(n <= WS_PARTS_MAX);
	for (size_t i = 0; i < n; i++) {
		text[i + 1] = parts[i];
		len += parts[i].len;
	}
	text[0] = str_from(header, ws_frame_header(header, first, len));
	http_write(w->x, text, n + 1);
}

/* One that answers the client. */
static void answer_frame(struct ws *w, unsigned first, const struct str *parts,
			 size_t n)
{
	send_frame(w, first, parts, n);
	http_flush(w->x);
}

static void send_close(struct ws *w, unsigned code, struct str reason)
{
	char bytes[2] = {(char)(code >> 8), (char)code};
	struct str parts[2] = {str_from(bytes, sizeof bytes), reason};

	if (code == WS_NO_CODE)
		answer_frame(w, WS_CLOSE, NULL, 0);
	else
		answer_frame(w, WS_CLOSE, parts, ARRAY_LEN(parts));
}

/* Counts an answer of len bytes. False: there were too many, w is closing. */
static bool owe(struct ws *w, size_t len)
{
	/* At most what is unsent can be answers that are. */
	w->owed = MIN(w->owed, http_unsent(w->x)) + len;
	if (w->owed - len <= WS_OWED_MAX)
		return true;
	ws_close(w, WS_TOO_MANY, "more is asked than is read");
	return false;
}

void ws_send(struct ws *w, const struct str *parts, size_t n)
{
	if (w->state == OPEN)
		send_frame(w, WS_TEXT, parts, n);
}

/* A frame of parts that are stored and a body that is compressed. False: one
 * without compression is better. */
static bool send_packed(struct ws *w, const struct str *parts, size_t n,
			struct str body)
{
	struct str all[WS_PARTS_MAX];
	char stored[WS_STORED_HEADER];
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		all[i + 1] = parts[i];
		len += parts[i].len;
	}
	if (len > WS_STORED_MAX ||
	    !ws_deflate_pack(w->reader.deflate, body, &all[n + 1]))
		return false;
	ws_stored_header(stored, len);
	all[0] = str_from(stored, sizeof stored);
	send_frame(w, WS_TEXT | WS_COMPRESSED, all, n + 2);
	return true;
}

void ws_send_shared(struct ws *w, const struct str *parts, size_t n,
		    struct str body)
{
	struct str all[WS_PARTS_MAX];

	assert(n + 2 <= WS_PARTS_MAX);
	if (w->state != OPEN)
		return;
	if (w->reader.deflate && body.len >= WS_DEFLATE_MIN &&
	    send_packed(w, parts, n, body))
		return;
	memcpy(all, parts, n * sizeof *all);
	all[n] = body;
	send_frame(w, WS_TEXT, all, n + 1);
}

void ws_answer(struct ws *w, struct str text)
{
	if (w->state == OPEN && owe(w, text.len))
		answer_frame(w, WS_TEXT, &text, 1);
}

void ws_want_write(struct ws *w)
{
	if (w->state == OPEN)
		http_want_write(w->x);
}

bool ws_is_open(const struct ws *w)
{
	return w->state == OPEN;
}

size_t ws_unsent(const struct ws *w)
{
	return w->x ? http_unsent(w->x) : 0;
}

/* --- the end ----------------------------------------------------------- */

static void begin_closing(struct ws *w)
{
	if (w->state != OPEN)
		return;
	w->state = CLOSING;
	w->ops->closing(w);
}

/* w may be freed when this returns. */
static void over(struct ws *w)
{
	begin_closing(w);
	w->state = OVER;
	w->x = NULL;
	loop_timer_stop(w->loop, &w->timer);
	ws_reader_fini(&w->reader);
	w->ops->gone(w);
}

/* The connection ends behind what has been written. */
static void end(struct ws *w)
{
	struct http_exchange *x = w->x;

	over(w);
	http_end(x);
}

/* Source: RFC 6455, section 7.1.7. */
static void fail(struct ws *w, unsigned code, const char *why)
{
	trace("failed: %u, %s", code, why);
	if (w->state == OPEN)
		send_close(w, code, str_of(why));
	end(w);
}

static void on_timer(struct loop_timer *t)
{
	struct ws *w = CONTAINER_OF(t, struct ws, timer);

	if (w->state == OPEN)
		fail(w, WS_POLICY, "no ping was answered");
	else
		end(w); /* it has had its time */
}

void ws_close(struct ws *w, unsigned code, const char *reason)
{
	struct str text = str_of(reason);

	if (w->state != OPEN)
		return;
	text.len = MIN(text.len, (size_t)WS_REASON_MAX);
	text.len = str_utf8_valid(text);
	trace("closed: %u", code); /* the reason may quote the client */
	send_close(w, code, text);
	loop_timer_start(w->loop, &w->timer, loop_now_ms(w->loop) + CLOSE_MS,
			 on_timer);
	begin_closing(w);
}

void ws_ping(struct ws *w)
{
	if (w->state != OPEN)
		return;
	if (w->pings++ < PINGS_MAX)
		send_frame(w, WS_PING, NULL, 0);
	else /* not at once: our caller is not prepared for the end */
		loop_timer_start(w->loop, &w->timer, loop_now_ms(w->loop),
				 on_timer);
}

/* --- receiving --------------------------------------------------------- */

static void take_open(struct ws *w, const struct ws_message *m)
{
	switch (m->opcode) {
	case WS_TEXT:
		w->ops->message(w, m->data);
		break;
	case WS_BINARY:
		ws_close(w, WS_UNSUPPORTED, "messages are text");
		break;
	case WS_PING:
		if (owe(w, m->data.len))
			answer_frame(w, WS_PONG, &m->data, 1);
		break;
	default:
		break; /* a pong has said all by coming */
	}
}

/* The good-bye is given back, without the reason. */
static void take_close(struct ws *w, const struct ws_message *m)
{
	if (w->state == OPEN)
		send_close(w, m->code, STR(""));
	end(w);
}

static size_t on_data(void *arg, struct str bytes)
{
	struct ws *w = arg;
	size_t len = bytes.len;
	struct ws_message m;
	int rc = 0;

	w->pings = 0;
	while (!w->held && (rc = ws_read(&w->reader, &bytes, &m)) == 0) {
		if (m.opcode == WS_CLOSE) {
			take_close(w, &m);
			return len;
		}
		if (w->state == OPEN)
			take_open(w, &m);
	}
	if (rc != WEIR_EPROTO)
		return len - bytes.len;
	fail(w, w->reader.code, w->reader.why);
	return len;
}

void ws_hold(struct ws *w)
{
	w->held = true;
}

void ws_resume(struct ws *w)
{
	w->held = false;
	if (w->x)
		http_resume(w->x);
}

static void on_writable(void *arg)
{
	struct ws *w = arg;

	if (w->state == OPEN && w->ops->writable)
		w->ops->writable(w);
}

/* A client that cannot say good-bye any more has gone. What it asked for
 * before is still sent. */
static void on_half_closed(void *arg)
{
	end(arg);
}

static void on_gone(void *arg)
{
	over(arg);
}

static const struct http_watch_ops watch_ops = {
	.writable = on_writable,
	.half_closed = on_half_closed,
	.data = on_data,
	.gone = on_gone,
};

void ws_open(struct ws *w, struct http_exchange *x, const struct ws_ops *ops,
	     struct ws_deflate *deflate)
{
	*w = (struct ws){.ops = ops, .x = x, .loop = fiber_loop()};
	ws_reader_init(&w->reader, (size_t)http_body_max(x), deflate);
	http_detach(x, &watch_ops, w);
}
