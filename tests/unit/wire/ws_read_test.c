/* ws_read_test.c - messages come out the same however the bytes came in, and
 * what is wrong is refused with the byte that makes it so.
 *
 * frame() builds what a client would say, or should not; what comes out is
 * written down as text:
 *
 *     t[...]   b[...]   ping[...]   pong[...]   close 1000[...]   !1002
 */
#include "wire/ws_read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FIN	    0x80
#define MESSAGE_MAX 100000

static struct ws_deflate *deflate; /* NULL: no compression is agreed on */

static const char key[4] = {0x37, (char)0xfa, 0x21, 0x3d};

/* A masked frame; first is FIN, reserved bits and opcode. */
static void frame(struct buf *out, unsigned first, struct str data)
{
	char header[WS_HEADER_MAX];
	size_t n = ws_frame_header(header, WS_TEXT, data.len);

	header[0] = (char)first;
	header[1] = (char)(header[1] | 0x80);
	buf_append(out, header, n);
	buf_append(out, key, sizeof key);
	for (size_t i = 0; i < data.len; i++)
		buf_append_char(out, (char)(data.p[i] ^ key[i % sizeof key]));
}

static void write_down(struct buf *said, const struct ws_message *m)
{
	switch (m->opcode) {
	case WS_TEXT:
		buf_append_cstr(said, "t");
		break;
	case WS_BINARY:
		buf_append_cstr(said, "b");
		break;
	case WS_PING:
		buf_append_cstr(said, "ping");
		break;
	case WS_PONG:
		buf_append_cstr(said, "pong");
		break;
	case WS_CLOSE:
		buf_printf(said, "close %u", m->code);
		break;
	default:
		fail_msg("a message with opcode %d", m->opcode);
	}
	buf_append_char(said, '[');
	buf_append_str(said, m->data);
	buf_append_char(said, ']');
}

/* Feeds text in pieces, each from memory of exactly its size. Returns how many
 * bytes were taken before the end or a refusal. */
static size_t feed(struct str text, size_t piece, struct buf *said)
{
	struct ws_reader r;
	struct ws_message m;
	size_t used = 0;
	int rc = WEIR_EAGAIN;

	ws_reader_init(&r, MESSAGE_MAX, deflate);
	while (rc == WEIR_EAGAIN && used < text.len) {
		size_t n = MIN(piece, text.len - used);
		char *copy = memcpy(malloc(n), text.p + used, n);
		struct str in = str_from(copy, n);

		while ((rc = ws_read(&r, &in, &m)) == 0)
			write_down(said, &m);
		assert_true(rc == WEIR_EPROTO || in.len == 0);
		used += n - in.len;
		free(copy);
	}
	if (rc == WEIR_EPROTO) {
		struct str nothing = STR("");

		buf_printf(said, "!%u", r.code);
		assert_non_null(r.why);
		/* A close frame has room for the reason. */
		assert_true(strlen(r.why) <= WS_REASON_MAX);
		assert_int_equal(ws_read(&r, &nothing, &m), WEIR_EPROTO);
	}
	ws_reader_fini(&r);
	return used;
}

/* Frees text. */
static void gives(struct buf *text, const char *expected)
{
	static const size_t pieces[] = {1, 2, 3, 7, 997, SIZE_MAX};

	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		struct buf said = {0};
		char *all;

		feed(buf_str(text), pieces[i], &said);
		all = buf_take_cstr(&said);
		assert_string_equal(all, expected);
		free(all);
	}
	buf_fini(text);
}

/* Refused with code when n bytes have come, and not before. Frees text. */
static void refused_after(struct buf *text, size_t n, unsigned code)
{
	struct buf said = {0};
	struct buf expected = {0};

	buf_printf(&expected, "!%u", code);
	assert_int_equal(feed(buf_str(text), 1, &said), n);
	assert_true(str_eq(buf_str(&said), buf_str(&expected)));
	buf_fini(&said);
	buf_fini(&expected);
	buf_fini(text);
}

/* --- messages ------------------------------------------------------------ */

