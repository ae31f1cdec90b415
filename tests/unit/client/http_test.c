/* http_test.c - the HTTP client against a small server on the same loop.
 *
 * The server answers each path in its own, often broken, way; see `routes`.
 */
#include "tests/support/fiber_run.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/util.h"
#include "client/http.h"
#include "net/listener.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- the server -------------------------------------------------------- */

struct server {
	struct net_listener *listener;
	struct fiber_cond idle; /* a connection has ended */
	uint32_t connections;   /* open ones */
	uint32_t accepted;
	size_t sent_bytes;            /* of /big */
	char host[NET_ADDR_TEXT_MAX]; /* "127.0.0.1:1234" */
	struct client *client;
};

struct conn {
	struct server *server;
	int fd;
	struct fiber_io *io;
	char head[65536]; /* of the present request, with its body */
};

static bool put(struct conn *c, const void *p, size_t len)
{
	const char *at = p;

	while (len) {
		ssize_t n = send(c->fd, at, len, MSG_NOSIGNAL);

		if (n > 0) {
			at += n;
			len -= (size_t)n;
		} else if (errno != EAGAIN ||
		           fiber_wait_writable(c->io, CLOCK_NEVER) < 0) {
			return false;
		}
	}
	return true;
}

static bool say(struct conn *c, const char *text)
{
	return put(c, text, strlen(text));
}

/* Reads a request, and as much body as Content-Length says. */
static bool get_request(struct conn *c)
{
	size_t len = 0;

	for (;;) {
		ssize_t n =
		        read(c->fd, c->head + len, sizeof c->head - 1 - len);
		char *end, *length;

		if (n == 0 || (n < 0 && errno != EAGAIN))
			return false;
		if (n > 0)
			len += (size_t)n;
		else if (fiber_wait_readable(c->io, CLOCK_NEVER) < 0)
			return false;
		c->head[len] = '\0';
		end = strstr(c->head, "\r\n\r\n");
		if (!end)
			continue;
		length = strstr(c->head, "Content-Length: ");
		if (!length || len >= (size_t)(end + 4 - c->head) +
		                               strtoul(length + 16, NULL, 10))
			return true;
	}
}

typedef bool (*route_fn)(struct conn *c); /* true: keep the connection */

static bool on_hello(struct conn *c)
{
	return say(c, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"
	              "Content-Type: text/plain\r\nRetry-After:  7 \r\n"
	              "X-Empty:\r\n\r\nhello");
}

static bool on_echo(struct conn *c)
{
	char head[100];

	snprintf(head, sizeof head,
	         "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n",
	         strlen(c->head));
	return say(c, head) && say(c, c->head);
}

