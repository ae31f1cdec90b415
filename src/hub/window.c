/* window.c - see window.h.
 *
 * A slot whose hole has become part of another one is dead: it stays until it
 * is at the front, or until the ring is full and moves together. So dropping
 * costs the same however much waits.
 */
#include "hub/window.h"

#include "base/mem.h"

#include <assert.h>
#include <string.h>

#define CAP_MIN 1
#define REACH	16

struct hub_names *hub_names_create(struct str text)
{
	struct hub_names *n = slab_alloc(sizeof *n + text.len);

	n->refs = 1;
	n->len = (uint32_t)text.len;
	memcpy(n->text, text.p, text.len);
	return n;
}

void hub_names_unref(struct hub_names *n)
{
	if (n && --n->refs == 0)
		slab_free(n, sizeof *n + n->len);
}

/* --- slots --------------------------------------------------------------- */

static struct hub_slot *at(const struct hub_window *w, uint32_t i)
{
	return &w->slots[i & (w->cap - 1)];
}

static bool is_hole(const struct hub_slot *s)
{
	return !s->event && s->count;
}

static bool is_dead(const struct hub_slot *s)
{
	return !s->event && !s->count;
}

static size_t bytes_of(const struct hub_slot *s)
{
	return s->event ? s->event->len : 0;
}

static void clear(struct hub_slot *s)
{
	if (!s->event)
		return;
	hub_event_unref(s->event);
	hub_names_unref(s->names);
	s->event = NULL;
	s->names = NULL;
}

/* The slots, without the dead ones, into a ring of cap. */
static void move(struct hub_window *w, uint32_t cap)
{
	struct hub_slot *slots = slab_alloc(cap * sizeof *slots);
	uint32_t n = 0;
	uint32_t cursor = 0;
	uint32_t fresh = 0;
	uint32_t drop_from = 0;

	for (uint32_t i = w->head; i != w->tail; i++) {
		if (i == w->cursor)
			cursor = n;
		if (i == w->fresh)
			fresh = n;
		if (i == w->drop_from)
			drop_from = n;
		if (!is_dead(at(w, i)))
			slots[n++] = *at(w, i);
	}
	if (w->cursor == w->tail)
		cursor = n;
	if (w->fresh == w->tail)
		fresh = n;
	if (w->drop_from == w->tail)
		drop_from = n;
	slab_free(w->slots, hub_window_memory(w));
	w->slots = slots;
	w->cap = cap;
	w->head = 0;
	w->cursor = cursor;
	w->fresh = fresh;
	w->drop_from = drop_from;
	w->tail = n;
	w->dead = 0;
}

static struct hub_slot *append(struct hub_window *w)
{
	uint32_t n = w->tail - w->head;

	if (n == w->cap)
		move(w, w->dead > n / 4 ? w->cap : MAX(2 * w->cap, CAP_MIN));
	return at(w, w->tail++);
}

void hub_window_fini(struct hub_window *w)
{
	for (uint32_t i = w->head; i != w->tail; i++)
		clear(at(w, i));
	slab_free(w->slots, hub_window_memory(w));
	*w = (struct hub_window){0};
}

size_t hub_window_memory(const struct hub_window *w)
{
	return w->cap * sizeof *w->slots;
}

/* --- in ------------------------------------------------------------------ */

void hub_window_push(struct hub_window *w, struct hub_event *e, uint64_t seq,
		     struct hub_names *names, bool own)
{
	struct hub_slot *s = append(w);

	if (names)
		names->refs++;
	*s = (struct hub_slot){.event = hub_event_ref(e),
			       .names = names,
			       .seq = seq,
			       .own = own};
	w->waiting_bytes += e->len;
}

void hub_window_push_hole(struct hub_window *w, uint64_t seq)
{
	struct hub_slot *s;

	if (w->tail != w->fresh && is_hole(at(w, w->tail - 1))) {
		s = at(w, w->tail - 1);
		s->count++;
		s->seq = seq;
		return;
	}
	s = append(w);
	*s = (struct hub_slot){.count = 1, .seq = seq};
}

/* --- out ----------------------------------------------------------------- */

const struct hub_slot *hub_window_next(const struct hub_window *w)
{
	return w->cursor != w->tail ? at(w, w->cursor) : NULL;
}

/* The cursor never stands on a dead slot. */
static void pass_dead(struct hub_window *w)
{
	while (w->cursor != w->tail && is_dead(at(w, w->cursor))) {
		if (w->cursor == w->fresh)
			w->fresh++;
		w->cursor++;
	}
}

