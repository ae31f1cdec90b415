/* config.c - see config.h. */
#include "app/config.h"

#include "base/mem.h"
#include "hub/edge.h"
#include "net/addr.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#define FILE_MAX (1 << 20)
/* Of a cache whose keys do not say. */
#define CACHE_FOR_MS 30000
#define CACHE_MAX    (256 << 20)

static const struct conf_field top_fields[] = {
	{"listen", CONF_VALUE, offsetof(struct config, listen)},
	{"admin", CONF_STRING, offsetof(struct config, admin)},
	{"access_log", CONF_STRING, offsetof(struct config, access_log)},
	{"threads", CONF_INT, offsetof(struct config, threads), .min = 0,
	 .max = HUB_EDGES_MAX - 1},
	{"gather", CONF_DURATION, offsetof(struct config, gather_ms), .min = 0,
	 .max = 1000},
	{"sources", CONF_OBJECT, offsetof(struct config, sources)},
	{"routes", CONF_OBJECT, offsetof(struct config, routes)},
	{"pipelines", CONF_OBJECT, offsetof(struct config, pipelines)},
	{"jobs", CONF_LIST, offsetof(struct config, jobs)},
	{"limits", CONF_OBJECT, offsetof(struct config, limits_conf)},
	{"timeouts", CONF_OBJECT, offsetof(struct config, timeouts_conf)},
	{"cache", CONF_OBJECT, offsetof(struct config, cache_conf)},
	{"websocket", CONF_OBJECT, offsetof(struct config, websocket_conf)},
	{"cors", CONF_LIST, offsetof(struct config, cors)},
	{0},
};

#define LIMIT(key, least, most)                                        \
	{                                                              \
#key, CONF_BYTES, offsetof(struct config_limits, key), \
			.min = least, .max = most                      \
	}

static const struct conf_field limit_fields[] = {
	LIMIT(head, 256, 65535),
	LIMIT(uri, 64, 65535),
	LIMIT(body, 0, (int64_t)1 << 32),
	LIMIT(queue, 4096, (int64_t)1 << 32),
	LIMIT(waiting, 4096, (int64_t)1 << 40),
	LIMIT(connections, 1, 10000000),
	LIMIT(jobs, 1, 10000000),
	LIMIT(records, 0, 10000000),
	LIMIT(kept, 0, (int64_t)1 << 32),
	LIMIT(interests, 1, 1000000),
	LIMIT(conditions, 1, 1000000000),
	LIMIT(residual, 1, 1000000),
	LIMIT(drain, 1, 10000000),
	{0},
};

#define TIMEOUT(key)                                                        \
	{                                                                   \
#key, CONF_DURATION, offsetof(struct config_timeouts, key), \
			.min = 1, .max = (int64_t)86400000 * 365            \
	}

static const struct conf_field timeout_fields[] = {
	TIMEOUT(head),	    TIMEOUT(body),     TIMEOUT(idle), TIMEOUT(stall),
	TIMEOUT(record),    TIMEOUT(orphan),   TIMEOUT(kept), TIMEOUT(linger),
	TIMEOUT(heartbeat), TIMEOUT(interest), {0},
};

static const struct conf_field cache_fields[] = {
	{"for", CONF_DURATION, offsetof(struct config_cache, for_ms), .min = 1,
	 .max = (int64_t)86400000 * 365},
	{"max", CONF_BYTES, offsetof(struct config_cache, max), .min = 0,
	 .max = (int64_t)1 << 40},
	{0},
};

static const struct conf_field websocket_fields[] = {
	{"deflate", CONF_BOOL, offsetof(struct config_websocket, deflate)},
	{0},
};

struct pipelines_conf {
	char *jobs;
	char *parts;
};

static const struct conf_field pipeline_fields[] = {
	{"jobs", CONF_STRING, offsetof(struct pipelines_conf, jobs)},
	{"parts", CONF_STRING, offsetof(struct pipelines_conf, parts)},
	{0},
};

