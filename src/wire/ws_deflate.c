/* ws_deflate.c - see ws_deflate.h. */
#include "wire/ws_deflate.h"

#include "base/log.h"
#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define NAME "permessage-deflate"
#define ANSWER                                \
	NAME "; server_no_context_takeover; " \
	     "client_no_context_takeover"
#define WINDOW_BITS 15
/* Offered values reach from 8 to this. */
#define BITS_MIN 8
/* Buffers of more are given back once they are not needed. */
#define KEPT_MAX (64 * 1024)

/* What ends a message, and is left out. */
static const char tail[4] = {0x00, 0x00, (char)0xFF, (char)0xFF};

struct ws_deflate {
	z_stream deflate;
	z_stream inflate;
	struct buf text;   /* what was compressed last */
	struct buf packed; /* what came of it */
};

struct ws_deflate *ws_deflate_create(void)
{
	struct ws_deflate *d = mem_zalloc(sizeof *d);

	/* A part is compressed while it is under way: the fastest level. Raw
	 * DEFLATE is what a negative window means. */
	if (deflateInit2(&d->deflate, Z_BEST_SPEED, Z_DEFLATED, -WINDOW_BITS, 8,
			 Z_DEFAULT_STRATEGY) != Z_OK ||
	    inflateInit2(&d->inflate, -WINDOW_BITS) != Z_OK) {
		log_error("zlib cannot be set up");
		abort(); /* out of memory, as in mem_alloc */
	}
	return d;
}

void ws_deflate_destroy(struct ws_deflate *d)
{
	if (!d)
		return;
	deflateEnd(&d->deflate);
	inflateEnd(&d->inflate);
	buf_fini(&d->text);
	buf_fini(&d->packed);
	mem_free(d);
}

/* --- the offer --------------------------------------------------------- */

/* Cuts the front of *rest off at sep, but not at one in quotes. */
static struct str cut_piece(struct str *rest, char sep)
{
	struct str all = *rest;
	bool quoted = false;
	size_t i = 0;

	for (; i < all.len && (quoted || all.p[i] != sep); i++) {
		if (all.p[i] == '"')
			quoted = !quoted;
		else if (quoted && all.p[i] == '\\')
			i++;
	}
	i = MIN(i, all.len);
	*rest = i < all.len ? str_from(all.p + i + 1, all.len - i - 1)
			    : str_from(all.p + i, 0);
	return str_trim(str_from(all.p, i));
}

/* 8 to 15 without leading zeros, also in quotes; 0: something else. */
static unsigned window_bits(struct str s)
{
	uint64_t n;

	if (s.len >= 2 && s.p[0] == '"' && s.p[s.len - 1] == '"')
		s = str_from(s.p + 1, s.len - 2);
	if (!s.len || s.p[0] == '0' || str_to_u64(s, &n) < 0 || n < BITS_MIN ||
	    n > WINDOW_BITS)
		return 0;
	return (unsigned)n;
}

/* One parameter: is it one that can be kept? Each may come once. */
static bool keep_parameter(struct str parameter, unsigned *seen, bool *bits)
{
	static const char *const names[] = {"server_no_context_takeover",
					    "client_no_context_takeover",
					    "server_max_window_bits",
					    "client_max_window_bits"};
	struct str value = parameter;
	struct str name = str_trim(str_cut(&value, '='));
	bool has_value = name.len < parameter.len;
	unsigned which = 0;

	value = str_trim(value);
	while (which < ARRAY_LEN(names) && !str_ieq(name, str_of(names[which])))
		which++;
	if (which == ARRAY_LEN(names) || *seen & 1u << which)
		return false;
	*seen |= 1u << which;
	switch (which) {
	case 2: /* the window is shared, and so of one size */
		*bits = window_bits(value) == WINDOW_BITS;
		return *bits;
	case 3: /* theirs may be as small as they like */
		return !has_value || window_bits(value);
	default:
		return !has_value;
	}
}

