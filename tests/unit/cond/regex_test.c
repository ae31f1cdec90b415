/* regex_test.c - I-Regexp: what matches, what is refused, and how long the
 * worst ones take. */
#include "cond/regex.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "cond/regex_literal.h"
#include "random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>
#include <regex.h>

static struct cond_regex *compile(struct str text)
{
	struct weir_error err = {0};
	struct cond_regex *r;

	if (cond_regex_compile(text, 2000, &r, &err) < 0)
		fail_msg("%.*s: %u: %s", STR_FMT(text), err.column,
			 err.message);
	return r;
}

static void a_whole_text_matches_or_not(void **state)
{
	static const struct {
		const char *regex;
		const char *text;
		bool matches;
	} rows[] = {
		{"", "", true},
		{"", "a", false},
		{"abc", "abc", true},
		{"abc", "xabc", false},
		{"abc", "abcx", false},
		{".*b.*", "abc", true},
		{"a|b", "b", true},
		{"a|", "", true},
		{"(ab|a)(c|bcd)", "abcd", true},
		{"a*", "aaaa", true},
		{"a+", "", false},
		{"a?b", "b", true},
		{"a{2}", "aa", true},
		{"a{2}", "aaa", false},
		{"a{2,}", "aaaaa", true},
		{"a{2,3}", "aaaa", false},
		{"a{0,2}b", "b", true},
		{"a{0}b", "b", true},
		{"a{0}b", "ab", false},
		{"(ab){2,3}", "ababab", true},
		{"(a{1,2}){2}", "aaaaa", false},
		{"(a*)*b", "aab", true},
		{"(|a)+", "aaa", true},
		{"()*", "", true},
		{"[a-c]+", "abcabc", true},
		{"[^a-c]+", "xyz", true},
		{"[^a-c]+", "xaz", false},
		{"[-a]+", "a-a", true},
		{"[a-]+", "a-a", true},
		{"[^-]", "-", false},
		{"[.*+]+", "*.+", true},
		{"[a\\]]+", "a]", true},
		{".", "\n", false},
		{".", "\r", false},
		{".", "\u2028", true},
		{"\\n\\r\\t", "\n\r\t", true},
		{"a\\.b", "a.b", true},
		{"a\\.b", "axb", false},
		{"\\(\\)\\{\\}\\[\\]", "(){}[]", true},
		{"\\p{L}+", "aÄöλж漢", true},
		{"\\p{L}+", "a1", false},
		{"\\p{Lu}\\p{Ll}*", "Ärger", true},
		{"\\p{Lu}\\p{Ll}*", "ärger", false},
		{"\\P{L}+", "123 -", true},
		{"\\P{L}+", "12a", false},
		{"\\p{Nd}{2}", "٣7", true},
		{"[\\p{L}\\p{N}_]+", "aß_9", true},
		{"[^\\p{L}]+", "9_", true},
		{"[^\\P{L}]+", "abc", true},
		{"\\p{Sc}[0-9]+", "€99", true},
		{"Größe", "Größe", true},
		{"[à-ü]+", "éè", true},
		{"[à-ü]+", "éz", false},
		{"[^à-ü]+", "z\U0001F600", true},
		{".{3}", "a漢\U0001F600", true},
		{"a,b-c", "a,b-c", true},
		{"a^$b", "a^$b", true}, /* ordinary within */
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct cond_regex *r;

		r = compile(str_of(rows[i].regex));
		if (cond_regex_matches(r, str_of(rows[i].text)) !=
		    rows[i].matches)
			fail_msg("%s on %s is not %s", rows[i].regex,
				 rows[i].text,
				 rows[i].matches ? "true" : "false");
		cond_regex_unref(r);
	}
}

