/* url_test.c - paths that stay below the root, queries, and reply bytes. */
#include "wire/url.h"

#include "base/error.h"
#include "base/util.h"
#include "wire/http1_reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void path_is(const char *raw, const char *want)
{
	size_t len = strlen(raw);
	char *in = malloc(len); /* exact: a byte too far is seen */
	char *out = malloc(len);
	const char *why = NULL;

	memcpy(in, raw, len);

	int rc = url_path_decode(str_from(in, len), out, &why);

	if (!want) {
		if (rc != WEIR_EINVAL)
			fail_msg("let through: %s", raw);
		assert_non_null(why);
	} else if (rc != (int)strlen(want) ||
		   memcmp(out, want, (size_t)rc) != 0) {
		fail_msg("%s became %.*s, not %s", raw, rc < 0 ? 0 : rc, out,
			 want);
	}
	free(in);
	free(out);
}

static void paths_are_decoded_and_their_dots_resolved(void **state)
{
	path_is("/", "/");
	path_is("/a/b", "/a/b");
	path_is("/a/", "/a/");
	path_is("/a//b", "/a//b");
	path_is("/%61%2D%7e", "/a-~");
	path_is("/a/./b/.", "/a/b/");
	path_is("/a/b/../c", "/a/c");
	path_is("/a/b/..", "/a/");
	path_is("/a/..", "/");
	path_is("/a/%2e%2E/b", "/b");
	path_is("/a//../b", "/a/b");
	path_is("/...", "/...");
	path_is("/.a/..b", "/.a/..b");
	path_is("/caf%C3%A9", "/caf\xc3\xa9");
	path_is("/./././", "/");
}

static void paths_that_could_hurt_are_refused(void **state)
{
	static const char *const bad[] = {
		"/..",	      "/../etc/passwd",
		"/%2e%2e/x",  "/a/../../b",
		"/..%2fetc",  "/a%5cb",
		"/..\\etc",   "/a%00b",
		"/%zz",	      "/%1",
		"/%",	      "/a%0d%0ab",
		"/%7f",	      "/%ff",
		"/%c0%ae/",   "/a#b",
		"/%ed%a0%80", "a",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		path_is(bad[i], NULL);
}

static void query_is(const char *query, const char *name, const char *want)
{
	struct buf out = {0};

	assert_int_equal(url_query_get(str_of(query), str_of(name), &out), 0);
	assert_int_equal(buf_len(&out), strlen(want));
	assert_memory_equal(buf_str(&out).p, want, strlen(want));
	buf_fini(&out);
}

static int query_code(const char *query, const char *name)
{
	struct buf out = {0};
	int rc = url_query_get(str_of(query), str_of(name), &out);

	assert_int_equal(buf_len(&out), 0);
	buf_fini(&out);
	return rc;
}

static void parameters_are_found_and_decoded(void **state)
{
	query_is("a=1&b=2", "b", "2");
	query_is("a=1&a=2", "a", "1");
	query_is("a", "a", "");
	query_is("&&a==b=&", "a", "=b=");
	query_is("where=%2A+contains+%22joe%22", "where", "* contains \"joe\"");
	query_is("%77here=x", "where", "x");
	assert_int_equal(query_code("a=1", "b"), WEIR_ENOTFOUND);
	assert_int_equal(query_code("", "b"), WEIR_ENOTFOUND);
	assert_int_equal(query_code("aa=1", "a"), WEIR_ENOTFOUND);
}

static void bad_parameters_are_refused(void **state)
{
	assert_int_equal(query_code("a=%", "a"), WEIR_EINVAL);
	assert_int_equal(query_code("a=%4", "a"), WEIR_EINVAL);
	assert_int_equal(query_code("a=%00", "a"), WEIR_EINVAL);
	assert_int_equal(query_code("a=%ff", "a"), WEIR_EINVAL);
}

static void a_reply_cannot_be_split_by_a_value(void **state)
{
	assert_true(http1_field_valid(STR("X-A"), STR("a\tb caf\xc3\xa9")));
	assert_true(http1_field_valid(STR("X-A"), STR("")));
	assert_false(http1_field_valid(STR("X-A"), STR("a\r\nX: b")));
	assert_false(http1_field_valid(STR("X-A"), STR("a\nb")));
	assert_false(http1_field_valid(STR("X:A"), STR("b")));
	assert_false(http1_field_valid(STR(""), STR("b")));
}

static void reply_lines_are_as_the_rfc_has_them(void **state)
{
	struct buf out = {0};
	char size[HTTP1_CHUNK_SIZE_MAX];

	http1_put_status(&out, 404);
	http1_put_status(&out, 299);
	http1_put_field(&out, STR("A"), STR("b"));

	const char *want = "HTTP/1.1 404 Not Found\r\nHTTP/1.1 299 \r\n"
			   "A: b\r\n";

	assert_int_equal(buf_len(&out), strlen(want));
	assert_memory_equal(buf_str(&out).p, want, strlen(want));
	buf_fini(&out);
	assert_int_equal(http1_chunk_size(size, 0x1a2b), 6);
	assert_memory_equal(size, "1a2b\r\n", 6);
	assert_int_equal(http1_chunk_size(size, SIZE_MAX), 18);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_decoded_and_their_dots_resolved),
		cmocka_unit_test(paths_that_could_hurt_are_refused),
		cmocka_unit_test(parameters_are_found_and_decoded),
		cmocka_unit_test(bad_parameters_are_refused),
		cmocka_unit_test(a_reply_cannot_be_split_by_a_value),
		cmocka_unit_test(reply_lines_are_as_the_rfc_has_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
