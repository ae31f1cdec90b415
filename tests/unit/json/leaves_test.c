/* leaves_test.c - the leaf reader by example; property_test.c compares it with
 * the parser on random texts. */
#include "json/leaves.h"

#include "base/clock.h"
#include "base/mem.h"
#include "json/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

static int setup(void **state)
{
	*state = mem_zalloc(sizeof(struct json_leaves));
	return 0;
}

static int teardown(void **state)
{
	json_leaves_fini(*state);
	mem_free(*state);
	return 0;
}

static void read_text(struct json_leaves *l, struct str text)
{
	struct weir_error err;

	if (json_leaves_read(l, text, &err) < 0)
		fail_msg("%.*s: %s", STR_FMT(text), err.message);
}

/* The one entry at a path as a condition would name it, or NULL. */
static const struct json_leaf *at_path(const struct json_leaves *l,
				       const char *text)
{
	const struct json_leaf *found = NULL;
	struct value_path p;

	assert_int_equal(value_path_parse(&p, str_of(text), NULL), 0);
	for (uint32_t i = 0; i < l->n; i++) {
		if (l->at[i].path == json_path_hash(&p)) {
			assert_null(found);
			found = &l->at[i];
		}
	}
	value_path_fini(&p);
	return found;
}

static void assert_bytes(const struct json_leaf *leaf, const char *bytes)
{
	assert_non_null(leaf);
	assert_true(str_eq(str_from(leaf->p, leaf->len), str_of(bytes)));
}

static void entries_come_in_the_order_of_the_text(void **state)
{
	static const struct {
		enum value_type type;
		uint32_t parent;
		uint32_t end;
		const char *bytes;
	} want[] = {
		{VALUE_OBJECT, JSON_NO_PARENT, 6,
		 "{\"user\": {\"id\": 4711}, \"tags\": [\"a\", \"b\"]}"},
		{VALUE_OBJECT, 0, 3, "{\"id\": 4711}"},
		{VALUE_INT, 1, 0, "4711"},
		{VALUE_ARRAY, 0, 6, "[\"a\", \"b\"]"},
		{VALUE_STRING, 3, 0, "a"},
		{VALUE_STRING, 3, 0, "b"},
	};
	struct json_leaves *l = *state;

	read_text(l, STR(" {\"user\": {\"id\": 4711}, \"tags\": [\"a\", "
			 "\"b\"]}\n"));
	assert_int_equal(l->n, ARRAY_LEN(want));
	for (uint32_t i = 0; i < l->n; i++) {
		assert_int_equal(l->at[i].type, want[i].type);
		assert_int_equal(l->at[i].parent, want[i].parent);
		if (want[i].end)
			assert_int_equal(l->at[i].end, want[i].end);
		assert_bytes(&l->at[i], want[i].bytes);
	}
}

static void a_path_in_text_has_the_hash_of_its_entry(void **state)
{
	struct json_leaves *l = *state;

	read_text(l, STR("{\"a\":{\"b\":[10,[20,{\"c\":30}]]},\"0\":40,"
			 "\"a.b\":50,\"01\":60,\"\\u0032\":70,"
			 "\"a name beyond sixteen bytes\":80}"));
	assert_bytes(at_path(l, "."), "{\"a\":{\"b\":[10,[20,{\"c\":30}]]},"
				      "\"0\":40,\"a.b\":50,\"01\":60,"
				      "\"\\u0032\":70,"
				      "\"a name beyond sixteen bytes\":80}");
	assert_bytes(at_path(l, "a.b"), "[10,[20,{\"c\":30}]]");
	assert_bytes(at_path(l, ".a.b.0"), "10");
	assert_bytes(at_path(l, "a.b.1.0"), "20");
	assert_bytes(at_path(l, "a.b.1.1.c"), "30");
	assert_bytes(at_path(l, "0"), "40");
	assert_bytes(at_path(l, "01"), "60");
	assert_bytes(at_path(l, "2"), "70");
	assert_bytes(at_path(l, "a name beyond sixteen bytes"), "80");
	assert_null(at_path(l, "a.b.2"));
	assert_null(at_path(l, "b"));
	assert_null(at_path(l, "1"));
}

