/* http1_request.c - see http1_request.h. Fields are told apart by their length
 * first, so that most cost one switch. */
#include "wire/http1_request.h"

#include "base/error.h"
#include "base/util.h"
#include "wire/chars.h"
#include "wire/url.h"

#define LENGTH_MAX ((uint64_t)INT64_MAX)

/* What is gathered while the fields are walked. */
struct walk {
	struct http1_request *r;
	struct http1_head *h;
	int hosts;
	int lengths;
	int codings;  /* elements of Transfer-Encoding */
	bool chunked; /* the last of them */
	bool twice;   /* chunked more than once, or not as the last */
	bool foreign; /* a coding that is not chunked */
	bool close;   /* options of Connection */
	bool keep_alive;
	bool upgrade;
	bool has_upgrade; /* there is an Upgrade field */
};

static int refuse(struct http1_head *h, int status, const char *why)
{
	h->status = (uint16_t)status;
	h->why = why;
	return WEIR_EPROTO;
}

/* --- request line ------------------------------------------------------ */

static enum http1_method method_of(struct str s)
{
	static const struct {
		struct str name;
		enum http1_method method;
	} known[] = {
		{{"GET", 3}, HTTP1_GET},	 {{"POST", 4}, HTTP1_POST},
		{{"HEAD", 4}, HTTP1_HEAD},	 {{"PUT", 3}, HTTP1_PUT},
		{{"DELETE", 6}, HTTP1_DELETE},	 {{"PATCH", 5}, HTTP1_PATCH},
		{{"OPTIONS", 7}, HTTP1_OPTIONS}, {{"TRACE", 5}, HTTP1_TRACE},
		{{"CONNECT", 7}, HTTP1_CONNECT},
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (str_eq(s, known[i].name))
			return known[i].method;
	return HTTP1_OTHER;
}

static bool starts_with_scheme(struct str s, struct str scheme)
{
	return s.len >= scheme.len &&
	       str_ieq(str_from(s.p, scheme.len), scheme);
}

/* http://authority/path?query, as proxies and some clients write it. */
static int read_absolute(struct http1_request *r, struct http1_head *h,
			 struct str rest)
{
	size_t n = 0;

