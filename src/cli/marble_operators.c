/* marble_operators.c - the documentation of operators, made of their rows.
 *
 *     --operators       one table of all
 *     --operator NAME   one of them, for a terminal
 *     --pages DIR       a page in Markdown and a picture for each
 *
 * A row has an example: it is run, so what a page shows is what happens.
 */
#include "cli/marble.h"

#include "base/mem.h"
#include "cli/marble_draw.h"
#include "flow/table.h"

#include <stdio.h>
#include <string.h>

#define PAGE_WIDTH 100 /* columns of what a page shows */

/* A cell ends at a bar. */
static void put_cell(struct str text, struct buf *out)
{
	while (text.p) {
		buf_append_str(out, str_cut(&text, '|'));
		if (text.p)
			buf_append_cstr(out, "\\|");
	}
}

int marble_operators(void)
{
	struct buf out = {0};
	const struct op *op;

	buf_append_cstr(&out, "| form | also | gives |\n|---|---|---|\n");
	for (size_t i = 0; (op = op_at(i)); i++) {
		buf_append_cstr(&out, "| [`");
		op_form(op, &out);
		buf_printf(&out, "`](operators/%s.md) | %s | ", op->name,
			   op->aliases ? op->aliases : "");
		put_cell(str_of(op->does), &out);
		buf_append_cstr(&out, " |\n");
	}
	fwrite(buf_bytes(&out), 1, buf_len(&out), stdout);
	buf_fini(&out);
	return 0;
}

/* --- one operator ----------------------------------------------------------
 */

static void put_capital(const char *text, struct buf *out)
{
	if (*text >= 'a' && *text <= 'z')
		buf_append_char(out, (char)(*text++ - 'a' + 'A'));
	buf_append_cstr(out, text);
	if (!strchr("?.", text[strlen(text) - 1]))
		buf_append_char(out, '.');
}

static const char *without(const struct param *p)
{
	if (p->fallback)
		return p->fallback;
	return p->flags & (PARAM_OPTIONAL | PARAM_NAMED) ? "-" : "needed";
}

static void put_params(const struct op *op, bool markdown, struct buf *out)
{
	unsigned n = op_n_params(op);

	if (!n)
		return;
	if (markdown)
		buf_append_cstr(out, "\n| parameter | takes | without it |\n"
				     "|---|---|---|\n");
	else
		buf_append_char(out, '\n');
	for (unsigned i = 0; i < n; i++) {
		const struct param *p = &op->params[i];
		struct buf wants = {0};

		param_wants(p, &wants);
		buf_printf(out, markdown ? "| `%s` | " : "  %-18s ", p->name);
		buf_printf(out, "%.*s%s", STR_FMT(buf_str(&wants)),
			   p->flags & PARAM_REST ? ", any number" : "");
		if (markdown)
			buf_printf(out, " | %s |\n", without(p));
		else
			buf_printf(out, " (%s)\n", without(p));
		buf_fini(&wants);
	}
}

static struct picture *draw_example(const struct op *op)
{
	uint32_t n = 0;
	struct buf report = {0};
	struct picture *p;

	while (n + 1 < OP_EXAMPLE_MAX && op->example[n + 1])
		n++;

	const struct marble_draw d = {.pipeline = op->example[0],
				      .diagrams = op->example + 1,
				      .n_diagrams = n,
				      .conf = MARBLE_DEFAULTS};

	p = marble_draw(&d, &report);
	if (!p)
		fprintf(stderr, "weir marble: the example of %s: %.*s",
			op->name, STR_FMT(buf_str(&report)));
	buf_fini(&report);
	return p;
}

/* As a shell reads it. */
static void put_word(const char *word, struct buf *out)
{
	char quote = strchr(word, '\'') ? '"' : '\'';

	buf_append_char(out, quote);
	for (; *word; word++) {
		if (quote == '"' && strchr("\"$`\\", *word))
			buf_append_char(out, '\\');
		buf_append_char(out, *word);
	}
	buf_append_char(out, quote);
}