/* --- reports ----------------------------------------------------------------
 */

void config_report(const struct config *c, const struct conf_error *e,
		   struct buf *report)
{
	struct weir_error err = e->err;
	uint32_t line;
	uint32_t column;
	size_t offset = 0;

	yaml_where(c->yaml, e->pointer, e->at_key, &line, &column);
	for (uint32_t at = 1; at < line && c->text[offset]; offset++)
		at += c->text[offset] == '\n';
	for (uint32_t at = 1; at < column && c->text[offset]; at++)
		do
			offset++;
		while ((c->text[offset] & 0xC0) == 0x80);
	err.line = line;
	err.column = column;
	err.offset = offset;
	error_render(&err, c->path, c->text, strlen(c->text), report);
}

void config_report_pipeline(const struct config *c, const char *name,
			    const struct weir_error *err, struct buf *report)
{
	struct str text = config_pipeline(c, name);
	char where[512];
	char pointer[64];
	uint32_t line;
	uint32_t column;

	snprintf(pointer, sizeof pointer, "/pipelines/%s", name);
	yaml_where(c->yaml, pointer, false, &line, &column);
	snprintf(where, sizeof where, "%s:%u: pipeline %s", c->path, line,
		 name);
	error_render(err, where, text.p, text.len, report);
}

/* --- reading
 * ------------------------------------------------------------------ */

static int read_text(struct config *c, struct buf *report)
{
	FILE *f = fopen(c->path, "re");
	size_t n;

	if (!f) {
		buf_printf(report, "%s: %s\n", c->path, strerror(errno));
		return WEIR_ENOTFOUND;
	}
	c->text = mem_alloc(FILE_MAX + 1);
	n = fread(c->text, 1, FILE_MAX + 1, f);

	bool bad = ferror(f);

	fclose(f);
	if (bad || n > FILE_MAX || memchr(c->text, '\0', n)) {
		buf_printf(report, "%s: %s\n", c->path,
			   bad		  ? "cannot be read"
			   : n > FILE_MAX ? "larger than 1 MiB, this is no "
					    "configuration"
					  : "has NUL bytes, this is no text");
		c->text[0] = '\0';
		return WEIR_EINVAL;
	}
	c->text = mem_realloc(c->text, n + 1);
	c->text[n] = '\0';
	return 0;
}

static int check_address(struct value v, const char *pointer,
			 struct conf_error *e)
{
	struct net_addr addr;
	struct weir_error err;

	if (value_type(v) != VALUE_STRING)
		return conf_fail(e, pointer, NULL,
				 "expected an address: \"127.0.0.1:8080\"");
	if (net_addr_parse(&addr, value_str(v), &err) < 0)
		return conf_fail(e, pointer, NULL, "%s", err.message);
	return 0;
}

static int check_listen(const struct config *c, struct conf_error *e)
{
	int rc = 0;

	if (value_type(c->listen) == VALUE_NULL)
		return 0;
	if (value_type(c->listen) == VALUE_STRING)
		return check_address(c->listen, "/listen", e);
	if (value_type(c->listen) != VALUE_ARRAY || !c->listen.len)
		return conf_fail(e, "", "listen",
				 "listen is an address or a list of them: "
				 "\"127.0.0.1:8080\"");
	for (uint32_t i = 0; i < c->listen.len && rc == 0; i++) {
		char at[32];

		snprintf(at, sizeof at, "/listen/%u", i);
		rc = check_address(value_nodes(c->listen)[i], at, e);
	}
	return rc;
}

static int check_admin(const struct config *c, struct conf_error *e)
{
	if (!c->admin || !strcmp(c->admin, "off"))
		return 0;
	return check_address(value_get(yaml_value(c->yaml), STR("admin")),
			     "/admin", e);
}

