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

/* A stream may have one of so many residual conditions that its edge takes. */
#define RESIDUAL_SHARE 10

/* --- life ---------------------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

/* Does it let through the same parts at the same times? */
static bool same(const struct hub_interest *i,
		 const struct hub_interest_spec *spec)
{
	const struct hub_pace *pace = hub_shape_pace(i->shape);

	return same_text(i->entry.text, or_empty(spec->text)) &&
	       pace->every_ms == spec->pace.every_ms &&
	       pace->keep == spec->pace.keep &&
	       same_text(pace->key, spec->pace.key);
}

/* detail: why, or NULL. */
static void tell_stream(struct hub_stream *s, const char *name,
			const char *state, const char *detail)
{
	struct hub_event *e;

	if (!*name)
		return;
	trace("stream %s: interest %s is %s", s->id, name, state);
	e = hub_event_interest(str_of(name), state, detail);
	hub_stream_send(s, e);
	hub_event_unref(e);
}

static void tell(struct hub_interest *i, const char *state)
{
	tell_stream(i->stream, i->name, state, NULL);
}

/* Its name and its condition are one block: name, NUL, text, NUL. */
static size_t words_bytes(const char *words)
{
	size_t name_bytes = strlen(words) + 1;

	return name_bytes + strlen(words + name_bytes) + 1;
}

static void free_words(char *words)
{
	if (words)
		slab_free(words, words_bytes(words));
}

static char *join_words(const char *name, const char *text)
{
	size_t name_bytes = strlen(name) + 1;
	size_t text_bytes = strlen(text) + 1;
	char *words = slab_alloc(name_bytes + text_bytes);

	memcpy(words, name, name_bytes);
	memcpy(words + name_bytes, text, text_bytes);
	return words;
}

/* 0, or WEIR_EDENIED: its stream has as many residual ones as it may. */
static int check_share(const struct hub_interest *i, struct cond *where,
		       struct weir_error *err)
{
	const struct hub_stream *s = i->stream;
	struct interests *r = s->edge->interests;
	uint32_t max = MAX(s->edge->conf.residual_max / RESIDUAL_SHARE, 1);
	struct interest_report report;

	if (s->n_residual - i->residual < max)
		return 0;
	interests_ask(r, where, &report, NULL, NULL);
	return report.linear ? interests_deny(r, where, err) : 0;
}

/* From here on it is met by parts, or by others than before. */
static int enter(struct hub_interest *i, const struct hub_interest_spec *spec,
		 struct weir_error *err)
{
	char *words = join_words(or_empty(spec->name), or_empty(spec->text));
	bool residual;
	int rc = check_share(i, spec->where, err);

	if (rc == 0)
		rc = interests_set(i->stream->edge->interests, &i->entry,
				   words + strlen(words) + 1, spec->where,
				   &residual, err);
	hub_edge_interests_changed(i->stream->edge);
	if (rc < 0) {
		free_words(words);
		return rc;
	}
	free_words(i->name);
	i->name = words;
	i->stream->n_residual += residual - i->residual;
	i->residual = residual;
	return 0;
}

