/* server_test.c - requests and their answers, connections and their ends. */
#include "web.h"

#include "http/conn.h"

static struct http_conf conf;
static unsigned completed;
static int last_status;

static void on_complete(void *arg, const struct http_exchange *x)
{
	completed++;
	last_status = http_status(x);
	assert_true(http_elapsed_ms(x) >= 0);
}

static void handle(void *arg, struct http_exchange *x)
{
	struct str path = http_path(x);
	struct str ab[2] = {STR("a"), STR("b")};
	struct buf body = {0};

	if (str_eq(path, STR("/hi"))) {
		http_respond(x, 200, "text/plain", STR("hello"));
	} else if (str_eq(path, STR("/chunks"))) {
		http_begin(x, 200, "text/plain");
		http_write(x, ab, 2);
		http_write(x, ab, 1);
		http_write(x, ab, 0);
		http_end(x);
	} else if (str_eq(path, STR("/echo"))) {
		int rc = http_read_all(x, &body, CLOCK_NEVER);

		if (rc < 0)
			http_problem_body(x, rc);
		else
			http_respond(x, 200, "text/plain", buf_str(&body));
	} else if (str_eq(path, STR("/unread"))) {
		http_respond(x, 200, "text/plain", STR("unread"));
	} else if (str_eq(path, STR("/silent"))) {
		return;
	} else if (str_eq(path, STR("/broken"))) {
		http_begin(x, 200, "text/plain");
		http_write(x, ab, 2);
	} else if (str_eq(path, STR("/405"))) {
		http_405(x, "GET, HEAD");
	} else if (str_eq(path, STR("/header"))) {
		struct str v = http_header(x, "x-a");

		assert_int_equal(http_set_header(x, "X-B", v), 0);
		assert_int_equal(http_set_header(x, "X-C", STR("a\r\nb: c")),
				 WEIR_EINVAL);
		http_respond(x, 200, "text/plain",
			     http_header_has(x, "x-a", "TWO") ? STR("two")
							      : STR("none"));
	} else if (str_eq(path, STR("/query"))) {
		http_query_get(x, "q", &body);
		http_respond(x, 200, "text/plain", buf_str(&body));
	} else if (str_eq(path, STR("/big"))) {
		memset(buf_reserve(&body, 1 << 20), 'x', 1 << 20);
		buf_commit(&body, 1 << 20);
		http_respond(x, 200, "text/plain", buf_str(&body));
	} else if (str_eq(path, STR("/sleep"))) {
		fiber_sleep(60000);
		http_respond(x, 200, "text/plain",
			     fiber_cancelled() ? STR("cancelled")
					       : STR("awake"));
	} else {
		http_problem(x, 404, "not-found", "no %.*s", STR_FMT(path));
	}
	buf_fini(&body);
}

/* Each test: a server, one client, and the end of both. */
struct test {
	struct web web;
	struct client c;
};

static void begin(struct test *t)
{
	completed = 0;
	web_open(&t->web, &conf, handle, NULL);
	client_open(&t->c, &t->web);
}

static void end(struct test *t)
{
	client_close(&t->c);
	web_close(&t->web);
}

static void answers(void *arg)
{
	struct test t;

	begin(&t);
	say(&t.c, GET("/hi"));
	assert_true(hears(&t.c, "HTTP/1.1 200 OK\r\nDate: "));
	assert_true(hears(&t.c, " GMT\r\nContent-Type: text/plain\r\n"
				"Content-Length: 5\r\n\r\nhello"));
	say(&t.c, GET("/chunks"));
	assert_true(hears(&t.c, "Transfer-Encoding: chunked\r\n\r\n"
				"2\r\nab\r\n1\r\na\r\n0\r\n\r\n"));
	say(&t.c, "HEAD /chunks HTTP/1.1\r\nHost: h\r\n\r\n" GET("/hi"));
	assert_true(hears(&t.c, "\r\n\r\nHTTP/1.1 200 OK\r\n"));
	assert_true(hears(&t.c, "hello"));
	say(&t.c, GET("/query?p=1&q=%2a+b"));
	assert_true(hears(&t.c, "\r\n\r\n* b"));
	say(&t.c, GET("/a/../hi"));
	assert_true(hears(&t.c, "hello"));
	assert_int_equal(completed, 6);
	assert_int_equal(last_status, 200);
	end(&t);
}

static void pipelines(void *arg)
{
	struct test t;

	begin(&t);
	say(&t.c, GET("/chunks") GET("/hi") GET("/none") GET("/hi"));
	assert_true(hears(&t.c, "0\r\n\r\nHTTP/1.1 200"));
	assert_true(hears(&t.c, "helloHTTP/1.1 404 Not Found\r\n"));
	assert_true(hears(&t.c, "\"detail\":\"no /none\",\"request\":\"r-"));
	assert_true(hears(&t.c, "hello"));
	end(&t);
}

