/* body_test.c - bodies that come whole, in chunks, too slowly, too large. */
#include "web.h"

static struct http_conf conf;

static void handle(void *arg, struct http_exchange *x)
{
	struct str path = http_path(x);
	struct buf body = {0};
	char small[3];
	ssize_t n;

	if (str_eq(path, STR("/unread"))) {
		http_respond(x, 200, "text/plain", STR("unread"));
		return;
	}
	if (str_eq(path, STR("/unlimited")))
		http_body_unlimited(x);
	if (str_eq(path, STR("/count")) || str_eq(path, STR("/unlimited"))) {
		uint64_t bytes = 0;

		while ((n = http_read(x, small, sizeof small, CLOCK_NEVER)) > 0)
			bytes += (uint64_t)n;
		if (n == 0) {
			buf_append_u64(&body, bytes);
			buf_append_cstr(&body, " bytes");
		}
	} else if (str_eq(path, STR("/patient"))) {
		int64_t soon = loop_now_ms(fiber_loop()) + 20;

		assert_int_equal(http_read(x, small, 1, soon), WEIR_ETIMEDOUT);
		n = http_read_all(x, &body, CLOCK_NEVER);
	} else {
		n = http_read_all(x, &body, CLOCK_NEVER);
	}
	if (n < 0)
		http_problem_body(x, (int)n);
	else
		http_respond(x, 200, "text/plain", buf_str(&body));
	buf_fini(&body);
}

struct test {
	struct web web;
	struct client c;
};

static void begin(struct test *t)
{
	web_open(&t->web, &conf, handle, NULL);
	client_open(&t->c, &t->web);
}

static void end(struct test *t)
{
	client_close(&t->c);
	web_close(&t->web);
	http_conf_init(&conf);
}

#define POST(path, fields) "POST " path " HTTP/1.1\r\nHost: h\r\n" fields "\r\n"
#define CHUNKED		   "Transfer-Encoding: chunked\r\n"
#define HI		   "GET /unread HTTP/1.1\r\nHost: h\r\n\r\n"

static void reads_bodies(void *arg)
{
	struct test t;

	begin(&t);
	say(&t.c, POST("/", "Content-Length: 5\r\n") "hello" HI);
	assert_true(hears(&t.c, "\r\n\r\nhelloHTTP/1.1 200 OK"));
	assert_true(hears(&t.c, "unread"));
	say(&t.c, POST("/", CHUNKED) "2\r\nhe\r\n3;a=b\r\nllo\r\n0\r\nX: y\r\n"
				     "\r\n" HI);
	assert_true(hears(&t.c, "\r\n\r\nhelloHTTP/1.1 200 OK"));
	assert_true(hears(&t.c, "unread"));
	say(&t.c, POST("/", "Content-Length: 0\r\n") POST("/", ""));
	assert_true(hears(&t.c, "Content-Length: 0\r\n\r\n"));
	assert_true(hears(&t.c, "Content-Length: 0\r\n\r\n"));
	end(&t);
}

static void reads_bytes_as_they_come(void *arg)
{
	const char *text = "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n";
	struct test t;

	begin(&t);
	say(&t.c, POST("/", CHUNKED));
	for (size_t i = 0; i < strlen(text); i++) {
		char one[2] = {text[i]};

		say(&t.c, one);
		fiber_sleep(1);
	}
	assert_true(hears(&t.c, "\r\n\r\nhello!"));
	end(&t);
}

static void asks_for_the_body(void *arg)
{
	struct test t;

	begin(&t);
	say(&t.c, POST("/", "Expect: 100-continue\r\nContent-Length: 2\r\n"));
	assert_true(hears(&t.c, "HTTP/1.1 100 Continue\r\n\r\n"));
	say(&t.c, "ok");
	assert_true(hears(&t.c, "\r\n\r\nok"));
	say(&t.c,
	    POST("/", "Expect: 100-continue\r\nContent-Length: 2\r\n") "ok");
	assert_true(hears(&t.c, "HTTP/1.1 200 OK\r\n"));
	assert_true(hears(&t.c, "\r\n\r\nok"));
	/* Nobody wants it: it is not known whether it will come. */
	say(&t.c,
	    POST("/unread", "Expect: 100-continue\r\nContent-Length: 2\r\n"));
	assert_true(hears(&t.c, "Connection: close\r\n"));
	assert_true(hears_end(&t.c));
	assert_false(has(&t.c, "100 Continue"));
	end(&t);
}

static void keeps_its_size(void *arg)
{
	char big[3000];
	struct test t;

	memset(big, 'x', sizeof big - 1);
	big[sizeof big - 1] = '\0';
	conf.body_max = 10;
	begin(&t);
	say(&t.c, POST("/", "Content-Length: 10\r\n") "0123456789");
	assert_true(hears(&t.c, "0123456789"));
	say(&t.c, POST("/", "Content-Length: 11\r\n"));
	assert_true(hears(&t.c, "HTTP/1.1 413 "));
	assert_true(hears(&t.c, "Connection: close\r\n"));
	assert_true(hears_end(&t.c));
	client_close(&t.c);

	client_open(&t.c, &t.web);
	say(&t.c, POST("/", CHUNKED) "bb7\r\n");
	say(&t.c, big);
	assert_true(hears(&t.c, "HTTP/1.1 413 "));
	assert_true(hears_end(&t.c));
	client_close(&t.c);

	client_open(&t.c, &t.web);
	say(&t.c, POST("/unlimited", CHUNKED) "bb7\r\n");
	say(&t.c, big);
	say(&t.c, "\r\n0\r\n\r\n");
	assert_true(hears(&t.c, "2999 bytes"));
	end(&t);
}

