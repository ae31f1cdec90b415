/* sse_test.c - events come out the same however the bytes came in. */
#include "wire/sse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define EVENT_MAX 16

/* Feeds one piece from memory of exactly its size, so that AddressSanitizer
 * sees each byte too many. Writes what comes out, as [type|data|id]. */
static void feed(struct sse *s, const char *p, size_t len, struct buf *out)
{
	char *copy = len ? memcpy(malloc(len), p, len) : NULL;
	struct str in = str_from(copy, len);
	struct sse_event e;
	int rc;

	while ((rc = sse_next(s, &in, &e)) != WEIR_EAGAIN) {
		if (rc == 0)
			buf_printf(out, "[%.*s|%.*s|%.*s]", STR_FMT(e.type),
				   STR_FMT(e.data), STR_FMT(e.id));
		else
			buf_printf(out, "(%s)", weir_strerror(rc));
	}
	assert_int_equal(in.len, 0);
	free(copy);
}

static void feed_text(struct sse *s, const char *text, struct buf *out)
{
	feed(s, text, strlen(text), out);
}

static void check(struct buf *out, const char *expected)
{
	char *text = buf_take_cstr(out);

	assert_string_equal(text, expected);
	free(text);
}

static void bytes_give(const char *text, size_t len, const char *expected)
{
	struct buf out = {0};
	struct sse s;

	/* All at once, in two pieces at each place, byte by byte. */
	for (size_t cut = 0; cut <= len; cut++) {
		sse_init(&s, EVENT_MAX);
		feed(&s, text, cut, &out);
		feed(&s, text + cut, len - cut, &out);
		check(&out, expected);
		sse_fini(&s);
	}
	sse_init(&s, EVENT_MAX);
	for (size_t i = 0; i < len; i++)
		feed(&s, text + i, 1, &out);
	check(&out, expected);
	sse_fini(&s);
	buf_fini(&out);
}

static void gives(const char *text, const char *expected)
{
	bytes_give(text, strlen(text), expected);
}

/* The examples of the standard, section 9.2.6. */
static void the_examples_of_the_standard_are_read_as_it_says(void **state)
{
	gives("data: YHOO\ndata: +2\ndata: 10\n\n", "[message|YHOO\n+2\n10|]");
	gives(": test stream\n\ndata: first event\nid: 1\n\n"
	      "data:second event\nid\n\ndata:  third event\n\n",
	      "[message|first event|1][message|second event|]"
	      "[message| third event|]");
	gives("data\n\ndata\ndata\n\ndata:", "[message||][message|\n|]");
	gives("data:test\n\ndata: test\n\n", "[message|test|][message|test|]");
}

static void each_line_end_counts_once(void **state)
{
	gives("data:a\r\rdata:b\r\r", "[message|a|][message|b|]");
	gives("data:a\r\n\r\ndata:b\r\n\r\n", "[message|a|][message|b|]");
	gives("data:a\n\rdata:b\n\r\n", "[message|a|][message|b|]");
	gives("data:a\r\ndata:b\r\r\n", "[message|a\nb|]");
	gives("\r\n\r\n\n\r\r", "");
}

static void an_event_goes_out_at_its_last_cr(void **state)
{
	struct buf out = {0};
	struct sse s;

	sse_init(&s, EVENT_MAX);
	feed_text(&s, "data:a\r\n\r", &out);
	check(&out, "[message|a|]");
	feed_text(&s, "\ndata:b\n\n", &out);
	check(&out, "[message|b|]");
	sse_fini(&s);
	buf_fini(&out);
}

static void one_byte_order_mark_is_dropped_at_the_beginning(void **state)
{
	gives("\xEF\xBB\xBF"
	      "data:a\n\n",
	      "[message|a|]");
	gives("\xEF\xBB\xBF\xEF\xBB\xBF"
	      "data:a\ndata:b\n\n",
	      "[message|b|]");
	gives("\xEF\xBB"
	      "data:a\ndata:b\n\n",
	      "[message|b|]");
	gives("data:\xEF\xBB\xBF\n\n", "[message|\xEF\xBB\xBF|]");
}

static void type_and_id_follow_the_standard(void **state)
{
	/* The type is of one event, the id of all that follow. */
	gives("event:add\nid:7\ndata:a\n\ndata:b\n\n",
	      "[add|a|7][message|b|7]");
	gives("event:x\nevent:y\ndata:a\n\n", "[y|a|]");
	/* Without data there is no event, but its id counts. */
	gives("event:x\nid:3\n\ndata:a\n\n", "[message|a|3]");
	bytes_give("id:1\ndata:a\n\nid:2\0\ndata:b\n\n", 27,
		   "[message|a|1][message|b|1]");
	/* An event that is cut off is none. */
	gives("data:a\n\ndata:b\n", "[message|a|]");
	/* Names are exact. */
	gives("Data:a\n data:b\ndata :c\ndatum:d\ndata:e\n\n", "[message|e|]");
}

