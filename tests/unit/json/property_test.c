/* property_test.c - what holds for any text, tried on random ones. */
#include "random.h"

#include "base/hash.h"
#include "base/mem.h"
#include "json/leaves.h"
#include "json/parse.h"
#include "json/write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { TEXTS = 6000, DAMAGES = 8 };

/* What the tree says of one value; the leaf reader has to say the same. */
struct fact {
	uint64_t path;
	uint64_t name;
	uint64_t hash;
	uint32_t type;
	uint32_t len; /* of strings; entries inside of containers */
};

struct facts {
	struct fact *at;
	uint32_t n;
	uint32_t cap;
};

static struct fact *add(struct facts *f)
{
	if (f->n == f->cap) {
		f->cap = f->cap ? 2 * f->cap : 64;
		f->at = mem_realloc(f->at, f->cap * sizeof *f->at);
	}
	return &f->at[f->n++];
}

static void tell_tree(struct facts *f, struct value v, uint64_t path,
		      uint64_t name)
{
	uint32_t mine = f->n;
	const struct value *nodes = value_nodes(v);
	enum value_type type = value_type(v);

	*add(f) = (struct fact){path, name,
				type < VALUE_ARRAY ? value_hash(v) : 0, type,
				type == VALUE_STRING ? v.len : 0};
	for (uint32_t i = 0; i < value_len(v); i++) {
		bool array = type == VALUE_ARRAY;
		uint64_t step = array ? json_index_hash(i)
				      : json_name_hash(value_str(nodes[2 * i]));

		tell_tree(f, nodes[array ? i : 2 * i + 1],
			  json_path_step(path, step), step);
	}
	if (type >= VALUE_ARRAY)
		f->at[mine].len = f->n - mine - 1;
}

static void tell_leaves(struct facts *f, const struct json_leaves *l)
{
	for (uint32_t i = 0; i < l->n; i++) {
		const struct json_leaf *leaf = &l->at[i];
		struct fact *fact = add(f);

		*fact = (struct fact){leaf->path, leaf->name, leaf->hash,
				      leaf->type, 0};
		if (leaf->type == VALUE_STRING) {
			fact->len = leaf->len;
			assert_true(hash_bytes(leaf->p, leaf->len) ==
				    leaf->hash);
		} else if (leaf->type >= VALUE_ARRAY) {
			fact->len = leaf->end - i - 1;
			assert_true(leaf->end > i && leaf->end <= l->n);
		} else {
			/* The payload and the text mean what the hash says. */
			struct value v = {.tag = leaf->type, .i = leaf->i};
			struct value again;

			assert_int_equal(json_parse(str_from(leaf->p,
							     leaf->len),
						    &again, NULL),
					 0);
			if (value_is_number(again))
				assert_true(value_hash(v) == leaf->hash);
			assert_true(value_hash(again) == leaf->hash);
			assert_int_equal(value_type(again), leaf->type);
		}
		assert_true(leaf->type <= VALUE_OBJECT);
		if (i == 0) {
			assert_int_equal(leaf->parent, JSON_NO_PARENT);
			assert_true(leaf->path == json_path_root());
			continue;
		}

		const struct json_leaf *parent = &l->at[leaf->parent];

		assert_true(leaf->parent < i && parent->end > i);
		assert_true(leaf->path ==
			    json_path_step(parent->path, leaf->name));
	}
}

static int by_content(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct fact));
}

static void assert_same_facts(struct facts *a, struct facts *b)
{
	assert_int_equal(a->n, b->n);
	qsort(a->at, a->n, sizeof *a->at, by_content);
	qsort(b->at, b->n, sizeof *b->at, by_content);
	assert_memory_equal(a->at, b->at, a->n * sizeof *a->at);
}

/* Both readers on a text in memory of exactly its size. Returns whether it is
 * JSON. */
static bool check(struct json_leaves *l, struct str text)
{
	char *exact = malloc(text.len ? text.len : 1);
	struct weir_error parse_err = {0};
	struct weir_error leaves_err = {0};
	struct value v;

	if (text.len)
		memcpy(exact, text.p, text.len);
	text.p = exact;

	int rc = json_parse(text, &v, &parse_err);

	assert_int_equal(json_leaves_read(l, text, &leaves_err), rc);
	if (rc < 0) {
		assert_string_equal(leaves_err.message, parse_err.message);
		assert_int_equal(leaves_err.offset, parse_err.offset);
		assert_int_equal(l->n, 0);
	} else {
		struct facts of_tree = {0};
		struct facts of_leaves = {0};

		tell_tree(&of_tree, v, json_path_root(), 0);
		tell_leaves(&of_leaves, l);
		assert_same_facts(&of_tree, &of_leaves);
		mem_free(of_tree.at);
		mem_free(of_leaves.at);
	}
	value_unref(v);
	free(exact);
	return rc == 0;
}

static void leaves_and_tree_agree_on_any_text(void **state)
{
	struct json_leaves l = {0};
	int valid = 0;
	int damaged_valid = 0;

	for (int i = 0; i < TEXTS; i++) {
		struct buf text = {0};
		struct buf damaged = {0};

		random_json(&text);
		valid += check(&l, buf_str(&text));
		for (int k = 0; k < DAMAGES; k++) {
			buf_clear(&damaged);
			buf_append_str(&damaged, buf_str(&text));
			random_damage(&damaged);
			damaged_valid += check(&l, buf_str(&damaged));
		}
		buf_fini(&text);
		buf_fini(&damaged);
	}
	json_leaves_fini(&l);
	/* Both sides of the fence were visited. */
	assert_true(valid > TEXTS / 2);
	assert_true(damaged_valid > TEXTS / 2);
	assert_true(damaged_valid < TEXTS * DAMAGES * 3 / 4);
}

static void what_is_written_reads_back_as_the_same(void **state)
{
	for (int i = 0; i < TEXTS; i++) {
		struct buf text = {0};
		struct buf compact = {0};
		struct buf pretty = {0};
		struct buf again = {0};
		struct value v;
		struct value w;

		random_json(&text);
		if (json_parse(buf_str(&text), &v, NULL) == 0) {
			json_write(v, &compact);
			assert_int_equal(json_size(v), buf_len(&compact));
			json_write_pretty(v, &pretty);
			assert_int_equal(json_parse(buf_str(&pretty), &w, NULL),
					 0);
			assert_true(value_equal(v, w));
			assert_int_equal(value_compare(v, w), 0);
			assert_true(value_hash(v) == value_hash(w));
			/* Types, too: 1.0 is no 1. */
			json_write(w, &again);
			assert_true(str_eq(buf_str(&again), buf_str(&compact)));
			value_unref(w);
			value_unref(v);
		}
		buf_fini(&text);
		buf_fini(&compact);
		buf_fini(&pretty);
		buf_fini(&again);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaves_and_tree_agree_on_any_text),
		cmocka_unit_test(what_is_written_reads_back_as_the_same),
	};

	hash_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