static void put_example(const struct op *op, const struct picture *p,
			struct buf *out)
{
	buf_append_cstr(out, "weir marble");
	for (int i = 0; i < OP_EXAMPLE_MAX && op->example[i]; i++) {
		buf_append_char(out, ' ');
		put_word(op->example[i], out);
	}
	buf_append_cstr(out, "\n\n");
	picture_write_text(p, PAGE_WIDTH, false, out);
}

int marble_operator(const char *name)
{
	const struct op *op = op_find(str_of(name));
	const char *near = op ? NULL : op_nearest(str_of(name));
	struct buf out = {0};
	struct picture *p;

	if (!op) {
		fprintf(stderr, "weir marble: no operator '%s'", name);
		fprintf(stderr, near ? "; did you mean '%s'?\n" : "\n", near);
		return 2;
	}
	p = draw_example(op);
	if (!p)
		return 1;
	op_form(op, &out);
	if (op->aliases)
		buf_printf(&out, "\nalso: %s", op->aliases);
	buf_append_cstr(&out, "\n\n");
	put_capital(op->does, &out);
	buf_append_char(&out, '\n');
	if (op->notes)
		buf_printf(&out, "%s\n", op->notes);
	put_params(op, false, &out);
	buf_append_char(&out, '\n');
	put_example(op, p, &out);
	fwrite(buf_bytes(&out), 1, buf_len(&out), stdout);
	picture_destroy(p);
	buf_fini(&out);
	return 0;
}

/* --- pages -----------------------------------------------------------------
 */

static void put_aliases(const struct op *op, struct buf *out)
{
	struct str rest = str_of(op->aliases);
	const char *between = "\nAlso: ";

	while (rest.p) {
		buf_printf(out, "%s`%.*s`", between,
			   STR_FMT(str_cut(&rest, ' ')));
		between = ", ";
	}
	if (op->aliases)
		buf_append_cstr(out, ".\n");
}

static void put_page(const struct op *op, const struct picture *p,
		     struct buf *out)
{
	buf_printf(out, "# %s\n\n", op->name);
	put_capital(op->does, out);
	buf_append_cstr(out, "\n\n```text\n");
	op_form(op, out);
	buf_append_cstr(out, "\n```\n");
	put_aliases(op, out);
	if (op->notes)
		buf_printf(out, "\n%s\n", op->notes);
	put_params(op, true, out);
	buf_append_cstr(out, "\n![");
	put_cell(str_of(op->example[0]), out);
	buf_printf(out, "](%s.svg)\n\n```text\n", op->name);
	put_example(op, p, out);
	buf_append_cstr(out, "```\n\n[All operators](../operators.md)\n");
}

static int write_file(const char *dir, const char *name, const char *ending,
		      struct buf *text)
{
	struct buf path = {0};
	FILE *f;
	bool fine;

	buf_printf(&path, "%s/%s%s", dir, name, ending);
	buf_append_char(&path, '\0');
	f = fopen(buf_bytes(&path), "w");
	fine = f &&
	       fwrite(buf_bytes(text), 1, buf_len(text), f) == buf_len(text);
	if (f)
		fine &= fclose(f) == 0;
	if (!fine)
		fprintf(stderr, "weir marble: cannot write %s\n",
			buf_bytes(&path));
	buf_fini(&path);
	buf_fini(text);
	return fine ? 0 : 1;
}

int marble_pages(const char *dir)
{
	const struct op *op;
	int status = 0;

	for (size_t i = 0; (op = op_at(i)); i++) {
		struct picture *p = op->example[0] ? draw_example(op) : NULL;
		struct buf page = {0};
		struct buf svg = {0};

		if (!p) {
			fprintf(stderr, "weir marble: %s has no example\n",
				op->name);
			status = 1;
			continue;
		}
		put_page(op, p, &page);
		picture_write_svg(p, str_of(op->example[0]), &svg);
		picture_destroy(p);
		status |= write_file(dir, op->name, ".md", &page);
		status |= write_file(dir, op->name, ".svg", &svg);
	}
	return status;
}
