/* ws_read.c - see ws_read.h. */
#include "wire/ws_read.h"

#include <string.h>

#define FIN	  0x80
#define RSV	  0x70
#define OPCODE	  0x0F
#define MASKED	  0x80
#define LENGTH	  0x7F
#define MASK_LEN  4
#define LENGTH_16 126
#define LENGTH_64 127

void ws_reader_init(struct ws_reader *r, size_t message_max,
		    struct ws_deflate *deflate)
{
	*r = (struct ws_reader){.message_max = message_max, .deflate = deflate};
}

void ws_reader_fini(struct ws_reader *r)
{
	buf_fini(&r->held);
}

static int fail(struct ws_reader *r, enum ws_code code, const char *why)
{
	buf_fini(&r->held);
	r->code = (uint16_t)code;
	r->why = why;
	return WEIR_EPROTO;
}

/* --- header ------------------------------------------------------------ */

static unsigned opcode_of(const struct ws_reader *r)
{
	return r->header[0] & OPCODE;
}

/* The reserved bits that mean something in a frame of this opcode. */
static unsigned meant_bits(const struct ws_reader *r, unsigned opcode)
{
	bool begins = opcode == WS_TEXT || opcode == WS_BINARY;

	return begins && r->deflate ? WS_COMPRESSED : 0;
}

static int check_first_byte(struct ws_reader *r)
{
	unsigned opcode = opcode_of(r);
	bool fin = r->header[0] & FIN;

	if (r->header[0] & RSV & ~meant_bits(r, opcode))
		return fail(r, WS_PROTOCOL,
			    "a reserved bit is set that no extension agreed on "
			    "uses here");
	if (ws_is_control(opcode)) {
		if (opcode > WS_PONG)
			return fail(r, WS_PROTOCOL, "the opcode is reserved");
		if (!fin)
			return fail(r, WS_PROTOCOL,
				    "a control frame is in fragments");
		return 0;
	}
	if (opcode > WS_BINARY)
		return fail(r, WS_PROTOCOL, "the opcode is reserved");
	if (opcode == WS_CONTINUATION && !r->message_opcode)
		return fail(r, WS_PROTOCOL,
			    "a continuation has nothing to continue");
	if (opcode != WS_CONTINUATION && r->message_opcode)
		return fail(r, WS_PROTOCOL,
			    "a message begins inside of another one");
	return 0;
}

static int check_second_byte(struct ws_reader *r)
{
	unsigned length = r->header[1] & LENGTH;

	if (!(r->header[1] & MASKED))
		return fail(r, WS_PROTOCOL, "a client's frame is not masked");
	if (ws_is_control(opcode_of(r)) && length > WS_CONTROL_MAX)
		return fail(r, WS_PROTOCOL,
			    "a control frame is longer than 125 bytes");
	if (opcode_of(r) == WS_CLOSE && length == 1)
		return fail(r, WS_PROTOCOL, "a close code has two bytes");
	r->header_size = (uint8_t)(2 + MASK_LEN +
				   (length == LENGTH_16	  ? 2
				    : length == LENGTH_64 ? 8
							  : 0));
	return 0;
}

/* Reads the length of the whole header. */
static int read_length(struct ws_reader *r)
{
	unsigned first = r->header[1] & LENGTH;
	size_t bytes = first == LENGTH_16 ? 2 : first == LENGTH_64 ? 8 : 0;
	uint64_t length = bytes ? 0 : first;

	for (size_t i = 0; i < bytes; i++)
		length = length << 8 | r->header[2 + i];
	if ((bytes == 2 && length < 126) || (bytes == 8 && length < 65536))
		return fail(r, WS_PROTOCOL,
			    "a length is not in its shortest form");
	if (length >> 63)
		return fail(r, WS_PROTOCOL, "a length has its top bit set");
	if (!ws_is_control(opcode_of(r)) &&
	    length > r->message_max - r->message_len)
		return fail(r, WS_TOO_BIG, "the message is too big");
	r->left = length;
	return 0;
}

static int begin_frame(struct ws_reader *r)
{
	unsigned opcode = opcode_of(r);
	int rc = read_length(r);

	if (rc < 0)
		return rc;
	r->mask_at = 0;
	if (ws_is_control(opcode))
		return 0;
	if (opcode != WS_CONTINUATION) {
		r->message_opcode = (uint8_t)opcode;
		r->packed = r->header[0] & WS_COMPRESSED;
	}
	if (r->fragments++ == WS_FRAGMENTS_MAX)
		return fail(r, WS_TOO_BIG, "the message has too many frames");
	return 0;
}

static bool header_whole(const struct ws_reader *r)
{
	return r->header_size && r->header_len == r->header_size;
}

/* 0 once the header is whole. */
static int read_header(struct ws_reader *r, struct str *in)
{
	int rc = 0;

	while (rc == 0 && !header_whole(r)) {
		if (!in->len)
			return WEIR_EAGAIN;
		r->header[r->header_len++] = (uint8_t)*in->p;
		*in = str_from(in->p + 1, in->len - 1);
		if (r->header_len == 1)
			rc = check_first_byte(r);
		else if (r->header_len == 2)
			rc = check_second_byte(r);
	}
	return rc < 0 ? rc : begin_frame(r);
}

/* --- payload ----------------------------------------------------------- */