static void retry_takes_digits_only(void **state)
{
	struct buf out = {0};
	struct sse s;

	sse_init(&s, EVENT_MAX);
	assert_int_equal(s.retry_ms, -1);
	feed_text(&s, "retry:\nretry: 1s\nretry:-5\nretry:+5\n", &out);
	assert_int_equal(s.retry_ms, -1);
	feed_text(&s, "retry: 2500\n", &out);
	assert_int_equal(s.retry_ms, 2500);
	feed_text(&s, "retry:99999999999999999999\n", &out);
	assert_int_equal(s.retry_ms, 2500);
	sse_fini(&s);
	buf_fini(&out);
}

static void a_too_big_event_is_one_error_and_the_next_is_fine(void **state)
{
	gives("data:1234567890123456\n\ndata:a\n\n",
	      "[message|1234567890123456|][message|a|]");
	gives("data:12345678901234567\n\ndata:a\n\n", "(too big)[message|a|]");
	gives("data:12345678\ndata:12345678\ndata:x\ndata:y\n\ndata:a\n\n",
	      "(too big)[message|a|]");
	gives("event:12345678\ndata:123456789\n\ndata:a\n\n",
	      "(too big)[message|a|]");
	gives("event:12345678901234567\ndata:x\n\ndata:a\n\n",
	      "(too big)[message|a|]");
	/* Many empty lines are not free either. */
	gives("data\ndata\ndata\ndata\ndata\ndata\ndata\ndata\ndata\n"
	      "data\ndata\ndata\ndata\ndata\ndata\ndata\ndata\ndata\n"
	      "data\n\ndata:a\n\n",
	      "(too big)[message|a|]");
	/* What was not delivered is not resumed from. */
	gives("id:1\ndata:a\n\nid:2\ndata:12345678901234567\nid:3\n\n"
	      "data:b\n\n",
	      "[message|a|1](too big)[message|b|1]");
}

/* Feeds n bytes of c, in pieces. */
static void feed_many(struct sse *s, char c, size_t n, struct buf *out)
{
	char piece[1000];

	memset(piece, c, sizeof piece);
	for (; n; n -= MIN(n, sizeof piece))
		feed(s, piece, MIN(n, sizeof piece), out);
}

static void endless_lines_take_no_memory(void **state)
{
	struct buf out = {0};
	struct sse s;

	sse_init(&s, EVENT_MAX);
	feed_text(&s, "data:", &out);
	feed_many(&s, 'x', 1000000, &out);
	assert_true(s.line.cap < 10000 && s.data.cap < 10000);
	check(&out, "(too big)");
	feed_text(&s, "\n\n:", &out);
	feed_many(&s, 'x', 1000000, &out); /* a comment is no error */
	assert_true(s.line.cap < 10000);
	feed_text(&s, "\ndata:a\n\nid:", &out);
	feed_many(&s, '7', SSE_ID_MAX + 1, &out);
	feed_text(&s, "\ndata:b\n\nid:", &out);
	feed_many(&s, '7', 3, &out);
	feed_text(&s, "\ndata:c\n\n", &out);
	check(&out, "[message|a|](too big)[message|c|777]");
	sse_fini(&s);
	buf_fini(&out);
}

static void a_restart_keeps_the_id_and_drops_what_is_half_read(void **state)
{
	struct buf out = {0};
	struct sse s;

	sse_init(&s, EVENT_MAX);
	feed_text(&s, "retry:5\nid:1\ndata:a\n\nid:2\nevent:x\ndata:b\ndat",
		  &out);
	sse_restart(&s);
	feed(&s,
	     "\xEF\xBB\xBF"
	     "data:c\n\n",
	     11, &out);
	check(&out, "[message|a|1][message|c|1]");
	assert_int_equal(s.retry_ms, 5);
	sse_fini(&s);
	buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_examples_of_the_standard_are_read_as_it_says),
		cmocka_unit_test(each_line_end_counts_once),
		cmocka_unit_test(an_event_goes_out_at_its_last_cr),
		cmocka_unit_test(
			one_byte_order_mark_is_dropped_at_the_beginning),
		cmocka_unit_test(type_and_id_follow_the_standard),
		cmocka_unit_test(retry_takes_digits_only),
		cmocka_unit_test(
			a_too_big_event_is_one_error_and_the_next_is_fine),
		cmocka_unit_test(endless_lines_take_no_memory),
		cmocka_unit_test(
			a_restart_keeps_the_id_and_drops_what_is_half_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
