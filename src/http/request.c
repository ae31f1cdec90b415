/* request.c - what a handler can ask about its request. */
#include "base/clock.h"
#include "base/mem.h"
#include "http/conn.h"
#include "http/exchange.h"
#include "wire/chars.h"
#include "wire/url.h"

#include <stdio.h>
#include <string.h>

enum http1_method http_method(const struct http_exchange *x)
{
	return (enum http1_method)x->method;
}

struct str http_method_name(const struct http_exchange *x)
{
	return str_from(x->text, x->name_len);
}

struct str http_path(const struct http_exchange *x)
{
	return str_from(x->text + x->name_len + x->target_len, x->path_len);
}

struct str http_target(const struct http_exchange *x)
{
	return str_from(x->text + x->name_len, x->target_len);
}

struct str http_query(const struct http_exchange *x)
{
	return x->rq ? x->rq->line.query : (struct str){0};
}

bool http_wants_upgrade(const struct http_exchange *x)
{
	return x->rq->line.upgrade;
}

int http_query_get(const struct http_exchange *x, const char *name,
		   struct buf *out)
{
	return url_query_get(http_query(x), str_of(name), out);
}

/* --- headers ----------------------------------------------------------- */

/* The value of the next field called name from *at on; *at moves behind it. */
static bool next_value(const struct http_exchange *x, struct str name,
		       uint16_t *at, struct str *value)
{
	while (x->rq && *at < x->rq->fields_len) {
		const struct http1_field *f = &x->rq->fields[(*at)++];

		if (!str_ieq(http1_field_name(f, x->rq->head), name))
			continue;
		*value = http1_field_value(f, x->rq->head);
		return true;
	}
	return false;
}

/* Several lines of one name are rare, so only they cost memory. */
static struct str join(struct http_exchange *x, struct str name)
{
	struct http_joined *j;
	struct str value;
	size_t len = 0;
	uint16_t at = 0;

	while (next_value(x, name, &at, &value))
		len += value.len + 2;
	j = mem_alloc(sizeof *j + len);
	j->len = 0;
	for (at = 0; next_value(x, name, &at, &value);) {
		if (j->len) {
			memcpy(j->bytes + j->len, ", ", 2);
			j->len += 2;
		}
		memcpy(j->bytes + j->len, value.p, value.len);
		j->len += value.len;
	}
	j->next = x->rq->joined;
	x->rq->joined = j;
	return str_from(j->bytes, j->len);
}

struct str http_header(struct http_exchange *x, const char *name)
{
	struct str wanted = str_of(name);
	struct str first;
	struct str more;
	uint16_t at = 0;

	if (!next_value(x, wanted, &at, &first))
		return (struct str){0};
	if (next_value(x, wanted, &at, &more))
		return join(x, wanted);
	return first;
}

bool http_header_has(struct http_exchange *x, const char *name,
		     const char *token)
{
	struct str rest = http_header(x, name);
	struct str item;

	while (chars_next_item(&rest, &item)) {
		struct str params = item;

		item = chars_trim_ows(str_cut(&params, ';'));
		if (str_ieq(item, str_of(token)))
			return true;
	}
	return false;
}

bool http_origin_allowed(struct http_exchange *x)
{
	const char *const *allowed = x->c->server->conf.cors_origins;
	struct str origin = http_header(x, "origin");

	if (!allowed || !origin.len)
		return true;
	while (*allowed && !str_eq(origin, str_of(*allowed)))
		allowed++;
	return *allowed != NULL;
}

/* --- whose it is ------------------------------------------------------- */

void http_peer(const struct http_exchange *x, struct net_addr *out)
{
	*out = (struct net_addr){.len = sizeof out->un};
	if (x->c->dead || getpeername(x->c->fd, &out->sa, &out->len) < 0)
		out->len = 0;
}

uint32_t http_client(const struct http_exchange *x)
{
	return x->c->client;
}

void http_request_id(const struct http_exchange *x,
		     char out[HTTP_REQUEST_ID_MAX])
{
	snprintf(out, HTTP_REQUEST_ID_MAX, "r-%u-%u", x->c->client,
		 x->c->requests);
}

/* --- for logs ---------------------------------------------------------- */

int http_status(const struct http_exchange *x)
{
	return x->status;
}

uint64_t http_sent_bytes(const struct http_exchange *x)
{
	return x->sent_bytes;
}

double http_elapsed_ms(const struct http_exchange *x)
{
	int64_t until = x->ended_ns ? x->ended_ns : clock_ns();

	return (double)(until - x->begun_ns) / 1e6;
}
