/* addr_test.c - addresses as people write them. */
#include "net/addr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void reads_as(const char *text, const char *written, const char *host)
{
	struct net_addr a;
	struct weir_error err = {0};
	char out[NET_ADDR_TEXT_MAX];

	if (net_addr_parse(&a, str_of(text), &err) < 0)
		fail_msg("%s: %s", text, err.message);
	assert_string_equal(net_addr_format(&a, out), written);
	assert_string_equal(net_addr_format_host(&a, out), host);
}

static void each_form_is_read_and_written(void **state)
{
	reads_as("127.0.0.1:8080", "127.0.0.1:8080", "127.0.0.1");
	reads_as("0.0.0.0:0", "0.0.0.0:0", "0.0.0.0");
	reads_as("localhost:1", "127.0.0.1:1", "127.0.0.1");
	reads_as("[::1]:65535", "[::1]:65535", "::1");
	reads_as("[0:0::0:2]:7", "[::2]:7", "::2");
	reads_as("[::ffff:10.0.0.1]:7", "10.0.0.1:7", "10.0.0.1");
	reads_as(":8080", ":8080", "::");
	reads_as("unix:/run/weir.sock", "unix:/run/weir.sock",
		 "unix:/run/weir.sock");
	reads_as("unix:x", "unix:x", "unix:x");
}

static void is_refused(const char *text, int code, size_t offset,
		       const char *part)
{
	struct net_addr a;
	struct weir_error err = {0};

	assert_int_equal(net_addr_parse(&a, str_of(text), &err), code);
	assert_int_equal(err.code, code);
	if (err.offset != offset || !strstr(err.message, part))
		fail_msg("%s: %zu: %s", text, err.offset, err.message);
}

static void what_is_wrong_is_shown_at_its_place(void **state)
{
	char path[300];

	is_refused("", WEIR_EINVAL, 0, "expected an address");
	is_refused("8080", WEIR_EINVAL, 4, "expected an address");
	is_refused("127.0.0.1", WEIR_EINVAL, 9, "expected an address");
	is_refused("127.0.0.1:", WEIR_EINVAL, 10, "expected a port");
	is_refused("127.0.0.1:65536", WEIR_EINVAL, 10, "expected a port");
	is_refused("127.0.0.1:-1", WEIR_EINVAL, 10, "expected a port");
	is_refused("127.0.0.1:80x", WEIR_EINVAL, 10, "expected a port");
	is_refused("127.1:80", WEIR_EINVAL, 0, "expected an address");
	is_refused("example.org:80", WEIR_EINVAL, 0, "expected an address");
	is_refused("::1:80", WEIR_EINVAL, 1, "expected a port");
	is_refused("[]:80", WEIR_EINVAL, 1, "expected an address");
	is_refused("[::1:80", WEIR_EINVAL, 7, "expected ']'");
	is_refused("[::1]", WEIR_EINVAL, 5, "expected an address");
	is_refused("[::1]80", WEIR_EINVAL, 7, "expected an address");
	is_refused("[127.0.0.1]:80", WEIR_EINVAL, 1, "expected an address");
	is_refused("unix:", WEIR_EINVAL, 5, "path of a Unix socket");
	memset(path, 'x', sizeof path);
	memcpy(path, "unix:", 5);
	path[5 + 107] = '\0';
	reads_as(path, path, path);
	path[5 + 107] = 'x';
	path[5 + 108] = '\0';
	is_refused(path, WEIR_ETOOBIG, 5, "at most 107 bytes");
	memset(path, '1', 100);
	path[100] = '\0';
	path[60] = ':';
	is_refused(path, WEIR_EINVAL, 0, "expected an address");
}

static void an_unknown_address_has_a_text_too(void **state)
{
	struct net_addr none = {0};
	struct net_addr unnamed = {.un = {.sun_family = AF_UNIX}, .len = 2};
	char out[NET_ADDR_TEXT_MAX];

	assert_string_equal(net_addr_format(&none, out), "unknown");
	assert_string_equal(net_addr_format(&unnamed, out), "unix:");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_form_is_read_and_written),
		cmocka_unit_test(what_is_wrong_is_shown_at_its_place),
		cmocka_unit_test(an_unknown_address_has_a_text_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
