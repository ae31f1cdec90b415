/* ws_test.c - a WebSocket from its handshake to each of its ends.
 *
 * The owner sends a message back with "<>" around it.
 */
#include "web.h"

#include "http/api_ws.h"
#include "wire/ws_frame.h"

static struct http_conf conf;
static struct ws_deflate *deflate; /* what the server has for it, or NULL */

static char shared[1000]; /* what is sent to many */

/* What the owner of the WebSocket has heard. */
static struct owner {
	struct ws ws;
	struct buf heard;
	int writable;
	int closing;
	int gone;
} owner;

static void on_message(struct ws *w, struct str text)
{
	struct str parts[3] = {STR("<"), text, STR(">")};

	assert_int_equal(owner.closing, 0);
	buf_append_str(&owner.heard, text);
	if (str_eq(text, STR("bye")))
		ws_close(w, 4000, "as you like");
	else if (str_starts(text, STR("ask")))
		ws_answer(w, text);
	else if (str_starts(text, STR("shared")))
		ws_send_shared(w, parts, 2, str_of(shared));
	else
		ws_send(w, parts, ARRAY_LEN(parts));
}

static void on_writable(struct ws *w)
{
	owner.writable++;
}

static void on_closing(struct ws *w)
{
	assert_int_equal(owner.gone, 0);
	owner.closing++;
}

static void on_gone(struct ws *w)
{
	assert_int_equal(owner.closing, 1);
	owner.gone++;
}

static const struct ws_ops ops = {on_message, on_writable, on_closing, on_gone};

static void handle(void *arg, struct http_exchange *x)
{
	struct ws_deflate *agreed = deflate;

	if (ws_upgrade(x, "test.v1", &agreed))
		ws_open(&owner.ws, x, &ops, agreed);
}

struct test {
	struct web web;
	struct client c;
};

#define KEY	    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define VERSION	    "Sec-WebSocket-Version: 13\r\n"
#define UPGRADE	    "Upgrade: websocket\r\nConnection: Upgrade\r\n"
#define ASK(fields) "GET / HTTP/1.1\r\nHost: h\r\n" fields "\r\n"

static void begin(struct test *t)
{
	buf_fini(&owner.heard);
	owner = (struct owner){0};
	web_open(&t->web, &conf, handle, NULL);
	client_open(&t->c, &t->web);
}