static void what_is_no_i_regexp_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *regex;
		uint32_t column;
		const char *message;
	} rows[] = {
		{"a(b", 2, "this ( is never closed"},
		{"a)b", 2, "there is no ( for this )"},
		{"a[b", 2, "this class is never closed"},
		{"[]", 1, "an empty class"},
		{"[a-b-c]", 5, "a - within a class needs a backslash"},
		{"[[a]", 2, "a [ in a class needs a backslash"},
		{"[b-a]", 5, "this range ends before it begins"},
		{"*a", 1, "there is nothing to repeat"},
		{"a**", 3, "there is nothing to repeat"},
		{"x{1000}{1000}", 8, "there is nothing to repeat"},
		{"(?=a)", 2, "I-Regexp has neither lookahead nor named groups"},
		{"\\d+", 1, "I-Regexp has no \\d; write [0-9] or \\p{Nd}"},
		{"a\\w", 2,
		 "I-Regexp has no \\w, \\s and \\b; write a class like "
		 "[A-Za-z0-9_]"},
		{"(a)\\1", 4, "I-Regexp has no references"},
		{"\\q", 1, "no such escape"},
		{"a\\", 2, "a backslash at the very end"},
		{"a{", 3, "expected a number, as in {2,5}"},
		{"a{2", 2, "this { is never closed"},
		{"a{3,2}", 2, "more at least than at most"},
		{"a}", 2, "this needs a backslash before it"},
		{"a]", 2, "this needs a backslash before it"},
		{"\\p{Xx}", 4,
		 "no category of characters; they are L Lu Ll Lt Lm Lo M N Nd "
		 "P S Z C ..."},
		{"\\pL", 3, "expected {, as in \\p{Lu}"},
		{"^a", 1,
		 "all of a text matches anyhow; leave ^ away, or write \\^"},
		{"a$", 2,
		 "all of a text matches anyhow; leave $ away, or write [$]"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct weir_error err = {0};
		struct cond_regex *r;

		assert_int_equal(cond_regex_compile(str_of(rows[i].regex), 2000,
						    &r, &err),
				 WEIR_EINVAL);
		assert_null(r);
		assert_string_equal(err.message, rows[i].message);
		assert_int_equal(err.column, rows[i].column);
	}
}

static void what_is_too_large_is_refused(void **state)
{
	static const char *const rows[] = {"(x{1000}){1000}", "(x{100}){100}",
					   "a{1001}", "((a{50}){50}){50}",
					   "(a{0,1000}){2}"};
	struct buf deep = {0};
	struct weir_error err;
	struct cond_regex *r;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(cond_regex_compile(str_of(rows[i]), 2000, &r,
						    &err),
				 WEIR_ETOOBIG);
	for (int i = 0; i < 1000; i++)
		buf_append_char(&deep, '(');
	assert_int_equal(cond_regex_compile(buf_str(&deep), 2000, &r, &err),
			 WEIR_ETOOBIG);
	buf_fini(&deep);
}

/* Texts on which a matcher that goes back takes longer than anybody lives. */
static void bombs_take_linear_time(void **state)
{
	static const char *const bombs[] = {
		"(a*)*b",	    "(a|a)*b",		 "(a|aa)+x",
		"(.*a){20}",	    "(a?){30}a{30}b",	 "([a-z]+)*[0-9]",
		"(a|b|ab)*c",	    "(.*)(.*)(.*)(.*)x", ".*.*.*.*.*=",
		"(a{1,30}){1,30}b", ".*a.{20}b",	 "(.*)*(.*)*(.*)*y",
	};
	const size_t len = 20000;
	char *text = mem_alloc(len);

	for (size_t i = 0; i < len; i++)
		text[i] = random_below(4) ? 'a' : 'b';
	for (size_t i = 0; i < ARRAY_LEN(bombs); i++) {
		struct cond_regex *r = compile(str_of(bombs[i]));
		int64_t begin = clock_cpu_ns() / 1000000;
		uint64_t allocated = mem_alloc_count();

		cond_regex_matches(r, str_from(text, len));
		assert_int_equal(mem_alloc_count(), allocated);
		/* 20 KB; with sanitizers on a busy machine. */
		if (clock_cpu_ns() / 1000000 - begin > 2000)
			fail_msg("%s takes %lld ms", bombs[i],
				 (long long)(clock_cpu_ns() / 1000000 - begin));
		cond_regex_unref(r);
	}
	mem_free(text);
}

static void forgetting_states_does_not_change_the_answer(void **state)
{
	/* Up to 2^12 states, of which few fit. */
	struct cond_regex *r = compile(STR("[ab]*a[ab]{11}"));
	char text[400];

	for (int round = 0; round < 300; round++) {
		size_t len = random_below(sizeof text);
		bool want;

		for (size_t i = 0; i < len; i++)
			text[i] = random_below(2) ? 'a' : 'b';
		want = len >= 12 && text[len - 12] == 'a';
		assert_int_equal(cond_regex_matches(r, str_from(text, len)),
				 want);
	}
	cond_regex_unref(r);
}

/* --- against the library's -------------------------------------------- */

