/* upstream.h - a small HTTP server for the tests of the client.
 *
 * On the same loop as the client, a fiber a connection. Each path is answered
 * in its own, often broken, way; see `routes` in upstream.c.
 */
#ifndef WEIR_TESTS_CLIENT_UPSTREAM_H
#define WEIR_TESTS_CLIENT_UPSTREAM_H

#include "fiber/fiber.h"
#include "net/listener.h"

#define UPSTREAM_BIG_BYTES (32 << 20) /* of /big; byte i is i modulo 251 */

struct upstream {
	struct net_listener *listener;
	struct fiber_cond idle; /* a connection has ended */
	uint32_t connections;	/* open ones */
	uint32_t accepted;
	size_t sent_bytes;	      /* of /big */
	char host[NET_ADDR_TEXT_MAX]; /* "127.0.0.1:1234" */
};

/* In a fiber. */
void upstream_open(struct upstream *u);
/* Waits until its last connection has ended. */
void upstream_close(struct upstream *u);

#endif