	while (n < rest.len && rest.p[n] != '/' && rest.p[n] != '?')
		n++;
	if (n == 0 || !url_host_valid(str_from(rest.p, n)))
		return refuse(h, 400, "the target names no valid host");
	r->path = str_from(rest.p + n, rest.len - n);
	return 0;
}

static int read_target(struct http1_request *r, struct http1_head *h)
{
	struct str t = r->target;

	r->path = t;
	if (t.p[0] == '/') {
		/* The common case: a path. */
	} else if (starts_with_scheme(t, STR("http://"))) {
		if (read_absolute(r, h, str_from(t.p + 7, t.len - 7)) < 0)
			return WEIR_EPROTO;
	} else if (starts_with_scheme(t, STR("https://"))) {
		if (read_absolute(r, h, str_from(t.p + 8, t.len - 8)) < 0)
			return WEIR_EPROTO;
	} else if (str_eq(t, STR("*")) && r->method == HTTP1_OPTIONS) {
		r->asterisk = true;
		r->path = STR("/");
	} else {
		return refuse(h, 400, "the target is not a path");
	}
	if (memchr(t.p, '#', t.len))
		return refuse(h, 400, "the target has a fragment");

	struct str rest = r->path;

	r->path = str_cut(&rest, '?');
	r->query = rest;
	if (!r->path.len) {
		/* RFC 9112, section 3.2.4: OPTIONS http://host means "*". */
		r->asterisk = r->method == HTTP1_OPTIONS && !rest.p;
		r->path = STR("/");
	}
	return 0;
}

/* --- fields ------------------------------------------------------------ */

static int on_host(struct walk *w, struct str value)
{
	if (w->hosts++)
		return refuse(w->h, 400, "there is more than one Host");
	if (!url_host_valid(value))
		return refuse(w->h, 400, "the Host is not a valid one");
	return 0;
}

static int on_length(struct walk *w, struct str value)
{
	uint64_t n;
	int rc = str_to_u64(value, &n);

	if (w->lengths++)
		return refuse(w->h, 400,
			      "there is more than one Content-Length");
	if (rc == WEIR_ETOOBIG || (rc == 0 && n > LENGTH_MAX))
		return refuse(w->h, 413, "the Content-Length is too large");
	if (rc < 0)
		return refuse(w->h, 400, "the Content-Length is not a number");
	w->r->body = HTTP1_BODY_LENGTH;
	w->r->length = n;
	return 0;
}

static int on_coding(struct walk *w, struct str value)
{
	struct str item;

	while (chars_next_item(&value, &item)) {
		if (!chars_all(item, CHAR_TOKEN))
			return refuse(w->h, 400,
				      "the Transfer-Encoding is malformed");
		w->codings++;
		w->twice |= w->chunked;
		w->chunked = str_ieq(item, STR("chunked"));
		w->foreign |= !w->chunked;
	}
	return 0;
}

static void on_connection(struct walk *w, struct str value)
{
	struct str item;

	while (chars_next_item(&value, &item)) {
		w->close |= str_ieq(item, STR("close"));
		w->keep_alive |= str_ieq(item, STR("keep-alive"));
		w->upgrade |= str_ieq(item, STR("upgrade"));
	}
}

static int on_expect(struct walk *w, struct str value)
{
	/* RFC 9110, section 10.1.1: from HTTP/1.0 it is ignored. */
	if (w->h->minor == 0)
		return 0;
	if (!str_ieq(value, STR("100-continue")))
		return refuse(w->h, 417, "only 100-continue can be expected");
	w->r->expect_continue = true;
	return 0;
}

static int on_field(struct walk *w, struct str name, struct str value)
{
	switch (name.len) {
	case 4:
		if (str_ieq(name, STR("host")))
			return on_host(w, value);
		return 0;
	case 6:
		if (str_ieq(name, STR("expect")))
			return on_expect(w, value);
		return 0;
	case 7:
		w->has_upgrade |= str_ieq(name, STR("upgrade"));
		return 0;
	case 10:
		if (str_ieq(name, STR("connection")))
			on_connection(w, value);
		return 0;
	case 14:
		if (str_ieq(name, STR("content-length")))
			return on_length(w, value);
		return 0;
	case 17:
		if (!str_ieq(name, STR("transfer-encoding")))
			return 0;
		if (!value.len) /* a list without elements says nothing clear */
			return refuse(w->h, 400,
				      "the Transfer-Encoding is malformed");
		return on_coding(w, value);
	default:
		return 0;
	}
}

/* --- together ---------------------------------------------------------- */

/* RFC 9112, section 6.3, with the answers that leave no doubt. */
static int decide_framing(struct walk *w)
{
	struct http1_head *h = w->h;

	if (!w->codings)
		return 0;
	if (h->minor == 0)
		return refuse(h, 400, "HTTP/1.0 knows no Transfer-Encoding");
	if (w->lengths)
		return refuse(h, 400,
			      "Content-Length stands beside Transfer-Encoding");
	if (!w->chunked || w->twice)
		return refuse(
			h, 400,
			"the last Transfer-Encoding, and only it, is chunked");
	if (w->foreign)
		return refuse(h, 501,
			      "the only known Transfer-Encoding is chunked");
	w->r->body = HTTP1_BODY_CHUNKED;
	return 0;
}

int http1_request_read(struct http1_request *r, struct http1_head *h,
		       const char *bytes)
{
	struct walk w = {.r = r, .h = h};

	*r = (struct http1_request){
		.target = str_from(bytes + h->target_at, h->target_len)};
	r->method = method_of(str_from(bytes + h->method_at, h->method_len));
	if (r->method == HTTP1_CONNECT)
		return refuse(h, 501, "this is not a proxy");
	if (read_target(r, h) < 0)
		return WEIR_EPROTO;
	for (size_t i = 0; i < h->fields_len; i++) {
		const struct http1_field *f = &h->fields[i];

		if (on_field(&w, http1_field_name(f, bytes),
			     http1_field_value(f, bytes)) < 0)
			return WEIR_EPROTO;
	}
	if (!w.hosts && h->minor > 0)
		return refuse(h, 400, "there is no Host");
	if (decide_framing(&w) < 0)
		return WEIR_EPROTO;
	/* Only a body is waited for: without one there is nothing to let in. */
	r->expect_continue &= r->body != HTTP1_BODY_NONE;
	r->upgrade = w.upgrade && w.has_upgrade && h->minor > 0;
	r->keep_alive = !w.close && (h->minor > 0 || w.keep_alive);
	return 0;
}
