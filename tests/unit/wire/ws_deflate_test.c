/* ws_deflate_test.c - what is agreed on, and that bytes come back. */
#include "wire/ws_deflate.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define PLAIN                                              \
	"permessage-deflate; server_no_context_takeover; " \
	"client_no_context_takeover"

static void the_first_offer_that_can_be_kept_is_taken(void **state)
{
	static const struct {
		const char *offers;
		const char *answer;
	} cases[] = {
		{"permessage-deflate", PLAIN},
		{"permessage-deflate; client_max_window_bits", PLAIN},
		{"Permessage-Deflate ;client_max_window_bits = 8", PLAIN},
		{"permessage-deflate; client_max_window_bits=\"10\"", PLAIN},
		{"permessage-deflate; server_no_context_takeover; "
		 "client_no_context_takeover",
		 PLAIN},
		{"permessage-deflate; server_max_window_bits=15",
		 PLAIN "; server_max_window_bits=15"},
		{"permessage-deflate; server_max_window_bits=10, "
		 "permessage-deflate",
		 PLAIN},
		{"x-other; a=\"b, c\", permessage-deflate", PLAIN},
		{"", NULL},
		{",", NULL},
		{"deflate-frame", NULL},
		{"permessage-deflate; server_max_window_bits=14", NULL},
		{"permessage-deflate; server_max_window_bits", NULL},
		{"permessage-deflate; client_max_window_bits=16", NULL},
		{"permessage-deflate; client_max_window_bits=7", NULL},
		{"permessage-deflate; client_max_window_bits=08", NULL},
		{"permessage-deflate; client_max_window_bits=", NULL},
		{"permessage-deflate; server_no_context_takeover=1", NULL},
		{"permessage-deflate; client_max_window_bits; "
		 "client_max_window_bits",
		 NULL},
		{"permessage-deflate; foo", NULL},
		{"x; a=\"b, permessage-deflate, c\"", NULL},
		{"x; a=\"b\\\", permessage-deflate", NULL},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *answer = ws_deflate_agree(str_of(cases[i].offers));

		if (!cases[i].answer && answer)
			fail_msg("'%s' was taken", cases[i].offers);
		if (cases[i].answer && !answer)
			fail_msg("'%s' was not taken", cases[i].offers);
		if (answer)
			assert_string_equal(answer, cases[i].answer);
	}
	assert_null(ws_deflate_agree((struct str){0}));
}

/* Like the events of a stream: much of one looks like the rest of it. */
static struct buf sample(size_t n)
{
	struct buf b = {0};

	for (size_t i = 0; buf_len(&b) < n; i++)
		buf_printf(&b, "{\"n\":%zu,\"price\":%zu.5},", i, i * i % 997);
	buf_truncate(&b, n);
	return b;
}

static void expect(struct ws_deflate *d, struct str packed, struct str text)
{
	struct buf out = {0};

	assert_int_equal(ws_deflate_unpack(d, packed, text.len, &out), 0);
	assert_true(str_eq(buf_str(&out), text));
	buf_fini(&out);
	if (!text.len)
		return;
	assert_int_equal(ws_deflate_unpack(d, packed, text.len - 1, &out),
			 WEIR_ETOOBIG);
	buf_fini(&out);
}

static void what_is_packed_comes_back(void **state)
{
	static const size_t sizes[] = {256, 1023, 1024, 65535, 100000, 3000000};
	struct ws_deflate *d = *state;

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct buf text = sample(sizes[i]);
		struct str packed;
		struct str again;

		assert_true(ws_deflate_pack(d, buf_str(&text), &packed));
		assert_true(packed.len < sizes[i] / 2);
		expect(d, packed, buf_str(&text));
		assert_true(ws_deflate_pack(d, buf_str(&text), &again));
		assert_ptr_equal(again.p, packed.p);
		buf_fini(&text);
	}
}

static void a_body_goes_behind_the_stored_words_of_each(void **state)
{
	static const char *const ids[] = {"", "a.1", "another.2"};
	struct ws_deflate *d = *state;
	struct buf body = sample(5000);
	struct str packed;

	assert_true(ws_deflate_pack(d, buf_str(&body), &packed));
	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		char header[WS_STORED_HEADER];
		struct buf message = {0};
		struct buf text = {0};

		ws_stored_header(header, strlen(ids[i]));
		buf_append(&message, header, sizeof header);
		buf_append_cstr(&message, ids[i]);
		buf_append_str(&message, packed);
		buf_append_cstr(&text, ids[i]);
		buf_append_str(&text, buf_str(&body));
		expect(d, buf_str(&message), buf_str(&text));
		buf_fini(&message);
		buf_fini(&text);
	}
	buf_fini(&body);
}

static void what_does_not_shrink_is_left_as_it_is(void **state)
{
	char noise[1000];
	uint32_t n = 1;
	struct str packed;

	for (size_t i = 0; i < sizeof noise; i++) {
		n = n * 1664525 + 1013904223;
		noise[i] = (char)(n >> 24);
	}
	assert_false(ws_deflate_pack(*state, str_from(noise, sizeof noise),
				     &packed));
	assert_false(ws_deflate_pack(*state, STR(""), &packed));
}

/* However large the limit. */
static void what_was_made_to_grow_is_refused(void **state)
{
	struct ws_deflate *d = *state;
	size_t len = 10 << 20;
	char *text = mem_zalloc(len);
	struct buf out = {0};
	struct str packed;

	assert_true(ws_deflate_pack(d, str_from(text, len), &packed));
	assert_int_equal(ws_deflate_unpack(d, packed, len, &out), WEIR_ETOOBIG);
	assert_true(buf_len(&out) <=
		    WS_DEFLATE_MIN + 1 + WS_DEFLATE_RATIO_MAX * packed.len);
	buf_fini(&out);
	mem_free(text);
}

static int setup(void **state)
{
	*state = ws_deflate_create();
	return 0;
}

static int teardown(void **state)
{
	ws_deflate_destroy(*state);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_first_offer_that_can_be_kept_is_taken),
		TEST(what_is_packed_comes_back),
		TEST(a_body_goes_behind_the_stored_words_of_each),
		TEST(what_does_not_shrink_is_left_as_it_is),
		TEST(what_was_made_to_grow_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