static bool on_chunks(struct conn *c)
{
	say(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (int i = 0; i < 3; i++) {
		fiber_sleep(5);
		say(c, "2\r\nab\r\n");
	}
	return say(c, "0\r\nX-Trailer: 1\r\n\r\n");
}

/* A head, and then nothing for a long time. */
static bool on_quiet(struct conn *c)
{
	say(c, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
	fiber_wait_readable(c->io, CLOCK_NEVER);
	return false;
}

static bool on_silent(struct conn *c)
{
	fiber_wait_readable(c->io, CLOCK_NEVER);
	return false;
}

static bool on_truncated(struct conn *c)
{
	say(c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
	return false;
}

static bool on_chunk_truncated(struct conn *c)
{
	say(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	       "3\r\nabc\r\n");
	return false;
}

static bool on_reset(struct conn *c)
{
	struct linger hard = {.l_onoff = 1};

	say(c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
	fiber_sleep(10);
	setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
	return false;
}

static bool on_nothing(struct conn *c)
{
	return false;
}

static bool on_garbage(struct conn *c)
{
	say(c, "SSH-2.0-OpenSSH_9.2\r\n");
	return false;
}

static bool on_early(struct conn *c)
{
	say(c, "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n");
	return on_hello(c);
}

/* /redirect/3 leads to /redirect/2 ... and /redirect/0 to /hello. */
static bool on_redirect(struct conn *c)
{
	int left = atoi(strstr(c->head, "/redirect/") + 10);
	char text[300];

	if (left == 0)
		snprintf(text, sizeof text, "http://%s/hello", c->server->host);
	else
		snprintf(text, sizeof text, "/redirect/%d", left - 1);
	say(c, "HTTP/1.1 302 Found\r\nContent-Length: 3\r\nLocation: ");
	say(c, text);
	return say(c, "\r\n\r\nxyz");
}

static bool on_elsewhere(struct conn *c)
{
	return say(c, "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n"
	              "Location: ftp://127.0.0.1/x\r\n\r\n");
}

static bool on_see_other(struct conn *c)
{
	return say(c, "HTTP/1.1 303 See Other\r\nContent-Length: 0\r\n"
	              "Location: /echo\r\n\r\n");
}

static bool on_not_modified(struct conn *c)
{
	return say(c, "HTTP/1.1 304 Not Modified\r\n\r\n");
}

static bool on_missing(struct conn *c)
{
	return say(c, "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\n"
	              "none");
}

static bool on_huge_head(struct conn *c)
{
	char line[1024];

	memset(line, 'x', sizeof line);
	memcpy(line, "X-Long: ", 8);
	memcpy(line + sizeof line - 2, "\r\n", 2);
	say(c, "HTTP/1.1 200 OK\r\n");
	for (int i = 0; i < 40; i++)
		put(c, line, sizeof line);
	say(c, "Content-Length: 0\r\n\r\n");
	return false;
}

#define BIG_BYTES (32 << 20)

/* Byte i of it is i modulo 251. */
static bool on_big(struct conn *c)
{
	static char chunk[251 * 64];
	char head[100];
	size_t done = 0;

	for (size_t i = 0; i < sizeof chunk; i++)
		chunk[i] = (char)(i % 251);
	snprintf(head, sizeof head,
	         "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", BIG_BYTES);
	say(c, head);
	while (done < BIG_BYTES) {
		size_t n = MIN(sizeof chunk, BIG_BYTES - done);

		if (!put(c, chunk, n))
			return false;
		done += n;
		c->server->sent_bytes += n;
	}
	return true;
}

/* gzip of "hello gzip\n". */
static bool on_gzip(struct conn *c)
{
	static const unsigned char body[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00,
	                                     0x00, 0x00, 0x02, 0x03, 0xcb, 0x48,
	                                     0xcd, 0xc9, 0xc9, 0x57, 0x48, 0xaf,
	                                     0xca, 0x2c, 0xe0, 0x02, 0x00, 0x39,
	                                     0x7c, 0x63, 0x56, 0x0b, 0x00, 0x00,
	                                     0x00};

	say(c, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
	       "Content-Length: 31\r\n\r\n");
	return put(c, body, sizeof body);
}

static bool on_bad_gzip(struct conn *c)
{
	return say(c, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
	              "Content-Length: 15\r\n\r\nthis is no gzip");
}

static const struct {
	const char *path;
	route_fn fn;
} routes[] = {
        {"/hello", on_hello},
        {"/echo", on_echo},
        {"/chunks", on_chunks},
        {"/quiet", on_quiet},
        {"/silent", on_silent},
        {"/truncated", on_truncated},
        {"/chunk-truncated", on_chunk_truncated},
        {"/reset", on_reset},
        {"/nothing", on_nothing},
        {"/garbage", on_garbage},
        {"/early", on_early},
        {"/redirect/", on_redirect},
        {"/elsewhere", on_elsewhere},
        {"/see-other", on_see_other},
        {"/not-modified", on_not_modified},
        {"/missing", on_missing},
        {"/huge-head", on_huge_head},
        {"/big", on_big},
        {"/gzip", on_gzip},
        {"/bad-gzip", on_bad_gzip},
};

static route_fn find_route(const char *head)
{
	const char *path = strchr(head, '/');

	for (size_t i = 0; i < ARRAY_LEN(routes); i++)
		if (strncmp(path, routes[i].path, strlen(routes[i].path)) == 0)
			return routes[i].fn;
	return on_missing;
}

static int serve(void *arg)
{
	struct conn *c = arg;

	while (get_request(c) && find_route(c->head)(c))
		;
	fiber_io_close(c->io);
	close(c->fd);
	c->server->connections--;
	fiber_cond_wake_all(&c->server->idle);
	mem_free(c);
	return 0;
}

static void on_accept(void *arg, int fd, const struct net_addr *peer)
{
	struct server *s = arg;
	struct conn *c = mem_zalloc(sizeof *c);

	*c = (struct conn){.server = s, .fd = fd, .io = fiber_io_open(fd)};
	s->connections++;
	s->accepted++;
	fiber_detach(fiber_spawn(fiber_pool_here(), "server", serve, c));
}

/* --- a test and its surroundings --------------------------------------- */

struct place {
	void (*fn)(struct server *s);
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
	struct server s = {0};
	struct net_addr at;
	int before = open_descriptors();

	net_addr_parse(&at, STR("127.0.0.1:0"), NULL);
	assert_int_equal(net_listener_open(fiber_loop(), &at, false, on_accept,
	                                   &s, &s.listener, NULL),
	                 0);
	net_addr_format(net_listener_addr(s.listener), s.host);
	fiber_cond_init(&s.idle);
	s.client = client_create(fiber_loop(), place->conf);
	assert_non_null(s.client);
	place->fn(&s);
	client_destroy(s.client);
	net_listener_close(s.listener);
	while (s.connections)
		assert_int_equal(fiber_cond_wait(&s.idle,
		                                 loop_now_ms(fiber_loop()) +
		                                         5000),
		                 0);
	assert_int_equal(open_descriptors(), before);
}

#define CLIENT_TEST(name)                                 \
	static void name##_body(struct server *s);        \
	static void name(void **state)                    \
	{                                                 \
		struct place place = {.fn = name##_body}; \
		fiber_run(in_place, &place);              \
	}                                                 \
	static void name##_body(struct server *s)

static int64_t in_ms(int64_t ms)
{
	return loop_now_ms(fiber_loop()) + ms;
}

static int try_open(struct server *s, const char *method, const char *path,
                    struct client_response **r, struct weir_error *err)
{
	char url[400];
	struct client_request req = {.method = str_of(method)};

	if (strstr(path, "://"))
		snprintf(url, sizeof url, "%s", path);
	else
		snprintf(url, sizeof url, "http://%s%s", s->host, path);
	req.url = str_of(url);
	return client_open(s->client, &req, r, in_ms(5000), err);
}

static struct client_response *get(struct server *s, const char *path)
{
	struct client_response *r;
	struct weir_error err = {0};

	if (try_open(s, "GET", path, &r, &err) < 0)
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

static void open_fails(struct server *s, const char *path, int code,
                       const char *why)
{
	struct client_response *r;
	struct weir_error err = {0};
	int rc = try_open(s, "", path, &r, &err);
	char expected[500];

	assert_null(r);
	if (strstr(path, "://"))
		snprintf(expected, sizeof expected, "GET %s: %s", path, why);
	else
		snprintf(expected, sizeof expected, "GET http://%s%s: %s",
		         s->host, path, why);
	assert_string_equal(err.message, expected);
	assert_int_equal(rc, code);
	assert_int_equal(err.code, code);
}

static void body_fails(struct server *s, const char *path, int code,
                       const char *why)
{
	struct client_response *r = get(s, path);
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
	struct client_response *r = get(s, "/hello");

	assert_int_equal(client_status(r), 200);
	assert_true(str_eq(client_header(r, STR("content-type")),
	                   STR("text/plain")));
	assert_true(str_eq(client_header(r, STR("RETRY-AFTER")), STR("7")));
	assert_non_null(client_header(r, STR("x-empty")).p);
	assert_int_equal(client_header(r, STR("x-empty")).len, 0);
	assert_null(client_header(r, STR("x-trailer")).p);
	assert_null(client_header(r, STR("HTTP/1.1 200 OK")).p);
	body_is(r, "hello");
	r = get(s, "/chunks");
	body_is(r, "ababab");
	r = get(s, "/missing");
	assert_int_equal(client_status(r), 404);
	body_is(r, "none");
	r = get(s, "/not-modified");
	assert_int_equal(client_status(r), 304);
	body_is(r, "");
}

CLIENT_TEST(connections_are_used_again)
{
	for (int i = 0; i < 5; i++)
		body_is(get(s, "/hello"), "hello");
	assert_int_equal(s->accepted, 1);
}

CLIENT_TEST(an_early_hint_is_no_head)
{
	struct client_response *r = get(s, "/early");

	assert_int_equal(client_status(r), 200);
	assert_null(client_header(r, STR("link")).p);
	body_is(r, "hello");
}

CLIENT_TEST(the_head_is_there_before_the_body_begins)
{
	struct client_response *r = get(s, "/quiet");
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
	body_is(get(s, "/gzip"), "hello gzip\n");
}

/* --- requests ---------------------------------------------------------- */

static char *echo_of(struct server *s, struct client_request *req,
                     const char *path)
{
	struct client_response *r;
	struct weir_error err = {0};
	char url[400];
	static char text[5000];

	snprintf(url, sizeof url, "http://%s%s", s->host, path);
	req->url = str_of(url);
	if (client_open(s->client, req, &r, in_ms(5000), &err) < 0)
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
	char *seen = echo_of(s, &req, "/echo?q=1");

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
	seen = echo_of(s, &req, "/echo");
	assert_int_equal(strncmp(seen, "POST /echo HTTP/1.1\r\n", 21), 0);
	assert_null(strstr(seen, "Content-Type"));
	assert_non_null(strstr(seen, "\r\nContent-Length: 0\r\n"));

	req = (struct client_request){.method = STR("DELETE")};
	seen = echo_of(s, &req, "/echo");
	assert_int_equal(strncmp(seen, "DELETE /echo HTTP/1.1\r\n", 23), 0);

	/* A pooled handle remembers nothing of the request before. */
	req = (struct client_request){0};
	seen = echo_of(s, &req, "/echo");
	assert_int_equal(strncmp(seen, "GET /echo HTTP/1.1\r\n", 20), 0);
	assert_null(strstr(seen, "Content-"));
	assert_null(strstr(seen, "X-One"));
}

CLIENT_TEST(a_head_request_has_no_body)
{
	struct client_response *r;

	assert_int_equal(try_open(s, "HEAD", "/quiet", &r, NULL), 0);
	assert_int_equal(client_status(r), 200);
	body_is(r, "");
}

static void refuses(struct server *s, const struct client_request *req,
                    int code, const char *why)
{
	struct client_response *r;
	struct weir_error err = {0};

	assert_int_equal(client_open(s->client, req, &r, in_ms(5000), &err),
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

	refuses(s, &req, WEIR_EINVAL, "value of header X");
	h = (struct client_header){STR("X: a"), STR("")};
	refuses(s, &req, WEIR_EINVAL, "name of header 1");
	h = (struct client_header){STR(""), STR("a")};
	refuses(s, &req, WEIR_EINVAL, "name of header 1");
	req.headers_len = 0;
	req.method = STR("GET / HTTP/1.1\r\n");
	refuses(s, &req, WEIR_EINVAL, "method");
	req.method = STR("GET");
	req.url = STR("http://127.0.0.1:1/a b");
	refuses(s, &req, WEIR_EINVAL, "no spaces");
	req.url = STR("http://127.0.0.1:1/a\r\nX: y");
	refuses(s, &req, WEIR_EINVAL, "byte 21");
	req.url = STR("file:///etc/passwd");
	refuses(s, &req, WEIR_EINVAL, "http:// or https://");
	req.url = STR("127.0.0.1:1/");
	refuses(s, &req, WEIR_EINVAL, "http:// or https://");
	req.url = STR("http://");
	refuses(s, &req, WEIR_EINVAL, "GET http://: ");
	memset(long_url, 'x', sizeof long_url);
	memcpy(long_url, "http://", 7);
	req.url = str_from(long_url, sizeof long_url);
	refuses(s, &req, WEIR_ETOOBIG, "8192");
}

/* --- redirects --------------------------------------------------------- */

CLIENT_TEST(redirects_are_followed_up_to_five)
{
	struct client_response *r = get(s, "/redirect/4");

	assert_int_equal(client_status(r), 200);
	assert_null(client_header(r, STR("location")).p);
	body_is(r, "hello");
	open_fails(s, "/redirect/5", WEIR_EPROTO, "more than 5 redirects");
}

CLIENT_TEST(a_redirect_to_another_protocol_is_an_error)
{
	struct client_response *r;
	struct weir_error err;

	assert_int_equal(try_open(s, "GET", "/elsewhere", &r, &err),
	                 WEIR_EPROTO);
	assert_non_null(strstr(err.message, "ftp"));
}

CLIENT_TEST(a_post_is_redirected_to_a_get_and_a_put_is_not)
{
	struct client_request req = {.method = STR("POST"), .body = STR("abc")};
	struct client_response *r;

	assert_int_equal(
	        strncmp(echo_of(s, &req, "/see-other"), "GET /echo ", 10), 0);
	assert_int_equal(try_open(s, "PUT", "/see-other", &r, NULL), 0);
	assert_int_equal(client_status(r), 303);
	client_close(r);
}

/* --- failures ---------------------------------------------------------- */

CLIENT_TEST(failures_say_what_was_asked_and_why)
{
	open_fails(s, "http://127.0.0.1:1/x", WEIR_EREFUSED,
	           "connection refused");
	open_fails(s, "/nothing", WEIR_ECLOSED,
	           "connection closed without an answer");
	open_fails(s, "/garbage", WEIR_EPROTO,
	           "received HTTP/0.9 when not allowed");
	open_fails(s, "/huge-head", WEIR_ETOOBIG,
	           "the response head has more than 32768 bytes");
	open_fails(s, "http://nowhere.invalid/", WEIR_ENOTFOUND,
	           "no address of that host is known");
}

CLIENT_TEST(a_message_shows_no_password_and_no_query)
{
	struct client_response *r;
	struct weir_error err;

	try_open(s, "GET", "http://joe:secret@127.0.0.1:1/x?key=secret#secret",
	         &r, &err);
	assert_string_equal(err.message,
	                    "GET http://127.0.0.1:1/x: connection refused");
}

CLIENT_TEST(a_body_that_breaks_off_is_told_after_its_bytes)
{
	body_fails(s, "/truncated", WEIR_ECLOSED, "before the body");
	body_fails(s, "/chunk-truncated", WEIR_ECLOSED, "before the body");
	body_fails(s, "/reset", WEIR_ECLOSED, "/reset: connection");
}

CLIENT_TEST(a_body_that_cannot_be_unpacked_is_an_error)
{
	struct client_response *r = get(s, "/bad-gzip");
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

	snprintf(url, sizeof url, "http://%s/silent", s->host);
	req = (struct client_request){.url = str_of(url)};
	assert_int_equal(client_open(s->client, &req, &r, in_ms(30), &err),
	                 WEIR_ETIMEDOUT);
	assert_true(clock_ms() - from < 2000);
	assert_non_null(strstr(err.message, "/silent: timed out"));
}

/* --- cancel, close, backpressure --------------------------------------- */

struct asker {
	struct server *server;
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

	a->rc = try_open(a->server, "GET", a->path, &r, NULL);
	if (a->rc < 0)
		return a->rc;
	while ((n = client_read(r, text, sizeof text, CLOCK_NEVER, NULL)) > 0)
		a->bytes += (size_t)n;
	client_close(r);
	return (int)n;
}

static void cancelled_at(struct server *s, const char *path, int64_t after_ms)
{
	struct asker a = {.server = s, .path = path};
	struct fiber *f = fiber_spawn(fiber_pool_here(), "asker", ask, &a);
	int result;

	fiber_sleep(after_ms);
	fiber_cancel(f);
	assert_int_equal(fiber_join(f, &result, in_ms(1000)), 0);
	assert_int_equal(result, WEIR_ECANCELED);
}

CLIENT_TEST(a_cancelled_fiber_leaves_nothing_behind)
{
	cancelled_at(s, "/silent", 0);
	cancelled_at(s, "/silent", 20);
	cancelled_at(s, "/quiet", 20);
	/* A name is being looked up: nobody waits for the answer. */
	cancelled_at(s, "http://nowhere.invalid/", 0);
}

CLIENT_TEST(a_response_may_be_closed_half_read)
{
	struct client_response *r = get(s, "/big");
	char text[1000];

	assert_true(client_read(r, text, sizeof text, in_ms(5000), NULL) > 0);
	client_close(r);
	body_is(get(s, "/hello"), "hello");
}

CLIENT_TEST(a_body_that_nobody_reads_stops_its_sender)
{
	struct client_response *r = get(s, "/big");
	static char text[100000];
	size_t len = 0, sent;
	ssize_t n;

	fiber_sleep(100);
	sent = s->sent_bytes;
	fiber_sleep(50);
	assert_int_equal(s->sent_bytes, sent); /* it stands still */
	assert_true(sent < BIG_BYTES - (1 << 20));

	while ((n = client_read(r, text, sizeof text, in_ms(5000), NULL)) > 0)
		for (ssize_t i = 0; i < n; i++, len++)
			if (text[i] != (char)(len % 251 % 256))
				fail_msg("byte %zu is wrong", len);
	assert_int_equal(n, 0);
	assert_int_equal(len, BIG_BYTES);
	client_close(r);
	/* And its connection is as good as any. */
	body_is(get(s, "/hello"), "hello");
	assert_int_equal(s->accepted, 1);
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
		a[i] = (struct asker){.server = s,
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

static void ask_ten_at_once(struct server *s)
{
	enum { N = 10 };
	struct asker a[N];
	struct fiber *f[N];

	for (int i = 0; i < N; i++) {
		a[i] = (struct asker){.server = s, .path = "/chunks"};
		f[i] = fiber_spawn(fiber_pool_here(), "asker", ask, &a[i]);
	}
	for (int i = 0; i < N; i++) {
		assert_int_equal(fiber_join(f[i], NULL, CLOCK_NEVER), 0);
		assert_int_equal(a[i].bytes, 6);
	}
	assert_true(s->accepted <= 2);
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
	        cmocka_unit_test(a_cancelled_fiber_leaves_nothing_behind),
	        cmocka_unit_test(a_response_may_be_closed_half_read),
	        cmocka_unit_test(a_body_that_nobody_reads_stops_its_sender),
	        cmocka_unit_test(hundreds_at_once_leave_the_loop_responsive),
	        cmocka_unit_test(more_than_a_host_may_have_wait_for_their_turn),
	};

	/* Whoever tests behind a proxy does not mean these connections. */
	unsetenv("http_proxy");
	unsetenv("https_proxy");
	unsetenv("all_proxy");
	unsetenv("HTTPS_PROXY");
	unsetenv("ALL_PROXY");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
