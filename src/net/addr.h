/* addr.h - socket addresses, and how people write them.
 *
 *     127.0.0.1:8080   [::1]:8080   localhost:8080   IP and port
 *     :8080                         every address of this host, IPv4 and IPv6
 *     unix:/run/weir.sock           a Unix socket
 *
 * Other names are not looked up: what is listened on should not depend on a
 * name server. Port 0 lets the system choose one.
 *
 * Threads: any.
 */
#ifndef WEIR_NET_ADDR_H
#define WEIR_NET_ADDR_H

#include "base/error.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

struct net_addr {
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	};
	socklen_t len; /* of what the union holds; 0: unknown */
	bool all; /* written as ":port": the IPv6 wildcard takes IPv4, too */
};

/* 0, or WEIR_EINVAL or WEIR_ETOOBIG with the place in text. */
int net_addr_parse(struct net_addr *a, struct str text, struct weir_error *err);

/* Long enough for each address. */
#define NET_ADDR_TEXT_MAX 128

/* As net_addr_parse reads it; NUL-terminated. An IPv4 address inside of an
 * IPv6 one is written as IPv4. An unnamed Unix socket is "unix:". Returns
 * out. */
char *net_addr_format(const struct net_addr *a, char out[NET_ADDR_TEXT_MAX]);

/* The same without the port: what limits per client count by. */
char *net_addr_format_host(const struct net_addr *a,
			   char out[NET_ADDR_TEXT_MAX]);

uint16_t net_addr_port(const struct net_addr *a); /* 0 for a Unix socket */

#endif
