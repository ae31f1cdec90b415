/* conf_test.c - an object read into a struct by a table, and its faults. */
#include "value/conf.h"

#include "base/mem.h"
#include "base/util.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

struct dish {
	char *name;
	bool hot;
	int64_t count;
	int64_t time_ms;
	int64_t bytes;
	int kind;
	struct value any;
	struct value object;
	struct value list;
};

static const char *const kinds[] = {"soup", "salad", NULL};

static const struct conf_field fields[] = {
	{"name", CONF_STRING, offsetof(struct dish, name), .required = true},
	{"hot", CONF_BOOL, offsetof(struct dish, hot)},
	{"count", CONF_INT, offsetof(struct dish, count), .min = 1, .max = 9},
	{"time", CONF_DURATION, offsetof(struct dish, time_ms), .min = 10},
	{"bytes", CONF_BYTES, offsetof(struct dish, bytes), .max = 4096},
	{"kind", CONF_CHOICE, offsetof(struct dish, kind), .choices = kinds},
	{"any", CONF_VALUE, offsetof(struct dish, any)},
	{"object", CONF_OBJECT, offsetof(struct dish, object)},
	{"list", CONF_LIST, offsetof(struct dish, list)},
	{0},
};

/* {name: "x", key: v}; takes v. */
static struct value with(const char *key, struct value v)
{
	struct value pairs[] = {value_cstr("name"), value_cstr("x"),
				value_cstr(key), v};

	return value_object(pairs, 2);
}

static int read_one(const char *key, struct value v, struct dish *d,
		    struct conf_error *e)
{
	struct value o = with(key, v);
	int rc = conf_read(o, "/menu/0", fields, d, e);

	value_unref(o);
	return rc;
}

/* Reading key: v fails at that pointer and says so; nothing has to be freed. */
static void assert_refused(const char *key, struct value v, const char *pointer,
			   const char *says)
{
	struct dish d = {0};
	struct conf_error e;

	assert_int_equal(read_one(key, v, &d, &e), WEIR_EINVAL);
	assert_string_equal(e.pointer, pointer);
	if (!strstr(e.err.message, says))
		fail_msg("'%s' does not say '%s'", e.err.message, says);
	assert_null(d.name);
}

static void all_kinds_of_members_are_read(void **state)
{
	struct value list[] = {value_int(1), value_int(2)};
	struct value pairs[] = {
		value_cstr("list"),   value_array(list, 2),
		value_cstr("name"),   value_cstr("borscht"),
		value_cstr("hot"),    value_bool(true),
		value_cstr("count"),  value_int(9),
		value_cstr("time"),   value_cstr("1.5s"),
		value_cstr("bytes"),  value_cstr("4KiB"),
		value_cstr("kind"),   value_cstr("salad"),
		value_cstr("any"),    value_double(0.5),
		value_cstr("object"), value_object(NULL, 0),
	};
	struct value o = value_object(pairs, ARRAY_LEN(pairs) / 2);
	struct dish d = {0};
	struct conf_error e;

	assert_int_equal(conf_read(o, "", fields, &d, &e), 0);
	value_unref(o); /* what was read lives on */
	assert_string_equal(d.name, "borscht");
	assert_true(d.hot);
	assert_int_equal(d.count, 9);
	assert_int_equal(d.time_ms, 1500);
	assert_int_equal(d.bytes, 4096);
	assert_int_equal(d.kind, 1);
	assert_true(value_to_double(d.any) == 0.5);
	assert_int_equal(value_len(d.list), 2);
	conf_free(fields, &d);
	assert_null(d.name);
	assert_int_equal(value_type(d.list), VALUE_NULL);
	conf_free(fields, &d); /* again does nothing */
}

static void what_is_absent_keeps_its_default(void **state)
{
	struct dish d = {.count = 5, .hot = true, .kind = 1};
	struct conf_error e;

	assert_int_equal(read_one("time", value_cstr("10ms"), &d, &e), 0);
	assert_int_equal(d.count, 5);
	assert_true(d.hot);
	assert_int_equal(d.kind, 1);
	assert_int_equal(d.time_ms, 10);
	conf_free(fields, &d);
}

static void a_size_may_be_a_number(void **state)
{
	struct dish d = {0};
	struct conf_error e;

	assert_int_equal(read_one("bytes", value_int(100), &d, &e), 0);
	assert_int_equal(d.bytes, 100);
	conf_free(fields, &d);
}