/* Takes the mask off n bytes at p, eight at once. */
static void unmask(struct ws_reader *r, char *p, size_t n)
{
	const uint8_t *key = r->header + r->header_size - MASK_LEN;
	uint8_t turned[8];
	uint64_t mask;

	for (size_t i = 0; i < sizeof turned; i++)
		turned[i] = key[(r->mask_at + i) % MASK_LEN];
	memcpy(&mask, turned, sizeof mask);
	r->mask_at = (uint8_t)((r->mask_at + n) % MASK_LEN);
	for (; n >= sizeof mask; p += sizeof mask, n -= sizeof mask) {
		uint64_t eight;

		memcpy(&eight, p, sizeof eight);
		eight ^= mask;
		memcpy(p, &eight, sizeof eight);
	}
	for (size_t i = 0; i < n; i++)
		p[i] = (char)(p[i] ^ turned[i]);
}

/* Can s, the beginning of no character so far, still become one? Then it does
 * so with the right bytes behind it. */
static bool may_become_utf8(struct str s)
{
	unsigned char lead = (unsigned char)s.p[0];
	size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
	char whole[4];

	if (s.len >= size)
		return false;
	/* Behind E0 and F0 only high ones make no overlong form; behind ED and
	 * F4 only low ones stay off the surrogates and in Unicode. */
	memset(whole, lead == 0xE0 || lead == 0xF0 ? 0xBF : 0x80, sizeof whole);
	memcpy(whole, s.p, s.len);
	return str_utf8_valid(str_from(whole, size)) == size;
}

/* Looks at what has come of a text message; last: nothing comes behind it. */
static int check_text(struct ws_reader *r, bool last)
{
	struct str rest = str_from(buf_str(&r->held).p + r->checked,
				   r->message_len - r->checked);
	size_t valid = str_utf8_valid(rest);

	r->checked += valid;
	rest = str_from(rest.p + valid, rest.len - valid);
	if (rest.len && (last || !may_become_utf8(rest)))
		return fail(r, WS_NOT_UTF8, "the text is not UTF-8");
	return 0;
}

/* Moves what has come of the payload to where it is held. */
static int take_payload(struct ws_reader *r, struct str *in)
{
	size_t n = (size_t)MIN(in->len, r->left);

	if (!n)
		return 0;
	buf_append(&r->held, in->p, n);
	unmask(r, buf_bytes(&r->held) + buf_len(&r->held) - n, n);
	*in = str_from(in->p + n, in->len - n);
	r->left -= n;
	if (ws_is_control(opcode_of(r)))
		return 0;
	r->message_len += n;
	return r->message_opcode == WS_TEXT && !r->packed ? check_text(r, false)
							  : 0;
}

/* --- what is whole ----------------------------------------------------- */

static int give_close(struct ws_reader *r, struct str data,
		      struct ws_message *m)
{
	*m = (struct ws_message){.opcode = WS_CLOSE, .code = WS_NO_CODE};
	m->data = STR("");
	if (!data.len)
		return 0;
	m->code = (uint16_t)((unsigned char)data.p[0] << 8 |
			     (unsigned char)data.p[1]);
	m->data = str_from(data.p + 2, data.len - 2);
	if (!ws_code_valid(m->code))
		return fail(r, WS_PROTOCOL, "the close code is not to be sent");
	if (str_utf8_valid(m->data) != m->data.len)
		return fail(r, WS_NOT_UTF8, "the reason is not UTF-8");
	return 0;
}

/* Puts the message in the place of what it was compressed to. */
static int unpack(struct ws_reader *r)
{
	struct buf whole = {0};
	int rc = ws_deflate_unpack(r->deflate, buf_str(&r->held),
				   r->message_max, &whole);

	buf_fini(&r->held);
	r->held = whole;
	r->message_len = buf_len(&whole);
	if (rc == WEIR_ETOOBIG)
		return fail(r, WS_TOO_BIG, "the message is too big");
	if (rc < 0)
		return fail(r, WS_NOT_UTF8, "the message is not DEFLATE");
	return 0;
}

/* WEIR_EAGAIN: the frame is not the last one of its message. */
static int end_frame(struct ws_reader *r, struct ws_message *m)
{
	unsigned opcode = opcode_of(r);
	struct str held = buf_str(&r->held);

	r->header_len = r->header_size = 0;
	if (ws_is_control(opcode)) {
		struct str data = str_from(held.p + r->message_len,
					   held.len - r->message_len);

		if (opcode == WS_CLOSE)
			return give_close(r, data, m);
		*m = (struct ws_message){.opcode = (enum ws_opcode)opcode,
					 .data = data};
		return 0;
	}
	if (!(r->header[0] & FIN))
		return WEIR_EAGAIN;
	if (r->packed && unpack(r) < 0)
		return WEIR_EPROTO;
	if (r->message_opcode == WS_TEXT && check_text(r, true) < 0)
		return WEIR_EPROTO;
	*m = (struct ws_message){.opcode = (enum ws_opcode)r->message_opcode,
				 .data = buf_str(&r->held)};
	r->given = true;
	return 0;
}

/* What the last call gave is the caller's no more. */
static void forget_given(struct ws_reader *r)
{
	if (r->given) {
		r->given = false;
		r->message_opcode = 0;
		r->message_len = r->checked = 0;
		r->fragments = 0;
	}
	if (r->message_len)
		buf_truncate(&r->held, r->message_len);
	else
		buf_fini(&r->held);
}

int ws_read(struct ws_reader *r, struct str *in, struct ws_message *message_out)
{
	int rc = WEIR_EAGAIN;

	if (r->code)
		return WEIR_EPROTO;
	/* Inside of a frame nothing has been given. */
	if (!r->header_len)
		forget_given(r);
	while (rc == WEIR_EAGAIN) {
		if (!header_whole(r)) {
			rc = read_header(r, in);
			if (rc < 0)
				return rc;
		}
		rc = take_payload(r, in);
		if (rc < 0)
			return rc;
		if (r->left)
			return WEIR_EAGAIN;
		rc = end_frame(r, message_out);
	}
	return rc;
}
