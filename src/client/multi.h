/* multi.h - libcurl's multi interface on our loop; for this folder only. */
#ifndef WEIR_CLIENT_MULTI_H
#define WEIR_CLIENT_MULTI_H

#include "base/list.h"
#include "client/http.h"

#include <curl/curl.h>

#define CLIENT_EASY_POOL 64 /* handles kept for later */

struct client {
	struct loop *loop;
	CURLM *multi;		 /* NULL before the first request */
	struct loop_timer timer; /* when libcurl wants to be called */
	struct list sockets;	 /* struct watch, in multi.c */
	uint32_t open;		 /* responses */
	struct client_conf conf; /* defaults filled in; ca_file is ours */
	CURL *pool[CLIENT_EASY_POOL];
	uint32_t pool_len;
};

/* A transfer has ended; its handle is out of the multi. easy's private pointer
 * is the response. In http.c. */
void client_on_done(struct client_response *r, CURLcode result);

/* A handle with default options, or NULL; and its way back. */
CURL *client_easy_take(struct client *c);
void client_easy_give(struct client *c, CURL *easy);

#endif
