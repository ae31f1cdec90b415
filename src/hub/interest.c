/* interest.c - see interest.h: the life of interests, and what is sent for
 * them.
 */
#include "hub/interest.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "hub/edge.h"
#include "hub/shape.h"
#include "hub/stream.h"
#include "json/parse.h"
#include "json/write.h"

#include <string.h>

/* --- life ---------------------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* Does it let through the same parts at the same times? */
static bool same(const struct hub_interest_spec *a,
		 const struct hub_interest_spec *b)
{
	return same_text(a->text, b->text) && a->every_ms == b->every_ms &&
	       a->keep == b->keep && same_text(a->key, b->key);
}

static void tell_stream(struct hub_stream *s, const char *name,
			const char *state)
{
	struct hub_event *e;

	if (!name)
		return;
	trace("stream %s: interest %s is %s", s->id, name, state);
	e = hub_event_interest(str_of(name), state);
	hub_stream_send(s, e);
	hub_event_unref(e);
}

static void tell(struct hub_interest *i, const char *state)
{
	tell_stream(i->stream, i->spec.name, state);
}

/* From here on it is met by parts, or by others than before. */
static int enter(struct hub_interest *i, const struct hub_interest_spec *spec,
		 struct weir_error *err)
{
	struct hub_edge *edge = i->stream->edge;
	int rc = interests_set(edge->interests, &i->entry,
			       str_of(spec->text ? spec->text : ""),
			       spec->where, err);

	hub_edge_count_interests(edge);
	return rc;
}

static void leave(struct hub_interest *i)
{
	struct hub_edge *edge = i->stream->edge;

	interests_remove(edge->interests, &i->entry);
	hub_edge_count_interests(edge);
	hub_shape_destroy(i->shape);
	i->shape = NULL;
}

static void free_interest(struct hub_interest *i)
{
	struct hub_stream *s = i->stream;

	leave(i);
	loop_timer_stop(s->edge->loop, &i->expiry);
	list_remove(&i->link);
	s->n_interests--;
	hub_names_unref(i->names);
	hub_interest_spec_fini(&i->spec);
	slab_free(i, sizeof *i);
}

static void end(struct hub_interest *i, const char *state)
{
	leave(i); /* what the event's number promises */
	tell(i, state);
	free_interest(i);
}

static void on_expiry(struct loop_timer *t)
{
	end(CONTAINER_OF(t, struct hub_interest, expiry), "expired");
}

static void begin_lifetime(struct hub_interest *i)
{
	struct loop *l = i->stream->edge->loop;

	i->expires_wall_ms = 0;
	if (!i->spec.for_ms) {
		loop_timer_stop(l, &i->expiry);
		return;
	}
	i->expires_wall_ms = clock_wall_ms() + i->spec.for_ms;
	loop_timer_start(l, &i->expiry, loop_now_ms(l) + i->spec.for_ms,
			 on_expiry);
}

static struct hub_interest *create(struct hub_stream *s,
				   struct hub_interest_spec *spec,
				   struct weir_error *err)
{
	struct hub_interest *i = slab_zalloc(sizeof *i);

	i->stream = s;
	list_init(&i->entry.link);
	list_push(&s->interests, &i->link);
	s->n_interests++;
	if (enter(i, spec, err) < 0) {
		free_interest(i);
		return NULL;
	}
	i->spec = *spec;
	return i;
}

/* What was held back by the old shape is let go. */
static void reshape(struct hub_interest *i)
{
	hub_shape_destroy(i->shape);
	i->shape = i->spec.every_ms ? hub_shape_create(i) : NULL;
}

static void mark(struct hub_interest *i, const char *state)
{
	reshape(i);
	tell(i, state);
	i->since = i->stream->seq;
}

/* Takes spec but when it fails. */
static int set(struct hub_stream *s, struct hub_interest_spec *spec,
	       enum hub_interest_change *change_out, struct hub_interest **out,
	       struct weir_error *err)
{
	struct hub_interest *i =
		spec->name ? hub_interest_find(s, str_of(spec->name)) : NULL;
	uint32_t max = s->edge->conf.interests_max;

