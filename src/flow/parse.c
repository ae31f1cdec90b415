/* parse.c - the grammar of pipelines, by recursive descent.
 *
 *     pipeline := stage ('|' stage)*
 *     stage    := name [ '(' [arg (',' arg)*] ')' ] [ '{' pipeline '}' ]
 *     arg      := [name '='] value
 *     value    := duration | number | string | true | false | null
 *               | path | @stream | &function
 *
 * White space, newlines and comments (# to the end of the line) may stand
 * between any two tokens. Nothing here knows what a stage means.
 */
#include "flow/ast.h"

#include "base/mem.h"
#include "flow/flow.h"

struct parser {
	struct flow *f;
	struct weir_error *err;
	const char *p;
	uint32_t len;
	uint32_t i; /* the next byte */
	uint32_t depth;
};

static bool is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_name(char c)
{
	return is_name_start(c) || is_digit(c);
}

static char peek(const struct parser *ps)
{
	return ps->i < ps->len ? ps->p[ps->i] : '\0';
}

static void skip_space(struct parser *ps)
{
	for (; ps->i < ps->len; ps->i++) {
		char c = ps->p[ps->i];

		if (c == '#')
			while (ps->i + 1 < ps->len && ps->p[ps->i + 1] != '\n')
				ps->i++;
		else if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
			return;
	}
}

/* "expected X" and what is there instead. */
static int expected(struct parser *ps, const char *what)
{
	uint32_t end = ps->i;

	if (ps->i >= ps->len)
		return flow_error(ps->f, ps->err, ps->len,
				  "expected %s, but the text ends here", what);
	while (end < ps->len && is_name(ps->p[end]) && end - ps->i < 24)
		end++;
	/* One whole character at least, also when it has many bytes. */
	if (end == ps->i)
		do
			end++;
		while (end < ps->len && (ps->p[end] & 0xc0) == 0x80);
	return flow_error(ps->f, ps->err, ps->i, "expected %s, not '%.*s'",
			  what, (int)(end - ps->i), ps->p + ps->i);
}

static struct str read_name(struct parser *ps)
{
	uint32_t at = ps->i;

	while (ps->i < ps->len && is_name(ps->p[ps->i]))
		ps->i++;
	return str_from(ps->p + at, ps->i - at);
}

/* '...' as it stands; in "..." a \" is a quote and \ else is itself. */
static int read_string(struct parser *ps, struct arg *a)
{
	char quote = ps->p[ps->i++];
	struct buf b = {0};

	for (;; ps->i++) {
		if (ps->i >= ps->len) {
			buf_fini(&b);
			return flow_error(ps->f, ps->err, a->at,
					  "a string that begins here has no "
					  "closing %c",
					  quote);
		}

		char c = ps->p[ps->i];

		if (c == quote)
			break;
		if (quote == '"' && c == '\\' && ps->i + 1 < ps->len &&
		    ps->p[ps->i + 1] == '"')
			c = ps->p[++ps->i];
		buf_append_char(&b, c);
	}
	ps->i++;
	a->kind = ARG_VALUE;
	a->v = value_string(buf_str(&b));
	buf_fini(&b);
	return 0;
}

static int read_duration(struct parser *ps, struct arg *a)
{
	int rc = str_to_duration_ms(a->raw, &a->ms);

	if (a->raw.p[0] == '-')
		return flow_error(ps->f, ps->err, a->at,
				  "a duration cannot be negative");
	if (rc == WEIR_ETOOBIG)
		return flow_error(ps->f, ps->err, a->at,
				  "that duration is too long");
	if (rc < 0)
		return flow_error(ps->f, ps->err, a->at,
				  "'%.*s' is no duration: the units are ms, s, "
				  "m, h and d, as in 10ms or 1.5s",
				  (int)MIN(a->raw.len, 32), a->raw.p);
	a->kind = ARG_DURATION;
	return 0;
}