/* What waits behind an answer that is larger than the bound goes on without
 * another word of the client. */
static void goes_on_behind_a_large_answer(void *arg)
{
	struct test t;

	begin(&t);
	say(&t.c, GET("/big") GET("/big") GET("/hi"));
	assert_true(hears(&t.c, "hello"));
	end(&t);
}

static void takes_heads_in_pieces(void *arg)
{
	const char *text = GET("/hi");
	struct test t;

	begin(&t);
	for (size_t i = 0; i < strlen(text); i++) {
		char one[2] = {text[i]};

		say(&t.c, one);
		fiber_yield();
	}
	assert_true(hears(&t.c, "hello"));
	say(&t.c, "GET /hi HTTP/1.1\r\nHo");
	fiber_sleep(20);
	say(&t.c, "st: h\r\n\r\n" GET("/chunks"));
	assert_true(hears(&t.c, "hello"));
	assert_true(hears(&t.c, "0\r\n\r\n"));
	end(&t);
}

static void speaks_http_1_0(void *arg)
{
	struct test t;

	begin(&t);
	say(&t.c, "GET /hi HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	assert_true(hears(&t.c, "Connection: keep-alive\r\n"));
	assert_true(hears(&t.c, "hello"));
	say(&t.c, "GET /chunks HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	assert_true(hears_end(&t.c));
	assert_true(has(&t.c, "\r\n\r\naba"));
	assert_false(has(&t.c, "chunked"));
	assert_true(has(&t.c, "Connection: close"));
	end(&t);
}

static void closes_when_asked(void *arg)
{
	int64_t began = clock_ms();
	struct test t;

	begin(&t);
	say(&t.c,
	    "GET /hi HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n" GET(
		    "/chunks"));
	assert_true(hears(&t.c, "Connection: close\r\n"));
	assert_true(hears_end(&t.c));
	assert_false(has(&t.c, "HTTP/1.1"));
	/* The end is told at once, not when lingering is over. */
	assert_true(clock_ms() - began < CONN_LINGER_MS);
	end(&t);
}

static void answers_who_has_half_closed(void *arg)
{
	struct test t;

	begin(&t);
	say(&t.c, GET("/hi") GET("/chunks"));
	shutdown(t.c.fd, SHUT_WR);
	assert_true(hears(&t.c, "hello"));
	assert_true(hears(&t.c, "0\r\n\r\n"));
	assert_true(hears_end(&t.c));
	end(&t);
}

static void refuses_what_is_no_request(void *arg)
{
	struct test t;

	begin(&t);
	say(&t.c, "\x16\x03\x01");
	assert_true(hears(&t.c, "HTTP/1.1 400 Bad Request\r\n"));
	assert_true(hears(&t.c, "Connection: close\r\n"));
	assert_true(hears(&t.c, "{\"type\":\"/problems/bad-request\","));
	assert_true(hears_end(&t.c));
	client_close(&t.c);

	client_open(&t.c, &t.web);
	say(&t.c, "GET / HTTP/1.1\r\n\r\n" GET("/hi"));
	assert_true(hears(&t.c, "there is no Host"));
	assert_true(hears_end(&t.c));
	assert_false(has(&t.c, "hello"));
	assert_int_equal(last_status, 400);
	end(&t);
}

static void knows_its_methods(void *arg)
{
	struct test t;

	begin(&t);
	say(&t.c, "BREW / HTTP/1.1\r\nHost: h\r\n\r\n");
	assert_true(hears(&t.c, "HTTP/1.1 501 "));
	say(&t.c, "DELETE /405 HTTP/1.1\r\nHost: h\r\n\r\n");
	assert_true(hears(&t.c, "HTTP/1.1 405 "));
	assert_true(hears(&t.c, "Allow: GET, HEAD\r\n"));
	say(&t.c, "OPTIONS /405 HTTP/1.1\r\nHost: h\r\n\r\n");
	assert_true(hears(&t.c, "HTTP/1.1 204 No Content\r\n"));
	say(&t.c, "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n");
	assert_true(hears(&t.c, "HTTP/1.1 204 No Content\r\n"));
	assert_true(hears(&t.c, "Allow: GET"));
	assert_true(hears(&t.c, "\r\n\r\n"));
	assert_int_equal(buf_len(&t.c.got), 0);
	say(&t.c, GET("/%00"));
	assert_true(hears(&t.c, "HTTP/1.1 400 "));
	say(&t.c, GET("/hi"));
	assert_true(hears(&t.c, "hello"));
	end(&t);
}

#define PREFLIGHT                                                 \
	"OPTIONS /hi HTTP/1.1\r\nHost: h\r\nOrigin: http://o\r\n" \
	"Access-Control-Request-Method: POST\r\n"                 \
	"Access-Control-Request-Headers: x-a, x-b\r\n\r\n"

static void answers_pages_of_other_origins(void *arg)
{
	static const char *const origins[] = {"http://o", NULL};
	struct test t;

	begin(&t);
	say(&t.c, PREFLIGHT);
	assert_true(hears(&t.c, "HTTP/1.1 204 "));
	assert_true(hears(&t.c, "Access-Control-Allow-Headers: x-a, x-b\r\n"));
	assert_true(hears(&t.c, "Access-Control-Allow-Origin: *\r\n"));
	conf.cors_origins = origins;
	http_server_set_conf(t.web.server, &conf);
	conf.cors_origins = NULL;
	say(&t.c, PREFLIGHT);
	assert_true(hears(&t.c, "Access-Control-Allow-Origin: http://o\r\n"));
	say(&t.c, "GET /hi HTTP/1.1\r\nHost: h\r\nOrigin: http://p\r\n\r\n");
	assert_true(hears(&t.c, "Vary: Origin\r\n"));
	assert_true(hears(&t.c, "\r\n\r\nhello"));
	say(&t.c, "GET /hi HTTP/1.1\r\nHost: h\r\nOrigin: http://p\r\n\r\n");
	fiber_sleep(20);
	hear_more(&t.c, 0);
	assert_false(has(&t.c, "Access-Control"));
	assert_false(has(&t.c, "Credentials"));
	end(&t);
}

static void joins_headers_and_keeps_lines_whole(void *arg)
{
	struct test t;

	begin(&t);
	say(&t.c, "GET /header HTTP/1.1\r\nHost: h\r\nX-A: one\r\n"
		  "x-a:\t two;q=1 \r\nX-A:three\r\n\r\n");
	assert_true(hears(&t.c, "X-B: one, two;q=1, three\r\n"));
	assert_false(has(&t.c, "X-C"));
	assert_true(hears(&t.c, "\r\n\r\ntwo"));
	end(&t);
}

static void says_when_a_handler_does_not_answer(void *arg)
{
	struct test t;

	begin(&t);
	say(&t.c, GET("/silent"));
	assert_true(hears(&t.c, "HTTP/1.1 500 "));
	say(&t.c, GET("/broken"));
	assert_true(hears(&t.c, "2\r\nab\r\n"));
	assert_true(hears_end(&t.c));
	assert_false(has(&t.c, "0\r\n"));
	end(&t);
}

static void stops_waiting(void *arg)
{
	struct client idle;
	struct test t;

	conf.head_timeout_ms = 60;
	conf.idle_timeout_ms = 30;
	begin(&t);
	client_open(&idle, &t.web);
	say(&t.c, "GET / HTTP/1.1\r\nHost: h");
	assert_true(hears(&t.c, "HTTP/1.1 408 "));
	assert_true(hears_end(&t.c));
	assert_true(hears_end(&idle));
	assert_int_equal(buf_len(&idle.got), 0);
	client_close(&idle);
	end(&t);
	http_conf_init(&conf);
	conf.on_complete = on_complete;
}

static void cuts_who_takes_nothing(void *arg)
{
	struct test t;

	conf.stall_timeout_ms = 100;
	begin(&t);
	client_close(&t.c);
	client_open_pair(&t.c, &t.web);
	for (int i = 0; i < 8; i++)
		say(&t.c, GET("/big"));
	for (int i = 0; i < 100 && http_server_connections(t.web.server); i++)
		fiber_sleep(10);
	assert_int_equal(http_server_connections(t.web.server), 0);
	assert_true(completed < 8);
	end(&t);
	http_conf_init(&conf);
	conf.on_complete = on_complete;
}

static void tells_who_is_too_many(void *arg)
{
	struct client more;
	struct test t;

	conf.max_connections = 1;
	begin(&t);
	say(&t.c, GET("/hi"));
	assert_true(hears(&t.c, "hello"));
	client_open(&more, &t.web);
	assert_true(hears(&more, "HTTP/1.1 503 "));
	assert_true(hears(&more, "Retry-After: 1\r\n"));
	assert_true(hears_end(&more));
	client_close(&more);
	end(&t);
	http_conf_init(&conf);
	conf.on_complete = on_complete;
}

static void drains(void *arg)
{
	struct client idle;
	struct test t;

	begin(&t);
	client_open(&idle, &t.web);
	say(&t.c,
	    "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n");
	fiber_sleep(20);
	http_server_drain(t.web.server);
	assert_true(hears_end(&idle));
	say(&t.c, "ok");
	assert_true(hears(&t.c, "Connection: close\r\n"));
	assert_true(hears_end(&t.c));
	assert_true(has(&t.c, "ok"));
	client_close(&idle);
	end(&t);
}

static void closes_with_handlers_at_work(void *arg)
{
	struct test t;

	begin(&t);
	say(&t.c, GET("/sleep"));
	fiber_sleep(20);
	web_close(&t.web);
	assert_int_equal(completed, 1);
	assert_false(hears(&t.c, "HTTP"));
	client_close(&t.c);
}

static void survives_resets_at_any_time(void *arg)
{
	const char *text = "POST /echo HTTP/1.1\r\nHost: h\r\n"
			   "Content-Length: 2\r\n\r\nok" GET("/big");
	struct test t;
	char part[128];

	begin(&t);
	for (size_t n = 1; n <= strlen(text); n++) {
		struct client c;

		memcpy(part, text, n);
		part[n] = '\0';
		client_open(&c, &t.web);
		say(&c, part);
		if (n % 3)
			fiber_yield();
		client_break(&c);
	}
	say(&t.c, GET("/hi"));
	assert_true(hears(&t.c, "hello"));
	for (int i = 0; i < 100 && http_server_connections(t.web.server) > 1;
	     i++)
		fiber_sleep(10);
	assert_int_equal(http_server_connections(t.web.server), 1);
	end(&t);
}

/* --- as cases ----------------------------------------------------------- */

#define CASE(name, fn)                 \
	static void name(void **state) \
	{                              \
		fiber_run(fn, NULL);   \
	}

CASE(a_request_is_answered, answers)
CASE(pipelined_requests_are_answered_in_order, pipelines)
CASE(a_request_behind_a_large_answer_is_not_forgotten,
     goes_on_behind_a_large_answer)
CASE(a_head_may_come_in_pieces, takes_heads_in_pieces)
CASE(http_1_0_gets_no_chunks, speaks_http_1_0)
CASE(nothing_is_answered_after_close, closes_when_asked)
CASE(a_client_that_half_closed_gets_its_answers, answers_who_has_half_closed)
CASE(what_is_no_request_is_refused_and_closed, refuses_what_is_no_request)
CASE(unknown_and_wrong_methods_are_told_apart, knows_its_methods)
CASE(pages_of_allowed_origins_may_read, answers_pages_of_other_origins)
CASE(header_lines_are_joined_and_never_split,
     joins_headers_and_keeps_lines_whole)
CASE(a_handler_that_fails_is_not_hidden, says_when_a_handler_does_not_answer)
CASE(slow_heads_and_idle_connections_end, stops_waiting)
CASE(a_client_that_takes_nothing_is_cut, cuts_who_takes_nothing)
CASE(too_many_connections_are_told_so, tells_who_is_too_many)
CASE(draining_lets_answers_finish, drains)
CASE(closing_cancels_handlers, closes_with_handlers_at_work)
CASE(resets_leave_nothing_behind, survives_resets_at_any_time)

static void an_open_stream_costs_little(void **state)
{
	assert_true(sizeof(struct conn) + sizeof(struct http_exchange) <= 768);
	assert_true(sizeof(struct conn) <= SLAB_MAX);
	assert_true(sizeof(struct http_exchange) <= SLAB_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_answered),
		cmocka_unit_test(pipelined_requests_are_answered_in_order),
		cmocka_unit_test(
			a_request_behind_a_large_answer_is_not_forgotten),
		cmocka_unit_test(a_head_may_come_in_pieces),
		cmocka_unit_test(http_1_0_gets_no_chunks),
		cmocka_unit_test(nothing_is_answered_after_close),
		cmocka_unit_test(a_client_that_half_closed_gets_its_answers),
		cmocka_unit_test(what_is_no_request_is_refused_and_closed),
		cmocka_unit_test(unknown_and_wrong_methods_are_told_apart),
		cmocka_unit_test(pages_of_allowed_origins_may_read),
		cmocka_unit_test(header_lines_are_joined_and_never_split),
		cmocka_unit_test(a_handler_that_fails_is_not_hidden),
		cmocka_unit_test(slow_heads_and_idle_connections_end),
		cmocka_unit_test(a_client_that_takes_nothing_is_cut),
		cmocka_unit_test(too_many_connections_are_told_so),
		cmocka_unit_test(draining_lets_answers_finish),
		cmocka_unit_test(closing_cancels_handlers),
		cmocka_unit_test(resets_leave_nothing_behind),
		cmocka_unit_test(an_open_stream_costs_little),
	};

	http_conf_init(&conf);
	conf.on_complete = on_complete;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
