/* listener.c - bind, listen, accept.
 *
 * Accepts at most ACCEPTS_PER_TURN a turn: the poll is level-triggered and
 * reports what is left, so clients that are there already get their turn.
 *
 * When the process has no descriptor left, accept fails and the connection
 * stays in the queue: the poll would report it at once, for ever. So accepting
 * pauses for PAUSE_MS, while others may give descriptors back, and says so at
 * most once a second.
 */
#include "net/listener.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ACCEPTS_PER_TURN 64
#define PAUSE_MS	 100
#define LOG_EVERY_MS	 1000
#define BACKLOG		 4096

struct net_listener {
	struct loop *loop;
	struct loop_poll *poll;
	struct loop_timer pause;
	net_accept_fn on_accept;
	void *arg;
	struct net_addr addr;
	dev_t dev; /* of a Unix socket's file, to remove only our own */
	ino_t ino;
	int64_t logged_ms; /* when it last said that it pauses */
	int fd;
	bool accepting; /* a callback may close it: it is freed afterwards */
	bool closed;
};

/* --- accepting --------------------------------------------------------- */

static void on_pause_over(struct loop_timer *t)
{
	struct net_listener *n = CONTAINER_OF(t, struct net_listener, pause);

	loop_poll_set(n->poll, LOOP_READABLE);
}

static void pause_accepting(struct net_listener *n, int why)
{
	int64_t now = loop_now_ms(n->loop);
	char at[NET_ADDR_TEXT_MAX];

	if (n->logged_ms == 0 || now - n->logged_ms >= LOG_EVERY_MS) {
		n->logged_ms = now;
		log_warn("%s: cannot accept connections for now: %s",
			 net_addr_format(&n->addr, at), strerror(why));
	}
	loop_poll_set(n->poll, 0);
	loop_timer_start(n->loop, &n->pause, now + PAUSE_MS, on_pause_over);
}

/* Errors that are the peer's or the network's: the next connection may be
 * fine. Source: accept(2), "Error handling". */
static bool passes(int error)
{
	switch (error) {
	case EINTR:
	case ECONNABORTED:
	case EPERM: /* a firewall rule */
	case ENETDOWN:
	case EPROTO:
	case ENOPROTOOPT:
	case EHOSTDOWN:
	case ENONET:
	case EHOSTUNREACH:
	case EOPNOTSUPP:
	case ENETUNREACH:
		return true;
	default:
		return false;
	}
}

static void on_readable(void *arg, int events, int error)
{
	struct net_listener *n = arg;

	if (error) {
		pause_accepting(n, EIO);
		return;
	}
	n->accepting = true;
	for (int i = 0; i < ACCEPTS_PER_TURN && !n->closed; i++) {
		struct net_addr peer = {.len = sizeof peer.un};
		int fd = accept4(n->fd, &peer.sa, &peer.len,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			n->on_accept(n->arg, fd, &peer);
		} else if (errno == EAGAIN) {
			break;
		} else if (!passes(errno)) {
			pause_accepting(n, errno);
			break;
		}
	}
	n->accepting = false;
	if (n->closed)
		mem_free(n);
}

/* --- opening ----------------------------------------------------------- */

/* Removes what a process that is gone has left at the path of a Unix socket. */
static void remove_stale(const struct net_addr *at)
{
	struct stat st;
	int fd;

	if (lstat(at->un.sun_path, &st) < 0 || !S_ISSOCK(st.st_mode))
		return;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (connect(fd, &at->sa, at->len) < 0 && errno == ECONNREFUSED)
		unlink(at->un.sun_path);
	close(fd);
}

/* The options are inherited by the accepted sockets, which saves a system call
 * for each. 0, or -1 with errno. */
static int set_options(int fd, const struct net_addr *at, bool reuse_port)
{
	int on = 1;
	int only6 = !at->all;

	if (at->sa.sa_family == AF_UNIX)
		return 0;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0)
		return -1;
	if (reuse_port &&
	    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) < 0)
		return -1;
	if (at->sa.sa_family == AF_INET6)
		return setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only6,
				  sizeof only6);
	return 0;
}

/* A bound, listening socket, or -1 with errno. */
static int listen_on(const struct net_addr *at, bool reuse_port)
{
	int saved;
	int fd = socket(at->sa.sa_family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (at->sa.sa_family == AF_UNIX)
		remove_stale(at);
	if (set_options(fd, at, reuse_port) == 0 &&
	    bind(fd, &at->sa, at->len) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

/* A host without IPv6 still has all its IPv4 addresses. */
static int listen_on_all(const struct net_addr *at, bool reuse_port)
{
	struct net_addr v4 = {
		.in = {.sin_family = AF_INET,
		       .sin_port = at->in6.sin6_port,
		       .sin_addr = {htonl(INADDR_ANY)}},
		.len = sizeof v4.in,
	};
	int fd = listen_on(at, reuse_port);

	if (fd < 0 && (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL))
		fd = listen_on(&v4, reuse_port);
	return fd;
}

int net_listener_open(struct loop *l, const struct net_addr *at,
		      bool reuse_port, net_accept_fn on_accept, void *arg,
		      struct net_listener **listener_out,
		      struct weir_error *err)
{
	struct net_listener *n = mem_zalloc(sizeof *n);
	char text[NET_ADDR_TEXT_MAX];
	struct stat st;
	int failed;

	*listener_out = NULL;
	n->loop = l;
	n->on_accept = on_accept;
	n->arg = arg;
	n->fd = at->all ? listen_on_all(at, reuse_port)
			: listen_on(at, reuse_port);
	if (n->fd < 0) {
		failed = errno;
		goto free_listener;
	}
	n->addr.len = sizeof n->addr.un;
	getsockname(n->fd, &n->addr.sa, &n->addr.len);
	n->addr.all = at->all;
	if (at->sa.sa_family == AF_UNIX && lstat(at->un.sun_path, &st) == 0) {
		n->dev = st.st_dev;
		n->ino = st.st_ino;
	}
	n->poll = loop_poll_open(l, n->fd, on_readable, n);
	if (!n->poll) {
		failed = EMFILE;
		goto close_fd;
	}
	loop_poll_set(n->poll, LOOP_READABLE);
	*listener_out = n;
	return 0;

close_fd:
	close(n->fd);
free_listener:
	mem_free(n);
	return error_sys(err, failed, "cannot listen on %s",
			 net_addr_format(at, text));
}

const struct net_addr *net_listener_addr(const struct net_listener *n)
{
	return &n->addr;
}

void net_listener_close(struct net_listener *n)
{
	struct stat st;

	if (!n)
		return;
	n->closed = true;
	loop_timer_stop(n->loop, &n->pause);
	loop_poll_close(n->poll);
	/* Whoever took the path over meanwhile keeps it. */
	if (n->addr.sa.sa_family == AF_UNIX &&
	    lstat(n->addr.un.sun_path, &st) == 0 && st.st_dev == n->dev &&
	    st.st_ino == n->ino)
		unlink(n->addr.un.sun_path);
	close(n->fd);
	if (!n->accepting)
		mem_free(n);
}