static void put_regex(struct buf *out, uint32_t depth)
{
	static const char *const atoms[] = {"a", "b", "c", ".", "[ab]", "[^a]"};
	static const char *const repeats[] = {"*",     "+",	"?",   "{2}",
					      "{1,2}", "{0,2}", "{2,}"};
	uint32_t n = 1 + random_below(3);

	for (uint32_t i = 0; i < n; i++) {
		if (depth < 3 && random_below(3) == 0) {
			buf_append_char(out, '(');
			put_regex(out, depth + 1);
			buf_append_char(out, ')');
		} else {
			buf_append_cstr(out,
					atoms[random_below(ARRAY_LEN(atoms))]);
		}
		if (random_below(3) == 0)
			buf_append_cstr(
				out, repeats[random_below(ARRAY_LEN(repeats))]);
		if (random_below(6) == 0 && i + 1 < n)
			buf_append_char(out, '|');
	}
}

static bool has_literal(const struct cond_regex *r, struct str s)
{
	const struct regex_literals *l = cond_regex_literals(r);

	for (uint32_t i = 0; i < l->n; i++)
		if (memmem(s.p, s.len, l->text[i], l->len[i]))
			return true;
	return l->n == 0;
}

static void random_ones_match_as_in_posix(void **state)
{
	struct buf text = {0};
	struct buf anchored = {0};
	char subject[12];

	for (int i = 0; i < 4000; i++) {
		struct cond_regex *r;
		regex_t posix;

		buf_clear(&text);
		buf_clear(&anchored);
		put_regex(&text, 0);
		buf_printf(&anchored, "^(%.*s)$", STR_FMT(buf_str(&text)));
		buf_append_char(&anchored, '\0');
		r = compile(buf_str(&text));
		assert_int_equal(regcomp(&posix, buf_bytes(&anchored),
					 REG_EXTENDED | REG_NOSUB),
				 0);
		for (int k = 0; k < 40; k++) {
			size_t len = random_below(sizeof subject);
			bool want;

			for (size_t j = 0; j < len; j++)
				subject[j] = (char)('a' + random_below(3));
			subject[len] = '\0';
			want = regexec(&posix, subject, 0, NULL, 0) == 0;
			if (cond_regex_matches(r, str_from(subject, len)) !=
			    want)
				fail_msg("%.*s on %s is not %s",
					 STR_FMT(buf_str(&text)), subject,
					 want ? "true" : "false");
		}
		regfree(&posix);
		cond_regex_unref(r);
	}
	buf_fini(&text);
	buf_fini(&anchored);
}

/* --- texts that match -------------------------------------------------- */

static const char *sample(const char *p, struct buf *out);

/* Of what put_regex writes. Each returns what is behind it. */
static const char *sample_atom(const char *p, struct buf *out)
{
	switch (*p) {
	case '(':
		return sample(p + 1, out) + 1;
	case '[':
		buf_append_char(out, (char)((p[1] == '^' ? 'b' : 'a') +
					    (int)random_below(2)));
		return strchr(p, ']') + 1;
	case '.':
		buf_append_char(out, (char)('a' + random_below(3)));
		return p + 1;
	default:
		buf_append_char(out, *p);
		return p + 1;
	}
}

static const char *read_repeat(const char *p, uint32_t *min, uint32_t *max)
{
	*min = *max = 1;
	switch (*p) {
	case '*':
	case '+':
	case '?':
		*min = *p == '+';
		*max = *p == '?' ? 1 : 3;
		return p + 1;
	case '{':
		*min = *max = (uint32_t)(p[1] - '0');
		if (p[2] == ',')
			*max = p[3] == '}' ? 4 : (uint32_t)(p[3] - '0');
		return strchr(p, '}') + 1;
	default:
		return p;
	}
}

static const char *sample_branch(const char *p, struct buf *out)
{
	while (*p && *p != '|' && *p != ')') {
		const char *begin = p;
		size_t len = buf_len(out);
		uint32_t min, max;

		p = read_repeat(sample_atom(p, out), &min, &max);
		buf_truncate(out, len);
		for (uint32_t n = min + random_below(max - min + 1); n; n--)
			sample_atom(begin, out);
	}
	return p;
}

/* One of the branches, by chance. */
static const char *sample(const char *p, struct buf *out)
{
	struct buf chosen = {0};
	struct buf branch = {0};

	for (uint32_t n = 1;; n++, p++) {
		struct buf *to = random_below(n) ? &branch : &chosen;

		buf_clear(to);
		p = sample_branch(p, to);
		if (*p != '|')
			break;
	}
	buf_append_str(out, buf_str(&chosen));
	buf_fini(&chosen);
	buf_fini(&branch);
	return p;
}

