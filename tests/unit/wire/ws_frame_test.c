/* ws_frame_test.c - headers in their shortest form, and codes that may be sent.
 */
#include "wire/ws_frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void header(enum ws_opcode opcode, uint64_t len, const char *expected)
{
	char out[WS_HEADER_MAX];
	char hex[2 * WS_HEADER_MAX + 1];
	size_t n = ws_frame_header(out, opcode, len);

	for (size_t i = 0; i < n; i++)
		snprintf(hex + 2 * i, 3, "%02x", (unsigned char)out[i]);
	assert_string_equal(hex, expected);
}

static void a_length_takes_the_fewest_bytes(void **state)
{
	header(WS_TEXT, 0, "8100");
	header(WS_TEXT, 125, "817d");
	header(WS_BINARY, 126, "827e007e");
	header(WS_TEXT, 65535, "817effff");
	header(WS_TEXT, 65536, "817f0000000000010000");
	header(WS_CLOSE, 2, "8802");
	header(WS_PING, 0, "8900");
	header(WS_PONG, 125, "8a7d");
}

static void codes_that_say_nothing_are_not_sent(void **state)
{
	static const unsigned wrong[] = {0,    1,    999,  1004, 1005,
					 1006, 1015, 1016, 1100, 2000,
					 2999, 5000, 65535};
	static const unsigned right[] = {1000, 1001, 1002, 1003, 1007, 1008,
					 1009, 1010, 1011, 1012, 1013, 1014,
					 3000, 3999, 4000, 4999};

	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_false(ws_code_valid(wrong[i]));
	for (size_t i = 0; i < sizeof right / sizeof right[0]; i++)
		assert_true(ws_code_valid(right[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_length_takes_the_fewest_bytes),
		cmocka_unit_test(codes_that_say_nothing_are_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
