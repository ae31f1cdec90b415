/* listener.h - takes connections on an address and hands them on.
 *
 * Threads: an object belongs to the thread of its loop. With reuse_port each
 * thread has a listener of its own on the same address, and the kernel spreads
 * the connections over them.
 */
#ifndef WEIR_NET_LISTENER_H
#define WEIR_NET_LISTENER_H

#include "loop/loop.h"
#include "net/addr.h"

struct net_listener;

/* Takes fd: non-blocking, close-on-exec, without Nagle's delay. peer is
 * borrowed. May close the listener. */
typedef void (*net_accept_fn)(void *arg, int fd, const struct net_addr *peer);

/* Listens on at; on_accept is called from the loop. A Unix socket of a process
 * that is gone is replaced, any other file at its path is not.
 *
 * reuse_port  others may listen there, too (not for Unix sockets)
 *
 * Returns 0, or a WEIR_E code with a message that names the address. */
int net_listener_open(struct loop *l, const struct net_addr *at,
		      bool reuse_port, net_accept_fn on_accept, void *arg,
		      struct net_listener **listener_out,
		      struct weir_error *err);

/* Where it listens; with the port that the system chose. Borrowed. */
const struct net_addr *net_listener_addr(const struct net_listener *n);

/* NULL does nothing. Removes the file of a Unix socket. Connections that nobody
 * has accepted yet are reset by the system. */
void net_listener_close(struct net_listener *n);

#endif
