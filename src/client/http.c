/* http.c - one request and its response.
 *
 *     fiber: client_open ... waits ...  client_read ... waits ...  close
 *                               ^                          ^
 *     loop:            on_head_line: head is there   on_body: bytes
 *                               `--------- client_on_done -'
 *
 * libcurl follows redirects by itself and shows us the heads on the way, too.
 * Which one is the last has to be known as soon as it is there, for the body
 * may take hours to begin: a 3xx with a Location is not, and should libcurl
 * not follow it after all, the first byte of its body or its end tells.
 */
#include "client/http.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/util.h"
#include "client/failure.h"
#include "client/multi.h"
#include "fiber/fiber.h"
#include "wire/chars.h"

#include <assert.h>
#include <stdio.h>
#include <strings.h>

#define URL_MAX	  8192
#define SHOWN_MAX 180 /* bytes of method and URL in a message */

/* A drained buffer larger than this is given back. */
#define KEEP_BYTES 32768

struct client_response {
	struct client *client;
	CURL *easy;
	struct curl_slist *headers; /* of the request */
	char *url;
	char *body;
	char asked[SHOWN_MAX]; /* "GET http://host/path" */
	struct fiber_cond changed;

	struct buf head; /* header lines, each with LF, of the present head */
	int status;
	bool follows;  /* libcurl follows redirects */
	bool head_end; /* the present head is complete */
	bool opened;   /* it is the last head: head and status stay */
	bool head_too_big;
	bool two_lengths; /* nobody can say where its body ends */

	struct buf in; /* of the body, not read yet */
	bool paused;   /* libcurl holds bytes back until in has room */

	bool done; /* result is there, and easy is out of the multi */
	CURLcode result;
	char said[CURL_ERROR_SIZE];
};

/* --- what libcurl calls ------------------------------------------------ */

static void changed(struct client_response *r)
{
	fiber_cond_wake_all(&r->changed);
}

static void open_up(struct client_response *r)
{
	if (r->opened)
		return;
	r->opened = true;
	changed(r);
}

static void on_head_end(struct client_response *r)
{
	long status = 0;

	curl_easy_getinfo(r->easy, CURLINFO_RESPONSE_CODE, &status);
	r->status = (int)status;
	r->head_end = true;
	if (status < 200)
		return; /* informational: the real one is to come */
	if (status >= 300 && status < 400 && r->follows &&
	    client_header(r, STR("location")).len)
		return;
	open_up(r);
}

/* A second Content-Length with another value: libcurl would take the larger
 * one. Source: RFC 9112, section 6.3. */
static bool contradicts(struct client_response *r, struct str line)
{
	struct str value = line;
	struct str name = str_cut(&value, ':');
	struct str before;

	if (!str_ieq(name, STR("content-length")))
		return false;
	before = client_header(r, name);
	return before.p && !str_eq(before, str_trim(value));
}

/* One line of a head, with its line end; or of the trailers. */
static size_t on_head_line(char *p, size_t size, size_t n, void *arg)
{
	struct client_response *r = arg;
	struct str line = str_trim(str_from(p, n));

	if (r->opened)
		return n;  /* trailers */
	if (r->head_end) { /* the next head begins */
		buf_clear(&r->head);
		r->head_end = false;
	}
	if (buf_len(&r->head) + n > CLIENT_HEAD_MAX) {
		r->head_too_big = true;
		return 0;
	}
	if (line.len == 0) {
		on_head_end(r);
	} else {
		if (contradicts(r, line)) {
			r->two_lengths = true;
			return 0;
		}
		buf_append_str(&r->head, line);
		buf_append_char(&r->head, '\n');
	}
	return n;
}

static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
	struct client_response *r = arg;

	open_up(r);
	if (buf_len(&r->in) >= CLIENT_BUFFER_MAX) {
		r->paused = true;
		return CURL_WRITEFUNC_PAUSE;
	}
	buf_append(&r->in, p, n);
	changed(r);
	return n;
}

void client_on_done(struct client_response *r, CURLcode result)
{
	r->done = true;
	r->result = result;
	if (result == CURLE_OK && r->head_end)
		open_up(r);
	else if (result == CURLE_OK)
		r->result = CURLE_WEIRD_SERVER_REPLY; /* no head at all */
	changed(r);
}

/* --- the request ------------------------------------------------------- */

/* Without user, password and query: they are nobody's business. */
static void describe(struct client_response *r, struct str method,
		     struct str url)
{
	struct str rest;
	const char *scheme_end = memmem(url.p, url.len, "://", 3);
	size_t scheme = scheme_end ? (size_t)(scheme_end - url.p) + 3 : 0;
	size_t authority = 0;

