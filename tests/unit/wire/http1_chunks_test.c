/* http1_chunks_test.c - chunked bodies in pieces of every size. */
#include "wire/http1_chunks.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/util.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Decodes text shown in pieces; the body goes to out, what is behind the end
 * of it to *rest_out. Returns what ended it. */
static int decode(struct str text, size_t piece, struct buf *out,
		  size_t *rest_out)
{
	struct http1_chunks d = {0};
	int rc = HTTP1_CHUNKS_MORE;

	for (size_t at = 0; at < text.len && rc == HTTP1_CHUNKS_MORE;
	     at += piece) {
		size_t n = MIN(piece, text.len - at);
		char *bytes = malloc(n);
		struct str in = str_from(bytes, n);
		struct str data;

		memcpy(bytes, text.p + at, n);
		while ((rc = http1_chunks_next(&d, &in, &data)) ==
		       HTTP1_CHUNKS_DATA)
			buf_append_str(out, data);
		*rest_out = text.len - at - n + in.len;
		free(bytes);
	}
	if (rc < 0)
		assert_non_null(d.why);
	return rc;
}

static void expect(const char *text, int rc, const char *body)
{
	struct str t = str_of(text);

	for (size_t piece = 1; piece <= t.len; piece++) {
		struct buf out = {0};
		size_t rest = 0;

		if (decode(t, piece, &out, &rest) != rc)
			fail_msg("not %d: %s", rc, text);
		if (body) {
			assert_int_equal(buf_len(&out), strlen(body));
			assert_memory_equal(buf_str(&out).p, body,
					    strlen(body));
		}
		buf_fini(&out);
	}
}

static void chunks_become_one_body(void **state)
{
	expect("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", HTTP1_CHUNKS_END,
	       "hello world");
	expect("0005\r\nhello\r\n000\r\n\r\n", HTTP1_CHUNKS_END, "hello");
	expect("A\r\n0123456789\r\n0\r\n\r\n", HTTP1_CHUNKS_END, "0123456789");
	expect("0\r\n\r\n", HTTP1_CHUNKS_END, "");
}

static void the_next_request_is_not_touched(void **state)
{
	struct buf out = {0};
	size_t rest = 0;

	assert_int_equal(decode(STR("1\r\nx\r\n0\r\n\r\nGET /"), 100, &out,
				&rest),
			 HTTP1_CHUNKS_END);
	assert_int_equal(rest, 5);
	buf_fini(&out);
}

static void extensions_and_trailers_are_dropped(void **state)
{
	expect("1;a\r\nx\r\n0;b=c\r\n\r\n", HTTP1_CHUNKS_END, "x");
	expect("1 ; a = b ;c\r\nx\r\n0\r\n\r\n", HTTP1_CHUNKS_END, "x");
	expect("1;a=\"x;y\\\"z\";b\r\nx\r\n0\r\n\r\n", HTTP1_CHUNKS_END, "x");
	expect("1\r\nx\r\n0\r\nA: b\r\nContent-Length: 9\r\n\r\n",
	       HTTP1_CHUNKS_END, "x");
}

static void an_unfinished_body_wants_more(void **state)
{
	expect("5\r\nhel", HTTP1_CHUNKS_MORE, "hel");
	expect("5\r\nhello\r\n", HTTP1_CHUNKS_MORE, "hello");
	expect("0\r\n", HTTP1_CHUNKS_MORE, "");
}

static void malformed_chunks_are_refused(void **state)
{
	static const char *const bad[] = {
		"xyz\r\n",
		"-1\r\n",
		"+1\r\n",
		"0x1\r\n",
		"\r\n",
		"5,1\r\n",
		" 5\r\n",
		"5 \r\n",
		"5\n",
		"5\r5",
		"00000000000000001\r\n",
		"FFFFFFFFFFFFFFFF\r\n",
		"1\r\nxX",
		"1\r\nx\n",
		"1\r\nx\rX",
		"1\r\nx1\r\n",
		"1;\r\n",
		"1;a=\r\n",
		"1;a=\"x\r\n",
		"1;a=\"x\"y\r\n",
		"1;=b\r\n",
		"1;a b\r\n",
		"1;a \r\n",
		"1;a\n",
		"0\r\n\n",
		"0\r\nx\r\n",
		"0\r\n: y\r\n",
		"0\r\nA : y\r\n",
		"0\r\nA: \x01\r\n",
		"0\r\nA: y\n",
		"0\r\n\r\r",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		expect(bad[i], WEIR_EPROTO, NULL);
}

static void a_nul_behind_a_size_is_refused(void **state)
{
	struct buf out = {0};
	size_t rest = 0;

	assert_int_equal(decode(str_from("5\0\r\n", 4), 4, &out, &rest),
			 WEIR_EPROTO);
	buf_fini(&out);
}

/* unit again and again behind head, until it is refused. */
static int flood(const char *head, const char *unit, size_t *taken)
{
	struct http1_chunks d = {0};
	struct str in = str_of(head);
	struct str data;
	int rc;

	while ((rc = http1_chunks_next(&d, &in, &data)) == HTTP1_CHUNKS_DATA)
		;
	for (*taken = 0; rc == HTTP1_CHUNKS_MORE && *taken < 1 << 20;) {
		in = str_of(unit);
		*taken += in.len;
		while ((rc = http1_chunks_next(&d, &in, &data)) ==
		       HTTP1_CHUNKS_DATA)
			;
	}
	return rc;
}

static void floods_of_what_is_no_data_end(void **state)
{
	size_t taken;

	assert_int_equal(flood("", "1;a=b\r\nx\r\n", &taken), WEIR_ETOOBIG);
	assert_int_equal(flood("1;", "aaaa", &taken), WEIR_ETOOBIG);
	assert_int_equal(flood("1 ", "    ", &taken), WEIR_ETOOBIG);
	assert_int_equal(flood("0\r\n", "A: b\r\n", &taken), WEIR_ETOOBIG);
	assert_true(taken < 10000);
	assert_int_equal(flood("", "0", &taken), WEIR_EPROTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chunks_become_one_body),
		cmocka_unit_test(the_next_request_is_not_touched),
		cmocka_unit_test(extensions_and_trailers_are_dropped),
		cmocka_unit_test(an_unfinished_body_wants_more),
		cmocka_unit_test(malformed_chunks_are_refused),
		cmocka_unit_test(a_nul_behind_a_size_is_refused),
		cmocka_unit_test(floods_of_what_is_no_data_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
