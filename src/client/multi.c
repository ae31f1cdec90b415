/* multi.c - drives libcurl by the loop.
 *
 *     libcurl -- "watch this socket" --> loop_poll --.
 *        |   `-- "call me in n ms" ----> loop_timer -+->
 * curl_multi_socket_action |                                                 |
 *        `<------------- heads, bytes, done --------------'
 *
 * libcurl must not be called from its own callbacks. They only store and wake;
 * fibers run later, from the loop, so what they call is never nested.
 */
#include "client/multi.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/util.h"

#include <assert.h>
#include <pthread.h>

/* A socket that libcurl watches. */
struct watch {
	struct list link;
	struct client *client;
	struct loop_poll *poll;
	curl_socket_t fd;
	int events; /* LOOP_* */
};

static void take_done(struct client *c)
{
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(c->multi, &left))) {
		CURL *easy = msg->easy_handle;
		CURLcode result = msg->data.result;
		char *response = NULL;

		if (msg->msg != CURLMSG_DONE)
			continue;
		/* msg is gone with the handle. */
		curl_multi_remove_handle(c->multi, easy);
		curl_easy_getinfo(easy, CURLINFO_PRIVATE, &response);
		client_on_done((struct client_response *)response, result);
	}
}

static void act(struct client *c, curl_socket_t fd, int what)
{
	int running;

	curl_multi_socket_action(c->multi, fd, what, &running);
	take_done(c);
}

/* --- the timer --------------------------------------------------------- */

static void on_timer(struct loop_timer *t)
{
	act(CONTAINER_OF(t, struct client, timer), CURL_SOCKET_TIMEOUT, 0);
}

static int set_timer(CURLM *multi, long in_ms, void *arg)
{
	struct client *c = arg;

	if (in_ms < 0)
		loop_timer_stop(c->loop, &c->timer);
	else
		loop_timer_start(c->loop, &c->timer,
				 loop_now_ms(c->loop) + in_ms, on_timer);
	return 0;
}

/* --- sockets ----------------------------------------------------------- */

static void on_event(void *arg, int events, int error)
{
	struct watch *w = arg;
	int what = 0;

	if (events & (LOOP_READABLE | LOOP_HANGUP))
		what |= CURL_CSELECT_IN;
	if (events & LOOP_WRITABLE)
		what |= CURL_CSELECT_OUT;
	if (error) {
		/* The poll is still after an error, until set anew. libcurl
		 * finds out what it is, and may want to go on. */
		what |= CURL_CSELECT_ERR;
		loop_poll_set(w->poll, 0);
		loop_poll_set(w->poll, w->events);
	}
	act(w->client, w->fd, what); /* w may be gone after this */
}

static void watch_close(struct watch *w)
{
	list_remove(&w->link);
	loop_poll_close(w->poll);
	mem_free(w);
}

static struct watch *watch_open(struct client *c, curl_socket_t fd)
{
	struct watch *w = mem_zalloc(sizeof *w);

	w->poll = loop_poll_open(c->loop, fd, on_event, w);
	if (!w->poll) {
		/* An error to libcurl would end all transfers; so this one
		 * alone waits for its deadline. */
		log_error("a socket of an upstream cannot be watched");
		mem_free(w);
		return NULL;
	}
	w->client = c;
	w->fd = fd;
	list_push(&c->sockets, &w->link);
	return w;
}

static int set_socket(CURL *easy, curl_socket_t fd, int what, void *arg,
		      void *socket_arg)
{
	struct client *c = arg;
	struct watch *w = socket_arg;

	if (what == CURL_POLL_REMOVE) {
		if (w)
			watch_close(w);
		curl_multi_assign(c->multi, fd, NULL);
		return 0;
	}
	if (!w) {
		w = watch_open(c, fd);
		if (!w)
			return 0;
		curl_multi_assign(c->multi, fd, w);
	}
	w->events = 0;
	if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
		w->events |= LOOP_READABLE;
	if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
		w->events |= LOOP_WRITABLE;
	loop_poll_set(w->poll, w->events);
	return 0;
}

/* --- handles ----------------------------------------------------------- */

static void init_libcurl(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* libcurl wakes up with the first request: setting up OpenSSL takes 2 MB and
 * 1 ms that a server without HTTP upstreams need not spend. */
static bool start_libcurl(struct client *c)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	CURLM *multi;

	pthread_once(&once, init_libcurl);
	multi = curl_multi_init();
	if (!multi)
		return false;
	curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, set_socket);
	curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, c);
	curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(multi, CURLMOPT_TIMERDATA, c);
	curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS,
			  (long)c->conf.host_connections_max);
	curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS,
			  (long)c->conf.connections_max);
	curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS,
			  (long)c->conf.kept_connections_max);
	c->multi = multi;
	return true;
}

CURL *client_easy_take(struct client *c)
{
	if (!c->multi && !start_libcurl(c))
		return NULL;
	return c->pool_len ? c->pool[--c->pool_len] : curl_easy_init();
}

void client_easy_give(struct client *c, CURL *easy)
{
	if (c->pool_len == CLIENT_EASY_POOL) {
		curl_easy_cleanup(easy);
		return;
	}
	curl_easy_reset(easy);
	c->pool[c->pool_len++] = easy;
}

/* --- life -------------------------------------------------------------- */

static void fill_defaults(struct client_conf *conf)
{
	if (!conf->connect_timeout_ms)
		conf->connect_timeout_ms = 10000;
	if (!conf->host_connections_max)
		conf->host_connections_max = 1000;
	if (!conf->kept_connections_max)
		conf->kept_connections_max = 256;
	if (conf->ca_file)
		conf->ca_file = mem_strdup(conf->ca_file);
}

struct client *client_create(struct loop *l, const struct client_conf *conf)
{
	struct client *c = mem_zalloc(sizeof *c);

	c->loop = l;
	list_init(&c->sockets);
	if (conf)
		c->conf = *conf;
	fill_defaults(&c->conf);
	return c;
}

void client_destroy(struct client *c)
{
	if (!c)
		return;
	assert(c->open == 0 && "all responses are closed");
	while (c->pool_len)
		curl_easy_cleanup(c->pool[--c->pool_len]);
	if (c->multi)
		curl_multi_cleanup(c->multi);
	loop_timer_stop(c->loop, &c->timer);
	/* Should libcurl have closed a socket without saying so. */
	while (!list_empty(&c->sockets))
		watch_close(CONTAINER_OF(c->sockets.next, struct watch, link));
	mem_free((char *)c->conf.ca_file);
	mem_free(c);
}