	while (scheme + authority < url.len &&
	       !strchr("/?#", url.p[scheme + authority]))
		authority++;
	rest = str_from(url.p + scheme, url.len - scheme);
	for (size_t i = authority; i > 0; i--) {
		if (rest.p[i - 1] == '@') {
			rest = str_from(rest.p + i, rest.len - i);
			break;
		}
	}
	for (size_t i = 0; i < rest.len; i++)
		if (rest.p[i] == '?' || rest.p[i] == '#')
			rest.len = i;
	snprintf(r->asked, sizeof r->asked, "%.*s %.*s%.*s", STR_FMT(method),
		 (int)scheme, url.p, STR_FMT(rest));
	/* It may have been cut in the midst of a character. */
	r->asked[str_utf8_valid(str_of(r->asked))] = '\0';
}

static int check_url(struct str url, struct weir_error *err)
{
	if (url.len > URL_MAX)
		return error_set(err, WEIR_ETOOBIG,
				 "a URL has at most %d bytes, this one has %zu",
				 URL_MAX, url.len);
	if ((url.len < 7 || strncasecmp(url.p, "http://", 7) != 0) &&
	    (url.len < 8 || strncasecmp(url.p, "https://", 8) != 0))
		return error_set(err, WEIR_EINVAL,
				 "expected a URL with http:// or https://");
	for (size_t i = 0; i < url.len; i++) {
		unsigned char c = (unsigned char)url.p[i];

		if (c <= ' ' || c == 0x7F)
			return error_set(err, WEIR_EINVAL,
					 "a URL has no spaces or control "
					 "characters: byte %zu",
					 i + 1);
	}
	return 0;
}

/* What comes out of a job's arguments must not become a header of its own. */
static int check_request(const struct client_request *req,
			 struct weir_error *err)
{
	if (req->method.len && !chars_all(req->method, CHAR_TOKEN))
		return error_set(err, WEIR_EINVAL, "expected a method");
	for (size_t i = 0; i < req->headers_len; i++) {
		const struct client_header *h = &req->headers[i];

		if (!chars_all(h->name, CHAR_TOKEN))
			return error_set(err, WEIR_EINVAL,
					 "expected the name of header %zu",
					 i + 1);
		if (h->value.len && !chars_all(h->value, CHAR_VALUE))
			return error_set(err, WEIR_EINVAL,
					 "the value of header %.*s has a "
					 "control character",
					 STR_FMT(h->name));
	}
	return check_url(req->url, err);
}

static void add_header(struct client_response *r, const char *line)
{
	struct curl_slist *more = curl_slist_append(r->headers, line);

	if (more)
		r->headers = more;
}

static void set_headers(struct client_response *r,
			const struct client_request *req)
{
	bool typed = false, named = false;
	struct buf line = {0};

	for (size_t i = 0; i < req->headers_len; i++) {
		const struct client_header *h = &req->headers[i];
		char *text;

		typed |= str_ieq(h->name, STR("content-type"));
		named |= str_ieq(h->name, STR("user-agent"));
		/* libcurl's way to send a header without a value is ';'. */
		buf_append_str(&line, h->name);
		if (chars_trim_ows(h->value).len) {
			buf_append_cstr(&line, ": ");
			buf_append_str(&line, h->value);
		} else {
			buf_append_char(&line, ';');
		}
		text = buf_take_cstr(&line);
		add_header(r, text);
		mem_free(text);
	}
	buf_fini(&line);
	/* libcurl would call each body a form, and wait for a 100. */
	if (!typed)
		add_header(r, "Content-Type:");
	if (!named)
		add_header(r, "User-Agent: weir/" WEIR_VERSION);
	add_header(r, "Expect:");
	curl_easy_setopt(r->easy, CURLOPT_HTTPHEADER, r->headers);
}

static void set_method(struct client_response *r, struct str method,
		       struct str body)
{
	bool get = method.len == 0 || str_eq(method, STR("GET"));
	bool head = str_eq(method, STR("HEAD"));
	bool post = str_eq(method, STR("POST"));

	/* With a method of its own choosing libcurl would repeat it, and the
	 * body, at each redirect, even where a GET is asked for. */
	r->follows = post || head || (get && !body.p);
	curl_easy_setopt(r->easy, CURLOPT_FOLLOWLOCATION, (long)r->follows);
	if (head) {
		curl_easy_setopt(r->easy, CURLOPT_NOBODY, 1L);
	} else if (body.p || post) {
		r->body = mem_dup(body.len ? body.p : "", body.len + !body.len);
		curl_easy_setopt(r->easy, CURLOPT_POST, 1L);
		curl_easy_setopt(r->easy, CURLOPT_POSTFIELDSIZE_LARGE,
				 (curl_off_t)body.len);
		curl_easy_setopt(r->easy, CURLOPT_POSTFIELDS, r->body);
	}
	if (!r->follows) {
		char *name = mem_strndup(get ? "GET" : method.p,
					 get ? 3 : method.len);

		curl_easy_setopt(r->easy, CURLOPT_CUSTOMREQUEST, name);
		mem_free(name);
	}
}

