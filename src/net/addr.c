/* addr.c - see addr.h. */
#include "net/addr.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static int parse_port(const char *at, struct str text, uint16_t *port_out,
		      struct weir_error *err)
{
	struct str digits = str_from(at, (size_t)(text.p + text.len - at));
	uint64_t port;

	if (str_to_u64(digits, &port) < 0 || port > 65535)
		return error_at(err, WEIR_EINVAL, text.p, text.len,
				(size_t)(at - text.p),
				"expected a port from 0 to 65535");
	*port_out = (uint16_t)port;
	return 0;
}

static int parse_unix(struct net_addr *a, struct str text,
		      struct weir_error *err)
{
	struct str path = text;
	size_t skip = str_cut(&path, ':').len + 1;

	if (path.len == 0 || memchr(path.p, 0, path.len))
		return error_at(err, WEIR_EINVAL, text.p, text.len, skip,
				"expected the path of a Unix socket");
	if (path.len >= sizeof a->un.sun_path)
		return error_at(err, WEIR_ETOOBIG, text.p, text.len, skip,
				"the path of a Unix socket has at most %zu "
				"bytes, this one has %zu",
				sizeof a->un.sun_path - 1, path.len);
	a->un.sun_family = AF_UNIX;
	memcpy(a->un.sun_path, path.p, path.len);
	a->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path.len +
			     1);
	return 0;
}

/* host is what stands before the port, without the brackets of IPv6. */
static int parse_host(struct net_addr *a, struct str host, bool brackets)
{
	char text[INET6_ADDRSTRLEN];

	if (host.len == 0 && !brackets) {
		a->all = true;
		a->in6.sin6_family = AF_INET6;
		a->in6.sin6_addr = in6addr_any;
		a->len = sizeof a->in6;
		return 0;
	}
	if (str_eq(host, STR("localhost")) && !brackets)
		host = STR("127.0.0.1");
	if (host.len >= sizeof text)
		return WEIR_EINVAL;
	memcpy(text, host.p, host.len);
	text[host.len] = '\0';
	if (brackets) {
		a->in6.sin6_family = AF_INET6;
		a->len = sizeof a->in6;
		return inet_pton(AF_INET6, text, &a->in6.sin6_addr) == 1
			       ? 0
			       : WEIR_EINVAL;
	}
	a->in.sin_family = AF_INET;
	a->len = sizeof a->in;
	return inet_pton(AF_INET, text, &a->in.sin_addr) == 1 ? 0 : WEIR_EINVAL;
}

int net_addr_parse(struct net_addr *a, struct str text, struct weir_error *err)
{
	static const char form[] = "expected an address like 127.0.0.1:8080, "
				   "[::1]:8080, :8080 or unix:/path";
	bool brackets = text.len && text.p[0] == '[';
	struct str host = text;
	const char *colon;
	uint16_t port;
	int rc;

	*a = (struct net_addr){0};
	if (str_starts(text, STR("unix:")))
		return parse_unix(a, text, err);
	if (brackets) {
		const char *end = memchr(text.p, ']', text.len);

		if (!end)
			return error_at(err, WEIR_EINVAL, text.p, text.len,
					text.len, "expected ']'");
		host = str_from(text.p + 1, (size_t)(end - text.p - 1));
		colon = end + 1 < text.p + text.len && end[1] == ':' ? end + 1
								     : NULL;
	} else {
		colon = memchr(text.p, ':', text.len);
		if (colon)
			host.len = (size_t)(colon - text.p);
	}
	if (!colon)
		return error_at(err, WEIR_EINVAL, text.p, text.len, text.len,
				"%s", form);
	if (parse_host(a, host, brackets) < 0)
		return error_at(err, WEIR_EINVAL, text.p, text.len,
				(size_t)(host.p - text.p), "%s", form);
	rc = parse_port(colon + 1, text, &port, err);
	if (rc < 0)
		return rc;
	if (a->sa.sa_family == AF_INET)
		a->in.sin_port = htons(port);
	else
		a->in6.sin6_port = htons(port);
	return 0;
}

/* Writes the host; brackets is put around IPv6. */
static void format_host(const struct net_addr *a, bool brackets, char *out)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (a->sa.sa_family == AF_INET) {
		inet_ntop(AF_INET, &a->in.sin_addr, out, NET_ADDR_TEXT_MAX);
	} else if (IN6_IS_ADDR_V4MAPPED(&a->in6.sin6_addr)) {
		inet_ntop(AF_INET, a->in6.sin6_addr.s6_addr + 12, out,
			  NET_ADDR_TEXT_MAX);
	} else {
		inet_ntop(AF_INET6, &a->in6.sin6_addr, text, sizeof text);
		snprintf(out, NET_ADDR_TEXT_MAX, brackets ? "[%s]" : "%s",
			 text);
	}
}

static void format_unix(const struct net_addr *a, char *out)
{
	size_t head = offsetof(struct sockaddr_un, sun_path);
	size_t room = a->len > head ? a->len - head : 0;

	/* An abstract name begins with NUL and is written as none. */
	snprintf(out, NET_ADDR_TEXT_MAX, "unix:%.*s", (int)room,
		 a->un.sun_path);
}

char *net_addr_format(const struct net_addr *a, char out[NET_ADDR_TEXT_MAX])
{
	size_t len;

	net_addr_format_host(a, out);
	if (a->len == 0 || a->sa.sa_family == AF_UNIX)
		return out;
	out[0] = '\0';
	if (!a->all)
		format_host(a, true, out);
	len = strlen(out);
	snprintf(out + len, NET_ADDR_TEXT_MAX - len, ":%u", net_addr_port(a));
	return out;
}

char *net_addr_format_host(const struct net_addr *a,
			   char out[NET_ADDR_TEXT_MAX])
{
	if (a->len == 0)
		strcpy(out, "unknown");
	else if (a->sa.sa_family == AF_UNIX)
		format_unix(a, out);
	else
		format_host(a, false, out);
	return out;
}

uint16_t net_addr_port(const struct net_addr *a)
{
	if (a->sa.sa_family == AF_INET)
		return ntohs(a->in.sin_port);
	if (a->sa.sa_family == AF_INET6)
		return ntohs(a->in6.sin6_port);
	return 0;
}
