/* http_min.c - what the HTTP server costs by itself: three addresses and
 * nothing behind them.
 *
 *     http_min [HOST:PORT]     serves until it is ended by a signal
 *
 * GET /job1/1/0 answers one short chunk, POST /v1/jobs gives the body back, GET
 * /v1/stream stays open. Also what the HTTP probes are run against when the
 * server core alone is in doubt.
 */
#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "fiber/fiber.h"
#include "http/exchange.h"
#include "http/server.h"

#include <signal.h>
#include <stdio.h>

static const struct str ping = {"{\"type\":\"ping\"}\n", 16};

/* Sending is how one learns whether the client still reads. */
static void on_half_closed(void *arg)
{
	http_write(arg, &ping, 1);
}

static void on_gone(void *arg)
{
}

static const struct http_watch_ops watch_ops = {
	.half_closed = on_half_closed,
	.gone = on_gone,
};

static void handle(void *arg, struct http_exchange *x)
{
	struct str path = http_path(x);
	struct str line =
		STR("{\"res\":\"job1 result 0\",\"nr\":0,\"dt\":0}\n");
	struct buf body = {0};
	bool get = http_method(x) == HTTP1_GET || http_method(x) == HTTP1_HEAD;

	if (str_eq(path, STR("/job1/1/0"))) {
		if (!get) {
			http_405(x, "GET, HEAD");
			return;
		}
		http_begin(x, 200, "application/x-ndjson");
		http_write(x, &line, 1);
		http_end(x);
	} else if (str_eq(path, STR("/v1/jobs"))) {
		int rc;

		if (http_method(x) != HTTP1_POST) {
			http_405(x, "POST");
			return;
		}
		rc = http_read_all(x, &body, CLOCK_NEVER);
		if (rc < 0)
			http_problem_body(x, rc);
		else
			http_respond(x, 200, "application/json",
				     buf_str(&body));
		buf_fini(&body);
	} else if (str_eq(path, STR("/v1/stream")) && get) {
		http_begin(x, 200, "application/x-ndjson");
		http_write(x, &line, 1);
		http_detach(x, &watch_ops, x);
	} else {
		http_problem(x, 404, "not-found", "there is nothing here");
	}
}

static void on_signal(void *arg, int signum)
{
	loop_stop(arg);
}

static void on_closed(void *arg)
{
	loop_stop(arg);
}

int main(int argc, char **argv)
{
	struct loop *l = loop_create();
	struct fiber_pool *fibers = fiber_pool_create(l);
	struct http_conf conf;
	struct http_server *s;
	struct weir_error err;

	hash_init();
	http_conf_init(&conf);
	conf.head_timeout_ms = conf.body_timeout_ms = 5000;
	conf.idle_timeout_ms = 5000;
	if (http_server_open(&s, l,
			     argc > 1 ? str_of(argv[1]) : STR("127.0.0.1:0"),
			     &conf, handle, NULL, &err) < 0) {
		fprintf(stderr, "http_min: %s\n", err.message);
		return 1;
	}
	fprintf(stderr, "listening on http://127.0.0.1:%u\n",
		http_server_port(s));
	loop_signal(l, SIGTERM, on_signal, l);
	loop_signal(l, SIGINT, on_signal, l);
	loop_run(l);
	http_server_close(s, on_closed, l);
	loop_run(l);
	fiber_pool_destroy(fibers);
	loop_destroy(l);
	slab_thread_fini();
	return 0;
}
