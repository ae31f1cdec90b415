/* stream_test.c - responses that stay open without a fiber. */
#include "web.h"

static struct http_conf conf;

/* What the owner of the last detached response has heard. */
static struct owner {
	struct http_exchange *x; /* NULL once it is not to be touched */
	struct buf data;
	int writable;
	int half_closed;
	int gone;
	struct str text; /* to be written when it is writable */
	bool end_when_writable;
} owner;

static void on_writable(void *arg)
{
	owner.writable++;
	if (owner.text.len)
		http_write(owner.x, &owner.text, 1);
	if (owner.end_when_writable) {
		http_end(owner.x);
		owner.x = NULL;
	}
}

static void on_half_closed(void *arg)
{
	struct str ping = STR("ping");

	owner.half_closed++;
	http_write(owner.x, &ping, 1);
}

static void on_gone(void *arg)
{
	assert_ptr_equal(arg, &owner);
	owner.gone++;
	owner.x = NULL;
}

static size_t on_data(void *arg, struct str bytes)
{
	buf_append_str(&owner.data, bytes);
	http_write(owner.x, &bytes, 1);
	if (memchr(bytes.p, '!', bytes.len)) {
		http_end(owner.x);
		owner.x = NULL;
	}
	return bytes.len;
}

static const struct http_watch_ops ops = {
	.writable = on_writable,
	.half_closed = on_half_closed,
	.gone = on_gone,
};

static const struct http_watch_ops raw_ops = {
	.data = on_data,
	.gone = on_gone,
};

static void handle(void *arg, struct http_exchange *x)
{
	struct str path = http_path(x);
	struct str first = STR("first");

	if (str_eq(path, STR("/raw"))) {
		if (!http_wants_upgrade(x)) {
			http_problem(x, 426, "upgrade-required", "upgrade");
			return;
		}
		http_upgrade(x, "echo");
		owner.x = x;
		http_detach(x, &raw_ops, &owner);
		return;
	}
	if (str_eq(path, STR("/raw-fiber"))) {
		char one;

		http_upgrade(x, "echo");
		while (http_read(x, &one, 1, CLOCK_NEVER) > 0 && one != '!') {
			struct str s = str_from(&one, 1);

			http_write(x, &s, 1);
		}
		http_end(x);
		return;
	}
	http_begin(x, 200, "text/plain");
	http_write(x, &first, 1);
	owner.x = x;
	http_detach(x, &ops, &owner);
	if (str_eq(path, STR("/end-inside"))) {
		http_end(x);
		owner.x = NULL;
		fiber_yield();
	} else if (str_eq(path, STR("/linger-inside"))) {
		fiber_sleep(50);
		assert_true(str_eq(http_path(x), STR("/linger-inside")));
	}
}

struct test {
	struct web web;
	struct client c;
};

static void begin(struct test *t)
{
	buf_fini(&owner.data);
	owner = (struct owner){0};
	web_open(&t->web, &conf, handle, NULL);
	client_open(&t->c, &t->web);
}

static void end(struct test *t)
{
	client_close(&t->c);
	web_close(&t->web);
	buf_fini(&owner.data);
}

static void wait_for(int *what)
{
	for (int i = 0; i < 300 && !*what; i++)
		fiber_sleep(10);
	assert_int_not_equal(*what, 0);
}

static void stays_open(void *arg)
{
	struct str later[2] = {STR("la"), STR("ter")};
	struct test t;

	begin(&t);
	say(&t.c, GET("/stream?a=b") GET("/stream"));
	assert_true(hears(&t.c, "\r\n\r\n5\r\nfirst\r\n"));
	assert_true(str_eq(http_path(owner.x), STR("/stream")));
	assert_true(str_eq(http_target(owner.x), STR("/stream?a=b")));
	assert_true(str_eq(http_method_name(owner.x), STR("GET")));
	assert_null(http_header(owner.x, "host").p);
	assert_int_equal(http_write(owner.x, later, 2), 0);
	assert_true(hears(&t.c, "5\r\nlater\r\n"));
	http_end(owner.x);
	assert_true(hears(&t.c, "0\r\n\r\nHTTP/1.1 200 OK\r\n"));
	assert_true(hears(&t.c, "first"));
	assert_int_equal(owner.gone, 0);
	end(&t);
	assert_int_equal(owner.gone, 1); /* the second, by closing */
}