static void whole_messages(void **state)
{
	struct buf b = {0};

	frame(&b, FIN | WS_TEXT, STR("Hello"));
	frame(&b, FIN | WS_BINARY, STR("\xfe\xff"));
	frame(&b, FIN | WS_TEXT, STR(""));
	frame(&b, FIN | WS_TEXT, STR("\xce\xba\xe2\x82\xac\xf0\x9f\x98\x80"));
	gives(&b, "t[Hello]b[\xfe\xff]t[]"
		  "t[\xce\xba\xe2\x82\xac\xf0\x9f\x98\x80]");
}

static void each_form_of_the_length(void **state)
{
	static const size_t lens[] = {125, 126, 127, 65535, 65536, MESSAGE_MAX};

	for (size_t i = 0; i < ARRAY_LEN(lens); i++) {
		char *text = malloc(lens[i] + 1);
		struct buf expected = {0};
		struct buf b = {0};
		char *all;

		memset(text, 'x', lens[i]);
		text[lens[i]] = '\0';
		frame(&b, FIN | WS_TEXT, str_of(text));
		buf_printf(&expected, "t[%s]", text);
		all = buf_take_cstr(&expected);
		gives(&b, all);
		free(all);
		free(text);
	}
}

static void fragments_with_control_frames_between(void **state)
{
	struct buf b = {0};

	frame(&b, WS_TEXT, STR("one "));
	frame(&b, FIN | WS_PING, STR("mid"));
	frame(&b, WS_CONTINUATION, STR(""));
	frame(&b, FIN | WS_PONG, STR(""));
	frame(&b, WS_CONTINUATION, STR("two "));
	frame(&b, FIN | WS_CONTINUATION, STR("three"));
	frame(&b, FIN | WS_TEXT, STR("next"));
	gives(&b, "ping[mid]pong[]t[one two three]t[next]");

	frame(&b, WS_BINARY, STR(""));
	frame(&b, FIN | WS_PING, STR("first"));
	frame(&b, FIN | WS_CONTINUATION, STR("x"));
	gives(&b, "ping[first]b[x]");

	frame(&b, WS_TEXT, STR("cut off"));
	frame(&b, FIN | WS_CLOSE, STR("\x03\xe8"));
	gives(&b, "close 1000[]");
}

