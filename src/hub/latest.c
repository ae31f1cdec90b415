/* latest.c - see latest.h. Numbers of parts that do not wait any more stay in
 * the table until there are many of them. */
#include "hub/latest.h"

#include "base/mem.h"
#include "hub/key.h"
#include "rx/keys.h"

#define SWEEP_MIN 64

struct hub_latest {
	struct value_path path;
	struct rx_keys keys; /* -> number */
	uint32_t sweep_at;   /* so many keys are too many */
};

struct hub_latest *hub_latest_create(struct str path)
{
	struct hub_latest *l = mem_zalloc(sizeof *l);

	l->sweep_at = SWEEP_MIN;
	value_path_parse(&l->path, path, NULL);
	return l;
}

void hub_latest_destroy(struct hub_latest *l)
{
	if (!l)
		return;
	rx_keys_clear(&l->keys);
	value_path_fini(&l->path);
	mem_free(l);
}

void hub_latest_clear(struct hub_latest *l)
{
	rx_keys_clear(&l->keys);
	l->sweep_at = SWEEP_MIN;
}

static void sweep(struct hub_latest *l, const struct hub_window *w)
{
	struct rx_keys fresh = {0};

	for (uint32_t i = 0; i < l->keys.cap; i++) {
		const struct rx_keys_slot *s = &l->keys.slots[i];

		if (s->hash && hub_window_waits(w, s->data))
			rx_keys_add(&fresh, s->key, s->data);
	}
	rx_keys_clear(&l->keys);
	l->keys = fresh;
	l->sweep_at = MAX(2 * fresh.n, SWEEP_MIN);
}

uint64_t hub_latest_put(struct hub_latest *l, const struct hub_window *w,
			struct value data, uint64_t seq)
{
	struct value key;
	uintptr_t *at;
	uint64_t old;

	if (!hub_key_find(&l->path, data, &key))
		return 0;
	at = rx_keys_find(&l->keys, key);
	if (at) {
		old = *at;
		*at = seq;
		return old;
	}
	if (l->keys.n >= l->sweep_at)
		sweep(l, w);
	key = hub_key_copy(key);
	rx_keys_add(&l->keys, key, seq);
	value_unref(key);
	return 0;
}
