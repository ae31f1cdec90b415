/* property_test.c - what holds for any condition and any document. */
#include "random.h"

#include "base/hash.h"
#include "base/mem.h"
#include "json/leaves.h"
#include "json/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { DOCUMENTS = 200, ROUNDS = 60, CONDITIONS = 20 };

struct document {
	struct buf text;
	struct value v;
	struct json_leaves leaves;
};

static const struct cond_meta meta = {
	.source = {"ab", 2},
	.job = {"5", 1},
};

static void make_documents(struct document *d)
{
	struct weir_error err;

	for (int i = 0; i < DOCUMENTS; i++, d++) {
		*d = (struct document){0};
		random_document(&d->text);
		assert_int_equal(json_parse(buf_str(&d->text), &d->v, &err), 0);
		assert_int_equal(json_leaves_read(&d->leaves, buf_str(&d->text),
						  &err),
				 0);
	}
}

static void drop_documents(struct document *d)
{
	for (int i = 0; i < DOCUMENTS; i++, d++) {
		buf_fini(&d->text);
		value_unref(d->v);
		json_leaves_fini(&d->leaves);
	}
}

static struct cond *parse(struct str text, bool as_written)
{
	struct cond_rules rules = cond_rules_operator;
	struct weir_error err;
	struct cond *c;

	rules.as_written = as_written;
	if (cond_parse(text, &rules, &c, &err) < 0)
		fail_msg("%.*s: %u: %s", STR_FMT(text), err.column,
			 err.message);
	return c;
}

static void check(struct str text, const struct cond *canonical,
		  const struct cond *written, struct document *d)
{
	bool want = naive_holds(cond_root(written), d->v, &meta);
	bool got[] = {
		cond_eval(canonical, d->v, &meta),
		cond_eval_leaves(canonical, &d->leaves, &meta),
		cond_eval(written, d->v, &meta),
		cond_eval_leaves(written, &d->leaves, &meta),
	};
	static const char *const ways[] = {"tree", "leaves", "tree as written",
					   "leaves as written"};

	for (size_t i = 0; i < ARRAY_LEN(got); i++)
		if (got[i] != want)
			fail_msg("%s: %.*s on %.*s is not %s", ways[i],
				 STR_FMT(text), STR_FMT(buf_str(&d->text)),
				 want ? "true" : "false");
}

static void all_ways_say_what_the_book_says(void **state)
{
	static struct document documents[DOCUMENTS];
	struct buf text = {0};

	for (int round = 0; round < ROUNDS; round++) {
		make_documents(documents);
		for (int i = 0; i < CONDITIONS; i++) {
			struct cond *canonical, *written;
			uint64_t allocated;

			buf_clear(&text);
			random_cond(&text);
			canonical = parse(buf_str(&text), false);
			written = parse(buf_str(&text), true);
			for (int k = 0; k < DOCUMENTS; k++)
				check(buf_str(&text), canonical, written,
				      &documents[k]);
			allocated = mem_alloc_count();
			for (int k = 0; k < DOCUMENTS; k++) {
				cond_eval(canonical, documents[k].v, &meta);
				cond_eval_leaves(canonical,
						 &documents[k].leaves, &meta);
			}
			assert_int_equal(mem_alloc_count(), allocated);
			cond_unref(canonical);
			cond_unref(written);
		}
		drop_documents(documents);
	}
	buf_fini(&text);
}

static void what_is_printed_reads_as_the_same(void **state)
{
	struct buf text = {0};
	struct buf printed = {0};

	for (int i = 0; i < 20000; i++) {
		struct cond *a, *b;

		buf_clear(&text);
		buf_clear(&printed);
		random_cond(&text);
		a = parse(buf_str(&text), i % 2);
		cond_node_print(cond_root(a), &printed);
		cond_unref(a);
		a = parse(buf_str(&text), false);
		b = parse(buf_str(&printed), false);
		if (!cond_same(a, b) || cond_hash(a) != cond_hash(b))
			fail_msg("%.*s was printed as %.*s",
				 STR_FMT(buf_str(&text)),
				 STR_FMT(buf_str(&printed)));
		cond_unref(a);
		cond_unref(b);
	}
	buf_fini(&text);
	buf_fini(&printed);
}

static void damaged_text_is_refused_or_read(void **state)
{
	static const char junk[] = "[]\\\"' not and*.@$\x01,";
	struct buf text = {0};
	struct weir_error err;
	struct cond *c;

	for (int i = 0; i < 50000; i++) {
		buf_clear(&text);
		random_cond(&text);
		for (uint32_t n = random_below(4); n; n--)
			buf_bytes(
				&text)[random_below((uint32_t)buf_len(&text))] =
				junk[random_below(sizeof junk - 1)];
		if (cond_parse(buf_str(&text), &cond_rules_client, &c, &err) ==
		    0)
			cond_unref(c);
		else if (!err.message[0])
			fail_msg("no message for %.*s",
				 STR_FMT(buf_str(&text)));
	}
	buf_fini(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_ways_say_what_the_book_says),
		cmocka_unit_test(what_is_printed_reads_as_the_same),
		cmocka_unit_test(damaged_text_is_refused_or_read),
	};

	hash_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
