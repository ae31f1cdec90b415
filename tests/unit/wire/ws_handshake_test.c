/* ws_handshake_test.c - keys that are none, and the answer to one that is. */
#include "wire/ws_handshake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Source: RFC 6455, section 1.3. */
static void the_answer_is_that_of_the_standard(void **state)
{
	char out[WS_ACCEPT_LEN + 1];

	assert_string_equal(ws_accept(STR("dGhlIHNhbXBsZSBub25jZQ=="), out),
			    "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

static void a_key_is_sixteen_bytes_in_base64(void **state)
{
	assert_true(ws_key_valid(STR("dGhlIHNhbXBsZSBub25jZQ==")));
	assert_true(ws_key_valid(STR("++++////0000AAAAzzzz9w==")));
	assert_false(ws_key_valid(STR("")));
	assert_false(ws_key_valid(STR("c2hvcnQ=")));
	assert_false(ws_key_valid(STR("!!!!!!!!!!!!!!!!!!!!!!==")));
	assert_false(ws_key_valid(STR("dGhlIHNhbXBsZSBub25jZQAA")));
	assert_false(ws_key_valid(STR("dGhlIHNhbXBsZSBub25j\0Q==")));
	/* Two lines of that name, as they are joined. */
	assert_false(ws_key_valid(STR("dGhlIHNhbXBsZSBub25jZQ==, "
				      "dGhlIHNhbXBsZSBub25jZQ==")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_answer_is_that_of_the_standard),
		cmocka_unit_test(a_key_is_sixteen_bytes_in_base64),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
