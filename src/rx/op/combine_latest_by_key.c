/* combine_latest_by_key.c - the latest items of several streams that have the
 * same key, side by side.
 *
 *     a                              -a1-----b2----a3-|
 *     b                              ----a4-----b5----|
 *     combine_latest(@b, on=.k)      ----[a1,a4]-[b2,b5]-[a3,a4]-|
 *
 * A keyed join of what is current: at each item, the row of its key comes out
 * once every stream has had an item of that key. Ends when all have ended.
 *
 * At most max_keys rows are kept: for a new key the one that was updated
 * longest ago is forgotten, and begins empty when its key comes again. To
 * refuse the new one, as buffers do, would shut out all new keys for ever as
 * soon as enough old ones have died.
 */
#include "base/list.h"
#include "rx/keys.h"
#include "rx/op.h"

struct by_key_source {
	struct rx_many_source many;
	struct rx_fn *key;
	uint32_t max_keys;
};

struct cell {
	struct value v; /* ours; without its cause: it comes out at another's */
	bool has;
};

struct row {
	struct list link;
	struct value key; /* ours */
	uint32_t missing; /* cells without an item so far */
	struct cell cells[];
};

struct by_key {
	struct rx_many many;
	struct rx_keys rows; /* key to struct row * */
	struct list recent;  /* all rows, the latest updated one last */
};

static struct by_key_source *source_of(const struct by_key *b)
{
	return CONTAINER_OF(b->many.sub.src, struct by_key_source, many.source);
}

static struct by_key *by_key_of(struct rx_observer *up)
{
	return CONTAINER_OF(rx_inlet_of(up)->owner, struct by_key, many.sub);
}

static uint32_t width(const struct by_key *b)
{
	return source_of(b)->many.n;
}

static void forget_oldest(struct by_key *b)
{
	struct row *r = CONTAINER_OF(b->recent.next, struct row, link);

	list_remove(&r->link);
	rx_keys_remove(&b->rows, r->key);
	for (uint32_t i = 0; i < width(b); i++)
		value_unref(r->cells[i].v);
	value_unref(r->key);
	mem_free(r);
}

static struct row *row_of(struct by_key *b, struct value key)
{
	uintptr_t *found = rx_keys_find(&b->rows, key);
	struct row *r;

	if (found)
		return (struct row *)*found;
	if (b->rows.n >= source_of(b)->max_keys)
		forget_oldest(b);
	r = mem_zalloc(sizeof *r + width(b) * sizeof *r->cells);
	r->key = value_ref(key);
	r->missing = width(b);
	list_push(&b->recent, &r->link);
	rx_keys_add(&b->rows, key, (uintptr_t)r);
	return r;
}

static void put(struct row *r, uint32_t i, struct value v)
{
	struct value old = r->cells[i].v;

	if (!r->cells[i].has)
		r->missing--;
	r->cells[i] = (struct cell){value_ref(v), true};
	value_unref(old);
}

static struct value as_array(const struct row *r, uint32_t n)
{
	struct value *elements = mem_alloc(n * sizeof *elements);
	struct value array;

	for (uint32_t i = 0; i < n; i++)
		elements[i] = value_ref(r->cells[i].v);
	array = value_array(elements, n);
	mem_free(elements);
	return array;
}

static void inlet_next(struct rx_observer *up, struct value v)
{
	struct by_key *b = by_key_of(up);
	struct value key, array;
	struct row *r;

	if (!rx_apply(&b->many.sub, source_of(b)->key, v, -1, &key))
		return;
	r = row_of(b, key);
	value_unref(key);
	put(r, rx_many_index(rx_inlet_of(up)), v);
	list_remove(&r->link);
	list_push(&b->recent, &r->link);
	if (r->missing)
		return;
	array = as_array(r, width(b));
	rx_next(b->many.sub.down, array);
	value_unref(array);
}

static void inlet_done(struct rx_observer *up)
{
	struct by_key *b = by_key_of(up);

	if (--b->many.open == 0)
		rx_finish_done(&b->many.sub);
}

static const struct rx_observer_ops inlet_ops = {inlet_next,
						 rx_inlet_pass_error,
						 inlet_done};

static void start(struct rx_sub *s)
{
	list_init(&CONTAINER_OF(s, struct by_key, many.sub)->recent);
	if (rx_many_of(s)->n)
		rx_many_open(s, &inlet_ops);
	else
		rx_finish_done(s);
}

static void stop(struct rx_sub *s)
{
	struct by_key *b = CONTAINER_OF(s, struct by_key, many.sub);

	rx_many_stop(s);
	while (!list_empty(&b->recent))
		forget_oldest(b);
	rx_keys_clear(&b->rows);
}

static void destroy(struct rx_source *source)
{
	rx_fn_unref(
		CONTAINER_OF(source, struct by_key_source, many.source)->key);
	rx_many_destroy(source);
}

static const struct rx_source_ops ops = {
	.name = "combine_latest",
	.source_bytes = sizeof(struct by_key_source),
	.sub_bytes = sizeof(struct by_key),
	.start = start,
	.stop = stop,
	.fini = rx_many_fini,
	.destroy = destroy,
	.hold = rx_many_hold,
};

struct rx_source *rx_combine_latest_by_key(struct rx_ctx *ctx,
					   struct rx_source *const *in,
					   uint32_t n, struct rx_fn *key,
					   uint32_t max_keys)
{
	struct rx_source *source = rx_many_new(&ops, ctx, in, n);
	struct by_key_source *src =
		CONTAINER_OF(source, struct by_key_source, many.source);

	src->key = key;
	src->max_keys = max_keys ? max_keys : RX_MAX_GROUPS_DEFAULT;
	return source;
}
