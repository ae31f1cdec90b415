/* watch.c - files and folders that change (inotify). */
#include "loop/internal.h"

#include "base/error.h"
#include "base/mem.h"
#include "base/util.h"

struct loop_watch {
	struct loop *loop;
	uv_fs_event_t uv;
	loop_watch_fn fn;
	void *arg;
};

static void on_change(uv_fs_event_t *uv, const char *name, int events,
		      int status)
{
	struct loop_watch *w = CONTAINER_OF(uv, struct loop_watch, uv);

	w->fn(w->arg);
}

static void on_closed(uv_handle_t *uv)
{
	mem_free(CONTAINER_OF(uv, struct loop_watch, uv));
}

int loop_watch_open(struct loop *l, const char *path, loop_watch_fn fn,
		    void *arg, struct loop_watch **watch_out)
{
	struct loop_watch *w = mem_zalloc(sizeof *w);

	*watch_out = NULL;
	w->loop = l;
	w->fn = fn;
	w->arg = arg;
	loop_call_uv(l);
	uv_fs_event_init(&l->uv, &w->uv);

	int rc = uv_fs_event_start(&w->uv, on_change, path, 0);

	if (rc < 0) {
		loop_watch_close(w);
		return error_from_errno(-rc);
	}
	*watch_out = w;
	return 0;
}

void loop_watch_close(struct loop_watch *w)
{
	if (!w)
		return;
	loop_call_uv(w->loop);
	uv_close((uv_handle_t *)&w->uv, on_closed);
}