static void begin_open(struct test *t)
{
	begin(t);
	say(&t->c, ASK(UPGRADE VERSION KEY));
	assert_true(hears(&t->c, "HTTP/1.1 101 "));
	assert_true(hears(&t->c, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
	assert_true(hears(&t->c, "\r\n\r\n"));
}

static void end(struct test *t)
{
	client_close(&t->c);
	web_close(&t->web);
	assert_int_equal(owner.gone, owner.closing);
	buf_fini(&owner.heard);
}

/* Sends a frame with a mask of zeros; false when nobody takes it. */
static bool try_frame(struct client *c, unsigned first, struct str data)
{
	char header[WS_HEADER_MAX + 4] = {0};
	size_t n = ws_frame_header(header, WS_TEXT, data.len);
	struct buf all = {0};
	ssize_t sent;

	header[0] = (char)first;
	header[1] = (char)(header[1] | 0x80);
	memset(header + n, 0, 4);
	buf_append(&all, header, n + 4);
	buf_append_str(&all, data);
	sent = send(c->fd, buf_bytes(&all), buf_len(&all), MSG_NOSIGNAL);
	n = buf_len(&all);
	buf_fini(&all);
	return sent == (ssize_t)n;
}

static void say_frame(struct client *c, unsigned first, struct str data)
{
	assert_true(try_frame(c, first, data));
}

#define TEXT  0x81
#define CLOSE 0x88
#define PING  0x89

/* --- handshake ----------------------------------------------------------- */

static void refused(const char *request, const char *status, const char *why)
{
	struct test t;

	begin(&t);
	say(&t.c, request);
	assert_true(hears(&t.c, status));
	assert_true(hears(&t.c, why));
	end(&t);
	assert_int_equal(owner.gone, 0);
}

static void refuses(void *arg)
{
	static const char *const origins[] = {"http://a", NULL};

	refused(ASK(""), " 426 ", "Sec-WebSocket-Version: 13\r\n");
	refused(ASK(KEY VERSION "Upgrade: foo\r\nConnection: Upgrade\r\n"),
		" 426 ", "Upgrade: websocket\r\n");
	refused(ASK(UPGRADE KEY "Sec-WebSocket-Version: 12\r\n"), " 426 ",
		"expected Sec-WebSocket-Version: 13");
	refused(ASK(UPGRADE VERSION), " 400 ", "Sec-WebSocket-Key");
	refused(ASK(UPGRADE VERSION KEY KEY), " 400 ", "Sec-WebSocket-Key");
	refused(ASK(UPGRADE VERSION KEY "Content-Length: 1\r\n"), " 400 ",
		"without a body");
	refused(ASK(UPGRADE VERSION KEY "Sec-WebSocket-Protocol: other\r\n"),
		" 400 ", "expected test.v1");
	conf.cors_origins = origins;
	refused(ASK(UPGRADE VERSION KEY "Origin: http://b\r\n"), " 403 ",
		"origin");

	struct test t;

	begin(&t);
	say(&t.c, ASK(UPGRADE VERSION KEY "Origin: http://a\r\n"));
	assert_true(hears(&t.c, " 101 "));
	end(&t);
	conf.cors_origins = NULL;
}

static void chooses_the_subprotocol(void *arg)
{
	struct test t;

	begin(&t);
	say(&t.c, ASK(UPGRADE VERSION KEY
		      "Sec-WebSocket-Protocol: other, test.v1\r\n"));
	assert_true(hears(&t.c, "\r\nSec-WebSocket-Protocol: test.v1\r\n"));
	end(&t);
}

/* --- messages ------------------------------------------------------------ */

static void answers(void *arg)
{
	struct test t;

	begin_open(&t);
	say_frame(&t.c, TEXT, STR("hello"));
	assert_true(hears(&t.c, "\x81\x07<hello>"));
	say_frame(&t.c, PING, STR("there"));
	assert_true(hears(&t.c, "\x8a\x05there"));
	say_frame(&t.c, 0x01, STR("two "));
	say_frame(&t.c, PING, STR("?"));
	say_frame(&t.c, 0x80, STR("halves"));
	assert_true(hears(&t.c, "\x8a\x01?\x81\x0c<two halves>"));
	end(&t);
	assert_int_equal(owner.gone, 1);
}

static void hears_what_came_with_the_handshake(void *arg)
{
	static const char early[] =
		ASK(UPGRADE VERSION KEY) "\x81\x82\x01\x01\x01\x01"
					 "hi";
	struct test t;

	begin(&t);
	say(&t.c, early);
	assert_true(hears(&t.c, "\x81\x04<ih>")); /* as the mask makes it */
	end(&t);
}

/* --- compression --------------------------------------------------------- */

#define OFFER "Sec-WebSocket-Extensions: permessage-deflate"

static void begin_deflate(struct test *t, const char *request)
{
	deflate = ws_deflate_create();
	memset(shared, 'x', sizeof shared - 1);
	begin(t);
	say(&t->c, request);
	assert_true(hears(&t->c, "HTTP/1.1 101 "));
}

static void end_deflate(struct test *t)
{
	end(t);
	ws_deflate_destroy(deflate);
	deflate = NULL;
}

/* The next frame, which is short. */
static struct str hear_frame(struct client *c)
{
	int64_t deadline = loop_now_ms(fiber_loop()) + WEB_PATIENCE_MS;
	struct str got = buf_str(&c->got);

	while (got.len < 2 || got.len < 2u + (unsigned char)got.p[1]) {
		assert_true(hear_more(c, deadline));
		got = buf_str(&c->got);
	}
	assert_in_range(got.p[1], 0, 125);
	return str_from(got.p, 2u + (unsigned char)got.p[1]);
}

static void compresses_what_many_receive(void *arg)
{
	struct test t;
	struct buf text = {0};
	struct str f;

	begin_deflate(&t, ASK(UPGRADE VERSION KEY OFFER
			      "; client_max_window_bits\r\n"));
	assert_true(hears(&t.c, OFFER "; server_no_context_takeover; "
				      "client_no_context_takeover\r\n"));
	assert_true(hears(&t.c, "\r\n\r\n"));

	/* "Hello", of RFC 7692, section 7.2.3.1. */
	say_frame(&t.c, WS_COMPRESSED | TEXT,
		  str_from("\xf2\x48\xcd\xc9\xc9\x07\0", 7));
	assert_true(hears(&t.c, "\x81\x07<Hello>"));

	say_frame(&t.c, TEXT, STR("shared"));
	f = hear_frame(&t.c);
	assert_int_equal((unsigned char)f.p[0], WS_COMPRESSED | TEXT);
	assert_int_equal(ws_deflate_unpack(deflate,
					   str_from(f.p + 2, f.len - 2), 2000,
					   &text),
			 0);
	assert_true(str_starts(buf_str(&text), STR("<sharedxxx")));
	assert_int_equal(buf_len(&text), strlen("<shared") + strlen(shared));
	buf_consume(&t.c.got, f.len);
	buf_fini(&text);

	say_frame(&t.c, WS_COMPRESSED | TEXT, STR("\xff\xff"));
	assert_true(hears(&t.c, "\x03\xefthe message is not DEFLATE"));
	end_deflate(&t);
}

static void compresses_for_who_asks_for_it(void *arg)
{
	struct test t;

	begin_deflate(&t, ASK(UPGRADE VERSION KEY));
	assert_true(hears(&t.c, "\r\n\r\n"));
	assert_false(has(&t.c, "xtensions"));
	say_frame(&t.c, TEXT, STR("shared"));
	assert_true(hears(&t.c, "<sharedxxx"));
	end_deflate(&t);

	begin_deflate(&t, ASK(UPGRADE VERSION KEY OFFER
			      "; server_max_window_bits=9\r\n"));
	assert_true(hears(&t.c, "\r\n\r\n"));
	say_frame(&t.c, TEXT, STR("shared"));
	assert_true(hears(&t.c, "<sharedxxx"));
	say_frame(&t.c, WS_COMPRESSED | TEXT, STR("x"));
	assert_true(hears(&t.c, "\x03\xea"));
	end_deflate(&t);
}

/* --- ends ---------------------------------------------------------------- */

static void gives_the_good_bye_back(void *arg)
{
	struct test t;

	begin_open(&t);
	say_frame(&t.c, CLOSE, STR("\x0f\xa1why"));
	say_frame(&t.c, TEXT, STR("late"));
	assert_true(hears(&t.c, "\x88\x02\x0f\xa1"));
	assert_true(hears_end(&t.c));
	assert_int_equal(buf_len(&t.c.got), 0);
	assert_int_equal(buf_len(&owner.heard), 0);
	assert_int_equal(owner.gone, 1);
	end(&t);
}

static void waits_for_the_good_bye(void *arg)
{
	struct test t;

	begin_open(&t);
	say_frame(&t.c, TEXT, STR("bye"));
	assert_true(hears(&t.c, "\x88\x0d\x0f\xa0"
				"as you like"));
	assert_int_equal(owner.closing, 1);
	/* What crosses it on its way is not looked at any more. */
	say_frame(&t.c, TEXT, STR("late"));
	say_frame(&t.c, PING, STR("late"));
	fiber_sleep(50);
	assert_int_equal(owner.gone, 0);
	say_frame(&t.c, CLOSE, STR("\x0f\xa0"));
	assert_true(hears_end(&t.c));
	assert_int_equal(buf_len(&t.c.got), 0);
	assert_int_equal(owner.gone, 1);
	end(&t);
}

static void does_not_wait_for_ever(void *arg)
{
	struct test t;

	begin_open(&t);
	say_frame(&t.c, TEXT, STR("bye"));
	assert_true(hears(&t.c, "as you like"));
	for (int i = 0; i < 60 && !owner.gone; i++)
		fiber_sleep(100);
	assert_int_equal(owner.gone, 1);
	assert_true(hears_end(&t.c));
	end(&t);
}

static void tells_what_was_wrong(void *arg)
{
	struct test t;

	begin_open(&t);
	say_frame(&t.c, TEXT, STR("fine"));
	say_frame(&t.c, 0xC1, STR("not"));
	assert_true(hears(&t.c, "<fine>"));
	assert_true(hears(&t.c, "\x03\xea"
				"a reserved bit is set"));
	assert_true(hears_end(&t.c));
	assert_int_equal(owner.gone, 1);
	end(&t);

	begin_open(&t);
	say_frame(&t.c, 0x82, STR("\xfe"));
	assert_true(hears(&t.c, "\x03\xebmessages are text"));
	end(&t);
}

static void is_over_with_half_a_connection(void *arg)
{
	struct test t;

	begin_open(&t);
	say_frame(&t.c, TEXT, STR("last"));
	shutdown(t.c.fd, SHUT_WR);
	assert_true(hears(&t.c, "<last>"));
	assert_true(hears_end(&t.c));
	assert_int_equal(owner.gone, 1);
	end(&t);
}

static void is_over_with_a_reset(void *arg)
{
	struct test t;

	begin_open(&t);
	client_break(&t.c);
	for (int i = 0; i < 100 && !owner.gone; i++)
		fiber_sleep(10);
	assert_int_equal(owner.gone, 1);
	client_open(&t.c, &t.web);
	end(&t);
}

static void gives_a_silent_one_up(void *arg)
{
	struct test t;

	begin_open(&t);
	for (int i = 0; i < 3; i++)
		ws_ping(&owner.ws);
	assert_true(hears(&t.c, "\x89")); /* so many as come at once */
	say_frame(&t.c, 0x8A, STR(""));	  /* a pong: all is well */
	fiber_sleep(20);
	for (int i = 0; i < 3; i++)
		ws_ping(&owner.ws);
	fiber_sleep(20);
	assert_int_equal(owner.closing, 0);
	ws_ping(&owner.ws);
	assert_int_equal(owner.closing, 0); /* not inside of the call */
	assert_true(hears(&t.c, "\x03\xf0no ping was answered"));
	assert_true(hears_end(&t.c));
	assert_int_equal(owner.gone, 1);
	end(&t);
}

static void does_not_answer_without_end(void *arg)
{
	static char question[60000] = "ask";
	struct test t;

	memset(question + 3, '?', sizeof question - 3);
	begin_open(&t);
	for (int i = 0; i < 400 && !owner.closing; i++) {
		try_frame(&t.c, TEXT, str_from(question, sizeof question));
		fiber_yield();
		fiber_sleep(1);
	}
	assert_int_equal(owner.closing, 1);
	assert_true(hears(&t.c, "more is asked than is read"));
	end(&t);
}

static void may_ask_much_when_it_reads(void *arg)
{
	static char question[60000] = "ask";
	struct test t;

	memset(question + 3, '?', sizeof question - 3);
	begin_open(&t);
	for (int i = 0; i < 50; i++) {
		say_frame(&t.c, TEXT, str_from(question, sizeof question));
		assert_true(hears(&t.c, "ask?"));
	}
	assert_int_equal(owner.closing, 0);
	end(&t);
}

/* Beside its connection, exchange and stream: what an idle client costs. */
static void an_idle_session_is_a_small_struct(void **state)
{
	assert_in_range(sizeof(struct session), 1, 256);
}

#define CASE(name, fn)                 \
	static void name(void **state) \
	{                              \
		fiber_run(fn, NULL);   \
	}

CASE(what_is_no_handshake_is_told_why, refuses)
CASE(the_subprotocol_is_chosen, chooses_the_subprotocol)
CASE(messages_and_pings_are_answered, answers)
CASE(a_frame_may_come_with_the_handshake, hears_what_came_with_the_handshake)
CASE(what_many_receive_is_compressed, compresses_what_many_receive)
CASE(nothing_is_for_who_does_not_offer_it, compresses_for_who_asks_for_it)
CASE(a_good_bye_is_given_back, gives_the_good_bye_back)
CASE(a_good_bye_is_waited_for, waits_for_the_good_bye)
CASE(one_that_does_not_come_is_not, does_not_wait_for_ever)
CASE(a_broken_frame_is_told_why, tells_what_was_wrong)
CASE(a_half_closed_peer_has_gone, is_over_with_half_a_connection)
CASE(a_reset_peer_has_gone, is_over_with_a_reset)
CASE(a_silent_peer_is_given_up, gives_a_silent_one_up)
CASE(a_peer_that_only_asks_is_closed, does_not_answer_without_end)
CASE(a_peer_that_reads_may_ask_on, may_ask_much_when_it_reads)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_handshake_is_told_why),
		cmocka_unit_test(the_subprotocol_is_chosen),
		cmocka_unit_test(messages_and_pings_are_answered),
		cmocka_unit_test(a_frame_may_come_with_the_handshake),
		cmocka_unit_test(what_many_receive_is_compressed),
		cmocka_unit_test(nothing_is_for_who_does_not_offer_it),
		cmocka_unit_test(a_good_bye_is_given_back),
		cmocka_unit_test(a_good_bye_is_waited_for),
		cmocka_unit_test(one_that_does_not_come_is_not),
		cmocka_unit_test(a_broken_frame_is_told_why),
		cmocka_unit_test(a_half_closed_peer_has_gone),
		cmocka_unit_test(a_reset_peer_has_gone),
		cmocka_unit_test(a_silent_peer_is_given_up),
		cmocka_unit_test(a_peer_that_only_asks_is_closed),
		cmocka_unit_test(a_peer_that_reads_may_ask_on),
		cmocka_unit_test(an_idle_session_is_a_small_struct),
	};

	http_conf_init(&conf);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
