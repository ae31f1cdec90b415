/* shape.c - see shape.h.
 *
 *     times:  key b, next 1200 -> key a, next 1950 -> key c, next 2010
 *
 * All keys wait equally long, so the list is in order of their times without
 * sorting, and one timer looks at its front.
 */
#include "hub/shape.h"

#include "base/mem.h"
#include "hub/edge.h"
#include "hub/key.h"
#include "hub/stream.h"
#include "rx/keys.h"

struct shaped {
	struct list link;
	struct value key;	/* ours */
	int64_t next_ms;	/* before it nothing goes */
	struct hub_event *held; /* ours; NULL: nothing came since */
	struct value data;	/* of held; ours */
};

struct hub_shape {
	struct hub_interest *interest;
	struct hub_pace pace; /* its members are ours */
	struct value_path path;
	struct rx_keys keys; /* -> struct shaped */
	struct list times;   /* of struct shaped */
	struct loop_timer timer;
};

static struct loop *loop_of(const struct hub_shape *sh)
{
	return sh->interest->stream->edge->loop;
}

/* What is not there is a key too: those parts have one time together. */
static struct value key_of(const struct hub_shape *sh, struct value data)
{
	struct value key;

	return hub_key_find(&sh->path, data, &key) ? key : value_null();
}

static struct shaped *find(const struct hub_shape *sh, struct value data)
{
	uintptr_t *at = rx_keys_find(&sh->keys, key_of(sh, data));

	return at ? (struct shaped *)*at : NULL;
}

static struct hub_event *take_held(struct shaped *one)
{
	struct hub_event *e = one->held;

	one->held = NULL;
	value_unref(one->data);
	one->data = value_null();
	return e;
}

static void forget(struct hub_shape *sh, struct shaped *one)
{
	hub_event_unref(take_held(one));
	list_remove(&one->link);
	rx_keys_remove(&sh->keys, one->key);
	value_unref(one->key);
	slab_free(one, sizeof *one);
}

static void on_time(struct loop_timer *t);

static void await_first(struct hub_shape *sh)
{
	if (list_empty(&sh->times))
		return;
	loop_timer_start(
		loop_of(sh), &sh->timer,
		CONTAINER_OF(sh->times.next, struct shaped, link)->next_ms,
		on_time);
}

static void begin_time(struct hub_shape *sh, struct shaped *one)
{
	one->next_ms = loop_now_ms(loop_of(sh)) + sh->pace.every_ms;
	list_remove(&one->link);
	list_push(&sh->times, &one->link);
}

static void on_time(struct loop_timer *t)
{
	struct hub_shape *sh = CONTAINER_OF(t, struct hub_shape, timer);
	int64_t now = loop_now_ms(loop_of(sh));

	while (!list_empty(&sh->times)) {
		struct shaped *one =
			CONTAINER_OF(sh->times.next, struct shaped, link);

		if (one->next_ms > now)
			break;
		if (!one->held) {
			forget(sh, one);
			continue;
		}

		struct hub_delivery d = {.data = value_ref(one->data),
					 .has_data = true,
					 .event = take_held(one)};

		begin_time(sh, one);
		hub_interests_deliver_late(sh->interest, &d);
		hub_event_unref(d.event);
		value_unref(d.data);
	}
	await_first(sh);
}

struct hub_shape *hub_shape_create(struct hub_interest *i,
				   const struct hub_pace *pace)
{
	struct hub_shape *sh = mem_zalloc(sizeof *sh);

	sh->interest = i;
	sh->pace = *pace;
	list_init(&sh->times);
	/* It was read before: hub_interest_read has refused what is wrong. */
	value_path_parse(&sh->path, str_of(pace->key ? pace->key : ""), NULL);
	return sh;
}

void hub_shape_destroy(struct hub_shape *sh)
{
	if (!sh)
		return;
	while (!list_empty(&sh->times))
		forget(sh, CONTAINER_OF(sh->times.next, struct shaped, link));
	loop_timer_stop(loop_of(sh), &sh->timer);
	rx_keys_clear(&sh->keys);
	value_path_fini(&sh->path);
	mem_free(sh->pace.key);
	mem_free(sh);
}

const struct hub_pace *hub_shape_pace(const struct hub_shape *sh)
{
	static const struct hub_pace none;

	return sh ? &sh->pace : &none;
}

bool hub_shape_ready(const struct hub_shape *sh, struct value data)
{
	const struct shaped *one = find(sh, data);

	return !one || one->next_ms <= loop_now_ms(loop_of(sh));
}

void hub_shape_sent(struct hub_shape *sh, struct value data)
{
	struct shaped *one = find(sh, data);

	if (!one) {
		if (sh->keys.n == HUB_SHAPE_KEYS_MAX)
			return;
		one = slab_zalloc(sizeof *one);
		one->key = hub_key_copy(key_of(sh, data));
		one->data = value_null();
		list_init(&one->link);
		rx_keys_add(&sh->keys, one->key, (uintptr_t)one);
	}
	hub_event_unref(take_held(one));
	begin_time(sh, one);
	await_first(sh);
}

void hub_shape_hold(struct hub_shape *sh, struct hub_event *e,
		    struct value data)
{
	struct shaped *one = find(sh, data);

	if (!one || sh->pace.keep == HUB_KEEP_FIRST)
		return;
	hub_event_unref(take_held(one));
	one->held = hub_event_ref(e);
	one->data = value_ref(data);
}

bool hub_shape_release(struct hub_shape *sh, const struct hub_event *e,
		       struct value data)
{
	struct shaped *one = find(sh, data);

	if (!one || one->held != e)
		return false;
	hub_event_unref(take_held(one));
	begin_time(sh, one);
	return true;
}
