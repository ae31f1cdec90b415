/* lines_test.c - lines come out the same however the bytes came in. */
#include "wire/lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define LINE_MAX_HERE 8

/* Feeds one piece from memory of exactly its size, so that AddressSanitizer
 * sees each byte too many. Writes what comes out, as [line] and (too big). */
static void feed(struct lines *l, const char *p, size_t len, bool end,
		 struct buf *out)
{
	char *copy = len ? memcpy(malloc(len), p, len) : NULL;
	struct str in = str_from(copy, len);
	struct str line;
	int rc;

	while ((rc = lines_next(l, &in, end, &line)) != WEIR_EAGAIN) {
		if (rc == 0)
			buf_printf(out, "[%.*s]", STR_FMT(line));
		else
			buf_printf(out, "(%s)", weir_strerror(rc));
	}
	assert_int_equal(in.len, 0);
	free(copy);
}

static void check(struct buf *out, const char *expected)
{
	char *text = buf_take_cstr(out);

	assert_string_equal(text, expected);
	free(text);
}

static void gives(const char *text, const char *expected)
{
	size_t len = strlen(text);
	struct buf out = {0};
	struct lines l;

	/* All at once, in two pieces at each place, byte by byte. */
	for (size_t cut = 0; cut <= len; cut++) {
		lines_init(&l, LINE_MAX_HERE);
		feed(&l, text, cut, false, &out);
		feed(&l, text + cut, len - cut, true, &out);
		check(&out, expected);
		/* What came before the end has no effect on what follows. */
		feed(&l, "a\nb", 3, true, &out);
		check(&out, "[a][b]");
		lines_fini(&l);
	}
	lines_init(&l, LINE_MAX_HERE);
	for (size_t i = 0; i < len; i++)
		feed(&l, text + i, 1, false, &out);
	feed(&l, NULL, 0, true, &out);
	check(&out, expected);
	lines_fini(&l);
	buf_fini(&out);
}

static void lines_end_with_lf_or_cr_lf(void **state)
{
	gives("", "");
	gives("\n", "[]");
	gives("\r\n", "[]");
	gives("a\n", "[a]");
	gives("a\r\nbc\n\nd\r\n", "[a][bc][][d]");
	gives("a\rb\r\r\n", "[a\rb\r]");
}

static void the_last_line_needs_no_line_end(void **state)
{
	gives("a\nb", "[a][b]");
	gives("b", "[b]");
	gives("b\r", "[b\r]");
}

static void a_line_over_the_limit_is_one_error_and_the_next_is_fine(
	void **state)
{
	gives("12345678\n", "[12345678]");
	gives("12345678\r\n", "[12345678]");
	gives("12345678", "[12345678]");
	gives("123456789\nb\n", "(too big)[b]");
	gives("123456789\r\nb\n", "(too big)[b]");
	gives("12345678\rx\nb\n", "(too big)[b]");
	gives("12345678\r", "(too big)");
	gives("a\n123456789012345678901234567890\nb\n", "[a](too big)[b]");
	gives("a\n123456789012345678901234567890", "[a](too big)");
	gives("123456789\n123456789\n", "(too big)(too big)");
}

static void a_line_inside_of_a_piece_is_not_copied(void **state)
{
	const char *text = "first\nsecond\n";
	struct str in = str_of(text);
	struct str line;
	struct lines l;

	lines_init(&l, 100);
	assert_int_equal(lines_next(&l, &in, false, &line), 0);
	assert_ptr_equal(line.p, text);
	assert_int_equal(lines_next(&l, &in, false, &line), 0);
	assert_ptr_equal(line.p, text + 6);
	assert_int_equal(lines_next(&l, &in, false, &line), WEIR_EAGAIN);
	assert_null(l.held.data);
	lines_fini(&l);
}

static void reset_forgets_the_beginning_of_a_line(void **state)
{
	struct buf out = {0};
	struct lines l;

	lines_init(&l, LINE_MAX_HERE);
	feed(&l, "abc", 3, false, &out);
	lines_reset(&l);
	feed(&l, "d\n", 2, false, &out);
	feed(&l, "123456789", 9, false, &out);
	lines_reset(&l);
	feed(&l, "e\n", 2, false, &out);
	check(&out, "[d](too big)[e]");
	lines_fini(&l);
	buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_end_with_lf_or_cr_lf),
		cmocka_unit_test(the_last_line_needs_no_line_end),
		cmocka_unit_test(
			a_line_over_the_limit_is_one_error_and_the_next_is_fine),
		cmocka_unit_test(a_line_inside_of_a_piece_is_not_copied),
		cmocka_unit_test(reset_forgets_the_beginning_of_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