/* A number, or with letters behind it a duration. */
static int read_number(struct parser *ps, struct arg *a)
{
	uint32_t at = ps->i;
	uint32_t e;
	double d;

	if (peek(ps) == '-')
		ps->i++;
	if (!is_digit(peek(ps)))
		return expected(ps, "a digit after the minus");
	while (is_digit(peek(ps)))
		ps->i++;
	if (peek(ps) == '.') {
		ps->i++;
		if (!is_digit(peek(ps)))
			return expected(ps, "a digit after the point");
		while (is_digit(peek(ps)))
			ps->i++;
	}
	e = ps->i;
	if (e < ps->len && (ps->p[e] == 'e' || ps->p[e] == 'E')) {
		e++;
		if (e < ps->len && (ps->p[e] == '-' || ps->p[e] == '+'))
			e++;
		if (e < ps->len && is_digit(ps->p[e])) {
			while (e < ps->len && is_digit(ps->p[e]))
				e++;
			ps->i = e;
		}
	}
	if (is_name(peek(ps))) {
		read_name(ps);
		a->raw = str_from(ps->p + at, ps->i - at);
		return read_duration(ps, a);
	}
	a->raw = str_from(ps->p + at, ps->i - at);
	a->kind = ARG_VALUE;
	if (str_to_i64(a->raw, &a->v.i) == 0) {
		a->v.tag = VALUE_INT;
		return 0;
	}
	if (str_to_double(a->raw, &d) < 0)
		return flow_error(ps->f, ps->err, a->at,
				  "that number is too large");
	a->v = value_double(d);
	return 0;
}

/* `.`, `.a`, `.a.0.b`. Keys of other characters need a program in quotes. */
static int read_path(struct parser *ps, struct arg *a)
{
	uint32_t at = ps->i;

	ps->i++;
	if (is_name(peek(ps)))
		for (;;) {
			read_name(ps);
			if (peek(ps) != '.')
				break;
			ps->i++;
			if (!is_name(peek(ps)))
				return expected(ps, "a key after the dot");
		}
	a->kind = ARG_PATH;
	a->text = str_from(ps->p + at, ps->i - at);
	return 0;
}

/* @stream, &function: the surroundings know what they are. */
static int read_reference(struct parser *ps, struct arg *a)
{
	bool stream = peek(ps) == '@';

	ps->i++;
	if (!is_name_start(peek(ps)))
		return expected(ps, stream ? "the name of a stream after the @"
					   : "the name of a function after "
					     "the &");

	uint32_t at = ps->i;

	while (ps->i < ps->len && (is_name(peek(ps)) || peek(ps) == '-'))
		ps->i++;
	a->kind = stream ? ARG_STREAM : ARG_FUNCTION;
	a->text = str_from(ps->p + at, ps->i - at);
	return 0;
}

static int read_word(struct parser *ps, struct arg *a)
{
	uint32_t at = ps->i;
	struct str word = read_name(ps);

	a->kind = ARG_VALUE;
	if (str_eq(word, STR("true")) || str_eq(word, STR("false"))) {
		a->v = value_bool(word.p[0] == 't');
		return 0;
	}
	if (str_eq(word, STR("null"))) {
		a->v = value_null();
		return 0;
	}
	ps->i = at;
	return flow_error(ps->f, ps->err, at,
			  "'%.*s' is no value: strings need quotes, paths a "
			  "leading dot, streams a leading @",
			  (int)MIN(word.len, 32), word.p);
}

static int read_value(struct parser *ps, struct arg *a)
{
	char c = peek(ps);
	int rc;

	a->at = ps->i;
	if (c == '\'' || c == '"')
		rc = read_string(ps, a);
	else if (c == '-' || is_digit(c))
		rc = read_number(ps, a);
	else if (c == '.')
		rc = read_path(ps, a);
	else if (c == '@' || c == '&')
		rc = read_reference(ps, a);
	else if (is_name_start(c))
		rc = read_word(ps, a);
	else
		rc = expected(ps, "a value");
	a->raw = str_from(ps->p + a->at, ps->i - a->at);
	return rc;
}

static int read_arg(struct parser *ps, struct arg *a)
{
	uint32_t at = ps->i;

	a->v = value_null();
	if (is_name_start(peek(ps))) {
		struct str name = read_name(ps);

		skip_space(ps);
		if (peek(ps) == '=') {
			a->name = name;
			a->name_at = at;
			ps->i++;
			skip_space(ps);
			return read_value(ps, a);
		}
		ps->i = at;
	}
	return read_value(ps, a);
}