	if (!i && s->n_interests >= max)
		return error_set(err, WEIR_ETOOBIG,
				 "a stream has at most %u interests", max);
	*change_out = HUB_CREATED;
	if (!i) {
		i = create(s, spec, err);
		if (!i)
			return WEIR_EBUSY;
		mark(i, "active");
	} else if (same(&i->spec, spec)) {
		*change_out = HUB_KEPT;
		i->spec.for_ms = spec->for_ms;
		hub_interest_spec_fini(spec);
	} else {
		*change_out = HUB_CHANGED;
		if (enter(i, spec, err) < 0)
			return WEIR_EBUSY;
		hub_interest_spec_fini(&i->spec);
		i->spec = *spec;
		mark(i, "changed");
	}
	begin_lifetime(i);
	*out = i;
	return 0;
}

int hub_interest_set(struct hub_stream *s, struct hub_interest_spec *spec,
		     enum hub_interest_change *change_out,
		     struct hub_interest **out, struct weir_error *err)
{
	enum hub_interest_change change;
	struct hub_interest *i;
	int rc = set(s, spec, &change, &i, err);

	if (rc < 0) {
		hub_interest_spec_fini(spec);
		return rc;
	}
	*spec = (struct hub_interest_spec){0};
	if (change_out)
		*change_out = change;
	if (out)
		*out = i;
	return 0;
}

static bool has_name(const struct hub_interest_spec *specs, uint32_t n,
		     const char *name)
{
	for (uint32_t i = 0; i < n; i++)
		if (same_text(specs[i].name, name))
			return true;
	return false;
}

int hub_interest_check(const struct hub_edge *edge,
		       const struct hub_interest_spec *spec,
		       struct weir_error *err)
{
	return interests_check(edge->interests,
			       str_of(spec->text ? spec->text : ""), err);
}

/* One of many: what cannot be is an event, and the others go on. */
static void set_or_deny(struct hub_stream *s, struct hub_interest_spec *spec)
{
	enum hub_interest_change change;
	struct hub_interest *i;
	struct weir_error err;

	if (set(s, spec, &change, &i, &err) < 0) {
		tell_stream(s, spec->name, "denied");
		hub_interest_spec_fini(spec);
	}
	*spec = (struct hub_interest_spec){0};
}

int hub_interest_set_all(struct hub_stream *s, struct hub_interest_spec *specs,
			 uint32_t n, struct weir_error *err)
{
	uint32_t max = s->edge->conf.interests_max;

	if (n > max) {
		for (uint32_t i = 0; i < n; i++)
			hub_interest_spec_fini(&specs[i]);
		return error_set(err, WEIR_ETOOBIG,
				 "a stream has at most %u interests", max);
	}
	/* First those that go, so that there is room. */
	LIST_FOREACH_SAFE (l, &s->interests) {
		struct hub_interest *i =
			CONTAINER_OF(l, struct hub_interest, link);

		if (!has_name(specs, n, i->spec.name))
			hub_interest_drop(i);
	}
	for (uint32_t i = 0; i < n; i++)
		set_or_deny(s, &specs[i]);
	return 0;
}

struct hub_interest *hub_interest_find(const struct hub_stream *s,
				       struct str name)
{
	LIST_FOREACH (l, &s->interests) {
		struct hub_interest *i =
			CONTAINER_OF(l, struct hub_interest, link);

		if (i->spec.name && str_eq(str_of(i->spec.name), name))
			return i;
	}
	return NULL;
}

void hub_interest_drop(struct hub_interest *i)
{
	end(i, "dropped");
}

void hub_interest_fini_all(struct hub_stream *s)
{
	while (!list_empty(&s->interests))
		free_interest(CONTAINER_OF(s->interests.next,
					   struct hub_interest, link));
}

/* --- a part and who takes it --------------------------------------------- */

static void on_met(void *arg, struct interests_entry *e)
{
	struct hub_taker **first = arg;
	struct hub_interest *i = CONTAINER_OF(e, struct hub_interest, entry);
	struct hub_taker *t = &i->stream->taker;

	if (!t->met) {
		t->next = *first;
		*first = t;
	}
	i->next_met = t->met;
	t->met = i;
}

struct hub_taker *hub_interests_met(struct hub_edge *edge,
				    struct hub_delivery *d)
{
	const struct cond_meta meta = hub_meta(d->source, d->job);
	struct hub_taker *first = NULL;
	struct value picked;

	if (!interests_count(edge->interests))
		return NULL;
	if (!d->picked.p) {
		interests_match(edge->interests, hub_delivery_data(d), &meta,
				on_met, &first);
	} else if (json_parse(d->picked, &picked, NULL) == 0) {
		interests_match(edge->interests, picked, &meta, on_met, &first);
		value_unref(picked);
	}
	return first;
}