static void what_matches_has_one_of_the_literals(void **state)
{
	struct buf text = {0};
	struct buf subject = {0};

	for (int i = 0; i < 20000; i++) {
		struct cond_regex *r;

		buf_clear(&text);
		put_regex(&text, 0);
		r = compile(buf_str(&text));
		buf_append_char(&text, '\0');
		for (int k = 0; k < 10; k++) {
			buf_clear(&subject);
			sample(buf_bytes(&text), &subject);
			assert_true(cond_regex_matches(r, buf_str(&subject)));
			if (!has_literal(r, buf_str(&subject)))
				fail_msg("%s matches %.*s, which has none of "
					 "its literals",
					 buf_bytes(&text),
					 STR_FMT(buf_str(&subject)));
		}
		cond_regex_unref(r);
	}
	buf_fini(&text);
	buf_fini(&subject);
}

/* The literals, each in < >. */
static struct str told_literals(const struct cond_regex *r, struct buf *out)
{
	const struct regex_literals *l = cond_regex_literals(r);

	buf_clear(out);
	for (uint32_t i = 0; i < l->n; i++)
		buf_printf(out, "<%.*s>", STR_FMT(regex_literal(l, i)));
	return buf_str(out);
}

static void literals_are_what_each_match_has_one_of(void **state)
{
	static const char *const rows[][2] = {
		/* in a row */
		{"abc", "<abc>"},
		{".*order-[0-9]+", "<order->"},
		{"ab.cdef.*gh", "<cdef>"},
		{"x\\.com.*", "<x.com>"},
		{"[a-z]*", ""},
		{"", "<>"},
		{"ä.öü", "<öü>"},
		/* classes */
		{"[.]com", "<.com>"},
		{"[Ee]rror", "<Error><error>"},
		{"[a-d]x", "<ax><bx><cx><dx>"},
		{"abc[d-h]", "<abc>"},
		{"a[^b]cd", "<cd>"},
		{"a\\p{Lu}cd", "<cd>"},
		{"[ab][cd][ef]", "<ac><ad><bc><bd>"},
		{".*very long indeed[ab]", "<very long indeed>"},
		/* repeated */
		{"ab*cde?fg", "<cd>"},
		{"ab?", "<a>"},
		{"ab+c", "<ab>"},
		{"(abc)+x", "<abcx>"},
		{"x(abc)+", "<xabc>"},
		{"(abc){2}x", "<abcabcx>"},
		{"(abc){2,}x", "<abcabcx>"},
		{"(abc){0}x", "<x>"},
		{"(abc){0,9}x", "<x>"},
		{"(ab.cde)+", "<cde>"},
		{"(ab.cde)*", ""},
		{"(ab){99}", "<abababababababababababababababab>"},
		{"(a|bc){2}", "<aa><abc><bca><bcbc>"},
		{"(a|b|c){2}", "<a><b><c>"},
		/* alternatives */
		{"abc|abd", "<abc><abd>"},
		{"abc|a.d", "<abc><a>"},
		{"abc|.*", ""},
		{"abc|", "<abc><>"},
		{"(abc|)de", "<abcde><de>"},
		{"a|b|c|d", "<a><b><c><d>"},
		{"a|b|c|d|e", ""},
		{"(a|b|c|d|e)fg", "<fg>"},
		{"(error|warning): .*", "<error: ><warning: >"},
		{"x(yes|no|.*)long", "<long>"},
		{"(a|b)long?er", "<alon><blon>"},
		{"abc|abc", "<abc>"},
	};
	struct buf told = {0};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct cond_regex *r = compile(str_of(rows[i][0]));

		if (!str_eq(told_literals(r, &told), str_of(rows[i][1])))
			fail_msg("%s: %.*s", rows[i][0],
				 STR_FMT(buf_str(&told)));
		cond_regex_unref(r);
	}
	buf_fini(&told);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_text_matches_or_not),
		cmocka_unit_test(what_is_no_i_regexp_is_refused_with_its_place),
		cmocka_unit_test(what_is_too_large_is_refused),
		cmocka_unit_test(bombs_take_linear_time),
		cmocka_unit_test(forgetting_states_does_not_change_the_answer),
		cmocka_unit_test(random_ones_match_as_in_posix),
		cmocka_unit_test(what_matches_has_one_of_the_literals),
		cmocka_unit_test(literals_are_what_each_match_has_one_of),
	};

	hash_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