static void writes_when_it_is_sent(void *arg)
{
	struct test t;

	begin(&t);
	say(&t.c, GET("/stream"));
	assert_true(hears(&t.c, "5\r\nfirst\r\n"));
	for (int round = 1; round <= 3; round++) {
		owner.text = STR("later");
		http_want_write(owner.x);
		http_want_write(owner.x);
		assert_int_equal(owner.writable, round - 1);
		assert_int_equal(http_unsent(owner.x), 0);
		assert_true(hears(&t.c, "5\r\nlater\r\n"));
		fiber_sleep(5);
		assert_int_equal(owner.writable, round);
	}
	/* What is written meanwhile stands in front. */
	http_want_write(owner.x);
	http_write(owner.x, &(struct str){"now", 3}, 1);
	assert_true(hears(&t.c, "3\r\nnow\r\n5\r\nlater\r\n"));
	owner.end_when_writable = true;
	http_want_write(owner.x);
	assert_true(hears(&t.c, "5\r\nlater\r\n0\r\n\r\n"));
	end(&t);
	assert_int_equal(owner.gone, 0);
}

static void is_ended_inside(void *arg)
{
	struct test t;

	begin(&t);
	say(&t.c, GET("/end-inside") GET("/end-inside"));
	assert_true(hears(&t.c, "first\r\n0\r\n\r\n"));
	assert_true(hears(&t.c, "first\r\n0\r\n\r\n"));
	end(&t);
	assert_int_equal(owner.gone, 0);
}

static void is_reset_inside(void *arg)
{
	struct client c;
	struct test t;

	begin(&t);
	client_open(&c, &t.web);
	say(&c, GET("/linger-inside"));
	assert_true(hears(&c, "first"));
	client_break(&c);
	wait_for(&owner.gone);
	fiber_sleep(60);
	end(&t);
	assert_int_equal(owner.gone, 1);
}

static void hears_of_resets(void *arg)
{
	struct client c;
	struct test t;

	begin(&t);
	client_open(&c, &t.web);
	say(&c, GET("/stream"));
	assert_true(hears(&c, "first"));
	client_break(&c);
	wait_for(&owner.gone);
	end(&t);
	assert_int_equal(owner.gone, 1);
	assert_int_equal(owner.half_closed, 0);
}

/* Its end of input alone is no end: the answer to a heartbeat tells. */
static void hears_of_half_closing(void *arg)
{
	struct str more = STR("more");
	struct client c;
	struct test t;

	begin(&t);
	client_open(&c, &t.web);
	say(&c, GET("/stream"));
	assert_true(hears(&c, "first"));
	shutdown(c.fd, SHUT_WR);
	assert_true(hears(&c, "ping"));
	http_write(owner.x, &more, 1);
	assert_true(hears(&c, "more"));
	assert_int_equal(owner.gone, 0);
	client_close(&c);
	http_write(owner.x, &more, 1);
	wait_for(&owner.gone);
	end(&t);
}

static void hears_of_half_closing_before(void *arg)
{
	struct test t;

	begin(&t);
	say(&t.c, GET("/stream"));
	shutdown(t.c.fd, SHUT_WR);
	assert_true(hears(&t.c, "first"));
	assert_true(hears(&t.c, "ping"));
	http_end(owner.x);
	assert_true(hears_end(&t.c));
	end(&t);
}

/* Also when so much is pipelined that its end cannot be read. */
static void hears_of_half_closing_behind_input(void *arg)
{
	static char much[64 * 1024 + 1];
	struct test t;

	memset(much, 'x', sizeof much - 1);
	begin(&t);
	say(&t.c, GET("/stream"));
	assert_true(hears(&t.c, "first"));
	say(&t.c, much);
	shutdown(t.c.fd, SHUT_WR);
	assert_true(hears(&t.c, "ping"));
	client_break(&t.c);
	wait_for(&owner.gone);
	client_open(&t.c, &t.web);
	end(&t);
}

static void fill(void)
{
	struct str s;

	memset(buf_reserve(&owner.data, 65536), 'x', 65536);
	s = str_from(buf_bytes(&owner.data), 65536);
	for (int i = 0; i < 200; i++)
		assert_int_equal(http_write(owner.x, &s, 1), 0);
	assert_int_equal(http_unsent(owner.x) > 12 << 20, true);
}