static void wrong_types_are_told_with_what_was_expected(void **state)
{
	assert_refused("name", value_int(1), "/menu/0/name",
		       "name is number: expected a string");
	assert_refused("hot", value_cstr("true"), "/menu/0/hot",
		       "expected true or false");
	assert_refused("count", value_double(1.5), "/menu/0/count",
		       "expected a whole number");
	assert_refused("count", value_cstr("1"), "/menu/0/count",
		       "count is string: expected a whole number");
	assert_refused("time", value_int(10), "/menu/0/time",
		       "a duration with a unit");
	assert_refused("time", value_cstr("10"), "/menu/0/time",
		       "a duration with a unit");
	assert_refused("bytes", value_cstr("1 MB"), "/menu/0/bytes",
		       "needs a size");
	assert_refused("kind", value_cstr("Soup"), "/menu/0/kind",
		       "kind must be one of soup, salad");
	assert_refused("kind", value_int(0), "/menu/0/kind", "one of");
	assert_refused("object", value_array(NULL, 0), "/menu/0/object",
		       "expected an object");
	assert_refused("list", value_object(NULL, 0), "/menu/0/list",
		       "expected a list");
	assert_refused("name", value_string(STR("a\0b")), "/menu/0/name",
		       "NUL");
}

static void a_range_is_told_with_its_unit(void **state)
{
	assert_refused("count", value_int(0), "/menu/0/count",
		       "count must be from 1 to 9");
	assert_refused("count", value_int(10), "/menu/0/count", "from 1 to 9");
	assert_refused("time", value_cstr("9ms"), "/menu/0/time",
		       "time must be at least 10 ms");
	assert_refused("bytes", value_cstr("5k"), "/menu/0/bytes",
		       "from 0 to 4096 bytes");
	assert_refused("bytes", value_int(-1), "/menu/0/bytes",
		       "from 0 to 4096 bytes");
}

static void an_unknown_key_is_told_with_the_nearest_one(void **state)
{
	struct conf_error e;
	struct dish d = {0};

	assert_refused("cuont", value_int(1), "/menu/0/cuont",
		       "unknown key 'cuont': did you mean 'count'?");
	assert_refused("a/b~c", value_int(1), "/menu/0/a~1b~0c",
		       "unknown key 'a/b~c'");
	read_one("zzzzzz", value_int(1), &d, &e);
	assert_string_equal(e.err.message, "unknown key 'zzzzzz'");
	assert_true(e.at_key);
	read_one("count", value_int(0), &d, &e);
	assert_false(e.at_key);
}

static void a_required_member_is_missed(void **state)
{
	struct value o = value_object(NULL, 0);
	struct dish d = {0};
	struct conf_error e;

	assert_int_equal(conf_read(o, "/x", fields, &d, &e), WEIR_EINVAL);
	assert_string_equal(e.pointer, "/x");
	assert_string_equal(e.err.message, "name is missing");
	value_unref(o);
	assert_int_equal(conf_read(value_int(1), "/x", fields, &d, &e),
			 WEIR_EINVAL);
	assert_string_equal(e.err.message,
			    "expected an object, this is number");
}

static void a_pointer_is_cut_at_its_bound(void **state)
{
	char key[1000];
	char at[CONF_POINTER_MAX];
	struct conf_error e;

	memset(key, '/', sizeof key);
	conf_pointer(at, "/a", str_from(key, sizeof key));
	assert_in_range(strlen(at), CONF_POINTER_MAX - 5, CONF_POINTER_MAX - 1);
	memset(key, 'k', sizeof key - 1);
	key[sizeof key - 1] = '\0';
	assert_int_equal(conf_fail(&e, key, key, "%s", key), WEIR_EINVAL);
	assert_in_range(strlen(e.pointer), 1, CONF_POINTER_MAX - 1);
	assert_in_range(strlen(e.err.message), 1, WEIR_ERROR_MESSAGE_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_kinds_of_members_are_read),
		cmocka_unit_test(what_is_absent_keeps_its_default),
		cmocka_unit_test(a_size_may_be_a_number),
		cmocka_unit_test(wrong_types_are_told_with_what_was_expected),
		cmocka_unit_test(a_range_is_told_with_its_unit),
		cmocka_unit_test(an_unknown_key_is_told_with_the_nearest_one),
		cmocka_unit_test(a_required_member_is_missed),
		cmocka_unit_test(a_pointer_is_cut_at_its_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