static void characters_may_be_cut_anywhere(void **state)
{
	struct str text = STR("\xc2\x80\xed\x9f\xbf\xee\x80\x80\xe0\xa0\x80"
			      "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
	struct buf b = {0};

	for (size_t i = 0; i < text.len; i++)
		frame(&b,
		      (i ? WS_CONTINUATION : WS_TEXT) |
			      (i + 1 == text.len ? FIN : 0),
		      str_from(text.p + i, 1));
	gives(&b, "t[\xc2\x80\xed\x9f\xbf\xee\x80\x80\xe0\xa0\x80"
		  "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf]");
}

/* --- what is wrong ------------------------------------------------------- */

static void the_first_byte_can_be_enough(void **state)
{
	struct buf b = {0};

	for (unsigned rsv = 1; rsv < 8; rsv++) {
		frame(&b, FIN | rsv << 4 | WS_TEXT, STR("x"));
		refused_after(&b, 1, WS_PROTOCOL);
	}
	for (unsigned opcode = 3; opcode < 16; opcode++) {
		if (opcode == WS_CLOSE)
			opcode = WS_PONG + 1;
		frame(&b, FIN | opcode, STR("x"));
		refused_after(&b, 1, WS_PROTOCOL);
	}
	frame(&b, WS_PING, STR("x")); /* not the last fragment */
	refused_after(&b, 1, WS_PROTOCOL);
	frame(&b, FIN | WS_CONTINUATION, STR("x"));
	refused_after(&b, 1, WS_PROTOCOL);
}

static void messages_do_not_nest(void **state)
{
	struct buf b = {0};

	frame(&b, WS_TEXT, STR("a"));
	frame(&b, FIN | WS_TEXT, STR("b"));
	refused_after(&b, 2 + 4 + 1 + 1, WS_PROTOCOL);

	frame(&b, FIN | WS_TEXT, STR("a"));
	frame(&b, FIN | WS_CONTINUATION, STR("b"));
	gives(&b, "t[a]!1002");
}

static void frames_without_a_mask(void **state)
{
	struct buf b = {0};

	buf_append_cstr(&b, "\x81\x02{}");
	refused_after(&b, 2, WS_PROTOCOL);
}

static void lengths_that_are_none(void **state)
{
	struct buf b = {0};

	buf_append(&b, "\x81\xfe\0\x7d....", 8); /* 125 in 16 bits */
	refused_after(&b, 8, WS_PROTOCOL);
	buf_append(&b, "\x81\xff\0\0\0\0\0\0\xff\xff....", 14);
	refused_after(&b, 14, WS_PROTOCOL);
	buf_append(&b, "\x82\xff\x80\0\0\0\0\0\0\x05....", 14);
	refused_after(&b, 14, WS_PROTOCOL);
}

static void control_frames_are_short(void **state)
{
	char text[126];
	struct buf b = {0};

	memset(text, 'x', sizeof text);
	frame(&b, FIN | WS_PING, str_from(text, 126));
	refused_after(&b, 2, WS_PROTOCOL);
	frame(&b, FIN | WS_CLOSE, STR("\x03"));
	refused_after(&b, 2, WS_PROTOCOL);
}

static void too_much_is_refused_before_it_comes(void **state)
{
	struct buf b = {0};

	buf_append(&b, "\x82\xff\0\0\0\0\0\x01\x86\xa1....", 14);
	refused_after(&b, 14, WS_TOO_BIG); /* 100,001 */

	char *text = malloc(60000);

	memset(text, 'x', 60000);
	frame(&b, WS_TEXT, str_from(text, 60000));
	frame(&b, FIN | WS_CONTINUATION, str_from(text, 60000));
	refused_after(&b, 8 + 60000 + 8, WS_TOO_BIG);
	free(text);
}

static void a_message_of_nothing_ends_some_time(void **state)
{
	struct buf b = {0};

	frame(&b, WS_TEXT, STR(""));
	for (int i = 1; i < WS_FRAGMENTS_MAX; i++)
		frame(&b, WS_CONTINUATION, STR(""));
	gives(&b, "");

	frame(&b, WS_TEXT, STR(""));
	for (int i = 1; i <= WS_FRAGMENTS_MAX; i++)
		frame(&b, WS_CONTINUATION, STR(""));
	gives(&b, "!1009");
}

static void what_is_no_text_is_seen_at_once(void **state)
{
	/* The text, and the byte that is one too many. */
	static const struct {
		const char *text;
		size_t at;
	} cases[] = {
		{"\x80...", 1},	    {"a\xc0\x80..", 2},	  {"\xc1..", 1},
		{"\xe0\x9f.", 2},   {"\xed\xa0\x80.", 2}, {"\xf0\x8f..", 2},
		{"\xf4\x90..", 2},  {"\xf5...", 1},	  {"\xff", 1},
		{"\xe2\x82q..", 3}, {"\xf0\x9f\x98q", 4}, {"\xe2\x28\xa1", 2},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf b = {0};

		frame(&b, WS_TEXT, str_of(cases[i].text));
		refused_after(&b, 2 + 4 + cases[i].at, WS_NOT_UTF8);
	}
}

static void a_text_does_not_end_inside_a_character(void **state)
{
	static const char *const cut[] = {"a\xc3", "a\xe2\x82", "\xf0\x9f\x98"};

	for (size_t i = 0; i < ARRAY_LEN(cut); i++) {
		struct buf b = {0};

		frame(&b, FIN | WS_TEXT, str_of(cut[i]));
		gives(&b, "!1007");
		frame(&b, WS_TEXT, str_of(cut[i]));
		frame(&b, FIN | WS_CONTINUATION, STR(""));
		gives(&b, "!1007");
	}
}

static void close_codes_and_reasons(void **state)
{
	struct buf b = {0};

	frame(&b, FIN | WS_CLOSE, STR(""));
	gives(&b, "close 1005[]");
	frame(&b, FIN | WS_CLOSE, STR("\x03\xe9going"));
	gives(&b, "close 1001[going]");
	frame(&b, FIN | WS_CLOSE, STR("\x03\xed")); /* 1005 itself */
	gives(&b, "!1002");
	frame(&b, FIN | WS_CLOSE, STR("\x03\xe8\xed\xa0\x80"));
	gives(&b, "!1007");
}

/* --- compressed ---------------------------------------------------------- */

#define PACKED (WS_COMPRESSED | WS_TEXT)

static void compressed_messages(void **state)
{
	/* "Hello" in each way of RFC 7692, section 7.2.3. */
	const struct str ways[] = {
		STR("\xf2\x48\xcd\xc9\xc9\x07\x00"),
		STR("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"),
		STR("\xf3\x48\xcd\xc9\xc9\x07\x00\x00"),
		STR("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9"
		    "\x07\x00"),
	};
	struct buf b = {0};

	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		frame(&b, FIN | PACKED, ways[i]);
		frame(&b, FIN | WS_TEXT, STR("plain"));
		frame(&b, PACKED, str_from(ways[i].p, 3));
		frame(&b, FIN | WS_PING, STR("mid"));
		frame(&b, FIN | WS_CONTINUATION,
		      str_from(ways[i].p + 3, ways[i].len - 3));
		frame(&b, FIN | PACKED, str_from("\0", 1));
		gives(&b, "t[Hello]t[plain]ping[mid]t[Hello]t[]");
	}
}

