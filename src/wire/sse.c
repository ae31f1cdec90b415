/* sse.c - see sse.h. */
#include "wire/sse.h"

/* The longest name of a field, its colon and its space. */
#define FIELD_BYTES 8

/* What a big event needed is given back; what usual ones need is kept. */
#define KEEP_BYTES 16384

void sse_init(struct sse *s, size_t event_max)
{
	*s = (struct sse){.event_max = event_max, .retry_ms = -1};
}

void sse_fini(struct sse *s)
{
	buf_fini(&s->line);
	buf_fini(&s->data);
	buf_fini(&s->type);
	buf_fini(&s->id);
	buf_fini(&s->last_id);
}

static void empty(struct buf *b)
{
	if (b->cap > KEEP_BYTES)
		buf_fini(b);
	else
		buf_clear(b);
}

static void event_clear(struct sse *s)
{
	empty(&s->data);
	empty(&s->type);
	s->given = false;
}

static void set(struct buf *b, struct str value)
{
	buf_clear(b);
	buf_append_str(b, value);
}

void sse_restart(struct sse *s)
{
	event_clear(s);
	empty(&s->line);
	set(&s->id, buf_str(&s->last_id));
	s->bom_bytes = 0;
	s->after_cr = s->skipping = s->line_begun = false;
}

/* --- a line ------------------------------------------------------------ */

static void on_retry(struct sse *s, struct str value)
{
	uint64_t ms;

	for (size_t i = 0; i < value.len; i++)
		if (value.p[i] < '0' || value.p[i] > '9')
			return;
	if (str_to_u64(value, &ms) == 0 && ms <= INT32_MAX)
		s->retry_ms = (int64_t)ms;
}

/* 0, or WEIR_ETOOBIG. */
static int on_field(struct sse *s, struct str name, struct str value)
{
	size_t room = s->event_max - MIN(s->event_max, buf_len(&s->data));

	if (str_eq(name, STR("data"))) {
		/* The line feeds count, too: else empty lines cost nothing. */
		if (buf_len(&s->data) > s->event_max ||
		    value.len + buf_len(&s->type) > room)
			return WEIR_ETOOBIG;
		buf_append_str(&s->data, value);
		buf_append_char(&s->data, '\n');
	} else if (str_eq(name, STR("event"))) {
		if (value.len > room)
			return WEIR_ETOOBIG;
		set(&s->type, value);
	} else if (str_eq(name, STR("id"))) {
		if (value.len > SSE_ID_MAX)
			return WEIR_ETOOBIG;
		if (value.len == 0 || !memchr(value.p, '\0', value.len))
			set(&s->id, value);
	} else if (str_eq(name, STR("retry"))) {
		on_retry(s, value);
	}
	return 0;
}

static int on_blank(struct sse *s, struct sse_event *event_out)
{
	if (s->skipping) {
		/* Its id is not taken over: it was not delivered. */
		s->skipping = false;
		set(&s->id, buf_str(&s->last_id));
		return WEIR_EAGAIN;
	}
	set(&s->last_id, buf_str(&s->id));
	if (buf_len(&s->data) == 0) {
		event_clear(s);
		return WEIR_EAGAIN;
	}
	s->given = true;
	event_out->type =
		buf_len(&s->type) ? buf_str(&s->type) : STR("message");
	event_out->data = buf_str(&s->data);
	event_out->data.len--; /* the last LF */
	event_out->id = buf_str(&s->last_id);
	return 0;
}

/* 0 and an event, WEIR_EAGAIN for none (yet), or WEIR_ETOOBIG. */
static int on_line(struct sse *s, struct str line, struct sse_event *event_out)
{
	struct str value = line;
	struct str name;

	if (line.len == 0)
		return on_blank(s, event_out);
	if (s->skipping || line.p[0] == ':')
		return WEIR_EAGAIN;
	name = str_cut(&value, ':');
	if (value.len && value.p[0] == ' ')
		value = str_from(value.p + 1, value.len - 1);
	return on_field(s, name, value) < 0 ? WEIR_ETOOBIG : WEIR_EAGAIN;
}

/* --- bytes into lines -------------------------------------------------- */

static void advance(struct str *in, size_t bytes)
{
	in->p += bytes;
	in->len -= bytes;
}

/* Drops one byte order mark at the very beginning. False: *in is used up and
 * may still become one. */
static bool skip_bom(struct sse *s, struct str *in)
{
	static const char bom[] = "\xEF\xBB\xBF";

	while (s->bom_bytes < 3) {
		if (in->len == 0)
			return false;
		if (in->p[0] != bom[s->bom_bytes]) {
			/* It was text; of the first line, as all text is. */
			buf_append(&s->line, bom, s->bom_bytes);
			s->bom_bytes = 3;
			break;
		}
		advance(in, 1);
		s->bom_bytes++;
	}
	return true;
}

static size_t find_line_end(struct str in)
{
	size_t i = 0;

	while (i < in.len && in.p[i] != '\n' && in.p[i] != '\r')
		i++;
	return i;
}

static int too_big(struct sse *s)
{
	event_clear(s);
	empty(&s->line);
	s->skipping = true;
	return WEIR_ETOOBIG;
}

/* Keeps the beginning of a line. 0, or WEIR_ETOOBIG. */
static int hold(struct sse *s, struct str piece)
{
	size_t max = MAX(s->event_max, SSE_ID_MAX) + FIELD_BYTES;

	if (s->skipping) {
		s->line_begun = true;
		return 0;
	}
	if (buf_len(&s->line) + piece.len <= max) {
		buf_append_str(&s->line, piece);
		return 0;
	}
	/* Comments are dropped, however long: their colon is enough. */
	if ((buf_len(&s->line) ? buf_bytes(&s->line) : piece.p)[0] == ':') {
		set(&s->line, STR(":"));
		return 0;
	}
	s->line_begun = true;
	return too_big(s);
}

/* The line that ends with piece. */
static int finish_line(struct sse *s, struct str piece,
		       struct sse_event *event_out)
{
	int rc;

	if (s->skipping && s->line_begun) {
		s->line_begun = false;
		return WEIR_EAGAIN;
	}
	if (buf_len(&s->line) == 0) {
		rc = on_line(s, piece, event_out);
	} else {
		rc = hold(s, piece);
		if (rc < 0)
			s->line_begun = false; /* this is its end */
		else
			rc = on_line(s, buf_str(&s->line), event_out);
		empty(&s->line);
	}
	return rc == WEIR_ETOOBIG ? too_big(s) : rc;
}

int sse_next(struct sse *s, struct str *in, struct sse_event *event_out)
{
	if (s->given)
		event_clear(s);
	if (!skip_bom(s, in))
		return WEIR_EAGAIN;
	while (in->len) {
		if (s->after_cr) {
			s->after_cr = false;
			if (in->p[0] == '\n') {
				advance(in, 1);
				continue;
			}
		}

		size_t len = find_line_end(*in);
		struct str piece = str_from(in->p, len);
		int rc;

		if (len == in->len) {
			advance(in, len);
			rc = hold(s, piece);
			return rc < 0 ? rc : WEIR_EAGAIN;
		}
		s->after_cr = in->p[len] == '\r';
		advance(in, len + 1);
		rc = finish_line(s, piece, event_out);
		if (rc != WEIR_EAGAIN)
			return rc;
	}
	return WEIR_EAGAIN;
}
