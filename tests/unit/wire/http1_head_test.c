/* http1_head_test.c - heads that are requests, and heads that are refused. */
#include "wire/http1_head.h"
#include "wire/http1_request.h"

#include "base/error.h"
#include "base/util.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct http1_limits limits = {.head_max = 16384, .uri_max = 8192};

/* A copy without anything behind it, so that a byte too far is seen. */
static char *exact(const char *text, size_t len)
{
	char *copy = malloc(len ? len : 1);

	memcpy(copy, text, len);
	return copy;
}

static int parse_in_pieces(struct http1_head *h, const char *text, size_t len,
			   size_t piece)
{
	int rc = 0;

	*h = (struct http1_head){0};
	for (size_t n = piece; rc == 0; n += piece) {
		char *bytes = exact(text, MIN(n, len));

		rc = http1_head_parse(h, &limits, bytes, MIN(n, len));
		free(bytes);
		if (n >= len)
			break;
	}
	return rc;
}

/* The whole and each size of pieces must say the same. */
static int parse(struct http1_head *h, const char *text)
{
	size_t len = strlen(text);
	int rc = parse_in_pieces(h, text, len, len);

	for (size_t piece = 1; piece < 8; piece++) {
		struct http1_head other;

		assert_int_equal(parse_in_pieces(&other, text, len, piece), rc);
		assert_int_equal(other.status, h->status);
		assert_int_equal(other.fields_len, h->fields_len);
	}
	return rc;
}

static int status_of(const char *text)
{
	struct http1_head h;
	struct http1_request r;
	int rc = parse(&h, text);

	if (rc > 0)
		rc = http1_request_read(&r, &h, text);
	if (rc == 0)
		return 0;
	assert_int_equal(rc, WEIR_EPROTO);
	assert_non_null(h.why);
	return h.status;
}

static struct http1_request read_good(const char *text)
{
	struct http1_head h;
	struct http1_request r;

	assert_int_equal(parse(&h, text), strlen(text));
	assert_int_equal(http1_request_read(&r, &h, text), 0);
	return r;
}

static void is(struct str s, const char *text)
{
	assert_int_equal(s.len, strlen(text));
	assert_memory_equal(s.p, text, s.len);
}

#define L1   "GET / HTTP/1.1\r\n"
#define HOST "Host: h\r\n"
#define POST "POST / HTTP/1.1\r\n" HOST

static void a_head_gives_its_words_and_fields(void **state)
{
	const char *t = "GET /a?b=c HTTP/1.1\r\nHost: h:80\r\n"
			"X-A: \t two words \t\r\nX-B:\r\n\r\n";
	struct http1_head h;

	assert_int_equal(parse(&h, t), strlen(t));
	is(str_from(t + h.method_at, h.method_len), "GET");
	is(str_from(t + h.target_at, h.target_len), "/a?b=c");
	assert_int_equal(h.minor, 1);
	assert_int_equal(h.fields_len, 3);
	is(http1_field_name(&h.fields[0], t), "Host");
	is(http1_field_value(&h.fields[1], t), "two words");
	is(http1_field_value(&h.fields[2], t), "");
}

static void bytes_behind_the_head_are_left_alone(void **state)
{
	const char *t = L1 HOST "\r\nGET";
	struct http1_head h;

	assert_int_equal(parse(&h, t), strlen(t) - 3);
}

static void empty_lines_before_a_request_are_skipped(void **state)
{
	assert_int_equal(status_of("\r\n\r\n" L1 HOST "\r\n"), 0);
	assert_int_equal(status_of("\r\n\r\n\r\n\r\n\r\n" L1 HOST "\r\n"), 400);
}

static void what_cannot_be_a_request_is_refused_at_once(void **state)
{
	static const char *const starts[] = {
		"\x16",		"\n",		" ",
		"GET\t",	"GET /\n",	"GET /\r",
		"GET  ",	"GET / h",	"GET / HTTP/1.1\n",
		L1 " ",		L1 ":",		L1 "\n",
		L1 "Host: h\n", L1 "Host :",	L1 "Host\r",
		L1 "X: a\rb",	L1 "X: a\x01",	L1 "X: a\x7f",
		L1 "X(y):",	L1 HOST "\r\r",
	};

	for (size_t i = 0; i < ARRAY_LEN(starts); i++)
		assert_int_equal(status_of(starts[i]), 400);
}

static void a_nul_is_refused_wherever_it_stands(void **state)
{
	const char *t = L1 "X: y\r\n\r\n";
	size_t len = strlen(t);

	for (size_t i = 0; i < len; i++) {
		struct http1_head h = {0};
		char *copy = exact(t, len);

		copy[i] = '\0';
		assert_int_equal(http1_head_parse(&h, &limits, copy, len),
				 WEIR_EPROTO);
		free(copy);
	}
}