static void the_last_name_finds_a_key_anywhere(void **state)
{
	struct json_leaves *l = *state;
	uint32_t found = 0;

	read_text(l, STR("{\"email\":1,\"x\":[{\"email\":2},"
			 "{\"to\":{\"email\":[3]}}],\"emails\":4}"));
	for (uint32_t i = 0; i < l->n; i++)
		found += l->at[i].name == json_name_hash(STR("email"));
	assert_int_equal(found, 3);
}

static void equal_scalars_have_the_hash_of_their_value(void **state)
{
	static const char text[] =
		"[4711,4711.0,4.711e3,47110e-1,\"4711\",9007199254740993,"
		"9007199254740992,9007199254740992.0,18446744073709551615,"
		"-0,0,0.5,null,true,false,\"\",\"a text of more than sixteen "
		"bytes\",\"\\u0061b\",\"ab\"]";
	struct json_leaves *l = *state;
	struct value v;

	read_text(l, STR(text));
	json_parse(STR(text), &v, NULL);
	for (uint32_t i = 1; i < l->n; i++) {
		for (uint32_t j = 1; j < l->n; j++)
			assert_int_equal(l->at[i].hash == l->at[j].hash,
					 value_equal(value_at(v, i - 1),
						     value_at(v, j - 1)));
		assert_true(l->at[i].hash == value_hash(value_at(v, i - 1)));
	}
	assert_true(l->at[1].hash == l->at[3].hash);
	value_unref(v);
}

static void of_repeated_names_only_the_last_is_there(void **state)
{
	struct json_leaves *l = *state;

	read_text(l, STR("{\"a\":1,\"b\":{\"a\":2,\"x\":[3],\"\\u0078\":4},"
			 "\"a\":[5,6],\"c\":7,\"a\":{\"y\":8}}"));
	assert_int_equal(l->n, 7);
	assert_bytes(at_path(l, "a"), "{\"y\":8}");
	assert_bytes(at_path(l, "a.y"), "8");
	assert_null(at_path(l, "a.0"));
	assert_bytes(at_path(l, "b.x"), "4");
	assert_null(at_path(l, "b.x.0"));
	assert_int_equal(l->at[0].end, 7);
	assert_int_equal(l->at[1].end, 4);
	assert_int_equal(l->at[6].parent, 5);
}

/* Around the border between the filter and the table. */
static void repeated_names_are_found_at_any_size(void **state)
{
	struct json_leaves *l = *state;

	for (uint32_t n = 2; n < 80; n++) {
		for (uint32_t names = 1; names <= n; names += 1 + names / 3) {
			struct buf text = {0};
			char last[24];

			buf_append_char(&text, '{');
			for (uint32_t i = 0; i < n; i++)
				buf_printf(&text, "%s\"k%u\":[%u]",
					   i ? "," : "", i % names, i);
			buf_append_char(&text, '}');
			read_text(l, buf_str(&text));
			assert_int_equal(l->n, 1 + 2 * names);
			snprintf(last, sizeof last, "[%u]",
				 (n - 1) / names * names);
			assert_bytes(at_path(l, "k0"), last);
			buf_fini(&text);
		}
	}
}

static void hostile_objects_do_not_cost_the_square(void **state)
{
	struct json_leaves *l = *state;
	int64_t began = clock_cpu_ns();

	for (uint32_t names = 1; names <= 200000; names *= 447) {
		struct buf text = {0};

		buf_append_char(&text, '{');
		for (uint32_t i = 0; i < 200000; i++)
			buf_printf(&text, "%s\"k%u\":%u", i ? "," : "",
				   i % names, i);
		buf_append_char(&text, '}');
		read_text(l, buf_str(&text));
		assert_int_equal(l->n, 1 + names);
		buf_fini(&text);
	}
	assert_true(clock_cpu_ns() - began < INT64_C(10000000000));
}

