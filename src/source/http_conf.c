/* http_conf.c - reads the configuration of an HTTP source. */
#include "source/http_conf.h"

#include "base/mem.h"

#include <string.h>

static const char *const formats[] = {"auto", "json",  "ndjson",
				      "sse",  "lines", NULL};

static const struct conf_field fields[] = {
	{"url", CONF_VALUE, offsetof(struct http_source, call.url)},
	{"method", CONF_STRING, offsetof(struct http_source, call.method)},
	{"headers", CONF_OBJECT, offsetof(struct http_source, call.headers)},
	{"body", CONF_VALUE, offsetof(struct http_source, call.body)},
	{"format", CONF_CHOICE, offsetof(struct http_source, format),
	 .choices = formats},
	{"items", CONF_STRING, offsetof(struct http_source, items)},
	{"timeout", CONF_DURATION, offsetof(struct http_source, timeout_ms),
	 .min = 1, .max = 86400000},
	{"idle", CONF_DURATION, offsetof(struct http_source, idle_ms), .min = 1,
	 .max = 86400000},
	{"line_max", CONF_BYTES, offsetof(struct http_source, line_max),
	 .min = 16, .max = 64 << 20},
	{"list", CONF_OBJECT, offsetof(struct http_source, list_value)},
	{0},
};

static const struct conf_field list_fields[] = {
	{"url", CONF_VALUE, offsetof(struct list_conf, call.url),
	 .required = true},
	{"method", CONF_STRING, offsetof(struct list_conf, call.method)},
	{"headers", CONF_OBJECT, offsetof(struct list_conf, call.headers)},
	{"body", CONF_VALUE, offsetof(struct list_conf, call.body)},
	{"ids", CONF_STRING, offsetof(struct list_conf, ids)},
	{"items", CONF_STRING, offsetof(struct list_conf, items)},
	{"key", CONF_STRING, offsetof(struct list_conf, key)},
	{"max", CONF_INT, offsetof(struct list_conf, max), .min = 1,
	 .max = 10000},
	{0},
};

static int read_call(struct http_call *c, const char *pointer,
		     struct conf_error *e)
{
	static const char *const methods[] = {"GET", "POST", "PUT", NULL};
	char at[CONF_POINTER_MAX];
	struct str url = value_str(c->url);
	bool known = !c->method;

	for (int i = 0; methods[i] && !known; i++)
		known = !strcmp(c->method, methods[i]);
	if (!known)
		return conf_fail(e, pointer, "method",
				 "method must be one of GET, POST, PUT");
	if (!str_starts(url, STR("http://")) &&
	    !str_starts(url, STR("https://")))
		return conf_fail(e, pointer, "url",
				 "url must begin with http:// or https://");
	c->url_template =
		template_create(c->url, TEMPLATE_URL,
				conf_pointer(at, pointer, STR("url")), e);
	if (!c->url_template)
		return WEIR_EINVAL;
	if (value_type(c->body) == VALUE_NULL)
		return 0;
	c->body_template =
		template_create(c->body, TEMPLATE_VALUE,
				conf_pointer(at, pointer, STR("body")), e);
	return c->body_template ? 0 : WEIR_EINVAL;
}

static int read_path(struct value_path *path, const char *text,
		     const char *pointer, const char *name,
		     struct conf_error *e)
{
	struct weir_error err;

	if (value_path_parse(path, str_of(text), &err) < 0)
		return conf_fail(e, pointer, name, "%s: %s", name, err.message);
	return 0;
}

static int read_list(struct list_conf *l, struct value conf,
		     const char *pointer, struct conf_error *e)
{
	char at[CONF_POINTER_MAX];
	int rc;

	conf_pointer(at, pointer, STR("list"));
	l->max = 50;
	rc = conf_read(conf, at, list_fields, l, e);
	if (rc == 0)
		rc = read_call(&l->call, at, e);
	if (rc == 0)
		rc = read_path(&l->ids_path, l->ids ? l->ids : "id", at, "ids",
			       e);
	if (rc == 0)
		rc = read_path(&l->items_path, l->items ? l->items : "items",
			       at, "items", e);
	if (rc == 0)
		rc = read_path(&l->key_path, l->key ? l->key : "id", at, "key",
			       e);
	return rc;
}

int http_configure(struct source *s, struct value conf, const char *pointer,
		   struct conf_error *e)
{
	struct http_source *h = http_source_of(s);
	int rc;

	h->timeout_ms = 30000;
	h->idle_ms = 300000;
	h->line_max = 1 << 20;
	rc = conf_read(conf, pointer, fields, h, e);
	if (rc < 0)
		return rc;
	if (value_type(h->list_value) == VALUE_OBJECT)
		rc = read_list(&h->list, h->list_value, pointer, e);
	else if (value_type(h->call.url) == VALUE_NULL)
		rc = conf_fail(e, pointer, NULL, "url is missing");
	if (rc == 0 && value_type(h->call.url) != VALUE_NULL)
		rc = read_call(&h->call, pointer, e);
	if (rc == 0 && h->items)
		rc = read_path(&h->items_path, h->items, pointer, "items", e);
	return rc;
}

static void call_fini(struct http_call *c)
{
	template_destroy(c->url_template);
	template_destroy(c->body_template);
}

void http_destroy(struct source *s)
{
	struct http_source *h = http_source_of(s);

	call_fini(&h->call);
	call_fini(&h->list.call);
	value_path_fini(&h->items_path);
	value_path_fini(&h->list.ids_path);
	value_path_fini(&h->list.items_path);
	value_path_fini(&h->list.key_path);
	conf_free(fields, h);
	conf_free(list_fields, &h->list);
}
