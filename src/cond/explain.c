/* explain.c - see explain.h. */
#include "cond/explain.h"

#include "cond/code.h"
#include "json/write.h"

enum { VALUE_SHOWN_MAX = 60 };

struct explainer {
	struct value v;
	const struct cond_meta *meta;
	struct buf *out;
};

static bool ask(const struct explainer *e, const struct cond_node *n,
		struct cond_met *met)
{
	struct cond_program *p = cond_program_compile(n);
	bool holds = cond_program_ask(p, e->v, e->meta, met);

	cond_program_destroy(p);
	return holds;
}

/* A negated comparison is told as one. */
static const struct cond_node *comparison(const struct cond_node *n)
{
	if (n->kind == COND_NOT && n->children[0]->kind == COND_ATOM)
		return n->children[0];
	return n->kind == COND_ATOM ? n : NULL;
}

/* What the comparison looked at, as JSON; false: nothing. */
static bool put_met(const struct cond_met *met, struct buf *out)
{
	if (!met->found)
		return false;
	if (value_type(met->view.v) == VALUE_STRING)
		json_write_string(met->view.s, out);
	else
		json_write(met->view.v, out);
	return true;
}

/* --- text ---------------------------------------------------------------- */

static void put_line(const struct explainer *e, const struct cond_node *n,
		     uint32_t depth)
{
	struct cond_met met = {0};
	bool holds = ask(e, n, &met);
	struct buf value = {0};
	struct buf text = {0};

	cond_node_print(n, &text);
	buf_printf(e->out, "%-4s %*s", holds ? "yes" : "no", 2 * (int)depth,
		   "");
	if (comparison(n) && put_met(&met, &value)) {
		struct str shown = buf_str(&value);
		bool cut = shown.len > VALUE_SHOWN_MAX;

		shown.len =
			cut ? str_utf8_valid(str_from(shown.p, VALUE_SHOWN_MAX))
			    : shown.len;
		buf_printf(e->out, "%-32.*s  %.*s%s", STR_FMT(buf_str(&text)),
			   STR_FMT(shown), cut ? "..." : "");
	} else {
		buf_append_str(e->out, buf_str(&text));
	}
	buf_append_char(e->out, '\n');
	buf_fini(&text);
	buf_fini(&value);
}

static void put_lines(const struct explainer *e, const struct cond_node *n,
		      uint32_t depth)
{
	put_line(e, n, depth);
	if (comparison(n))
		return;
	for (uint32_t i = 0; i < n->n; i++)
		put_lines(e, n->children[i], depth + 1);
}

void cond_explain_text(const struct cond *c, struct value v,
		       const struct cond_meta *meta, struct buf *out)
{
	struct explainer e = {v, meta, out};

	put_lines(&e, cond_root(c), 0);
}

/* --- JSON ---------------------------------------------------------------- */

static void put_json(const struct explainer *e, const struct cond_node *n)
{
	static const char *const kinds[] = {
		[COND_FALSE] = "false", [COND_TRUE] = "true",
		[COND_NOT] = "not",	[COND_AND] = "and",
		[COND_OR] = "or",	[COND_XOR] = "xor",
	};
	struct cond_met met = {0};
	struct buf text = {0};
	bool holds = ask(e, n, &met);

	buf_printf(e->out, "{\"holds\":%s,\"is\":", holds ? "true" : "false");
	if (comparison(n)) {
		cond_node_print(n, &text);
		json_write_string(buf_str(&text), e->out);
		buf_clear(&text);
		if (put_met(&met, &text)) {
			buf_append_cstr(e->out, ",\"value\":");
			buf_append_str(e->out, buf_str(&text));
		}
	} else {
		buf_printf(e->out, "\"%s\"", kinds[n->kind]);
		for (uint32_t i = 0; i < n->n; i++) {
			buf_append_cstr(e->out, i ? "," : ",\"of\":[");
			put_json(e, n->children[i]);
		}
		buf_append_cstr(e->out, n->n ? "]" : "");
	}
	buf_append_char(e->out, '}');
	buf_fini(&text);
}

void cond_explain_json(const struct cond *c, struct value v,
		       const struct cond_meta *meta, struct buf *out)
{
	struct explainer e = {v, meta, out};

	put_json(&e, cond_root(c));
}