static void a_text_without_a_container_is_an_entry(void **state)
{
	struct json_leaves *l = *state;
	static const char text[] = " \"abc\" ";

	read_text(l, STR(text));
	assert_int_equal(l->n, 1);
	assert_ptr_equal(l->at[0].p, text + 2); /* in the text, no copy */
	assert_bytes(&l->at[0], "abc");
	read_text(l, STR("-1.5"));
	assert_bytes(&l->at[0], "-1.5");
	assert_true(l->at[0].d == -1.5);
	read_text(l, STR("{\"a\":\"\\n\"}"));
	assert_bytes(at_path(l, "a"), "\n");
}

static void reading_again_allocates_nothing(void **state)
{
	static const char text[] =
		"{\"a\":[1,2,{\"b\":\"\\u00e4 text with an escape\"}],"
		"\"c\":\"plain\"}";
	struct json_leaves *l = *state;

	read_text(l, STR(text));

	uint64_t before = mem_alloc_count();

	for (int i = 0; i < 100; i++)
		read_text(l, STR(text));
	assert_int_equal(mem_alloc_count(), before);
}

static void entries_are_bounded_when_asked(void **state)
{
	struct json_leaves *l = *state;
	struct weir_error err;
	struct buf text = {0};

	l->max = 1000;
	buf_append_char(&text, '[');
	for (int i = 0; i < 999; i++)
		buf_append_cstr(&text, i ? ",1" : "1");
	buf_append_char(&text, ']');
	read_text(l, buf_str(&text)); /* with the array itself: 1000 */
	assert_int_equal(l->n, 1000);
	text.end--;
	buf_append_cstr(&text, ",1]");
	assert_int_equal(json_leaves_read(l, buf_str(&text), &err),
			 WEIR_ETOOBIG);
	assert_string_equal(err.message, "too many values in one document");
	assert_int_equal(l->n, 0);
	buf_fini(&text);
}

static void a_refused_text_leaves_nothing(void **state)
{
	struct json_leaves *l = *state;
	struct weir_error err;

	read_text(l, STR("[1,2,3]"));
	assert_int_equal(json_leaves_read(l, STR("[1,2,3"), &err), WEIR_EINVAL);
	assert_int_equal(l->n, 0);
	assert_int_equal(err.column, 7);
	assert_int_equal(json_leaves_read(l, STR("[1,2,3"), NULL), WEIR_EINVAL);
}

static void depth_is_that_of_the_parser(void **state)
{
	struct json_leaves *l = *state;
	char text[2 * JSON_DEPTH_MAX + 2];

	memset(text, '[', JSON_DEPTH_MAX + 1);
	memset(text + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
	read_text(l, str_from(text + 1, 2 * JSON_DEPTH_MAX));
	assert_int_equal(l->n, JSON_DEPTH_MAX);
	assert_int_equal(json_leaves_read(l, str_from(text, sizeof text), NULL),
			 WEIR_ETOOBIG);
}

/* One per value of every document that is matched. */
static void an_entry_does_not_grow_unnoticed(void **state)
{
	assert_int_equal(sizeof(struct json_leaf), 56);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(entries_come_in_the_order_of_the_text),
		CASE(a_path_in_text_has_the_hash_of_its_entry),
		CASE(the_last_name_finds_a_key_anywhere),
		CASE(equal_scalars_have_the_hash_of_their_value),
		CASE(of_repeated_names_only_the_last_is_there),
		CASE(repeated_names_are_found_at_any_size),
		CASE(hostile_objects_do_not_cost_the_square),
		CASE(a_text_without_a_container_is_an_entry),
		CASE(reading_again_allocates_nothing),
		CASE(entries_are_bounded_when_asked),
		CASE(a_refused_text_leaves_nothing),
		CASE(depth_is_that_of_the_parser),
		CASE(an_entry_does_not_grow_unnoticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
