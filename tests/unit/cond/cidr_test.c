/* cidr_test.c - blocks of addresses. */
#include "cond/cidr.h"

#include "base/util.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void an_address_is_within_or_not(void **state)
{
	static const struct {
		const char *block;
		const char *address;
		bool within;
	} rows[] = {
		{"10.0.0.0/8", "10.255.0.1", true},
		{"10.0.0.0/8", "11.0.0.1", false},
		{"10.1.2.3/8", "10.9.9.9", true},
		{"192.168.1.128/25", "192.168.1.200", true},
		{"192.168.1.128/25", "192.168.1.127", false},
		{"192.168.1.7", "192.168.1.7", true},
		{"192.168.1.7", "192.168.1.8", false},
		{"0.0.0.0/0", "1.2.3.4", true},
		{"0.0.0.0/0", "2001:db8::1", false},
		{"::/0", "1.2.3.4", true},
		{"2001:db8::/32", "2001:db8:ffff::1", true},
		{"2001:db8::/33", "2001:db8:8000::1", false},
		{"2001:db8::/32", "10.0.0.1", false},
		{"10.0.0.0/8", "::ffff:10.0.0.1", true},
		{"::ffff:10.0.0.0/104", "10.0.0.1", true},
		{"10.0.0.0/8", "10.0.0", false},
		{"10.0.0.0/8", "10.0.0.1/8", false},
		{"10.0.0.0/8", "", false},
		{"10.0.0.0/8", "010.0.0.1", false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct cond_cidr block;

		assert_true(cond_cidr_parse(str_of(rows[i].block), &block));
		if (cond_cidr_has(&block, str_of(rows[i].address)) !=
		    rows[i].within)
			fail_msg("%s in %s", rows[i].address, rows[i].block);
	}
}

static void what_is_no_block_is_refused(void **state)
{
	static const char *const rows[] = {
		"",
		"10.0.0.0/33",
		"10.0.0.0/",
		"10.0.0.0/x",
		"10.0.0.0/-1",
		"2001:db8::/129",
		"10.0.0/8",
		"/8",
		"10.0.0.0/8/8",
		"localhost",
		"1.2.3.4.5",
		"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000",
	};
	struct cond_cidr block;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (cond_cidr_parse(str_of(rows[i]), &block))
			fail_msg("%s is taken", rows[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_within_or_not),
		cmocka_unit_test(what_is_no_block_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
