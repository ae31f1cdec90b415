/* server.c - opening, draining and closing a server. See server.h. */
#include "http/server.h"

#include "base/clock.h"
#include "base/mem.h"
#include "http/conn.h"

#include <assert.h>

void http_conf_init(struct http_conf *conf)
{
	*conf = (struct http_conf){
		.head_max = 16 << 10,
		.uri_max = 8 << 10,
		.body_max = 1 << 20,
		.head_timeout_ms = 10000,
		.body_timeout_ms = 30000,
		.idle_timeout_ms = 60000,
		.stall_timeout_ms = 30000,
		.max_connections = 65536,
	};
}

const char *server_date(struct http_server *s)
{
	int64_t now = clock_wall_ms();

	if (now / 1000 != s->date_second) {
		s->date_second = now / 1000;
		clock_format_http(now, s->date);
	}
	return s->date;
}

static void on_accept(void *arg, int fd, const struct net_addr *peer)
{
	conn_open(arg, fd, peer);
}

static int listen_at(struct http_server *s, struct str address,
		     struct weir_error *err)
{
	struct net_addr at;
	int rc = net_addr_parse(&at, address, err);

	if (rc == 0)
		rc = net_listener_open(s->loop, &at, s->conf.reuse_port,
				       on_accept, s, &s->listener, err);
	if (rc == 0)
		s->port = net_addr_port(net_listener_addr(s->listener));
	return rc;
}

int http_server_open(struct http_server **out, struct loop *l,
		     struct str address, const struct http_conf *conf,
		     http_handler_fn fn, void *arg, struct weir_error *err)
{
	struct http_server *s = mem_zalloc(sizeof *s);
	int rc = 0;

	assert(fiber_pool_here());
	*out = NULL;
	s->loop = l;
	s->handler = fn;
	s->arg = arg;
	s->flush.fn = conn_flush;
	s->call_later.fn = exchange_call_later;
	list_init(&s->conns);
	list_init(&s->answers);
	list_init(&s->gathering);
	list_init(&s->dirty);
	list_init(&s->later);
	http_server_set_conf(s, conf);
	if (address.len)
		rc = listen_at(s, address, err);
	if (rc < 0) {
		mem_free(s);
		return rc;
	}
	s->scratch = mem_alloc(CONN_IN_MAX);
	*out = s;
	return 0;
}

uint16_t http_server_port(const struct http_server *s)
{
	return s->port;
}

void http_server_adopt(struct http_server *s, int fd,
		       const struct net_addr *peer)
{
	conn_open(s, fd, peer);
}

void http_server_set_conf(struct http_server *s, const struct http_conf *conf)
{
	s->conf = *conf;
	s->conf.head_max = MIN(conf->head_max, HTTP1_HEAD_MAX);
}

void http_server_stop_accepting(struct http_server *s)
{
	net_listener_close(s->listener);
	s->listener = NULL;
}

void http_server_drain(struct http_server *s)
{
	http_server_stop_accepting(s);
	s->draining = true;
	LIST_FOREACH_SAFE (l, &s->conns)
		conn_next(CONTAINER_OF(l, struct conn, link));
}

void *http_server_arg(const struct http_server *s)
{
	return s->arg;
}

uint32_t http_server_connections(const struct http_server *s)
{
	return s->n_conns;
}

/* --- the end ----------------------------------------------------------- */

static void free_server(struct loop_task *t)
{
	struct http_server *s = CONTAINER_OF(t, struct http_server, free_later);
	void (*on_closed)(void *arg) = s->on_closed;
	void *arg = s->closed_arg;

	loop_defer_cancel(&s->flush);
	loop_timer_stop(s->loop, &s->gathered);
	loop_timer_stop(s->loop, &s->flush_more);
	loop_defer_cancel(&s->call_later);
	mem_free(s->scratch);
	while (s->n_lent)
		buf_fini(&s->lent[--s->n_lent]);
	mem_free(s);
	if (on_closed)
		on_closed(arg);
}

void server_conn_gone(struct http_server *s)
{
	s->n_conns--;
	if (s->closing && !s->n_conns)
		loop_defer(s->loop, &s->free_later);
}

void http_server_close(struct http_server *s, void (*on_closed)(void *arg),
		       void *arg)
{
	if (!s)
		return;
	s->closing = true;
	s->on_closed = on_closed;
	s->closed_arg = arg;
	s->free_later.fn = free_server;
	http_server_stop_accepting(s);
	/* What was written in this turn still leaves: a last word is worth a
	 * try. */
	conn_flush_all(s);
	while (!list_empty(&s->conns))
		conn_abort(CONTAINER_OF(s->conns.next, struct conn, link));
	if (!s->n_conns)
		loop_defer(s->loop, &s->free_later);
}
