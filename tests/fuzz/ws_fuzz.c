/* ws_fuzz.c - any bytes as what a client says after its upgrade.
 *
 *     [limit] frames ..                  the first byte chooses message_max,
 *                                        and whether compression is agreed on
 *
 * Whatever comes in: in pieces it gives the same messages as at once, and is
 * refused for the same reason; what is given keeps its promises; nothing is
 * held beyond the limit.
 */
#include "wire/ws_read.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct ws_message *m, size_t message_max)
{
	switch (m->opcode) {
	case WS_TEXT:
	case WS_BINARY:
		assert(m->data.len <= message_max);
		assert(m->opcode == WS_BINARY ||
		       str_utf8_valid(m->data) == m->data.len);
		break;
	case WS_CLOSE:
		assert(m->code == WS_NO_CODE || ws_code_valid(m->code));
		assert(m->data.len <= WS_REASON_MAX);
		assert(str_utf8_valid(m->data) == m->data.len);
		break;
	default:
		assert(m->opcode == WS_PING || m->opcode == WS_PONG);
		assert(m->data.len <= WS_CONTROL_MAX);
		break;
	}
}

static void note(struct buf *said, const struct ws_message *m)
{
	buf_printf(said, "%d %u %zu:", m->opcode, m->code, m->data.len);
	buf_append_str(said, m->data);
}

static void feed(struct str text, size_t message_max,
		 struct ws_deflate *deflate, size_t piece, struct buf *said)
{
	struct ws_reader r;
	struct ws_message m;
	size_t used = 0;
	int rc = WEIR_EAGAIN;

	ws_reader_init(&r, message_max, deflate);
	while (rc == WEIR_EAGAIN && used < text.len) {
		/* Of its exact size, so that a read beyond it is seen. */
		size_t n = MIN(piece, text.len - used);
		char *bytes = malloc(n);
		struct str in = str_from(bytes, n);

		assert(bytes);
		memcpy(bytes, text.p + used, n);
		while ((rc = ws_read(&r, &in, &m)) == 0) {
			check(&m, message_max);
			note(said, &m);
		}
		assert(buf_len(&r.held) <= message_max + WS_CONTROL_MAX);
		assert(rc == WEIR_EPROTO || in.len == 0);
		used += n - in.len;
		free(bytes);
	}
	if (rc == WEIR_EPROTO) {
		assert(ws_code_valid(r.code) && r.why);
		buf_printf(said, "%u %s", r.code, r.why);
	}
	ws_reader_fini(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t limits[] = {1 << 20, 0, 10, 300};
	static const size_t pieces[] = {1, 3, 64};
	static struct ws_deflate *shared;
	struct buf whole = {0};
	struct str text = str_from((const char *)data, size);
	struct ws_deflate *deflate;
	size_t message_max;

	if (!size)
		return 0;
	if (!shared)
		shared = ws_deflate_create();
	message_max = limits[data[0] % ARRAY_LEN(limits)];
	deflate = data[0] & 0x40 ? shared : NULL;
	text.p++;
	text.len--;
	feed(text, message_max, deflate, SIZE_MAX, &whole);
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		struct buf cut = {0};

		feed(text, message_max, deflate, pieces[i], &cut);
		assert(str_eq(buf_str(&cut), buf_str(&whole)));
		buf_fini(&cut);
	}
	buf_fini(&whole);
	return 0;
}