static void hears_of_room(void *arg)
{
	struct test t;

	begin(&t);
	say(&t.c, GET("/stream"));
	assert_true(hears(&t.c, "first"));
	fill();
	fiber_sleep(20);
	assert_int_equal(owner.writable, 0);
	while (!owner.writable && hear_more(&t.c, CLOCK_NEVER))
		buf_clear(&t.c.got);
	assert_int_equal(owner.writable, 1);
	assert_true(http_unsent(owner.x) <= HTTP_LOW_WATER);
	http_end(owner.x);
	assert_true(hears(&t.c, "0\r\n\r\n"));
	end(&t);
}

static void may_end_when_there_is_room(void *arg)
{
	struct test t;

	begin(&t);
	owner.end_when_writable = true;
	say(&t.c, GET("/stream"));
	assert_true(hears(&t.c, "first"));
	fill();
	while (!owner.writable && hear_more(&t.c, CLOCK_NEVER))
		buf_clear(&t.c.got);
	assert_true(hears(&t.c, "0\r\n\r\n"));
	say(&t.c, GET("/stream"));
	assert_true(hears(&t.c, "first"));
	end(&t);
}

static void ends_at_once_for_head(void *arg)
{
	struct test t;

	begin(&t);
	say(&t.c, "HEAD /stream HTTP/1.1\r\nHost: h\r\n\r\n" GET("/stream"));
	assert_true(hears(&t.c, "\r\n\r\nHTTP/1.1 200 OK"));
	assert_true(hears(&t.c, "first"));
	assert_int_equal(owner.gone, 1);
	end(&t);
	assert_int_equal(owner.gone, 2);
}

#define UPGRADE                                     \
	" HTTP/1.1\r\nHost: h\r\nUpgrade: echo\r\n" \
	"Connection: upgrade\r\n\r\n"

static void leaves_http(void *arg)
{
	struct test t;

	begin(&t);
	say(&t.c, GET("/raw"));
	assert_true(hears(&t.c, "HTTP/1.1 426 "));
	assert_true(hears(&t.c, "}\n"));
	say(&t.c, "GET /raw" UPGRADE "early");
	assert_true(hears(&t.c, "HTTP/1.1 101 Switching Protocols\r\n"));
	assert_true(hears(&t.c, "Connection: Upgrade\r\nUpgrade: echo\r\n\r\n"
				"early"));
	say(&t.c, "GET / HTTP/1.1\r\n\r\n");
	assert_true(hears(&t.c, "GET / HTTP/1.1\r\n\r\n"));
	say(&t.c, "bye!");
	assert_true(hears_end(&t.c));
	assert_true(has(&t.c, "bye!"));
	assert_int_equal(owner.gone, 0);
	end(&t);
}

static void is_gone_when_input_ends(void *arg)
{
	struct test t;

	begin(&t);
	say(&t.c, "GET /raw" UPGRADE);
	assert_true(hears(&t.c, "echo\r\n\r\n"));
	shutdown(t.c.fd, SHUT_WR);
	assert_true(hears_end(&t.c));
	assert_int_equal(owner.gone, 1);
	end(&t);
}

static void leaves_http_in_a_fiber(void *arg)
{
	struct test t;

	begin(&t);
	say(&t.c, "GET /raw-fiber" UPGRADE "ab");
	assert_true(hears(&t.c, "\r\n\r\nab"));
	say(&t.c, "c");
	assert_true(hears(&t.c, "c"));
	say(&t.c, "!");
	assert_true(hears_end(&t.c));
	end(&t);
}

/* --- many ---------------------------------------------------------------- */

enum { STREAMS = 200 };

static struct many {
	struct http_exchange *streams[STREAMS];
	int n;
	int asker; /* descriptor of who waits for an answer */
	int early; /* streams that were sent to before it */
} many;

