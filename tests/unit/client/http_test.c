/* http_test.c - the HTTP client against a small server. */
#include "tests/support/fiber_run.h"
#include "tests/unit/client/upstream.h"

#include "base/clock.h"
#include "base/util.h"
#include "client/http.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- a test and its surroundings --------------------------------------- */

struct lab {
	struct upstream upstream;
	struct client *client;
};

struct place {
	void (*fn)(struct lab *lab);
	const struct client_conf *conf;
};

static int open_descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static void in_place(void *arg)
{
	struct place *place = arg;
	struct lab lab = {0};
	int before = open_descriptors();

	upstream_open(&lab.upstream);
	lab.client = client_create(fiber_loop(), place->conf);
	assert_non_null(lab.client);
	place->fn(&lab);
	client_destroy(lab.client);
	upstream_close(&lab.upstream);
	assert_int_equal(open_descriptors(), before);
}

#define CLIENT_TEST(name)                                 \
	static void name##_body(struct lab *lab);         \
	static void name(void **state)                    \
	{                                                 \
		struct place place = {.fn = name##_body}; \
		fiber_run(in_place, &place);              \
	}                                                 \
	static void name##_body(struct lab *lab)

static int64_t in_ms(int64_t ms)
{
	return loop_now_ms(fiber_loop()) + ms;
}

static int try_open(struct lab *lab, const char *method, const char *path,
		    struct client_response **r, struct weir_error *err)
{
	char url[400];
	struct client_request req = {.method = str_of(method)};

	if (strstr(path, "://"))
		snprintf(url, sizeof url, "%s", path);
	else
		snprintf(url, sizeof url, "http://%s%s", lab->upstream.host,
			 path);
	req.url = str_of(url);
	return client_open(lab->client, &req, r, in_ms(5000), err);
}

static struct client_response *get(struct lab *lab, const char *path)
{
	struct client_response *r;
	struct weir_error err = {0};

	if (try_open(lab, "GET", path, &r, &err) < 0)
		fail_msg("%s", err.message);
	return r;
}

/* Reads to the end into text; what the last read returned. */
static ssize_t read_all(struct client_response *r, char *text, size_t cap,
			struct weir_error *err)
{
	size_t len = 0;
	ssize_t n;

	while ((n = client_read(r, text + len, cap - 1 - len, in_ms(5000),
				err)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	return n;
}

static void body_is(struct client_response *r, const char *expected)
{
	char text[1000];
	struct weir_error err = {0};

	if (read_all(r, text, sizeof text, &err) < 0)
		fail_msg("%s", err.message);
	assert_string_equal(text, expected);
	client_close(r);
}

static void open_fails(struct lab *lab, const char *path, int code,
		       const char *why)
{
	struct client_response *r;
	struct weir_error err = {0};
	int rc = try_open(lab, "", path, &r, &err);
	char expected[500];

	assert_null(r);
	if (strstr(path, "://"))
		snprintf(expected, sizeof expected, "GET %s: %s", path, why);
	else
		snprintf(expected, sizeof expected, "GET http://%s%s: %s",
			 lab->upstream.host, path, why);
	assert_string_equal(err.message, expected);
	assert_int_equal(rc, code);
	assert_int_equal(err.code, code);
}

static void body_fails(struct lab *lab, const char *path, int code,
		       const char *why)
{
	struct client_response *r = get(lab, path);
	struct weir_error err = {0};
	char text[1000];

	assert_int_equal(read_all(r, text, sizeof text, &err), code);
	assert_string_equal(text, "abc");
	if (!strstr(err.message, why))
		fail_msg("%s", err.message);
	/* And it stays so. */
	assert_int_equal(client_read(r, text, 10, in_ms(5000), &err), code);
	client_close(r);
}

/* --- responses in good order ------------------------------------------- */

CLIENT_TEST(a_response_has_status_headers_and_body)
{
	struct client_response *r = get(lab, "/hello");

	assert_int_equal(client_status(r), 200);
	assert_true(str_eq(client_header(r, STR("content-type")),
			   STR("text/plain")));
	assert_true(str_eq(client_header(r, STR("RETRY-AFTER")), STR("7")));
	assert_non_null(client_header(r, STR("x-empty")).p);
	assert_int_equal(client_header(r, STR("x-empty")).len, 0);
	assert_null(client_header(r, STR("x-trailer")).p);
	assert_null(client_header(r, STR("HTTP/1.1 200 OK")).p);
	body_is(r, "hello");
	r = get(lab, "/chunks");
	body_is(r, "ababab");
	r = get(lab, "/missing");
	assert_int_equal(client_status(r), 404);
	body_is(r, "none");
	r = get(lab, "/not-modified");
	assert_int_equal(client_status(r), 304);
	body_is(r, "");
}

CLIENT_TEST(connections_are_used_again)
{
	for (int i = 0; i < 5; i++)
		body_is(get(lab, "/hello"), "hello");
	assert_int_equal(lab->upstream.accepted, 1);
}

CLIENT_TEST(an_early_hint_is_no_head)
{
	struct client_response *r = get(lab, "/early");

	assert_int_equal(client_status(r), 200);
	assert_null(client_header(r, STR("link")).p);
	body_is(r, "hello");
}

CLIENT_TEST(the_head_is_there_before_the_body_begins)
{
	struct client_response *r = get(lab, "/quiet");
	struct weir_error err;
	char c;

	assert_true(str_eq(client_header(r, STR("Content-Type")),
			   STR("text/event-stream")));
	assert_int_equal(client_read(r, &c, 1, in_ms(10), &err),
			 WEIR_ETIMEDOUT);
	/* A deadline of a read does not end the response. */
	assert_int_equal(client_read(r, &c, 1, in_ms(10), &err),
			 WEIR_ETIMEDOUT);
	assert_non_null(strstr(err.message, "/quiet: timed out"));
	client_close(r);
}

CLIENT_TEST(a_compressed_body_is_unpacked)
{
	body_is(get(lab, "/gzip"), "hello gzip\n");
}

/* --- requests ---------------------------------------------------------- */

static char *echo_of(struct lab *lab, struct client_request *req,
		     const char *path)
{
	struct client_response *r;
	struct weir_error err = {0};
	char url[400];
	static char text[5000];

	snprintf(url, sizeof url, "http://%s%s", lab->upstream.host, path);
	req->url = str_of(url);
	if (client_open(lab->client, req, &r, in_ms(5000), &err) < 0)
		fail_msg("%s", err.message);
	assert_int_equal(read_all(r, text, sizeof text, &err), 0);
	client_close(r);
	return text;
}

CLIENT_TEST(a_request_arrives_as_it_was_made)
{
	struct client_header headers[] = {
		{STR("X-One"), STR("1")},
		{STR("X-None"), STR("")},
		{STR("Content-Type"), STR("application/json")},
	};
	struct client_request req = {
		.method = STR("PUT"),
		.headers = headers,
		.headers_len = ARRAY_LEN(headers),
		.body = str_from("{\"a\":1}X", 7),
	};
	char *seen = echo_of(lab, &req, "/echo?q=1");

	assert_int_equal(strncmp(seen, "PUT /echo?q=1 HTTP/1.1\r\n", 24), 0);
	assert_non_null(strstr(seen, "\r\nX-One: 1\r\n"));
	assert_non_null(strstr(seen, "\r\nX-None:\r\n"));
	assert_non_null(strstr(seen, "\r\nContent-Type: application/json\r\n"));
	assert_non_null(strstr(seen, "\r\nContent-Length: 7\r\n"));
	assert_non_null(strstr(seen, "\r\nUser-Agent: weir/"));
	assert_null(strstr(seen, "Expect"));
	assert_non_null(strstr(seen, "\r\n\r\n{\"a\":1}"));
	assert_null(strstr(seen, "}X"));

	req = (struct client_request){.method = STR("POST")};
	seen = echo_of(lab, &req, "/echo");
	assert_int_equal(strncmp(seen, "POST /echo HTTP/1.1\r\n", 21), 0);
	assert_null(strstr(seen, "Content-Type"));
	assert_non_null(strstr(seen, "\r\nContent-Length: 0\r\n"));

	req = (struct client_request){.method = STR("DELETE")};
	seen = echo_of(lab, &req, "/echo");
	assert_int_equal(strncmp(seen, "DELETE /echo HTTP/1.1\r\n", 23), 0);

	/* A pooled handle remembers nothing of the request before. */
	req = (struct client_request){0};
	seen = echo_of(lab, &req, "/echo");
	assert_int_equal(strncmp(seen, "GET /echo HTTP/1.1\r\n", 20), 0);
	assert_null(strstr(seen, "Content-"));
	assert_null(strstr(seen, "X-One"));
}

CLIENT_TEST(a_head_request_has_no_body)
{
	struct client_response *r;

	assert_int_equal(try_open(lab, "HEAD", "/quiet", &r, NULL), 0);
	assert_int_equal(client_status(r), 200);
	body_is(r, "");
}

static void refuses(struct lab *lab, const struct client_request *req, int code,
		    const char *why)
{
	struct client_response *r;
	struct weir_error err = {0};

	assert_int_equal(client_open(lab->client, req, &r, in_ms(5000), &err),
			 code);
	assert_null(r);
	if (!strstr(err.message, why))
		fail_msg("%s", err.message);
}

CLIENT_TEST(what_would_smuggle_something_is_refused)
{
	struct client_header h = {STR("X"), STR("a\r\nY: b")};
	struct client_request req = {.url = STR("http://127.0.0.1:1/"),
				     .headers = &h,
				     .headers_len = 1};
	static char long_url[9000];

	refuses(lab, &req, WEIR_EINVAL, "value of header X");
	h = (struct client_header){STR("X: a"), STR("")};
	refuses(lab, &req, WEIR_EINVAL, "name of header 1");
	h = (struct client_header){STR(""), STR("a")};
	refuses(lab, &req, WEIR_EINVAL, "name of header 1");
	req.headers_len = 0;
	req.method = STR("GET / HTTP/1.1\r\n");
	refuses(lab, &req, WEIR_EINVAL, "method");
	req.method = STR("GET");
	req.url = STR("http://127.0.0.1:1/a b");
	refuses(lab, &req, WEIR_EINVAL, "no spaces");
	req.url = STR("http://127.0.0.1:1/a\r\nX: y");
	refuses(lab, &req, WEIR_EINVAL, "byte 21");
	req.url = STR("file:///etc/passwd");
	refuses(lab, &req, WEIR_EINVAL, "http:// or https://");
	req.url = STR("127.0.0.1:1/");
	refuses(lab, &req, WEIR_EINVAL, "http:// or https://");
	req.url = STR("http://");
	refuses(lab, &req, WEIR_EINVAL, "GET http://: ");
	memset(long_url, 'x', sizeof long_url);
	memcpy(long_url, "http://", 7);
	req.url = str_from(long_url, sizeof long_url);
	refuses(lab, &req, WEIR_ETOOBIG, "8192");
}

/* --- redirects --------------------------------------------------------- */

CLIENT_TEST(redirects_are_followed_up_to_five)
{
	struct client_response *r = get(lab, "/redirect/4");

	assert_int_equal(client_status(r), 200);
	assert_null(client_header(r, STR("location")).p);
	body_is(r, "hello");
	open_fails(lab, "/redirect/5", WEIR_EPROTO, "more than 5 redirects");
}

CLIENT_TEST(a_redirect_to_another_protocol_is_an_error)
{
	struct client_response *r;
	struct weir_error err;

	assert_int_equal(try_open(lab, "GET", "/elsewhere", &r, &err),
			 WEIR_EPROTO);
	assert_non_null(strstr(err.message, "ftp"));
}

CLIENT_TEST(a_post_is_redirected_to_a_get_and_a_put_is_not)
{
	struct client_request req = {.method = STR("POST"), .body = STR("abc")};
	struct client_response *r;

	assert_int_equal(
		strncmp(echo_of(lab, &req, "/see-other"), "GET /echo ", 10), 0);
	assert_int_equal(try_open(lab, "PUT", "/see-other", &r, NULL), 0);
	assert_int_equal(client_status(r), 303);
	client_close(r);
}

/* --- failures ---------------------------------------------------------- */

CLIENT_TEST(failures_say_what_was_asked_and_why)
{
	open_fails(lab, "http://127.0.0.1:1/x", WEIR_EREFUSED,
		   "connection refused");
	open_fails(lab, "/nothing", WEIR_ECLOSED,
		   "connection closed without an answer");
	open_fails(lab, "/garbage", WEIR_EPROTO,
		   "received HTTP/0.9 when not allowed");
	open_fails(lab, "/huge-head", WEIR_ETOOBIG,
		   "the response head has more than 32768 bytes");
	/* No name server is asked for a name that is too long to be one. */
	open_fails(lab,
		   "http://x1234567890123456789012345678901234567890123456789"
		   "01234567890123456789.invalid/",
		   WEIR_ENOTFOUND, "no address of that host is known");
}

CLIENT_TEST(a_message_shows_no_password_and_no_query)
{
	struct client_response *r;
	struct weir_error err;

	try_open(lab, "GET",
		 "http://joe:secret@127.0.0.1:1/x?key=secret#secret", &r, &err);
	assert_string_equal(err.message,
			    "GET http://127.0.0.1:1/x: connection refused");
}

CLIENT_TEST(a_body_that_breaks_off_is_told_after_its_bytes)
{
	body_fails(lab, "/truncated", WEIR_ECLOSED, "before the body");
	body_fails(lab, "/chunk-truncated", WEIR_ECLOSED, "before the body");
	body_fails(lab, "/reset", WEIR_ECLOSED, "/reset: connection");
}

CLIENT_TEST(a_body_that_cannot_be_unpacked_is_an_error)
{
	struct client_response *r = get(lab, "/bad-gzip");
	struct weir_error err;
	char text[100];

	assert_int_equal(read_all(r, text, sizeof text, &err), WEIR_EPROTO);
	client_close(r);
}

CLIENT_TEST(no_answer_ends_at_the_deadline)
{
	struct client_response *r;
	struct weir_error err;
	char url[200];
	struct client_request req;
	int64_t from = clock_ms();

	snprintf(url, sizeof url, "http://%s/silent", lab->upstream.host);
	req = (struct client_request){.url = str_of(url)};
	assert_int_equal(client_open(lab->client, &req, &r, in_ms(30), &err),
			 WEIR_ETIMEDOUT);
	assert_true(clock_ms() - from < 2000);
	assert_non_null(strstr(err.message, "/silent: timed out"));
}

/* --- cancel, close, backpressure --------------------------------------- */

struct asker {
	struct lab *lab;
	const char *path;
	int rc;
	size_t bytes;
};

static int ask(void *arg)
{
	struct asker *a = arg;
	struct client_response *r;
	char text[4096];
	ssize_t n;

	a->rc = try_open(a->lab, "GET", a->path, &r, NULL);
	if (a->rc < 0)
		return a->rc;
	while ((n = client_read(r, text, sizeof text, CLOCK_NEVER, NULL)) > 0)
		a->bytes += (size_t)n;
	client_close(r);
	return (int)n;
}

static void cancelled_at(struct lab *lab, const char *path, int64_t after_ms)
{
	struct asker a = {.lab = lab, .path = path};
	struct fiber *f = fiber_spawn(fiber_pool_here(), "asker", ask, &a);
	int result;

	fiber_sleep(after_ms);
	fiber_cancel(f);
	assert_int_equal(fiber_join(f, &result, in_ms(1000)), 0);
	assert_int_equal(result, WEIR_ECANCELED);
}

CLIENT_TEST(a_cancelled_fiber_leaves_nothing_behind)
{
	cancelled_at(lab, "/silent", 0);
	cancelled_at(lab, "/silent", 20);
	cancelled_at(lab, "/quiet", 20);
	/* A name is being looked up: nobody waits for the answer. */
	cancelled_at(lab, "http://nowhere.invalid/", 0);
}

CLIENT_TEST(a_response_may_be_closed_half_read)
{
	struct client_response *r = get(lab, "/big");
	char text[1000];

	assert_true(client_read(r, text, sizeof text, in_ms(5000), NULL) > 0);
	client_close(r);
	body_is(get(lab, "/hello"), "hello");
}

CLIENT_TEST(a_body_that_nobody_reads_stops_its_sender)
{
	struct client_response *r = get(lab, "/big");
	static char text[100000];
	size_t len = 0, sent;
	ssize_t n;

	fiber_sleep(100);
	sent = lab->upstream.sent_bytes;
	fiber_sleep(50);
	assert_int_equal(lab->upstream.sent_bytes, sent); /* it stands still */
	assert_true(sent < UPSTREAM_BIG_BYTES - (1 << 20));

	while ((n = client_read(r, text, sizeof text, in_ms(5000), NULL)) > 0)
		for (ssize_t i = 0; i < n; i++, len++)
			if (text[i] != (char)(len % 251 % 256))
				fail_msg("byte %zu is wrong", len);
	assert_int_equal(n, 0);
	assert_int_equal(len, UPSTREAM_BIG_BYTES);
	client_close(r);
	/* And its connection is as good as any. */
	body_is(get(lab, "/hello"), "hello");
	assert_int_equal(lab->upstream.accepted, 1);
}

/* A socket whose queue is full: connecting to it takes for ever. */
CLIENT_TEST(no_connection_ends_at_its_own_timeout)
{
	struct net_addr a = {.len = sizeof a.un};
	int full = socket(AF_INET, SOCK_STREAM, 0), filler[3];
	char host[NET_ADDR_TEXT_MAX], url[200];
	struct client_request req = {.connect_timeout_ms = 50};
	struct client_response *r;
	struct weir_error err;

	a.in = (struct sockaddr_in){.sin_family = AF_INET,
				    .sin_addr = {htonl(INADDR_LOOPBACK)}};
	assert_int_equal(bind(full, &a.sa, sizeof a.in), 0);
	assert_int_equal(listen(full, 0), 0);
	assert_int_equal(getsockname(full, &a.sa, &a.len), 0);
	for (size_t i = 0; i < ARRAY_LEN(filler); i++) {
		filler[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(filler[i], &a.sa, a.len);
	}
	fiber_sleep(5);
	snprintf(url, sizeof url, "http://%s/x", net_addr_format(&a, host));
	req.url = str_of(url);
	assert_int_equal(client_open(lab->client, &req, &r, in_ms(5000), &err),
			 WEIR_ETIMEDOUT);
	assert_non_null(strstr(err.message, "/x: no connection in time"));
	for (size_t i = 0; i < ARRAY_LEN(filler); i++)
		close(filler[i]);
	close(full);
}

struct ticker {
	struct loop_timer timer;
	struct loop *loop;
	int64_t last_ns;
	int64_t worst_ns;
	int count;
};

static void on_tick(struct loop_timer *t)
{
	struct ticker *k = CONTAINER_OF(t, struct ticker, timer);
	int64_t now = clock_ns();

	if (k->last_ns)
		k->worst_ns = MAX(k->worst_ns, now - k->last_ns);
	k->last_ns = now;
	k->count++;
	loop_timer_start(k->loop, t, loop_now_ms(k->loop) + 1, on_tick);
}

CLIENT_TEST(hundreds_at_once_leave_the_loop_responsive)
{
	enum { N = 300 };
	static struct asker a[N];
	struct fiber *f[N];
	struct ticker k = {.loop = fiber_loop()};

	loop_timer_start(k.loop, &k.timer, loop_now_ms(k.loop), on_tick);
	for (int i = 0; i < N; i++) {
		a[i] = (struct asker){.lab = lab,
				      .path = i % 3 ? "/chunks" : "/hello"};
		f[i] = fiber_spawn(fiber_pool_here(), "asker", ask, &a[i]);
	}
	for (int i = 0; i < N; i++) {
		int result;

		assert_int_equal(fiber_join(f[i], &result, CLOCK_NEVER), 0);
		assert_int_equal(result, 0);
		assert_int_equal(a[i].bytes, i % 3 ? 6 : 5);
	}
	loop_timer_stop(k.loop, &k.timer);
	assert_true(k.count > 3);
	assert_true(k.worst_ns < 1000000000); /* generous: sanitizers */
}

static void ask_ten_at_once(struct lab *lab)
{
	enum { N = 10 };
	struct asker a[N];
	struct fiber *f[N];

	for (int i = 0; i < N; i++) {
		a[i] = (struct asker){.lab = lab, .path = "/chunks"};
		f[i] = fiber_spawn(fiber_pool_here(), "asker", ask, &a[i]);
	}
	for (int i = 0; i < N; i++) {
		assert_int_equal(fiber_join(f[i], NULL, CLOCK_NEVER), 0);
		assert_int_equal(a[i].bytes, 6);
	}
	assert_true(lab->upstream.accepted <= 2);
}

static void more_than_a_host_may_have_wait_for_their_turn(void **state)
{
	struct client_conf conf = {.host_connections_max = 2};
	struct place place = {
		.fn = ask_ten_at_once,
		.conf = &conf,
	};

	fiber_run(in_place, &place);
}

static void close_to_make_room(struct lab *lab)
{
	struct client_response *a = get(lab, "/quiet");
	struct client_response *b = get(lab, "/quiet");
	struct asker third = {.lab = lab, .path = "/hello"};
	struct fiber *f = fiber_spawn(fiber_pool_here(), "asker", ask, &third);

	assert_int_equal(fiber_join(f, NULL, in_ms(30)), WEIR_ETIMEDOUT);
	cancelled_at(lab, "/hello", 10); /* one that waits may give up */
	client_close(a);
	assert_int_equal(fiber_join(f, NULL, in_ms(3000)), 0);
	assert_int_equal(third.bytes, 5);
	client_close(b);
}

static void a_closed_response_makes_room_for_who_waits(void **state)
{
	struct client_conf conf = {.host_connections_max = 2};
	struct place place = {.fn = close_to_make_room, .conf = &conf};

	fiber_run(in_place, &place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_response_has_status_headers_and_body),
		cmocka_unit_test(connections_are_used_again),
		cmocka_unit_test(an_early_hint_is_no_head),
		cmocka_unit_test(the_head_is_there_before_the_body_begins),
		cmocka_unit_test(a_compressed_body_is_unpacked),
		cmocka_unit_test(a_request_arrives_as_it_was_made),
		cmocka_unit_test(a_head_request_has_no_body),
		cmocka_unit_test(what_would_smuggle_something_is_refused),
		cmocka_unit_test(redirects_are_followed_up_to_five),
		cmocka_unit_test(a_redirect_to_another_protocol_is_an_error),
		cmocka_unit_test(
			a_post_is_redirected_to_a_get_and_a_put_is_not),
		cmocka_unit_test(failures_say_what_was_asked_and_why),
		cmocka_unit_test(a_message_shows_no_password_and_no_query),
		cmocka_unit_test(
			a_body_that_breaks_off_is_told_after_its_bytes),
		cmocka_unit_test(a_body_that_cannot_be_unpacked_is_an_error),
		cmocka_unit_test(no_answer_ends_at_the_deadline),
		cmocka_unit_test(no_connection_ends_at_its_own_timeout),
		cmocka_unit_test(a_cancelled_fiber_leaves_nothing_behind),
		cmocka_unit_test(a_response_may_be_closed_half_read),
		cmocka_unit_test(a_body_that_nobody_reads_stops_its_sender),
		cmocka_unit_test(hundreds_at_once_leave_the_loop_responsive),
		cmocka_unit_test(more_than_a_host_may_have_wait_for_their_turn),
		cmocka_unit_test(a_closed_response_makes_room_for_who_waits),
	};

	/* Whoever tests behind a proxy does not mean these connections. */
	unsetenv("http_proxy");
	unsetenv("https_proxy");
	unsetenv("all_proxy");
	unsetenv("HTTPS_PROXY");
	unsetenv("ALL_PROXY");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