static void set_options(struct client_response *r,
			const struct client_request *req)
{
	const struct client_conf *conf = &r->client->conf;
	CURL *e = r->easy;

	curl_easy_setopt(e, CURLOPT_PRIVATE, r);
	curl_easy_setopt(e, CURLOPT_URL, r->url);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_MAXREDIRS, (long)CLIENT_REDIRECTS_MAX);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	/* Else closing while a name is looked up would wait for the answer. */
	curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(e, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS,
			 (long)(req->connect_timeout_ms
					? req->connect_timeout_ms
					: conf->connect_timeout_ms));
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	/* Not the denser ones: 16 KiB of them can grow to gigabytes. */
	curl_easy_setopt(e, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
	if (conf->ca_file)
		curl_easy_setopt(e, CURLOPT_CAINFO, conf->ca_file);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, r->said);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_head_line);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, r);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, r);
	set_method(r, req->method, req->body);
	set_headers(r, req);
}

/* --- what fibers call -------------------------------------------------- */

static int failure(struct client_response *r, struct weir_error *err)
{
	long os_errno = 0;

	if (r->head_too_big)
		return error_set(err, WEIR_ETOOBIG,
				 "%s: the response head has more than %d bytes",
				 r->asked, CLIENT_HEAD_MAX);
	if (r->two_lengths)
		return error_set(err, WEIR_EPROTO,
				 "%s: the response has two lengths", r->asked);
	curl_easy_getinfo(r->easy, CURLINFO_OS_ERRNO, &os_errno);
	return client_failure(err, r->asked, r->result, (int)os_errno, r->said);
}

static int interrupted(struct client_response *r, int rc,
		       struct weir_error *err)
{
	return error_set(err, rc, "%s: %s", r->asked, weir_strerror(rc));
}

int client_open(struct client *c, const struct client_request *req,
		struct client_response **response_out, int64_t deadline_ms,
		struct weir_error *err)
{
	struct client_response *r;
	int rc = check_request(req, err);

	*response_out = NULL;
	if (rc < 0)
		return rc;
	r = mem_zalloc(sizeof *r);
	r->client = c;
	c->open++;
	fiber_cond_init(&r->changed);
	describe(r, req->method.len ? req->method : STR("GET"), req->url);
	r->url = mem_strndup(req->url.p, req->url.len);
	r->done = true; /* until it is in the multi */
	r->easy = client_easy_take(c);
	if (!r->easy) {
		rc = interrupted(r, WEIR_ENOMEM, err);
		goto close;
	}
	set_options(r, req);
	if (curl_multi_add_handle(c->multi, r->easy) != CURLM_OK) {
		rc = interrupted(r, WEIR_EIO, err);
		goto close;
	}
	r->done = false;
	trace("%s", r->asked);
	while (!r->opened && !r->done) {
		rc = fiber_cond_wait(&r->changed, deadline_ms);
		if (rc < 0) {
			rc = interrupted(r, rc, err);
			goto close;
		}
	}
	if (!r->opened) {
		rc = failure(r, err);
		goto close;
	}
	trace("%s: %d", r->asked, r->status);
	*response_out = r;
	return 0;

close:
	client_close(r);
	return rc;
}

int client_status(const struct client_response *r)
{
	return r->status;
}

struct str client_header(const struct client_response *r, struct str name)
{
	struct str lines = buf_str(&r->head);

	while (lines.p) {
		struct str value = str_cut(&lines, '\n');

		if (str_ieq(str_cut(&value, ':'), name) && value.p)
			return chars_trim_ows(value);
	}
	return (struct str){0};
}

static size_t take(struct client_response *r, char *buf, size_t cap)
{
	size_t n = MIN(cap, buf_len(&r->in));

	memcpy(buf, buf_bytes(&r->in), n);
	buf_consume(&r->in, n);
	if (buf_len(&r->in) == 0 && r->in.cap > KEEP_BYTES)
		buf_fini(&r->in);
	/* Half empty: what libcurl held back may come, into in at once. */
	if (r->paused && buf_len(&r->in) <= CLIENT_BUFFER_MAX / 2) {
		r->paused = false;
		if (!r->done)
			curl_easy_pause(r->easy, CURLPAUSE_CONT);
	}
	return n;
}

ssize_t client_read(struct client_response *r, char *buf, size_t cap,
		    int64_t deadline_ms, struct weir_error *err)
{
	assert(cap > 0);
	for (;;) {
		int rc = 0;

		if (fiber_cancelled())
			rc = WEIR_ECANCELED;
		else if (buf_len(&r->in))
			return (ssize_t)take(r, buf, cap);
		else if (r->done)
			return r->result == CURLE_OK ? 0 : failure(r, err);
		else
			rc = fiber_cond_wait(&r->changed, deadline_ms);
		if (rc < 0)
			return interrupted(r, rc, err);
	}
}

void client_close(struct client_response *r)
{
	if (!r)
		return;
	assert(list_empty(&r->changed.waiters));
	if (!r->done)
		curl_multi_remove_handle(r->client->multi, r->easy);
	if (r->easy)
		client_easy_give(r->client, r->easy);
	curl_slist_free_all(r->headers);
	buf_fini(&r->head);
	buf_fini(&r->in);
	mem_free(r->url);
	mem_free(r->body);
	r->client->open--;
	mem_free(r);
}