/* Behind the '('. */
static int read_args(struct parser *ps, struct stage *s)
{
	uint32_t open = ps->i - 1;
	uint32_t cap = 0;

	skip_space(ps);
	if (peek(ps) == ')') {
		ps->i++;
		return 0;
	}
	for (;;) {
		int rc;

		if (s->n_given == cap) {
			cap = cap ? 2 * cap : 4;
			s->given =
				mem_realloc(s->given, cap * sizeof *s->given);
		}
		s->given[s->n_given] = (struct arg){0};
		rc = read_arg(ps, &s->given[s->n_given++]);
		if (rc < 0)
			return rc;
		skip_space(ps);
		if (ps->i >= ps->len)
			return flow_error(ps->f, ps->err, open,
					  "the ( that stands here is never "
					  "closed");
		if (peek(ps) == ')') {
			ps->i++;
			return 0;
		}
		if (peek(ps) != ',')
			return expected(ps, "a comma or )");
		ps->i++;
		skip_space(ps);
	}
}

static int read_pipeline(struct parser *ps, struct pipeline **out);

/* Behind the '{'. */
static int read_block(struct parser *ps, struct stage *s)
{
	int rc;

	s->block_at = ps->i - 1;
	if (++ps->depth > FLOW_DEPTH_MAX)
		return flow_error(ps->f, ps->err, s->block_at,
				  "blocks are nested deeper than %d",
				  FLOW_DEPTH_MAX);
	skip_space(ps);
	if (peek(ps) == '}')
		return flow_error(ps->f, ps->err, ps->i,
				  "an empty block: { as_observable } passes "
				  "everything on");
	rc = read_pipeline(ps, &s->block);
	if (rc < 0)
		return rc;
	if (ps->i >= ps->len)
		return flow_error(ps->f, ps->err, s->block_at,
				  "the { that stands here is never closed");
	if (peek(ps) != '}')
		return expected(ps, "| or }");
	ps->i++;
	ps->depth--;
	return 0;
}

static int read_stage(struct parser *ps, struct stage *s)
{
	int rc = 0;

	s->at = ps->i;
	if (!is_name_start(peek(ps)))
		return expected(ps, "the name of an operator");
	s->no = ps->f->n_stages;
	if (++ps->f->n_stages > FLOW_STAGES_MAX)
		return flow_error(ps->f, ps->err, s->at, "more than %d stages",
				  FLOW_STAGES_MAX);
	s->name = read_name(ps);
	s->head = s->name;
	skip_space(ps);
	if (peek(ps) == '(') {
		ps->i++;
		rc = read_args(ps, s);
		s->head.len = ps->i - s->at;
		skip_space(ps);
	}
	if (rc == 0 && peek(ps) == '{') {
		ps->i++;
		rc = read_block(ps, s);
		skip_space(ps);
	}
	return rc;
}

static int read_pipeline(struct parser *ps, struct pipeline **out)
{
	struct pipeline *p = *out = mem_zalloc(sizeof *p);
	uint32_t cap = 0;

	for (;;) {
		int rc;

		skip_space(ps);
		if (p->n == cap) {
			cap = cap ? 2 * cap : 4;
			p->stages =
				mem_realloc(p->stages, cap * sizeof *p->stages);
		}
		p->stages[p->n] = (struct stage){0};
		rc = read_stage(ps, &p->stages[p->n++]);
		if (rc < 0)
			return rc;
		if (peek(ps) != '|')
			return 0;
		ps->i++;
	}
}

int flow_parse_text(struct flow *f, struct weir_error *err)
{
	struct parser ps = {
		.f = f, .err = err, .p = f->text.p, .len = f->text.len};
	size_t valid = str_utf8_valid(f->text);
	int rc;

	if (valid < f->text.len)
		return flow_error(f, err, valid, "this is not valid UTF-8");
	skip_space(&ps);
	if (ps.i >= ps.len)
		return flow_error(f, err, 0,
				  "an empty pipeline; as_observable "
				  "passes everything on");
	rc = read_pipeline(&ps, &f->main);
	if (rc == 0 && ps.i < ps.len)
		rc = expected(&ps, "| or the end");
	return rc;
}