static int check_jobs(const struct config *c, struct conf_error *e)
{
	for (uint32_t i = 0; i < value_len(c->jobs); i++) {
		const char *member;
		struct weir_error err;
		char pointer[64];

		if (hub_job_check(value_nodes(c->jobs)[i], &member, &err) == 0)
			continue;
		snprintf(pointer, sizeof pointer, "/jobs/%u", i);
		return conf_fail(e, pointer, NULL, "%s", err.message);
	}
	return 0;
}

static int read_cors(struct config *c, struct conf_error *e)
{
	if (value_type(c->cors) != VALUE_ARRAY)
		return 0;
	for (uint32_t i = 0; i < value_len(c->cors); i++)
		if (value_type(value_nodes(c->cors)[i]) != VALUE_STRING)
			return conf_fail(e, "", "cors",
					 "cors is a list of origins: "
					 "\"https://example.org\"");
	c->cors_origins = mem_zalloc((c->cors.len + 1) * sizeof(char *));
	for (uint32_t i = 0; i < c->cors.len; i++) {
		struct str s = value_str(value_nodes(c->cors)[i]);

		c->cors_origins[i] = mem_strndup(s.p, s.len);
	}
	return 0;
}

static int read_values(struct config *c, struct conf_error *e)
{
	struct pipelines_conf p = {0};
	struct value root = yaml_value(c->yaml);
	int rc;

	if (value_type(root) == VALUE_NULL)
		return conf_fail(e, "", NULL,
				 "the file is empty: expected listen, sources, "
				 "routes ...");
	rc = conf_read(root, "", top_fields, c, e);
	if (rc == 0 && value_type(c->limits_conf) == VALUE_OBJECT)
		rc = conf_read(c->limits_conf, "/limits", limit_fields,
			       &c->limits, e);
	if (rc == 0 && value_type(c->timeouts_conf) == VALUE_OBJECT)
		rc = conf_read(c->timeouts_conf, "/timeouts", timeout_fields,
			       &c->timeouts, e);
	if (rc == 0 && value_type(c->cache_conf) == VALUE_OBJECT) {
		c->cache = (struct config_cache){.for_ms = CACHE_FOR_MS,
						 .max = CACHE_MAX};
		rc = conf_read(c->cache_conf, "/cache", cache_fields, &c->cache,
			       e);
	}
	if (rc == 0 && value_type(c->websocket_conf) == VALUE_OBJECT)
		rc = conf_read(c->websocket_conf, "/websocket",
			       websocket_fields, &c->websocket, e);
	if (rc == 0 && value_type(c->pipelines) == VALUE_OBJECT) {
		rc = conf_read(c->pipelines, "/pipelines", pipeline_fields, &p,
			       e);
		if (rc == 0)
			conf_free(pipeline_fields, &p);
	}
	if (rc == 0)
		rc = check_listen(c, e);
	if (rc == 0)
		rc = check_admin(c, e);
	if (rc == 0)
		rc = check_jobs(c, e);
	if (rc == 0)
		rc = read_cors(c, e);
	return rc;
}

/* One core is the reactor's. */
static int64_t choose_threads(void)
{
	cpu_set_t cores;

	if (sched_getaffinity(0, sizeof cores, &cores) < 0)
		return 1;
	return MIN(MAX(CPU_COUNT(&cores) - 1, 1), HUB_EDGES_MAX - 1);
}

struct config *config_load(const char *path, struct buf *report)
{
	struct config *c = mem_zalloc(sizeof *c);
	struct conf_error e;
	struct weir_error err;