static void leave(struct hub_interest *i)
{
	struct hub_edge *edge = i->stream->edge;

	interests_remove(edge->interests, &i->entry);
	hub_edge_interests_changed(edge);
	i->stream->n_residual -= i->residual;
	i->residual = false;
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
	free_words(i->name);
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

/* for_ms: 0 is as long as its stream. */
static void begin_lifetime(struct hub_interest *i, int64_t for_ms)
{
	struct loop *l = i->stream->edge->loop;

	if (for_ms)
		loop_timer_start(l, &i->expiry, loop_now_ms(l) + for_ms,
				 on_expiry);
	else
		loop_timer_stop(l, &i->expiry);
}

static int create(struct hub_stream *s, const struct hub_interest_spec *spec,
		  struct hub_interest **out, struct weir_error *err)
{
	struct hub_interest *i = slab_zalloc(sizeof *i);
	int rc;

	i->stream = s;
	list_push(&s->interests, &i->link);
	s->n_interests++;
	rc = enter(i, spec, err);
	if (rc < 0)
		free_interest(i);
	else
		*out = i;
	return rc;
}

/* What was held back by the old shape is let go. */
static void reshape(struct hub_interest *i, struct hub_pace *pace)
{
	hub_shape_destroy(i->shape);
	i->shape = NULL;
	if (!pace->every_ms)
		return;
	i->shape = hub_shape_create(i, pace);
	*pace = (struct hub_pace){0};
}

static void mark(struct hub_interest *i, struct hub_pace *pace,
		 const char *state)
{
	reshape(i, pace);
	tell(i, state);
	i->since = i->stream->seq;
}

/* Takes of spec what it needs. */
static int set(struct hub_stream *s, struct hub_interest_spec *spec,
	       enum hub_interest_change *change_out, struct hub_interest **out,
	       struct weir_error *err)
{
	struct hub_interest *i =
		spec->name ? hub_interest_find(s, str_of(spec->name)) : NULL;
	uint32_t max = s->edge->conf.interests_max;
	int rc = 0;

	if (!i && s->n_interests >= max)
		return error_set(err, WEIR_ETOOBIG,
				 "a stream has at most %u interests", max);
	if (!i) {
		*change_out = HUB_CREATED;
		rc = create(s, spec, &i, err);
	} else if (same(i, spec)) {
		*change_out = HUB_KEPT;
	} else {
		*change_out = HUB_CHANGED;
		rc = enter(i, spec, err);
	}
	if (rc < 0)
		return rc;
	if (*change_out != HUB_KEPT)
		mark(i, &spec->pace,
		     *change_out == HUB_CREATED ? "active" : "changed");
	begin_lifetime(i, spec->for_ms);
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

	hub_interest_spec_fini(spec);
	if (rc < 0)
		return rc;
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
	struct interest_report report;

	return interests_ask(edge->interests, spec->where, &report, NULL, err);
}

/* One of many: what cannot be is an event, and the others go on. */
static void set_or_deny(struct hub_stream *s, struct hub_interest_spec *spec)
{
	enum hub_interest_change change;
	struct hub_interest *i;
	struct weir_error err;

	if (set(s, spec, &change, &i, &err) < 0)
		tell_stream(s, or_empty(spec->name), "denied", err.message);
	hub_interest_spec_fini(spec);
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

		if (!has_name(specs, n, i->name))
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

		if (*i->name && str_eq(str_of(i->name), name))
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

	if (!interests_empty(edge->interests))
		interests_match(edge->interests, hub_event_values(d->event),
				&meta, on_met, &first);
	return first;
}

static void add_name(struct buf *b, const struct hub_interest *i)
{
	if (!*i->name)
		return;
	buf_append_cstr(b, buf_len(b) ? "," : "\"matched\":[");
	json_write_string(str_of(i->name), b);
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

/* The condition, and what leads to it. The index does not keep conditions as
 * such, and what is asked for seldom is read anew. */
static void write_where(const struct hub_interest *i, struct buf *out)
{
	struct str text = str_of(i->entry.text);
	struct cond *where;

	if (!text.len)
		return; /* every part */
	buf_append_cstr(out, ",\"where\":");
	json_write_string(text, out);
	if (cond_parse(text, &cond_rules_client, &where, NULL) == 0)
		interests_explain(i->stream->edge->interests, where, out);
	cond_unref(where);
}

static void write_pace(const struct hub_pace *pace, struct buf *out)
{
	if (pace->every_ms)
		buf_printf(out, ",\"every\":\"%lldms\",\"keep\":\"%s\"",
			   (long long)pace->every_ms,
			   pace->keep == HUB_KEEP_FIRST ? "first" : "latest");
	if (pace->key) {
		buf_append_cstr(out, ",\"key\":");
		json_write_string(str_of(pace->key), out);
	}
}

static void write_end(const struct hub_interest *i, struct buf *out)
{
	int64_t end_ms =
		loop_timer_deadline_ms(i->stream->edge->loop, &i->expiry);
	char time[CLOCK_RFC3339_LEN + 1];

	if (end_ms == CLOCK_NEVER)
		return;
	clock_format_rfc3339(clock_wall_ms() + end_ms - clock_ms(), time);
	buf_printf(out, ",\"expires\":\"%s\"", time);
}

void hub_interest_write(const struct hub_interest *i, struct buf *out)
{
	buf_append_cstr(out, "{\"name\":");
	json_write_string(str_of(i->name), out);
	write_where(i, out);
	write_pace(hub_shape_pace(i->shape), out);
	buf_printf(out, ",\"state\":\"active\",\"id\":\"%s.%llu\"",
		   i->stream->id, (unsigned long long)i->since);
	write_end(i, out);
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