static void add_name(struct buf *b, const struct hub_interest *i)
{
	if (!i->spec.name)
		return;
	buf_append_cstr(b, buf_len(b) ? "," : "\"matched\":[");
	json_write_string(str_of(i->spec.name), b);
}

/* The text in b as names, borrowed from where they are kept: most parts meet
 * the same interests as the part before. */
static struct hub_names *finish_names(struct buf *b, struct hub_names **kept)
{
	if (!buf_len(b))
		return NULL;
	buf_append_cstr(b, "],");

	struct str text = buf_str(b);

	if (*kept && str_eq(str_from((*kept)->text, (*kept)->len), text))
		return *kept;
	hub_names_unref(*kept);
	*kept = hub_names_create(text);
	return *kept;
}

static struct hub_names *names_of(struct hub_stream *s,
				  struct hub_interest *met)
{
	struct buf text = {0};
	struct hub_names *n;

	if (!met || (!met->next_met && met->names))
		return met ? met->names : NULL;
	for (struct hub_interest *i = met; i; i = i->next_met)
		add_name(&text, i);
	n = finish_names(&text, met->next_met ? &s->names : &met->names);
	buf_fini(&text);
	return n;
}

/* True when at least one of the interests that were met lets the part go. */
static bool let_through(struct hub_interest *met, struct hub_delivery *d)
{
	for (struct hub_interest *i = met; i; i = i->next_met)
		if (!i->shape ||
		    hub_shape_ready(i->shape, hub_delivery_data(d)))
			return true;
	return false;
}

void hub_interests_deliver(struct hub_stream *s, struct hub_interest *met,
			   struct hub_delivery *d, bool own)
{
	bool now = own || let_through(met, d);

	for (struct hub_interest *i = met; i; i = i->next_met) {
		if (!i->shape)
			continue;
		if (now)
			hub_shape_sent(i->shape, hub_delivery_data(d));
		else
			hub_shape_hold(i->shape, d->event,
				       hub_delivery_data(d));
	}
	if (!now)
		return;
	hub_edge_add(&s->edge->events, 1);
	hub_stream_send_part(s, d, own && !d->shared, names_of(s, met));
}

void hub_interests_deliver_late(struct hub_interest *i, struct hub_delivery *d)
{
	struct hub_stream *s = i->stream;

	i->next_met = NULL;
	LIST_FOREACH (l, &s->interests) {
		struct hub_interest *other =
			CONTAINER_OF(l, struct hub_interest, link);

		if (other == i || !other->shape ||
		    !hub_shape_release(other->shape, d->event,
				       hub_delivery_data(d)))
			continue;
		other->next_met = i->next_met;
		i->next_met = other;
	}
	hub_edge_add(&s->edge->events, 1);
	hub_stream_send_part(s, d, false, names_of(s, i));
}

/* --- to be read ---------------------------------------------------------- */

void hub_interest_write(const struct hub_interest *i, struct buf *out)
{
	const struct hub_interest_spec *s = &i->spec;

	buf_append_cstr(out, "{\"name\":");
	json_write_string(str_of(s->name ? s->name : ""), out);
	if (s->text) {
		buf_append_cstr(out, ",\"where\":");
		json_write_string(str_of(s->text), out);
	}
	if (s->every_ms)
		buf_printf(out, ",\"every\":\"%lldms\",\"keep\":\"%s\"",
			   (long long)s->every_ms,
			   s->keep == HUB_KEEP_FIRST ? "first" : "latest");
	if (s->key) {
		buf_append_cstr(out, ",\"key\":");
		json_write_string(str_of(s->key), out);
	}
	buf_printf(out, ",\"state\":\"active\",\"id\":\"%s.%llu\"",
		   i->stream->epoch, (unsigned long long)i->since);
	if (i->expires_wall_ms) {
		char time[CLOCK_RFC3339_LEN + 1];

		clock_format_rfc3339(i->expires_wall_ms, time);
		buf_printf(out, ",\"expires\":\"%s\"", time);
	}
	buf_append_char(out, '}');
}

void hub_interest_write_all(const struct hub_stream *s, struct buf *out)
{
	buf_append_char(out, '[');
	LIST_FOREACH (l, &s->interests) {
		if (l != s->interests.next)
			buf_append_char(out, ',');
		hub_interest_write(CONTAINER_OF(l, struct hub_interest, link),
				   out);
	}
	buf_append_char(out, ']');
}