static void versions_other_than_1_x_are_refused(void **state)
{
	assert_int_equal(status_of("GET / HTTP/2.0\r\n"), 505);
	assert_int_equal(status_of("GET / HTTP/0.9\r\n"), 505);
	assert_int_equal(status_of("GET / http/1.1\r\n"), 400);
	assert_int_equal(status_of("GET / HTTP/1.1x\r\n"), 400);
	assert_int_equal(status_of("GET / HTTP/1.10\r\n"), 400);
	assert_int_equal(status_of("GET / HTTP/11\r\n"), 400);
	assert_int_equal(status_of("GET / HTTP/1.9\r\n" HOST "\r\n"), 0);
}

static void limits_are_kept(void **state)
{
	size_t len = 20000;
	char *t = malloc(len);
	struct http1_head h = {0};

	memset(t, 'a', len);
	memcpy(t, "GET /", 5);
	assert_int_equal(http1_head_parse(&h, &limits, t, len), WEIR_EPROTO);
	assert_int_equal(h.status, 414);

	h = (struct http1_head){0};
	memcpy(t, "GET / HTTP/1.1\r\nX: ", 19);
	assert_int_equal(http1_head_parse(&h, &limits, t, 16383), 0);
	assert_int_equal(http1_head_parse(&h, &limits, t, len), WEIR_EPROTO);
	assert_int_equal(h.status, 431);

	h = (struct http1_head){0};
	for (size_t i = 16; i + 4 < len; i += 4)
		memcpy(t + i, "a:\r\n", 4);
	assert_int_equal(http1_head_parse(&h, &limits, t, len), WEIR_EPROTO);
	assert_int_equal(h.status, 431);
	assert_int_equal(h.fields_len, HTTP1_FIELDS_MAX);

	h = (struct http1_head){0};
	memset(t, 'A', 33);
	assert_int_equal(http1_head_parse(&h, &limits, t, 33), WEIR_EPROTO);
	assert_int_equal(h.status, 501);
	free(t);
}

static void a_request_needs_one_valid_host(void **state)
{
	static const char *const bad[] = {
		"a b",	 "user@host", "host/x", "localhost:abc",
		"[::1",	 "[::1]x",    "[zz]",	"h:99999",
		"h:1:2", "::1",	      "a%2",	"[fe80::1%25eth0]",
		"\x80",	 "h#",	      "a\"b",
	};
	static const char *const good[] = {
		"",	 "h",	     "h:",	 "h:80",  "127.0.0.1:1",
		"[::1]", "[::1]:80", "a_b-c.d~", "a%20b", "[v1.x:y]",
	};
	char t[128];

	assert_int_equal(status_of(L1 "X: y\r\n\r\n"), 400);
	assert_int_equal(status_of(L1 HOST HOST "\r\n"), 400);
	assert_int_equal(status_of("GET / HTTP/1.0\r\n\r\n"), 0);
	assert_int_equal(status_of("GET / HTTP/1.0\r\nHost: a b\r\n\r\n"), 400);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		snprintf(t, sizeof t, L1 "Host: %s\r\n\r\n", bad[i]);
		if (status_of(t) != 400)
			fail_msg("let through: %s", t);
	}
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		snprintf(t, sizeof t, L1 "Host: %s\r\n\r\n", good[i]);
		if (status_of(t) != 0)
			fail_msg("refused: %s", t);
	}
}

static void a_length_is_one_number(void **state)
{
	static const char *const bad[] = {"abc", "-1",	"+1",  "0x10", "",
					  "1 0", "1.0", "1,1", "1, 1", "1;"};
	char t[128];
	struct http1_request r =
		read_good(POST "Content-Length:\t 0042\t\r\n\r\n");

	assert_int_equal(r.body, HTTP1_BODY_LENGTH);
	assert_int_equal(r.length, 42);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		snprintf(t, sizeof t, POST "Content-Length: %s\r\n\r\n",
			 bad[i]);
		if (status_of(t) != 400)
			fail_msg("not refused: %s", t);
	}
	assert_int_equal(status_of(POST "Content-Length: 1\r\n"
					"Content-Length: 1\r\n\r\n"),
			 400);
	assert_int_equal(
		status_of(POST "Content-Length: 18446744073709551617\r\n\r\n"),
		413);
	assert_int_equal(
		status_of(POST "Content-Length: 9223372036854775808\r\n\r\n"),
		413);
}

static void only_chunked_alone_is_a_transfer_coding(void **state)
{
	static const struct {
		int status;
		const char *fields;
	} cases[] = {
		{0, "Transfer-Encoding: chunked\r\n"},
		{0, "transfer-encoding:\tCHUNKED\t\r\n"},
		{501, "Transfer-Encoding: gzip, chunked\r\n"},
		{400, "Transfer-Encoding: chunked, identity\r\n"},
		{400, "Transfer-Encoding: xchunked\r\n"},
		{400, "Transfer-Encoding: chunked, chunked\r\n"},
		{400, "Transfer-Encoding: chunked\r\n"
		      "Transfer-Encoding: chunked\r\n"},
		{400, "Transfer-Encoding: chunked;q=1\r\n"},
		{400, "Transfer-Encoding: \x0b"
		      "chunked\r\n"},
		{400, "Transfer-Encoding: \r\n"},
		{400, "Transfer-Encoding: chunked,\r\n"},
		{400, "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n"},
		{400, "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n"},
	};
	char t[256];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		snprintf(t, sizeof t, POST "%s\r\n", cases[i].fields);
		if (status_of(t) != cases[i].status)
			fail_msg("%d wanted: %s", cases[i].status, t);
	}
	assert_int_equal(status_of("POST / HTTP/1.0\r\n"
				   "Transfer-Encoding: chunked\r\n\r\n"),
			 400);
}

