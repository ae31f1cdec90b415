/* fold_test.c - text without regard to case. */
#include "cond/fold.h"

#include "base/util.h"
#include "cond/unicode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void folded_text_is_equal(void **state)
{
	static const char *const rows[][2] = {
		{"", ""},
		{"Hello", "hELLO"},
		{"ÄÖÜ", "äöü"},
		{"ΣΑΣ", "σας"},
		{"ПРИВЕТ", "привет"},
		{"\u212a", "k"}, /* the sign of kelvin */
		{"\u017f", "S"}, /* long s */
		{"\u1e9e", "ß"},
		{"\U00010400", "\U00010428"}, /* Deseret */
		{"ǅ", "ǆ"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (!cond_fold_equal(str_of(rows[i][0]), str_of(rows[i][1])) ||
		    !cond_fold_equal(str_of(rows[i][1]), str_of(rows[i][0])))
			fail_msg("%s is not %s", rows[i][0], rows[i][1]);
	}
	assert_false(cond_fold_equal(STR("a"), STR("ab")));
	assert_false(cond_fold_equal(STR("ab"), STR("a")));
	assert_false(cond_fold_equal(STR("ß"), STR("ss")));
	assert_false(cond_fold_equal(STR("İ"), STR("i")));
}

static void parts_are_found_folded(void **state)
{
	assert_true(cond_fold_starts(STR("Straße"), STR("STRA")));
	assert_false(cond_fold_starts(STR("Str"), STR("STRA")));
	assert_true(cond_fold_ends(STR("ΤΈΛΟΣ"), STR("λος")));
	assert_false(cond_fold_ends(STR("ος"), STR("λος")));
	assert_true(cond_fold_contains(STR("xxABCxx"), STR("abc")));
	assert_true(cond_fold_contains(STR("aab"), STR("AB")));
	assert_false(cond_fold_contains(STR("ab"), STR("abc")));
	assert_true(cond_fold_contains(STR(""), STR("")));
	assert_false(cond_fold_contains(STR(""), STR("a")));
}

static void folding_twice_is_folding_once(void **state)
{
	for (uint32_t cp = 0; cp <= 0x10FFFF; cp++)
		assert_int_equal(unicode_fold(unicode_fold(cp)),
				 unicode_fold(cp));
}

static void a_copy_is_folded_and_fits(void **state)
{
	char folded[COND_FOLD_BYTES(4)];
	char bytes[4];

	for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
		struct str s = str_from(bytes, unicode_put(cp, bytes));
		size_t len = cond_fold_copy(s, folded);
		const char *p = folded;

		assert_true(len <= COND_FOLD_BYTES(s.len));
		assert_int_equal(unicode_next(&p), unicode_fold(cp));
		assert_ptr_equal(p, folded + len);
		assert_int_equal(cond_fold_changes(s), unicode_fold(cp) != cp);
	}
}

static void characters_are_read_as_they_were_put(void **state)
{
	for (uint32_t cp = 0; cp <= 0x10FFFF; cp += cp < 0x1000 ? 1 : 37) {
		char bytes[4];
		size_t len = unicode_put(cp, bytes);
		const char *p = bytes;

		assert_int_equal(unicode_next(&p), cp);
		assert_ptr_equal(p, bytes + len);
		assert_int_equal(unicode_previous(&p), cp);
		assert_ptr_equal(p, bytes);
	}
}

static void categories_are_those_of_unicode(void **state)
{
	static const struct {
		uint32_t cp;
		const char *category;
	} rows[] = {
		{'A', "Lu"},	  {'z', "Ll"},	 {'7', "Nd"},
		{' ', "Zs"},	  {'_', "Pc"},	 {'+', "Sm"},
		{'$', "Sc"},	  {'\n', "Cc"},	 {0x410, "Lu"},
		{0x6f22, "Lo"},	  {0x663, "Nd"}, {0x301, "Mn"},
		{0x20AC, "Sc"},	  {0x378, "Cn"}, {0x10FFFF, "Cn"},
		{0x10FFFD, "Co"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *is =
			&UNICODE_CATEGORIES[2 * unicode_category(rows[i].cp)];

		if (is[0] != rows[i].category[0] ||
		    is[1] != rows[i].category[1])
			fail_msg("%x is %.2s", rows[i].cp, is);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folded_text_is_equal),
		cmocka_unit_test(parts_are_found_folded),
		cmocka_unit_test(folding_twice_is_folding_once),
		cmocka_unit_test(a_copy_is_folded_and_fits),
		cmocka_unit_test(characters_are_read_as_they_were_put),
		cmocka_unit_test(categories_are_those_of_unicode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
