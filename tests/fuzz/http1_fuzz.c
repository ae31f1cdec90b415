/* http1_fuzz.c - any bytes as the beginning of a connection: head, chunks, URL.
 *
 *     [limit] head CR LF CR LF body       the first byte chooses the limits
 *
 * Whatever comes in: shown in pieces it is judged as when shown at once; what
 * was accepted has only what a reader may rely on; bodies come out the same
 * however they were cut; decoded texts keep their promises.
 */
#include "base/buf.h"
#include "base/error.h"
#include "wire/http1_chunks.h"
#include "wire/http1_head.h"
#include "wire/http1_reply.h"
#include "wire/http1_request.h"
#include "wire/url.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy of its exact size, so that a sanitizer sees a read beyond it. */
static char *exact(struct str s)
{
	char *p = malloc(s.len ? s.len : 1);

	assert(p);
	if (s.len)
		memcpy(p, s.p, s.len);
	return p;
}

/* --- head ---------------------------------------------------------------- */

static int parse_in_pieces(struct http1_head *h,
			   const struct http1_limits *limits, struct str text,
			   size_t piece)
{
	int rc = 0;

	*h = (struct http1_head){0};
	for (size_t n = MIN(piece, text.len); rc == 0; n += piece) {
		struct str seen = str_from(text.p, MIN(n, text.len));
		char *bytes = exact(seen);

		rc = http1_head_parse(h, limits, bytes, seen.len);
		free(bytes);
		if (seen.len == text.len)
			break;
	}
	return rc;
}

static void check_same(const struct http1_head *a, const struct http1_head *b)
{
	assert(a->status == b->status && a->why == b->why);
	if (a->status)
		return;
	assert(a->method_at == b->method_at && a->target_at == b->target_at);
	assert(a->method_len == b->method_len);
	assert(a->target_len == b->target_len);
	assert(a->fields_len == b->fields_len);
	assert(!memcmp(a->fields, b->fields,
		       a->fields_len * sizeof *a->fields));
}

static bool inside(struct str s, struct str of)
{
	return s.p >= of.p && s.p + s.len <= of.p + of.len;
}

/* Of a head that was accepted. */
static void check_head(const struct http1_head *h,
		       const struct http1_limits *limits, struct str head)
{
	assert(head.len <= limits->head_max);
	assert(h->target_len <= limits->uri_max && h->target_len > 0);
	assert(h->fields_len <= HTTP1_FIELDS_MAX);
	assert(h->major == 1 && h->method_len > 0);
	assert(str_ends(head, STR("\r\n\r\n")));
	for (uint32_t i = 0; i < h->fields_len; i++) {
		struct str name = http1_field_name(&h->fields[i], head.p);
		struct str value = http1_field_value(&h->fields[i], head.p);

		assert(inside(name, head) && inside(value, head));
		/* What could be read could be written: nothing in it ends a
		 * line. */
		assert(http1_field_valid(name, value));
		assert(str_eq(str_trim(value), value));
	}
}

static void check_request(struct http1_head *h, struct str head,
			  struct http1_request *r)
{
	assert(inside(r->target, head));
	if (r->query.p)
		assert(inside(r->query, head));
	assert(r->asterisk || (r->path.len && r->path.p[0] == '/'));
	if (r->body != HTTP1_BODY_LENGTH)
		assert(r->length == 0);
	assert(h->status == 0);
}

/* --- URL ----------------------------------------------------------------- */

/* No head lets others through to what reads a target. */
static bool may_be_target(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7F)
			return false;
	return true;
}

static void check_path(struct str raw)
{
	char *out = malloc(raw.len ? raw.len : 1);
	const char *why = NULL;
	int rc;

	assert(out);
	rc = url_path_decode(raw, out, &why);
	if (rc < 0) {
		assert(why);
		free(out);
		return;
	}

	struct str path = str_from(out, (size_t)rc);
	struct str steps = path;

	assert(path.len && path.p[0] == '/' && path.len <= raw.len);
	assert(str_utf8_valid(path) == path.len);
	for (size_t i = 0; i < path.len; i++)
		assert((unsigned char)path.p[i] >= ' ' && path.p[i] != 0x7F);
	while (steps.p) {
		struct str step = str_cut(&steps, '/');

		assert(!str_eq(step, STR("..")) && !str_eq(step, STR(".")));
	}
	free(out);
}

