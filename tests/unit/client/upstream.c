/* upstream.c - see upstream.h. */
#include "tests/unit/client/upstream.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/util.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct conn {
	struct upstream *upstream;
	int fd;
	struct fiber_io *io;
	char head[65536]; /* of the present request, with its body */
};

static bool put(struct conn *c, const void *p, size_t len)
{
	const char *at = p;

	while (len) {
		ssize_t n = send(c->fd, at, len, MSG_NOSIGNAL);

		if (n > 0) {
			at += n;
			len -= (size_t)n;
		} else if (errno != EAGAIN ||
			   fiber_wait_writable(c->io, CLOCK_NEVER) < 0) {
			return false;
		}
	}
	return true;
}

static bool say(struct conn *c, const char *text)
{
	return put(c, text, strlen(text));
}

/* Reads a request, and as much body as Content-Length says. */
static bool get_request(struct conn *c)
{
	size_t len = 0;

	for (;;) {
		ssize_t n =
			read(c->fd, c->head + len, sizeof c->head - 1 - len);
		char *end, *length;

		if (n == 0 || (n < 0 && errno != EAGAIN))
			return false;
		if (n > 0)
			len += (size_t)n;
		else if (fiber_wait_readable(c->io, CLOCK_NEVER) < 0)
			return false;
		c->head[len] = '\0';
		end = strstr(c->head, "\r\n\r\n");
		if (!end)
			continue;
		length = strstr(c->head, "Content-Length: ");
		if (!length || len >= (size_t)(end + 4 - c->head) +
					       strtoul(length + 16, NULL, 10))
			return true;
	}
}

typedef bool (*route_fn)(struct conn *c); /* true: keep the connection */

static bool on_hello(struct conn *c)
{
	return say(c, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"
		      "Content-Type: text/plain\r\nRetry-After:  7 \r\n"
		      "X-Empty:\r\n\r\nhello");
}

static bool on_echo(struct conn *c)
{
	char head[100];

	snprintf(head, sizeof head,
		 "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n",
		 strlen(c->head));
	return say(c, head) && say(c, c->head);
}