static void the_target_is_split(void **state)
{
	struct http1_request r =
		read_good("GET /a/b?c=d?e HTTP/1.1\r\n" HOST "\r\n");

	is(r.path, "/a/b");
	is(r.query, "c=d?e");
	r = read_good("GET http://h:1/a HTTP/1.1\r\n" HOST "\r\n");
	is(r.path, "/a");
	assert_null(r.query.p);
	r = read_good("GET HTTPS://h?q HTTP/1.1\r\n" HOST "\r\n");
	is(r.path, "/");
	is(r.query, "q");
	r = read_good("OPTIONS * HTTP/1.1\r\n" HOST "\r\n");
	assert_true(r.asterisk);
	r = read_good("OPTIONS http://h HTTP/1.1\r\n" HOST "\r\n");
	assert_true(r.asterisk);
}

static void targets_of_other_forms_are_refused(void **state)
{
	static const char *const bad[] = {
		"*",	       "foo",  "ftp://h/",    "http://", "http:///a",
		"http://u@h/", "/a#b", "http://h:x/", "h:80",
	};
	char t[128];

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		snprintf(t, sizeof t, "GET %s HTTP/1.1\r\n" HOST "\r\n",
			 bad[i]);
		if (status_of(t) != 400)
			fail_msg("not refused: %s", t);
	}
	assert_int_equal(status_of("CONNECT h:80 HTTP/1.1\r\n" HOST "\r\n"),
			 501);
}

static void methods_are_told_apart_by_case(void **state)
{
	assert_int_equal(read_good("DELETE / HTTP/1.1\r\n" HOST "\r\n").method,
			 HTTP1_DELETE);
	assert_int_equal(read_good("get / HTTP/1.1\r\n" HOST "\r\n").method,
			 HTTP1_OTHER);
}

static void the_connection_goes_on_as_the_client_says(void **state)
{
	assert_true(read_good(L1 HOST "\r\n").keep_alive);
	assert_false(read_good(L1 HOST "Connection: foo , CLOSE\r\n\r\n")
			     .keep_alive);
	assert_false(read_good("GET / HTTP/1.0\r\n\r\n").keep_alive);
	assert_true(read_good("GET / HTTP/1.0\r\n"
			      "Connection: Keep-Alive\r\n\r\n")
			    .keep_alive);
	assert_false(read_good("GET / HTTP/1.0\r\nConnection: keep-alive\r\n"
			       "Connection: close\r\n\r\n")
			     .keep_alive);
	assert_true(read_good(L1 HOST "Connection: keep-alive, Upgrade\r\n"
				      "Upgrade: websocket\r\n\r\n")
			    .upgrade);
	assert_false(read_good(L1 HOST "Upgrade: websocket\r\n\r\n").upgrade);
}

static void only_100_continue_can_be_expected(void **state)
{
	assert_int_equal(status_of(POST "Expect: nonsense\r\n\r\n"), 417);
	assert_true(read_good(POST "Expect: 100-Continue\r\n"
				   "Content-Length: 1\r\n\r\n")
			    .expect_continue);
	assert_false(
		read_good(POST "Expect: 100-continue\r\n\r\n").expect_continue);
	assert_false(read_good("POST / HTTP/1.0\r\nExpect: 100-continue\r\n"
			       "Content-Length: 1\r\n\r\n")
			     .expect_continue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_head_gives_its_words_and_fields),
		cmocka_unit_test(bytes_behind_the_head_are_left_alone),
		cmocka_unit_test(empty_lines_before_a_request_are_skipped),
		cmocka_unit_test(what_cannot_be_a_request_is_refused_at_once),
		cmocka_unit_test(a_nul_is_refused_wherever_it_stands),
		cmocka_unit_test(versions_other_than_1_x_are_refused),
		cmocka_unit_test(limits_are_kept),
		cmocka_unit_test(a_request_needs_one_valid_host),
		cmocka_unit_test(a_length_is_one_number),
		cmocka_unit_test(only_chunked_alone_is_a_transfer_coding),
		cmocka_unit_test(the_target_is_split),
		cmocka_unit_test(targets_of_other_forms_are_refused),
		cmocka_unit_test(methods_are_told_apart_by_case),
		cmocka_unit_test(the_connection_goes_on_as_the_client_says),
		cmocka_unit_test(only_100_continue_can_be_expected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
