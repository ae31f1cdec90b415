/* cond_fuzz.c - any bytes as a condition, and as a document for it.
 *
 *     CONDITION 0x00 DOCUMENT
 *
 * Whatever comes in: it is refused with a message, or what is printed of it
 * reads as the same condition; asking never allocates.
 */
#include "base/hash.h"
#include "base/mem.h"
#include "cond/cond.h"
#include "cond/tree.h"
#include "json/leaves.h"
#include "json/parse.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_printed(const struct cond *c)
{
	struct buf out = {0};
	struct cond *again;

	cond_node_print(cond_root(c), &out);
	assert(cond_parse(buf_str(&out), NULL, &again, NULL) == 0);
	assert(cond_same(c, again) && cond_hash(c) == cond_hash(again));
	cond_unref(again);
	buf_fini(&out);
}

static void ask(const struct cond *c, struct str document)
{
	struct json_leaves l = {0};
	struct value v;
	uint64_t allocated;

	if (json_parse(document, &v, NULL) == 0 &&
	    json_leaves_read(&l, document, NULL) == 0) {
		bool met = cond_eval(c, v, NULL); /* makes the program */

		allocated = mem_alloc_count();
		assert(cond_eval(c, v, NULL) == met);
		cond_eval_leaves(c, &l, NULL);
		assert(mem_alloc_count() == allocated);
	}
	value_unref(v);
	json_leaves_fini(&l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str document = str_from((const char *)data, size);
	struct str text = str_cut(&document, '\0');
	struct weir_error err = {0};
	struct cond *c;

	if (cond_parse(text, &cond_rules_client, &c, &err) < 0) {
		assert(err.message[0]);
		return 0;
	}
	/* An array can say what text cannot: names with dots, for one. */
	if (!memchr(text.p, '[', text.len))
		check_printed(c);
	if (document.p)
		ask(c, document);
	cond_unref(c);
	return 0;
}