static void the_bit_belongs_to_the_first_frame_of_a_message(void **state)
{
	struct buf b = {0};

	frame(&b, WS_COMPRESSED | FIN | WS_PING, STR("x"));
	refused_after(&b, 1, WS_PROTOCOL);
	frame(&b, WS_TEXT, STR("x"));
	frame(&b, WS_COMPRESSED | FIN | WS_CONTINUATION, STR("x"));
	refused_after(&b, 2 + 4 + 1 + 1, WS_PROTOCOL);
	frame(&b, FIN | 0x20 | PACKED, STR("x"));
	refused_after(&b, 1, WS_PROTOCOL);
}

static void what_is_in_a_compressed_message_is_looked_at(void **state)
{
	const struct str wrong[] = {
		STR("\xff\xff"),			 /* no such block */
		STR("\xf2\x48\xcd"),			 /* ends within one */
		STR("\x00\x02\x00\xfd\xff\xc3\x28\x00"), /* not UTF-8 */
		STR("\x00\x01\x00\xfe\xff\xc3\x00"),	 /* half of it */
	};
	struct buf b = {0};

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		frame(&b, FIN | PACKED, wrong[i]);
		gives(&b, "!1007");
	}
}

static void a_message_may_not_grow_beyond_the_limit(void **state)
{
	char *text = malloc(MESSAGE_MAX + 1);
	struct buf b = {0};
	struct str packed;

	for (size_t i = 0; i <= MESSAGE_MAX; i++)
		text[i] = (char)('a' + i * i % 23 % 7);
	assert_true(ws_deflate_pack(deflate, str_from(text, MESSAGE_MAX + 1),
				    &packed));
	frame(&b, FIN | PACKED, packed);
	gives(&b, "!1009");
	/* Well below it, but made to grow. */
	memset(text, ' ', MESSAGE_MAX / 2);
	assert_true(ws_deflate_pack(deflate, str_from(text, MESSAGE_MAX / 2),
				    &packed));
	frame(&b, FIN | PACKED, packed);
	gives(&b, "!1009");
	free(text);
}

static int agree(void **state)
{
	deflate = ws_deflate_create();
	return 0;
}

static int disagree(void **state)
{
	ws_deflate_destroy(deflate);
	deflate = NULL;
	return 0;
}

#define PACKED_TEST(name) cmocka_unit_test_setup_teardown(name, agree, disagree)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_messages),
		cmocka_unit_test(each_form_of_the_length),
		cmocka_unit_test(fragments_with_control_frames_between),
		cmocka_unit_test(characters_may_be_cut_anywhere),
		cmocka_unit_test(the_first_byte_can_be_enough),
		cmocka_unit_test(messages_do_not_nest),
		cmocka_unit_test(frames_without_a_mask),
		cmocka_unit_test(lengths_that_are_none),
		cmocka_unit_test(control_frames_are_short),
		cmocka_unit_test(too_much_is_refused_before_it_comes),
		cmocka_unit_test(a_message_of_nothing_ends_some_time),
		cmocka_unit_test(what_is_no_text_is_seen_at_once),
		cmocka_unit_test(a_text_does_not_end_inside_a_character),
		cmocka_unit_test(close_codes_and_reasons),
		PACKED_TEST(compressed_messages),
		PACKED_TEST(the_bit_belongs_to_the_first_frame_of_a_message),
		PACKED_TEST(what_is_in_a_compressed_message_is_looked_at),
		PACKED_TEST(a_message_may_not_grow_beyond_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