static bool has_heard(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

/* Called when all has been sent to one; makes that take 2 ms. */
static void many_writable(void *arg)
{
	int64_t until = clock_ns() + 2000000;

	many.early += !has_heard(many.asker);
	while (clock_ns() < until)
		;
}

static void many_gone(void *arg)
{
}

static const struct http_watch_ops many_ops = {.writable = many_writable,
					       .gone = many_gone};

/* What all streams are told is written before the answer is. */
static void handle_many(void *arg, struct http_exchange *x)
{
	static char text[HTTP_HIGH_WATER + 1];
	struct str told = str_from(text, sizeof text);

	if (str_eq(http_path(x), STR("/tell"))) {
		for (int i = 0; i < many.n; i++)
			http_write(many.streams[i], &told, 1);
		http_respond(x, 200, "text/plain", STR("told"));
		return;
	}
	http_begin(x, 200, "text/plain");
	http_detach(x, &many_ops, NULL);
	many.streams[many.n++] = x;
}

static void answers_before_all_are_told(void *arg)
{
	static struct client clients[STREAMS];
	struct test t;
	int waiting = 0;

	many = (struct many){0};
	web_open(&t.web, &conf, handle_many, NULL);
	client_open_pair(&t.c, &t.web);
	for (int i = 0; i < STREAMS; i++) {
		client_open_pair(&clients[i], &t.web);
		say(&clients[i], GET("/"));
		assert_true(hears(&clients[i], "\r\n\r\n"));
	}
	many.asker = t.c.fd;
	say(&t.c, GET("/tell"));
	assert_true(hears(&t.c, "told"));
	for (int i = 0; i < STREAMS; i++)
		waiting += !has_heard(clients[i].fd);
	assert_int_equal(many.early, 0);
	assert_true(waiting > 0);
	for (int i = 0; i < STREAMS; i++) {
		int64_t deadline = loop_now_ms(fiber_loop()) + WEB_PATIENCE_MS;

		while (buf_len(&clients[i].got) < HTTP_HIGH_WATER)
			assert_true(hear_more(&clients[i], deadline));
		client_close(&clients[i]);
	}
	client_close(&t.c);
	web_close(&t.web);
}

/* --- gathering ---------------------------------------------------------- */

enum { GATHER_MS = 50, GATHER_LONG_MS = 60000 };

/* A stream of which all that was sent so far has been heard. */
static void begin_gathering(struct test *t, int64_t gather_ms)
{
	conf.gather_ms = gather_ms;
	begin(t);
	conf.gather_ms = 0;
	say(&t->c, GET("/stream"));
	assert_true(hears(&t->c, "5\r\nfirst\r\n")); /* it did not wait */
}

/* Sends a part, and 5 ms later another one. True: the first one came alone. */
static bool send_two(struct test *t)
{
	struct str one = STR("one");
	struct str two = STR("two");
	bool alone;

	http_write(owner.x, &one, 1);
	alone = hear_more(&t->c, clock_ms() + 5);
	http_write(owner.x, &two, 1);
	return alone;
}

static void gathers_for_a_while(void *arg)
{
	int64_t began;
	struct test t;

	begin_gathering(&t, GATHER_MS);
	began = clock_ms();
	assert_false(send_two(&t));
	assert_true(hear_more(&t.c, clock_ms() + WEB_PATIENCE_MS));
	assert_true(has(&t.c, "3\r\none\r\n3\r\ntwo\r\n"));
	assert_true(clock_ms() - began >=
		    GATHER_MS - 1); /* of a turn's clock */
	end(&t);
}

static void gathers_nothing_unless_told(void *arg)
{
	struct test t;

	begin_gathering(&t, 0);
	assert_true(send_two(&t));
	assert_true(hears(&t.c, "two"));
	end(&t);
}

static void gathers_what_is_wanted(void *arg)
{
	struct test t;

	begin_gathering(&t, GATHER_MS);
	owner.text = STR("later");
	http_want_write(owner.x);
	fiber_sleep(5);
	assert_int_equal(owner.writable, 0);
	http_want_write(owner.x);
	assert_true(hears(&t.c, "5\r\nlater\r\n"));
	assert_int_equal(owner.writable, 1);
	end(&t);
}

static void gathers_no_answers(void *arg)
{
	struct str part = STR("part");
	struct str answer = STR("answer");
	struct test t;

	begin_gathering(&t, GATHER_LONG_MS);
	http_write(owner.x, &part, 1);
	fiber_sleep(5);
	assert_true(buf_len(&t.c.got) == 0);
	http_write(owner.x, &answer, 1);
	http_flush(owner.x);
	assert_true(hears(&t.c, "4\r\npart\r\n6\r\nanswer\r\n"));
	/* An end does not wait either, nor what is asked for behind it. */
	http_write(owner.x, &part, 1);
	http_end(owner.x);
	assert_true(hears(&t.c, "4\r\npart\r\n0\r\n\r\n"));
	say(&t.c, GET("/stream"));
	assert_true(hears(&t.c, "first"));
	end(&t);
}

static void gathers_no_more_than_is_good(void *arg)
{
	static char much[20000];
	struct str part = {much, sizeof much};
	struct test t;

	memset(much, 'x', sizeof much);
	begin_gathering(&t, GATHER_LONG_MS);
	http_write(owner.x, &part, 1);
	assert_true(hears(&t.c, "xxx\r\n"));
	/* Neither is what waits lost when the server goes. */
	part.len = 3;
	http_write(owner.x, &part, 1);
	web_close(&t.web);
	assert_true(hears(&t.c, "3\r\nxxx\r\n"));
	client_close(&t.c);
	buf_fini(&owner.data);
}

#define CASE(name, fn)                 \
	static void name(void **state) \
	{                              \
		fiber_run(fn, NULL);   \
	}

CASE(a_response_stays_open_without_its_handler, stays_open)
CASE(what_is_wanted_is_written_once_a_turn, writes_when_it_is_sent)
CASE(it_may_be_ended_while_its_handler_runs, is_ended_inside)
CASE(it_may_be_reset_while_its_handler_runs, is_reset_inside)
CASE(a_reset_is_told_once, hears_of_resets)
CASE(a_half_closed_client_still_reads, hears_of_half_closing)
CASE(half_closing_before_the_response_is_told, hears_of_half_closing_before)
CASE(half_closing_behind_unread_input_is_told,
     hears_of_half_closing_behind_input)
CASE(room_is_told_below_the_low_mark, hears_of_room)
CASE(it_may_be_ended_when_there_is_room, may_end_when_there_is_room)
CASE(a_stream_for_head_ends_at_once, ends_at_once_for_head)
CASE(an_upgraded_connection_is_bytes, leaves_http)
CASE(an_upgraded_connection_has_no_half, is_gone_when_input_ends)
CASE(a_fiber_may_speak_another_protocol, leaves_http_in_a_fiber)
CASE(who_asks_does_not_wait_for_all_who_are_told, answers_before_all_are_told)
CASE(parts_may_wait_for_others_and_leave_together, gathers_for_a_while)
CASE(parts_leave_at_once_unless_it_is_said, gathers_nothing_unless_told)
CASE(what_is_wanted_may_wait_for_more, gathers_what_is_wanted)
CASE(answers_and_ends_wait_for_nothing, gathers_no_answers)
CASE(who_has_gathered_much_waits_no_longer, gathers_no_more_than_is_good)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_response_stays_open_without_its_handler),
		cmocka_unit_test(what_is_wanted_is_written_once_a_turn),
		cmocka_unit_test(it_may_be_ended_while_its_handler_runs),
		cmocka_unit_test(it_may_be_reset_while_its_handler_runs),
		cmocka_unit_test(a_reset_is_told_once),
		cmocka_unit_test(a_half_closed_client_still_reads),
		cmocka_unit_test(half_closing_before_the_response_is_told),
		cmocka_unit_test(half_closing_behind_unread_input_is_told),
		cmocka_unit_test(room_is_told_below_the_low_mark),
		cmocka_unit_test(it_may_be_ended_when_there_is_room),
		cmocka_unit_test(a_stream_for_head_ends_at_once),
		cmocka_unit_test(an_upgraded_connection_is_bytes),
		cmocka_unit_test(an_upgraded_connection_has_no_half),
		cmocka_unit_test(a_fiber_may_speak_another_protocol),
		cmocka_unit_test(who_asks_does_not_wait_for_all_who_are_told),
		cmocka_unit_test(parts_may_wait_for_others_and_leave_together),
		cmocka_unit_test(parts_leave_at_once_unless_it_is_said),
		cmocka_unit_test(what_is_wanted_may_wait_for_more),
		cmocka_unit_test(answers_and_ends_wait_for_nothing),
		cmocka_unit_test(who_has_gathered_much_waits_no_longer),
	};

	http_conf_init(&conf);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
