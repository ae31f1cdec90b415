/* admin.h - the operator's listener: health, figures, pipelines, reload. */
#ifndef WEIR_APP_ADMIN_H
#define WEIR_APP_ADMIN_H

struct app;
struct http_exchange;

/* A handler for http_server_open; arg is the struct app. */
void admin_handle(void *arg, struct http_exchange *x);

/* GET /admin/v1/interests. */
void admin_interests(struct app *a, struct http_exchange *x);

#endif