const char *ws_deflate_agree(struct str offers)
{
	while (offers.len) {
		struct str offer = cut_piece(&offers, ',');
		bool good = str_ieq(cut_piece(&offer, ';'), STR(NAME));
		bool bits = false;
		unsigned seen = 0;

		while (good && offer.len)
			good = keep_parameter(cut_piece(&offer, ';'), &seen,
					      &bits);
		if (good)
			return bits ? ANSWER "; server_max_window_bits=15"
				    : ANSWER;
	}
	return NULL;
}

/* --- compressing ------------------------------------------------------- */

static void forget(struct buf *b)
{
	if (b->cap > KEPT_MAX)
		buf_fini(b);
	else
		buf_clear(b);
}

static void deflate_all(struct ws_deflate *d)
{
	z_stream *z = &d->deflate;
	size_t len = buf_len(&d->text);
	/* zlib's bound is for another way to end: a few bytes more. */
	size_t cap = deflateBound(z, len) + 16;
	int rc;

	deflateReset(z);
	z->next_in = (unsigned char *)buf_bytes(&d->text);
	z->avail_in = (uInt)len;
	z->next_out = (unsigned char *)buf_reserve(&d->packed, cap);
	z->avail_out = (uInt)cap;
	rc = deflate(z, Z_SYNC_FLUSH);
	assert(rc == Z_OK && z->avail_in == 0 && z->avail_out > 0);
	cap -= z->avail_out;
	assert(cap >= sizeof tail);
	buf_commit(&d->packed, cap - sizeof tail);
}

bool ws_deflate_pack(struct ws_deflate *d, struct str text, struct str *out)
{
	if (text.len > UINT32_MAX / 2)
		return false;
	if (!str_eq(buf_str(&d->text), text)) {
		forget(&d->text);
		forget(&d->packed);
		buf_append_str(&d->text, text);
		deflate_all(d);
	}
	*out = buf_str(&d->packed);
	return out->len + WS_STORED_HEADER < text.len;
}

/* Source: RFC 1951, section 3.2.4. */
void ws_stored_header(char out[WS_STORED_HEADER], size_t len)
{
	assert(len <= WS_STORED_MAX);
	out[0] = 0; /* not the last block; stored; the rest of a byte */
	out[1] = (char)len;
	out[2] = (char)(len >> 8);
	out[3] = (char)~len;
	out[4] = (char)(~len >> 8);
}

/* --- decompressing ----------------------------------------------------- */

/* Inflates bytes to the end of out, which becomes max bytes long at most. */
static int inflate_some(z_stream *z, const char *bytes, size_t len, size_t max,
			struct buf *out)
{
	z->next_in = (unsigned char *)(uintptr_t)bytes;
	z->avail_in = (uInt)len;
	for (;;) {
		/* One byte of room beyond the limit shows that there is more.
		 */
		size_t room = MIN(max + 1 - buf_len(out),
				  MAX((size_t)1024, buf_len(out)));
		int rc;

		z->next_out = (unsigned char *)buf_reserve(out, room);
		z->avail_out = (uInt)room;
		rc = inflate(z, Z_SYNC_FLUSH);
		buf_commit(out, room - z->avail_out);
		if (buf_len(out) > max)
			return WEIR_ETOOBIG;
		if (rc == Z_STREAM_END && z->avail_in)
			rc = inflateReset(z); /* of those who end each block */
		else if (rc == Z_STREAM_END || rc == Z_BUF_ERROR)
			return 0;
		if (rc != Z_OK)
			return WEIR_EINVAL;
		if (!z->avail_in && z->avail_out)
			return 0;
	}
}

int ws_deflate_unpack(struct ws_deflate *d, struct str packed, size_t max,
		      struct buf *out)
{
	z_stream *z = &d->inflate;
	int rc;

	if (packed.len > UINT32_MAX)
		return WEIR_ETOOBIG;
	max = MIN(max, WS_DEFLATE_MIN + WS_DEFLATE_RATIO_MAX * packed.len);
	inflateReset(z);
	rc = inflate_some(z, packed.p, packed.len, max, out);
	if (rc == 0)
		rc = inflate_some(z, tail, sizeof tail, max, out);
	/* Bit 7: it stands between two blocks. */
	if (rc == 0 && !(z->data_type & 128))
		rc = WEIR_EINVAL;
	return rc;
}