void hub_window_advance(struct hub_window *w)
{
	size_t bytes = bytes_of(at(w, w->cursor));

	if (w->cursor == w->fresh) {
		w->fresh++;
		w->waiting_bytes -= bytes;
		w->kept_bytes += bytes;
	}
	w->cursor++;
	pass_dead(w);
}

void hub_window_forget(struct hub_window *w, int64_t oldest_ms, size_t bytes)
{
	while (w->head != w->cursor) {
		struct hub_slot *s = at(w, w->head);

		if (s->event && w->kept_bytes <= bytes &&
		    s->event->made_ms >= oldest_ms)
			return;
		w->kept_bytes -= bytes_of(s);
		w->dead -= is_dead(s);
		clear(s);
		w->head++;
	}
	if (w->head == w->tail && w->slots)
		hub_window_fini(w);
}

/* --- dropping ------------------------------------------------------------ */

static bool can_drop(const struct hub_slot *s)
{
	return s->event && s->event->type == HUB_PART && !s->own;
}

/* The hole at i takes over the one in front of it. Two holes with much that is
 * dead between them stay two: looking for each other would cost more. */
static void join(struct hub_window *w, uint32_t i)
{
	uint32_t before = i - 1;

	if (i == w->fresh)
		return;
	while (before != w->fresh && i - before < REACH &&
	       is_dead(at(w, before)))
		before--;
	if (!is_hole(at(w, before)))
		return;
	at(w, i)->count += at(w, before)->count;
	at(w, before)->count = 0;
	w->dead++;
}

static void drop(struct hub_window *w, uint32_t i)
{
	struct hub_slot *s = at(w, i);
	uint32_t behind = i + 1;

	w->waiting_bytes -= bytes_of(s);
	clear(s);
	s->count = 1;
	join(w, i);
	while (behind != w->tail && behind - i < REACH &&
	       is_dead(at(w, behind)))
		behind++;
	if (behind != w->tail && is_hole(at(w, behind)))
		join(w, behind);
	pass_dead(w);
}

bool hub_window_drop_oldest(struct hub_window *w)
{
	uint32_t i = w->drop_from;

	/* Indices run free: it may have been passed by. */
	if (i - w->fresh > w->tail - w->fresh)
		i = w->fresh;
	while (i != w->tail && !can_drop(at(w, i)))
		i++;
	w->drop_from = i;
	if (i == w->tail)
		return false;
	drop(w, i);
	return true;
}

/* The index of the first slot from `from` on that ends behind seq. */
static uint32_t find_behind(const struct hub_window *w, uint32_t from,
			    uint64_t seq)
{
	uint32_t n = w->tail - from;

	while (n) {
		uint32_t half = n / 2;

		if (at(w, from + half)->seq > seq) {
			n = half;
		} else {
			from += half + 1;
			n -= half + 1;
		}
	}
	return from;
}

static bool find_waiting(const struct hub_window *w, uint64_t seq,
			 uint32_t *i_out)
{
	*i_out = find_behind(w, w->fresh, seq - 1);
	return *i_out != w->tail && at(w, *i_out)->seq == seq &&
	       at(w, *i_out)->event;
}

bool hub_window_waits(const struct hub_window *w, uint64_t seq)
{
	uint32_t i;

	return find_waiting(w, seq, &i);
}

bool hub_window_drop(struct hub_window *w, uint64_t seq)
{
	uint32_t i;

	if (!find_waiting(w, seq, &i) || !can_drop(at(w, i)))
		return false;
	drop(w, i);
	return true;
}

/* --- going back ---------------------------------------------------------- */

/* The number in front of the first one that is there. */
static uint64_t before_first(const struct hub_window *w)
{
	uint32_t i = w->head;

	while (is_dead(at(w, i)))
		i++;
	return at(w, i)->seq - (at(w, i)->event ? 1 : at(w, i)->count);
}

uint64_t hub_window_seek(struct hub_window *w, uint64_t seq, uint64_t last)
{
	uint64_t first;

	assert(seq <= last);
	if (w->head == w->tail)
		return last;
	first = before_first(w);
	w->cursor = find_behind(w, w->head, seq);
	/* What the client has seen was written to it, whatever we think. */
	while (w->fresh != w->tail &&
	       w->fresh - w->head < w->cursor - w->head) {
		size_t bytes = bytes_of(at(w, w->fresh++));

		w->waiting_bytes -= bytes;
		w->kept_bytes += bytes;
	}
	pass_dead(w);
	return MAX(first, seq);
}
