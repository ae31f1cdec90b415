/* table.c - finding rows, and saying what they want. */
#include "flow/table.h"

#include "base/buf.h"

#include <ctype.h>

static const struct op *const families[] = {
	ops_create, ops_item, ops_time, ops_gather, ops_many, ops_inner,
};

const struct op *op_at(size_t i)
{
	for (size_t f = 0; f < ARRAY_LEN(families); f++)
		for (const struct op *op = families[f]; op->name; op++)
			if (i-- == 0)
				return op;
	return NULL;
}

/* Which one of list, words between blanks (or NULL); -1: none. */
static int find_word(const char *list, struct str word)
{
	struct str rest = str_of(list);

	for (int i = 0; rest.p; i++)
		if (str_eq(str_cut(&rest, ' '), word))
			return i;
	return -1;
}

const struct op *op_find(struct str name)
{
	const struct op *op;

	for (size_t i = 0; (op = op_at(i)); i++)
		if (str_eq(str_of(op->name), name) ||
		    find_word(op->aliases, name) >= 0)
			return op;
	return NULL;
}

/* switchMap is switch_map here. */
static const struct op *find_camel(struct str name)
{
	struct buf snake = {0};
	const struct op *op;

	for (size_t i = 0; i < name.len; i++) {
		if (i && isupper((unsigned char)name.p[i]))
			buf_append_char(&snake, '_');
		buf_append_char(&snake,
				(char)tolower((unsigned char)name.p[i]));
	}
	op = op_find(buf_str(&snake));
	buf_fini(&snake);
	return op;
}

#define OPS_MAX 256

const char *op_nearest(struct str name)
{
	const char *names[OPS_MAX + 1] = {0};
	const struct op *op = find_camel(name);

	if (op)
		return op->name;
	for (size_t i = 0; i < OPS_MAX && (op = op_at(i)); i++)
		names[i] = op->name;
	return str_nearest(name, names);
}

unsigned op_n_params(const struct op *op)
{
	unsigned n = 0;

	while (n < OP_PARAMS_MAX && op->params[n].name)
		n++;
	return n;
}

static const struct {
	unsigned flag;
	const char *letter; /* as operators are noted: n, d, jq ... */
	const char *words;  /* NULL: the parameter's own */
} kinds[] = {
	{TAKES_COUNT, "n", "a whole number"},
	{TAKES_INT, "n", "a whole number"},
	{TAKES_NUMBER, "x", "a number"},
	{TAKES_DURATION, "d", "a duration"},
	{TAKES_STREAM, "@b", "a @stream"},
	{TAKES_PROGRAM, "jq", "a program ('...' or a path)"},
	{TAKES_ARRAY, "'[...]'", "a program that gives an array"},
	{TAKES_TEXT, "'text'", "a string"},
	{TAKES_WORD, "'word'", NULL},
	{TAKES_KEY, "key", "a key"},
	{TAKES_CONDITION, "'condition'", "a condition in quotes"},
	{TAKES_BOOL, "bool", "true or false"},
	{TAKES_VALUE, "value", "a value"},
};

static const char *letter(const struct param *p)
{
	if ((p->flags & TAKES_SELECTOR) == TAKES_SELECTOR)
		return "DUR";
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (p->flags & kinds[i].flag)
			return kinds[i].letter;
	return "value";
}

/* 'drop', 'delay' or 'error' */
static void put_words(const struct param *p, const char *between,
		      const char *before_last, struct buf *out)
{
	struct str rest = str_of(p->words);
	bool first = true;

	while (rest.p) {
		struct str word = str_cut(&rest, ' ');

		buf_printf(out, "%s'%.*s'",
			   first    ? ""
			   : rest.p ? between
				    : before_last,
			   STR_FMT(word));
		first = false;
	}
}

void op_form(const struct op *op, struct buf *out)
{
	unsigned n = op_n_params(op);

	buf_append_cstr(out, op->name);
	if (n)
		buf_append_char(out, '(');
	for (unsigned i = 0; i < n; i++) {
		const struct param *p = &op->params[i];

		if (i)
			buf_append_cstr(out, ", ");
		if (p->flags & (PARAM_OPTIONAL | PARAM_NAMED) &&
		    !(p->flags & PARAM_REST))
			buf_printf(out, "%s=%s", p->name,
				   p->fallback ? p->fallback : letter(p));
		else if (p->flags & TAKES_WORD)
			put_words(p, "/", "/", out);
		else
			buf_append_cstr(out, letter(p));
		if (p->flags & PARAM_REST)
			buf_append_cstr(out, ", ...");
	}
	if (n)
		buf_append_char(out, ')');
	if (op->flags & OP_BLOCK)
		buf_append_cstr(out, " { ... }");
	if (op->flags & OP_BLOCK_OR)
		buf_printf(out, " or %s { ... }", op->name);
}

int param_word(const struct param *p, struct str word)
{
	return find_word(p->words, word);
}

void param_wants(const struct param *p, struct buf *out)
{
	const char *between = "";

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (!(p->flags & kinds[i].flag))
			continue;
		buf_append_cstr(out, between);
		if (kinds[i].words)
			buf_append_cstr(out, kinds[i].words);
		else
			put_words(p, ", ", " or ", out);
		between = " or ";
	}
	if (p->flags & TAKES_NULL)
		buf_append_cstr(out, " or null");
}
