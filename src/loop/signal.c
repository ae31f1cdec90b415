/* signal.c - Unix signals as callbacks of the loop. */
#include "loop/internal.h"

#include "base/error.h"
#include "base/util.h"

static void on_signal(uv_signal_t *uv, int signum)
{
	struct loop_signal_slot *s =
		CONTAINER_OF(uv, struct loop_signal_slot, uv);

	if (s->fn)
		s->fn(s->arg, signum);
}

static struct loop_signal_slot *slot_for(struct loop *l, int signum)
{
	struct loop_signal_slot *free_slot = NULL;

	for (int i = 0; i < LOOP_SIGNALS_MAX; i++) {
		struct loop_signal_slot *s = &l->signals[i];

		if (s->open && s->uv.signum == signum)
			return s;
		if (!s->fn && !free_slot)
			free_slot = s;
	}
	return free_slot;
}

int loop_signal(struct loop *l, int signum, loop_signal_fn fn, void *arg)
{
	struct loop_signal_slot *s = slot_for(l, signum);

	if (!s)
		return WEIR_EBUSY;
	if (!s->open) {
		if (uv_signal_init(&l->uv, &s->uv) < 0)
			return WEIR_EIO;
		s->open = true;
	}
	s->fn = fn;
	s->arg = arg;
	loop_call_uv(l);
	if (!fn) {
		uv_signal_stop(&s->uv);
		return 0;
	}
	return uv_signal_start(&s->uv, on_signal, signum) < 0 ? WEIR_EIO : 0;
}
