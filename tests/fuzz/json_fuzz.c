/* json_fuzz.c - any bytes, through both readers and back out.
 *
 * Whatever comes in: parser and leaf reader give the same verdict; what was
 * accepted is written, read again and equal.
 */
#include "base/hash.h"
#include "json/leaves.h"
#include "json/parse.h"
#include "json/write.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_leaves(const struct json_leaves *l, struct value root)
{
	uint64_t sum = 0;

	assert(l->n > 0);
	for (uint32_t i = 0; i < l->n; i++) {
		const struct json_leaf *leaf = &l->at[i];

		if (leaf->type == VALUE_STRING)
			assert(hash_bytes(leaf->p, leaf->len) == leaf->hash);
		if (leaf->type >= VALUE_ARRAY)
			assert(leaf->end > i && leaf->end <= l->n);
		assert(i == 0 || leaf->parent < i);
		sum += leaf->len ? (unsigned char)leaf->p[leaf->len - 1] : 0;
	}
	if (value_type(root) < VALUE_ARRAY)
		assert(l->n == 1 && l->at[0].hash == value_hash(root));
	assert(sum <= (uint64_t)255 * l->n); /* all bytes were looked at */
}

static void check_round_trip(struct value v)
{
	struct buf out = {0};
	struct buf again = {0};
	struct value w;

	json_write(v, &out);
	assert(json_parse(buf_str(&out), &w, NULL) == 0);
	assert(value_equal(v, w) && value_compare(v, w) == 0);
	assert(value_hash(v) == value_hash(w));
	json_write(w, &again);
	assert(str_eq(buf_str(&out), buf_str(&again)));
	value_unref(w);
	buf_fini(&out);
	buf_fini(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_from((const char *)data, size);
	struct json_leaves l = {0};
	struct weir_error parse_err = {0};
	struct weir_error leaves_err = {0};
	struct value v;
	int rc = json_parse(text, &v, &parse_err);

	assert(json_leaves_read(&l, text, &leaves_err) == rc);
	if (rc == 0) {
		check_leaves(&l, v);
		check_round_trip(v);
	} else {
		assert(leaves_err.offset == parse_err.offset);
		assert(!strcmp(leaves_err.message, parse_err.message));
	}
	value_unref(v);
	json_leaves_fini(&l);
	return 0;
}