static void refuses_bad_chunks(void *arg)
{
	struct test t;

	begin(&t);
	say(&t.c, POST("/", CHUNKED) "2\r\nabX" HI);
	assert_true(hears(&t.c, "HTTP/1.1 400 "));
	assert_true(hears(&t.c, "a chunk does not end in CR LF"));
	assert_true(hears_end(&t.c));
	assert_false(has(&t.c, "unread"));
	end(&t);
}

static void refuses_what_ends_early(void *arg)
{
	struct test t;

	begin(&t);
	say(&t.c, POST("/", "Content-Length: 5\r\n") "hel");
	shutdown(t.c.fd, SHUT_WR);
	assert_true(hears(&t.c, "HTTP/1.1 400 "));
	assert_true(hears(&t.c, "the body ended too early"));
	assert_true(hears_end(&t.c));
	end(&t);
}

/* A byte now and then does not hold it: the time is for the whole. */
static void refuses_what_is_slow(void *arg)
{
	struct test t;
	int sent = 0;

	conf.body_timeout_ms = 100;
	begin(&t);
	say(&t.c, POST("/", "Content-Length: 1000\r\n"));
	while (!has(&t.c, "408") && sent < 100) {
		say(&t.c, "x");
		sent++;
		hear_more(&t.c, loop_now_ms(fiber_loop()) + 10);
	}
	assert_true(sent > 3 && sent < 50);
	assert_true(hears(&t.c, "the body took too long"));
	client_close(&t.c);

	/* An endless one may be slow, but not silent. */
	client_open(&t.c, &t.web);
	say(&t.c, POST("/unlimited", CHUNKED));
	for (int i = 0; i < 15; i++) {
		say(&t.c, "1\r\nx\r\n");
		fiber_sleep(15);
	}
	assert_int_equal(buf_len(&t.c.got), 0);
	assert_true(hears(&t.c, "HTTP/1.1 408 "));
	end(&t);
}

static void a_readers_own_deadline_is_no_error(void *arg)
{
	struct test t;

	begin(&t);
	say(&t.c, POST("/patient", "Content-Length: 2\r\n"));
	fiber_sleep(40);
	say(&t.c, "ok" HI);
	assert_true(hears(&t.c, "\r\n\r\nok"));
	assert_true(hears(&t.c, "unread"));
	end(&t);
}

static void skips_what_nobody_reads(void *arg)
{
	struct test t;

	begin(&t);
	say(&t.c,
	    POST("/unread",
		 "Content-Length: 43\r\n") "GET /smuggled HTTP/1.1\r\nHost: "
					   "localhost\r\n\r\n" HI);
	assert_true(hears(&t.c, "unreadHTTP/1.1 200"));
	assert_true(hears(&t.c, "unread"));
	assert_int_equal(buf_len(&t.c.got), 0);
	say(&t.c, POST("/unread", CHUNKED) "1\r\nx\r\n");
	assert_true(hears(&t.c, "unread"));
	say(&t.c, "0\r\n\r\n" HI);
	assert_true(hears(&t.c, "unread"));
	/* Too much of it: the connection ends, and says so. */
	say(&t.c, POST("/unread", "Content-Length: 300000\r\n"));
	assert_true(hears(&t.c, "Connection: close\r\n"));
	assert_true(hears_end(&t.c));
	end(&t);
}

static void reads_a_large_body(void *arg)
{
	struct test t;
	char block[4096];
	size_t sent = 0;

	memset(block, 'x', sizeof block);
	begin(&t);
	say(&t.c, POST("/count", "Content-Length: 1048576\r\n"));
	for (int idle = 0; sent < 1 << 20 && idle < 100;) {
		ssize_t n = send(t.c.fd, block, sizeof block, MSG_NOSIGNAL);

		if (n > 0)
			sent += (size_t)n;
		else
			idle++;
		fiber_yield();
	}
	assert_true(hears(&t.c, "1048576 bytes"));
	end(&t);
}

#define CASE(name, fn)                 \
	static void name(void **state) \
	{                              \
		fiber_run(fn, NULL);   \
	}

CASE(bodies_are_read_whole, reads_bodies)
CASE(a_body_may_come_byte_by_byte, reads_bytes_as_they_come)
CASE(a_body_is_asked_for_when_it_is_read, asks_for_the_body)
CASE(a_body_too_large_is_refused, keeps_its_size)
CASE(malformed_chunks_are_refused, refuses_bad_chunks)
CASE(a_body_that_ends_early_is_refused, refuses_what_ends_early)
CASE(a_body_too_slow_is_refused, refuses_what_is_slow)
CASE(a_deadline_of_the_reader_leaves_the_body_whole,
     a_readers_own_deadline_is_no_error)
CASE(an_unread_body_is_no_request, skips_what_nobody_reads)
CASE(a_large_body_comes_through_small_reads, reads_a_large_body)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies_are_read_whole),
		cmocka_unit_test(a_body_may_come_byte_by_byte),
		cmocka_unit_test(a_body_is_asked_for_when_it_is_read),
		cmocka_unit_test(a_body_too_large_is_refused),
		cmocka_unit_test(malformed_chunks_are_refused),
		cmocka_unit_test(a_body_that_ends_early_is_refused),
		cmocka_unit_test(a_body_too_slow_is_refused),
		cmocka_unit_test(
			a_deadline_of_the_reader_leaves_the_body_whole),
		cmocka_unit_test(an_unread_body_is_no_request),
		cmocka_unit_test(a_large_body_comes_through_small_reads),
	};

	http_conf_init(&conf);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