static void check_query(struct str query)
{
	struct str rest = query;
	struct buf out = {0};
	struct str name;
	struct str value;

	while (url_query_next(&rest, &name, &value)) {
		size_t before = buf_len(&out);
		int rc = url_query_decode(value, &out);

		if (rc < 0) {
			assert(rc == WEIR_EINVAL && buf_len(&out) == before);
			continue;
		}
		struct str text = buf_str(&out);

		assert(str_utf8_valid(text) == text.len);
		assert(!memchr(text.p, '\0', text.len));
		buf_clear(&out);
		url_query_get(query, name, &out);
		buf_clear(&out);
	}
	buf_fini(&out);
}

/* --- chunks -------------------------------------------------------------- */

struct decoded {
	struct buf body;
	size_t used;
	int rc;
	const char *why;
};

static void decode(struct decoded *d, struct str text, size_t piece)
{
	struct http1_chunks c = {0};

	*d = (struct decoded){.rc = HTTP1_CHUNKS_MORE};
	while (d->rc == HTTP1_CHUNKS_MORE && d->used < text.len) {
		size_t n = MIN(piece, text.len - d->used);
		char *bytes = exact(str_from(text.p + d->used, n));
		struct str in = str_from(bytes, n);
		struct str data;

		while ((d->rc = http1_chunks_next(&c, &in, &data)) ==
		       HTTP1_CHUNKS_DATA) {
			assert(data.len && inside(data, str_from(bytes, n)));
			buf_append_str(&d->body, data);
		}
		assert(d->rc != HTTP1_CHUNKS_MORE || in.len == 0);
		d->used += n - in.len;
		free(bytes);
	}
	d->why = c.why;
	assert(d->rc >= 0 || d->why);
}

static void check_chunks(struct str text)
{
	static const size_t pieces[] = {1, 2, 3, 7, 64};
	struct decoded whole;

	decode(&whole, text, text.len ? text.len : 1);
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		struct decoded cut;

		decode(&cut, text, pieces[i]);
		assert(cut.rc == whole.rc && cut.why == whole.why);
		assert(str_eq(buf_str(&cut.body), buf_str(&whole.body)));
		if (cut.rc == HTTP1_CHUNKS_END)
			assert(cut.used == whole.used);
		buf_fini(&cut.body);
	}
	buf_fini(&whole.body);
}

/* --- all ----------------------------------------------------------------- */

static void check_text(const struct http1_limits *limits, struct str text)
{
	static const size_t pieces[] = {1, 5, 100};
	struct http1_head h;
	int rc = parse_in_pieces(&h, limits, text, text.len ? text.len : 1);

	assert(rc >= 0 || (rc == WEIR_EPROTO && h.status >= 400 && h.why));
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		struct http1_head again;

		assert(parse_in_pieces(&again, limits, text, pieces[i]) == rc);
		check_same(&again, &h);
	}
	if (rc <= 0)
		return;

	struct str head = str_from(text.p, (size_t)rc);
	struct str body = str_from(text.p + rc, text.len - (size_t)rc);
	struct http1_request r;

	check_head(&h, limits, head);
	if (http1_request_read(&r, &h, head.p) < 0) {
		assert(h.status >= 400 && h.why);
		return;
	}
	check_request(&h, head, &r);
	if (!r.asterisk)
		check_path(r.path);
	check_query(r.query);
	if (r.body == HTTP1_BODY_CHUNKED)
		check_chunks(body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct http1_limits limits[] = {
		{16384, 8192}, {HTTP1_HEAD_MAX, HTTP1_HEAD_MAX}, {256, 64}};
	struct str text = str_from((const char *)data, size);

	if (!size)
		return 0;
	text.p++;
	text.len--;
	check_text(&limits[data[0] % ARRAY_LEN(limits)], text);
	/* Also those bytes alone that hardly any head gets through to. */
	check_chunks(text);
	if (may_be_target(text))
		check_path(text);
	check_query(text);
	url_host_valid(text);
	return 0;
}
