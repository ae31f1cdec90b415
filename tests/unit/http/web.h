/* web.h - a server and its clients in one fiber's view, for the tests of http.
 *
 * The test function runs in a fiber beside the server, on one loop: what it
 * says goes through real sockets of the loopback.
 */
#ifndef WEIR_TESTS_HTTP_WEB_H
#define WEIR_TESTS_HTTP_WEB_H

#include "tests/support/fiber_run.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/mem.h"
#include "fiber/fiber.h"
#include "http/exchange.h"
#include "http/server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WEB_PATIENCE_MS 3000

struct web {
	struct http_server *server;
	struct fiber_cond closed_cond;
	bool closed;
};

struct client {
	int fd;
	struct fiber_io *io;
	struct buf got; /* all that came and was not taken */
	bool ended;	/* the server has ended its side */
	bool reset;
};

static inline void web_open(struct web *w, const struct http_conf *conf,
			    http_handler_fn fn, void *arg)
{
	struct weir_error err;

	*w = (struct web){0};
	fiber_cond_init(&w->closed_cond);
	assert_int_equal(http_server_open(&w->server, fiber_loop(),
					  STR("127.0.0.1:0"), conf, fn, arg,
					  &err),
			 0);
}

static inline void web_on_closed(void *arg)
{
	struct web *w = arg;

	w->closed = true;
	fiber_cond_wake_all(&w->closed_cond);
}

static inline void web_close(struct web *w)
{
	http_server_close(w->server, web_on_closed, w);
	while (!w->closed)
		assert_int_equal(fiber_cond_wait(&w->closed_cond, CLOCK_NEVER),
				 0);
}

static inline void client_open(struct client *c, struct web *w)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
				 .sin_port = htons(http_server_port(w->server)),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	*c = (struct client){.fd = socket(AF_INET, SOCK_STREAM, 0)};
	assert_int_equal(connect(c->fd, (struct sockaddr *)&at, sizeof at), 0);
	fcntl(c->fd, F_SETFL, O_NONBLOCK);
	c->io = fiber_io_open(c->fd);
}

/* One end of a pair of Unix sockets, of which the system itself never gives up
 * on the other. */
static inline void client_open_pair(struct client *c, struct web *w)
{
	int fds[2];

	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	*c = (struct client){.fd = fds[0], .io = fiber_io_open(fds[0])};
	http_server_adopt(w->server, fds[1], NULL);
}

static inline void client_close(struct client *c)
{
	fiber_io_close(c->io);
	close(c->fd);
	buf_fini(&c->got);
}

/* Closes with a reset. */
static inline void client_break(struct client *c)
{
	struct linger hard = {.l_onoff = 1};

	setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
	client_close(c);
}

static inline void say(struct client *c, const char *text)
{
	size_t len = strlen(text);

	assert_int_equal(send(c->fd, text, len, MSG_NOSIGNAL), len);
}

/* Waits for some more; false at the end or when nothing has come. */
static inline bool hear_more(struct client *c, int64_t deadline_ms)
{
	ssize_t n;

	if (c->ended || c->reset)
		return false;
	if (fiber_wait_readable(c->io, deadline_ms) == WEIR_ETIMEDOUT)
		return false;
	n = recv(c->fd, buf_reserve(&c->got, 65536), 65536, 0);
	if (n > 0)
		buf_commit(&c->got, (size_t)n);
	c->ended = n == 0;
	c->reset = n < 0;
	return n > 0;
}

/* True once text has come; what stands before it and it are taken. */
static inline bool hears(struct client *c, const char *text)
{
	int64_t deadline = loop_now_ms(fiber_loop()) + WEB_PATIENCE_MS;

	for (;;) {
		struct str got = buf_str(&c->got);
		char *at = memmem(got.p, got.len, text, strlen(text));

		if (at) {
			buf_consume(&c->got,
				    (size_t)(at - got.p) + strlen(text));
			return true;
		}
		if (!hear_more(c, deadline))
			return false;
	}
}

static inline bool hears_end(struct client *c)
{
	int64_t deadline = loop_now_ms(fiber_loop()) + WEB_PATIENCE_MS;

	while (hear_more(c, deadline))
		;
	return c->ended;
}

/* True when text is in what has come and was not taken. */
static inline bool has(struct client *c, const char *text)
{
	struct str got = buf_str(&c->got);

	return memmem(got.p, got.len, text, strlen(text)) != NULL;
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: h\r\n\r\n"

#endif
