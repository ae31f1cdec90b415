/* diagram.c - see diagram.h. */
#include "cli/diagram.h"

#include "base/mem.h"
#include "json/parse.h"

#include <string.h>

struct reader {
	struct str text;
	size_t at;
	int64_t frame; /* the next one */
	int64_t frame_ms;
	int64_t zero;	 /* the frame of ^ */
	int64_t group;	 /* the frame of an open parenthesis; -1 */
	size_t group_at; /* where it stands */
	const struct value *values;
	struct diagram *d;
	uint32_t cap;
	struct weir_error *err;
};

static int refuse(struct reader *r, size_t at, const char *why)
{
	return error_at(r->err, WEIR_EINVAL, r->text.p, r->text.len, at, "%s",
			why);
}

/* Takes v. */
static int add(struct reader *r, enum rx_event_kind kind, struct value v)
{
	struct diagram *d = r->d;
	int64_t frame = r->group >= 0 ? r->group : r->frame;

	if (d->ended) {
		value_unref(v);
		return refuse(r, r->at, "nothing can follow the end");
	}
	d->ended = kind != RX_EVENT_NEXT;
	if (d->n == r->cap) {
		r->cap = r->cap ? r->cap * 2 : 16;
		d->events = mem_realloc(d->events, r->cap * sizeof *d->events);
	}
	d->events[d->n++] =
		(struct rx_event){.at_ms = frame, .kind = kind, .v = v};
	r->frame++;
	return 0;
}

/* The length of the JSON text that begins at r->at; 0: it has no end. */
static size_t json_extent(const struct reader *r)
{
	size_t depth = 0;
	bool quoted = false;

	for (size_t i = r->at; i < r->text.len; i++) {
		char c = r->text.p[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == '{' || c == '[' || c == '<'))
			depth++;
		else if (!quoted && (c == '}' || c == ']' || c == '>'))
			depth--;
		if (!quoted && !depth)
			return i + 1 - r->at;
	}
	return 0;
}

static int read_json(struct reader *r)
{
	size_t from = r->at;
	size_t len = json_extent(r);
	bool angled = r->text.p[from] == '<';
	struct weir_error inner;
	struct value v;
	int rc;

	if (!len)
		return refuse(r, from, "this JSON has no end");
	if (json_parse(str_from(r->text.p + from + angled, len - 2 * angled),
		       &v, &inner) < 0)
		return refuse(r, from + angled + inner.offset, inner.message);
	rc = add(r, RX_EVENT_NEXT, v);
	r->at = from + len;
	return rc;
}

static struct value sign_value(const struct reader *r, char c)
{
	if (r->values && value_type(r->values[(int)c]) != VALUE_NULL)
		return value_ref(r->values[(int)c]);
	if (c >= '0' && c <= '9')
		return value_int(c - '0');
	return value_string(str_from(&c, 1));
}

static int read_sign(struct reader *r)
{
	char c = r->text.p[r->at];
	int rc = 0;

	switch (c) {
	case ' ':
		break;
	case '-':
		if (r->group >= 0)
			return refuse(r, r->at,
				      "no time passes inside parentheses");
		r->frame++;
		break;
	case ',':
		if (r->group < 0)
			return refuse(r, r->at,
				      "a comma belongs into parentheses: "
				      "(a,b)");
		break;
	case '(':
		if (r->group >= 0)
			return refuse(r, r->at, "a second parenthesis opens");
		r->group = r->frame++;
		r->group_at = r->at;
		break;
	case ')':
		if (r->group < 0)
			return refuse(r, r->at, "no parenthesis is open");
		r->group = -1;
		r->frame++;
		break;
	case '^':
		if (r->d->hot)
			return refuse(r, r->at,
				      "a second moment of "
				      "subscription");
		r->d->hot = true;
		r->zero = r->frame++;
		break;
	case '|':
		rc = add(r, RX_EVENT_DONE, value_null());
		break;
	case '#':
		rc = add(r, RX_EVENT_ERROR, value_cstr("error"));
		break;
	default:
		if (c <= ' ' || c > '~')
			return refuse(r, r->at,
				      "an item is a letter, a digit, or "
				      "JSON in {} [] \"\" <>");
		rc = add(r, RX_EVENT_NEXT, sign_value(r, c));
	}
	r->at++;
	return rc;
}

static int read_all(struct reader *r)
{
	while (r->at < r->text.len) {
		int rc = strchr("{[\"<", r->text.p[r->at]) ? read_json(r)
							   : read_sign(r);

		if (rc < 0)
			return rc;
	}
	if (r->group >= 0)
		return refuse(r, r->group_at,
			      "this parenthesis is never closed");
	return 0;
}

int diagram_read(struct str text, int64_t frame_ms, const struct value *values,
		 struct diagram *out, struct weir_error *err)
{
	struct reader r = {.text = text,
			   .frame_ms = frame_ms,
			   .group = -1,
			   .values = values,
			   .d = out,
			   .err = err};
	int rc;

	*out = (struct diagram){0};
	rc = read_all(&r);
	if (rc < 0) {
		diagram_fini(out);
		return rc;
	}
	for (uint32_t i = 0; i < out->n; i++)
		out->events[i].at_ms =
			(out->events[i].at_ms - r.zero) * frame_ms;
	out->end_ms = (r.frame - r.zero) * frame_ms;
	return 0;
}

void diagram_fini(struct diagram *d)
{
	for (uint32_t i = 0; i < d->n; i++)
		value_unref(d->events[i].v);
	mem_free(d->events);
	*d = (struct diagram){0};
}