	c->path = mem_strdup(path);
	c->threads = choose_threads();
	c->limits = (struct config_limits){
		.head = 16384,
		.uri = 8192,
		.body = 1 << 20,
		.queue = (int64_t)hub_conf_default.queue_max,
		.waiting = (int64_t)hub_conf_default.waiting_max,
		.connections = 65536,
		.jobs = hub_conf_default.jobs_max,
		.records = (int64_t)hub_conf_default.records_max,
		.kept = (int64_t)hub_conf_default.kept_max,
		.interests = hub_conf_default.interests_max,
		.conditions = hub_conf_default.conditions_max,
		.residual = hub_conf_default.residual_max,
		.drain = hub_conf_default.drain_rate,
	};
	c->timeouts = (struct config_timeouts){
		.head = 10000,
		.body = 30000,
		.idle = 60000,
		.stall = 30000,
		.record = hub_conf_default.record_ms,
		.orphan = hub_conf_default.orphan_ms,
		.kept = hub_conf_default.kept_ms,
		.linger = hub_conf_default.linger_ms,
		.heartbeat = hub_conf_default.heartbeat_ms,
		.interest = hub_conf_default.interest_ms,
	};
	if (read_text(c, report) < 0)
		goto fail;
	c->yaml = yaml_parse(str_of(c->text), &err);
	if (!c->yaml) {
		error_render(&err, path, c->text, strlen(c->text), report);
		goto fail;
	}
	if (read_values(c, &e) < 0) {
		config_report(c, &e, report);
		goto fail;
	}
	return c;

fail:
	config_destroy(c);
	return NULL;
}

void config_destroy(struct config *c)
{
	if (!c)
		return;
	for (uint32_t i = 0; c->cors_origins && c->cors_origins[i]; i++)
		mem_free((void *)(uintptr_t)c->cors_origins[i]);
	mem_free(c->cors_origins);
	conf_free(top_fields, c);
	yaml_destroy(c->yaml);
	mem_free(c->text);
	mem_free(c->path);
	mem_free(c);
}

/* --- what it says
 * ---------------------------------------------------------------- */

struct str config_pipeline(const struct config *c, const char *name)
{
	return value_str(value_get(c->pipelines, str_of(name)));
}

struct str config_listen(const struct config *c, uint32_t n)
{
	if (value_type(c->listen) == VALUE_ARRAY) {
		if (n < c->listen.len)
			return value_str(value_nodes(c->listen)[n]);
		return (struct str){0};
	}
	if (n)
		return (struct str){0};
	if (value_type(c->listen) == VALUE_STRING)
		return value_str(c->listen);
	return STR("127.0.0.1:8080");
}

void config_http(const struct config *c, struct http_conf *out)
{
	http_conf_init(out);
	out->head_max = (uint32_t)c->limits.head;
	out->uri_max = (uint32_t)c->limits.uri;
	out->body_max = (uint64_t)c->limits.body;
	out->max_connections = (uint32_t)c->limits.connections;
	out->head_timeout_ms = c->timeouts.head;
	out->body_timeout_ms = c->timeouts.body;
	out->idle_timeout_ms = c->timeouts.idle;
	out->stall_timeout_ms = c->timeouts.stall;
	out->gather_ms = c->gather_ms;
	out->cors_origins = c->cors_origins;
}

void config_hub(const struct config *c, struct hub_conf *out)
{
	*out = (struct hub_conf){
		.queue_max = (size_t)c->limits.queue,
		.waiting_max = (size_t)c->limits.waiting,
		.jobs_max = (uint32_t)c->limits.jobs,
		.records_max = (size_t)c->limits.records,
		.record_ms = c->timeouts.record,
		.orphan_ms = c->timeouts.orphan,
		.kept_max = (size_t)c->limits.kept,
		.kept_ms = c->timeouts.kept,
		.linger_ms = c->timeouts.linger,
		.heartbeat_ms = c->timeouts.heartbeat,
		.interests_max = (uint32_t)c->limits.interests,
		.conditions_max = (uint32_t)c->limits.conditions,
		.residual_max = (uint32_t)c->limits.residual,
		.interest_ms = c->timeouts.interest,
		.drain_rate = (uint32_t)c->limits.drain,
		.cache_ms = c->cache.for_ms,
		.cache_max = (size_t)c->cache.max,
	};
}
