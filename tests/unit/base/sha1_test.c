/* sha1_test.c - the digests of the standard, and lengths around a block. */
#include "base/sha1.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void gives(struct str text, const char *expected)
{
	uint8_t digest[SHA1_LEN];
	char hex[2 * SHA1_LEN + 1];

	sha1(text, digest);
	for (int i = 0; i < SHA1_LEN; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	assert_string_equal(hex, expected);
}

/* Source: RFC 3174, section 7.3. */
static void digests_are_those_of_the_standard(void **state)
{
	char *million = malloc(1000000);

	memset(million, 'a', 1000000);
	gives(STR("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
	gives(STR("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
	      "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
	gives(str_from(million, 1000000),
	      "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
	free(million);
}

static void the_length_finds_its_place_at_each_end_of_a_block(void **state)
{
	static const struct {
		size_t len;
		const char *digest;
	} cases[] = {
		{0, "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
		{55, "c1c8bbdc22796e28c0e15163d20899b65621d65a"},
		{56, "c2db330f6083854c99d4b5bfb6e8f29f201be699"},
		{63, "03f09f5b158a7a8cdad920bddc29b81c18a551f5"},
		{64, "0098ba824b5c16427bd7a1122a5a442a25ec644d"},
	};
	char text[64];

	memset(text, 'a', sizeof text);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		gives(str_from(text, cases[i].len), cases[i].digest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_are_those_of_the_standard),
		cmocka_unit_test(
			the_length_finds_its_place_at_each_end_of_a_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
