/* http_list.c - many jobs by one call of a list API.
 *
 *     jobs a b c --> GET /list?ids=a,b,c --> {"items":[{"id":"b",..},..]}
 *                                             each item to its job
 *
 * In the templates {ids} is what the jobs ask for: in a URL joined by commas,
 * in a body an array. Jobs that ask for the same id get the same item. A job
 * whose id the answer lacks is told.
 */
#include "base/mem.h"
#include "json/write.h"
#include "source/http_conf.h"

#include <stdio.h>

static struct value id_of(const struct http_source *h, struct source_run *r,
			  uint32_t i)
{
	struct value id = value_null();

	value_path_find(&h->list.ids_path, source_run_job(r, i), &id);
	return id;
}

static bool same_id(struct value a, struct value b)
{
	struct buf as = {0};
	struct buf bs = {0};
	bool same;

	if (value_equal(a, b))
		return true;
	if (value_type(a) == value_type(b))
		return false;
	/* 7 in the answer is what "7" asked for. */
	if (value_type(a) == VALUE_STRING)
		buf_append_str(&as, value_str(a));
	else
		json_write(a, &as);
	if (value_type(b) == VALUE_STRING)
		buf_append_str(&bs, value_str(b));
	else
		json_write(b, &bs);
	same = str_eq(buf_str(&as), buf_str(&bs));
	buf_fini(&as);
	buf_fini(&bs);
	return same;
}

/* A job-like object for the templates: {"ids": ...}. */
static struct value ids_scope(const struct http_source *h, struct source_run *r,
			      bool as_text)
{
	uint32_t n = source_run_jobs(r);
	struct value *ids = mem_alloc(n * sizeof *ids);
	struct value pair[2] = {value_cstr("ids")};
	struct buf text = {0};
	uint32_t count = 0;

	for (uint32_t i = 0; i < n; i++) {
		struct value id = id_of(h, r, i);
		bool seen = false;

		for (uint32_t k = 0; k < count && !seen; k++)
			seen = value_equal(ids[k], id);
		if (seen || value_type(id) == VALUE_NULL)
			continue;
		ids[count++] = value_ref(id);
		if (buf_len(&text))
			buf_append_char(&text, ',');
		if (value_type(id) == VALUE_STRING)
			buf_append_str(&text, value_str(id));
		else
			json_write(id, &text);
	}
	if (as_text) {
		pair[1] = value_string(buf_str(&text));
		for (uint32_t i = 0; i < count; i++)
			value_unref(ids[i]);
	} else {
		pair[1] = value_array(ids, count);
	}
	mem_free(ids);
	buf_fini(&text);
	return value_object(pair, 1);
}

static int hand_out(struct http_source *h, struct source_run *r,
		    struct value items, const char *url)
{
	uint32_t n = source_run_jobs(r);
	bool *got = mem_zalloc(n);
	int rc = 0;

	for (uint32_t k = 0; k < items.len && rc == 0; k++) {
		struct value item = value_nodes(items)[k];
		struct value key;

		if (!value_path_find(&h->list.key_path, item, &key))
			continue;
		for (uint32_t i = 0; i < n && rc == 0; i++) {
			if (!same_id(key, id_of(h, r, i)))
				continue;
			got[i] = true;
			rc = source_emit(r, i, value_ref(item));
		}
	}
	for (uint32_t i = 0; i < n && rc == 0; i++) {
		struct weir_error err;
		struct buf id = {0};

		if (got[i])
			continue;
		json_write(id_of(h, r, i), &id);
		error_set(&err, WEIR_ENOTFOUND,
			  "%.120s: the answer has nothing for %.*s", url,
			  (int)MIN(buf_len(&id), (size_t)80), buf_bytes(&id));
		source_warn(r, i, &err);
		buf_fini(&id);
	}
	mem_free(got);
	return rc;
}

int http_run_list(struct http_source *h, struct source_run *r,
		  struct weir_error *err)
{
	struct template_scope scope = {
		.job = ids_scope(h, r, !h->list.call.body_template)};
	struct client_response *resp = NULL;
	struct value whole = value_null();
	struct value items;
	struct buf url = {0};
	int rc = http_open(h, &h->list.call, &scope, &url, &resp, err);

	if (rc == 0) {
		rc = http_read_json(h, resp, buf_bytes(&url), &whole, err);
		client_close(resp);
	}
	if (rc == 0 && (!value_path_find(&h->list.items_path, whole, &items) ||
			value_type(items) != VALUE_ARRAY))
		rc = error_set(err, WEIR_EPROTO,
			       "%.150s: the answer has no array of items",
			       buf_bytes(&url));
	if (rc == 0)
		rc = hand_out(h, r, items, buf_bytes(&url));
	value_unref(whole);
	value_unref(scope.job);
	buf_fini(&url);
	return rc;
}