static bool on_chunks(struct conn *c)
{
	say(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (int i = 0; i < 3; i++) {
		fiber_sleep(5);
		say(c, "2\r\nab\r\n");
	}
	return say(c, "0\r\nX-Trailer: 1\r\n\r\n");
}

/* A head, and then nothing for a long time. */
static bool on_quiet(struct conn *c)
{
	say(c, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
	fiber_wait_readable(c->io, CLOCK_NEVER);
	return false;
}

static bool on_silent(struct conn *c)
{
	fiber_wait_readable(c->io, CLOCK_NEVER);
	return false;
}

static bool on_truncated(struct conn *c)
{
	say(c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
	return false;
}

static bool on_chunk_truncated(struct conn *c)
{
	say(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	       "3\r\nabc\r\n");
	return false;
}

static bool on_reset(struct conn *c)
{
	struct linger hard = {.l_onoff = 1};

	say(c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
	fiber_sleep(10);
	setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
	return false;
}

static bool on_nothing(struct conn *c)
{
	return false;
}

static bool on_garbage(struct conn *c)
{
	say(c, "SSH-2.0-OpenSSH_9.2\r\n");
	return false;
}

static bool on_early(struct conn *c)
{
	say(c, "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n");
	return on_hello(c);
}

/* /redirect/3 leads to /redirect/2 ... and /redirect/0 to /hello. */
static bool on_redirect(struct conn *c)
{
	int left = atoi(strstr(c->head, "/redirect/") + 10);
	char text[300];

	if (left == 0)
		snprintf(text, sizeof text, "http://%s/hello",
			 c->upstream->host);
	else
		snprintf(text, sizeof text, "/redirect/%d", left - 1);
	say(c, "HTTP/1.1 302 Found\r\nContent-Length: 3\r\nLocation: ");
	say(c, text);
	return say(c, "\r\n\r\nxyz");
}

static bool on_elsewhere(struct conn *c)
{
	return say(c, "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n"
		      "Location: ftp://127.0.0.1/x\r\n\r\n");
}

static bool on_see_other(struct conn *c)
{
	return say(c, "HTTP/1.1 303 See Other\r\nContent-Length: 0\r\n"
		      "Location: /echo\r\n\r\n");
}

static bool on_not_modified(struct conn *c)
{
	return say(c, "HTTP/1.1 304 Not Modified\r\n\r\n");
}

static bool on_missing(struct conn *c)
{
	return say(c, "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\n"
		      "none");
}

static bool on_huge_head(struct conn *c)
{
	char line[1024];

	memset(line, 'x', sizeof line);
	memcpy(line, "X-Long: ", 8);
	memcpy(line + sizeof line - 2, "\r\n", 2);
	say(c, "HTTP/1.1 200 OK\r\n");
	for (int i = 0; i < 40; i++)
		put(c, line, sizeof line);
	say(c, "Content-Length: 0\r\n\r\n");
	return false;
}

static bool on_big(struct conn *c)
{
	static char chunk[251 * 64];
	char head[100];
	size_t done = 0;

	for (size_t i = 0; i < sizeof chunk; i++)
		chunk[i] = (char)(i % 251);
	snprintf(head, sizeof head,
		 "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n",
		 UPSTREAM_BIG_BYTES);
	say(c, head);
	while (done < UPSTREAM_BIG_BYTES) {
		size_t n = MIN(sizeof chunk, UPSTREAM_BIG_BYTES - done);

		if (!put(c, chunk, n))
			return false;
		done += n;
		c->upstream->sent_bytes += n;
	}
	return true;
}

/* gzip of "hello gzip\n". */
static bool on_gzip(struct conn *c)
{
	static const unsigned char body[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00,
					     0x00, 0x00, 0x02, 0x03, 0xcb, 0x48,
					     0xcd, 0xc9, 0xc9, 0x57, 0x48, 0xaf,
					     0xca, 0x2c, 0xe0, 0x02, 0x00, 0x39,
					     0x7c, 0x63, 0x56, 0x0b, 0x00, 0x00,
					     0x00};

	say(c, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
	       "Content-Length: 31\r\n\r\n");
	return put(c, body, sizeof body);
}

static bool on_bad_gzip(struct conn *c)
{
	return say(c, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
		      "Content-Length: 15\r\n\r\nthis is no gzip");
}

static const struct {
	const char *path;
	route_fn fn;
} routes[] = {
	{"/hello", on_hello},
	{"/echo", on_echo},
	{"/chunks", on_chunks},
	{"/quiet", on_quiet},
	{"/silent", on_silent},
	{"/truncated", on_truncated},
	{"/chunk-truncated", on_chunk_truncated},
	{"/reset", on_reset},
	{"/nothing", on_nothing},
	{"/garbage", on_garbage},
	{"/early", on_early},
	{"/redirect/", on_redirect},
	{"/elsewhere", on_elsewhere},
	{"/see-other", on_see_other},
	{"/not-modified", on_not_modified},
	{"/missing", on_missing},
	{"/huge-head", on_huge_head},
	{"/big", on_big},
	{"/gzip", on_gzip},
	{"/bad-gzip", on_bad_gzip},
};

static route_fn find_route(const char *head)
{
	const char *path = strchr(head, '/');

	for (size_t i = 0; i < ARRAY_LEN(routes); i++)
		if (strncmp(path, routes[i].path, strlen(routes[i].path)) == 0)
			return routes[i].fn;
	return on_missing;
}

static int serve(void *arg)
{
	struct conn *c = arg;

	while (get_request(c) && find_route(c->head)(c))
		;
	fiber_io_close(c->io);
	close(c->fd);
	c->upstream->connections--;
	fiber_cond_wake_all(&c->upstream->idle);
	mem_free(c);
	return 0;
}

static void on_accept(void *arg, int fd, const struct net_addr *peer)
{
	struct upstream *u = arg;
	struct conn *c = mem_zalloc(sizeof *c);

	*c = (struct conn){.upstream = u, .fd = fd, .io = fiber_io_open(fd)};
	u->connections++;
	u->accepted++;
	fiber_detach(fiber_spawn(fiber_pool_here(), "server", serve, c));
}

void upstream_open(struct upstream *u)
{
	struct net_addr at;

	*u = (struct upstream){0};
	net_addr_parse(&at, STR("127.0.0.1:0"), NULL);
	if (net_listener_open(fiber_loop(), &at, false, on_accept, u,
			      &u->listener, NULL) < 0)
		abort();
	net_addr_format(net_listener_addr(u->listener), u->host);
	fiber_cond_init(&u->idle);
}

void upstream_close(struct upstream *u)
{
	net_listener_close(u->listener);
	while (u->connections)
		if (fiber_cond_wait(&u->idle,
				    loop_now_ms(fiber_loop()) + 5000) < 0)
			abort();
}
