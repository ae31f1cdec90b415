/* url.c - see url.h. */
#include "wire/url.h"

#include "base/error.h"
#include "wire/chars.h"

#include <arpa/inet.h>

/* The byte behind a percent sign, or -1. */
static int decode_percent(struct str s, size_t at)
{
	int high = at + 2 < s.len ? char_hex(s.p[at + 1]) : -1;
	int low = at + 2 < s.len ? char_hex(s.p[at + 2]) : -1;

	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* --- path -------------------------------------------------------------- */

/* The next byte of a path; *at moves behind it. -1 and why on error. */
static int path_byte(struct str raw, size_t *at, const char **why)
{
	int c = (unsigned char)raw.p[*at];

	if (c != '%') {
		++*at;
		if (c == '\\' || c == '#') {
			*why = "the path has a character that is not allowed";
			return -1;
		}
		return c;
	}
	c = decode_percent(raw, *at);
	*at += 3;
	if (c < 0)
		*why = "the path has a percent sign without two digits";
	else if (c < 0x20 || c == 0x7f)
		*why = "the path has an encoded control character";
	else if (c == '/' || c == '\\')
		*why = "the path has an encoded slash";
	else
		return c;
	return -1;
}

/* out[segment .. len) is a segment that has ended. Returns the new length, or
 * -1 above the root. */
static int end_segment(const char *out, int segment, int len)
{
	struct str s = str_from(out + segment, (size_t)(len - segment));

	if (str_eq(s, STR(".")))
		return segment;
	if (!str_eq(s, STR("..")))
		return len;
	if (segment == 1)
		return -1;
	for (len = segment - 1; out[len - 1] != '/'; len--)
		;
	return len;
}

int url_path_decode(struct str raw, char *out, const char **why)
{
	int segment = 1;
	int len = 1;
	size_t at = 1;

	if (!raw.len || raw.p[0] != '/') {
		*why = "the path does not begin with a slash";
		return WEIR_EINVAL;
	}
	out[0] = '/';
	while (at <= raw.len) {
		bool ends = at == raw.len || raw.p[at] == '/';

		if (!ends) {
			int c = path_byte(raw, &at, why);

			if (c < 0)
				return WEIR_EINVAL;
			out[len++] = (char)c;
			continue;
		}

		int before = len;

		len = end_segment(out, segment, len);
		if (len < 0) {
			*why = "the path leads above the root";
			return WEIR_EINVAL;
		}
		/* A dot segment leaves the slash before it as the last byte. */
		if (at < raw.len && len == before)
			out[len++] = '/';
		segment = len;
		at++;
	}
	if (str_utf8_valid(str_from(out, (size_t)len)) != (size_t)len) {
		*why = "the path is not UTF-8";
		return WEIR_EINVAL;
	}
	return len;
}

/* --- query ------------------------------------------------------------- */

int url_query_decode(struct str raw, struct buf *out)
{
	char *to = buf_reserve(out, raw.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < raw.len; i++) {
		int c = (unsigned char)raw.p[i];

		if (c == '+') {
			c = ' ';
		} else if (c == '%') {
			c = decode_percent(raw, i);
			i += 2;
		}
		if (c <= 0)
			return WEIR_EINVAL;
		to[len++] = (char)c;
	}
	if (str_utf8_valid(str_from(to, len)) != len)
		return WEIR_EINVAL;
	buf_commit(out, len);
	return 0;
}

bool url_query_next(struct str *query, struct str *name, struct str *value)
{
	while (query->len) {
		struct str part = str_cut(query, '&');

		if (!part.len)
			continue;
		*name = str_cut(&part, '=');
		*value = part.p ? part : STR("");
		return true;
	}
	return false;
}

static bool name_is(struct str raw, struct str name)
{
	struct buf decoded = {0};
	bool same;

	if (str_eq(raw, name))
		return true;
	/* Nobody writes %77here; but who does means where. */
	if (raw.len <= name.len || !memchr(raw.p, '%', raw.len))
		return false;
	same = url_query_decode(raw, &decoded) == 0 &&
	       str_eq(buf_str(&decoded), name);
	buf_fini(&decoded);
	return same;
}

int url_query_get(struct str query, struct str name, struct buf *out)
{
	struct str n;
	struct str v;

	while (url_query_next(&query, &n, &v))
		if (name_is(n, name))
			return url_query_decode(v, out);
	return WEIR_ENOTFOUND;
}

/* --- host -------------------------------------------------------------- */

static bool port_valid(struct str port)
{
	uint64_t n;

	/* An empty port is the default one: port = *DIGIT. */
	return !port.len || (str_to_u64(port, &n) == 0 && n <= 65535);
}

/* What stands between the brackets: IPv6address or IPvFuture. */
static bool literal_valid(struct str s)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr addr;

	if (s.len && (s.p[0] == 'v' || s.p[0] == 'V')) {
		struct str rest = str_from(s.p + 1, s.len - 1);
		struct str hex = str_cut(&rest, '.');

		for (size_t i = 0; i < hex.len; i++)
			if (char_hex(hex.p[i]) < 0)
				return false;
		for (size_t i = 0; i < rest.len; i++)
			if (rest.p[i] != ':' && !char_is(rest.p[i], CHAR_NAME))
				return false;
		return hex.len && rest.len;
	}
	if (!s.len || s.len >= sizeof text)
		return false;
	memcpy(text, s.p, s.len);
	text[s.len] = '\0';
	return inet_pton(AF_INET6, text, &addr) == 1;
}

static bool name_valid(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (char_is(s.p[i], CHAR_NAME))
			continue;
		if (s.p[i] != '%' || decode_percent(s, i) < 0)
			return false;
		i += 2;
	}
	return true;
}

bool url_host_valid(struct str host)
{
	if (host.len && host.p[0] == '[') {
		struct str rest = str_from(host.p + 1, host.len - 1);
		struct str literal = str_cut(&rest, ']');

		if (!rest.p || !literal_valid(literal))
			return false;
		return !rest.len ||
		       (rest.p[0] == ':' &&
			port_valid(str_from(rest.p + 1, rest.len - 1)));
	}

	struct str port = host;
	struct str name = str_cut(&port, ':');

	return name_valid(name) && port_valid(port);
}
