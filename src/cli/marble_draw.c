/* marble_draw.c - see marble_draw.h. */
#include "cli/marble_draw.h"

#include "base/mem.h"
#include "flow/ast.h"

#include <ctype.h>

struct inputs {
	struct picture_input *list; /* ours, diagrams too */
	uint32_t n;
};

/* Cuts "b=" or "@b:" off *text: the name, empty without one. */
static struct str cut_name(struct str *text)
{
	size_t from = text->len && text->p[0] == '@';
	size_t i = from;
	struct str name = {"", 0};

	while (i < text->len &&
	       (isalnum((unsigned char)text->p[i]) || text->p[i] == '_'))
		i++;
	if (i > from && i < text->len &&
	    (text->p[i] == '=' || text->p[i] == ':')) {
		name = str_from(text->p + from, i - from);
		*text = str_from(text->p + i + 1, text->len - i - 1);
	}
	return name;
}

static bool has_name(const struct inputs *in, struct str name)
{
	for (uint32_t i = 0; i < in->n; i++)
		if (str_eq(in->list[i].name, name))
			return true;
	return false;
}

/* Names those diagrams that have none. False: one too many. */
static bool name_rest(struct inputs *in, const struct flow *f)
{
	enum flow_head head = flow_head(f);
	uint32_t unnamed = 0, free = 0, next = 0;
	bool main;

	for (uint32_t i = 0; i < in->n; i++)
		unnamed += !in->list[i].name.len;
	for (uint32_t i = 0; i < f->n_streams; i++)
		free += !has_name(in, f->streams[i].name);
	main = !has_name(in, STR("main")) &&
	       (head == FLOW_HEAD_STAGE ||
		(head == FLOW_HEAD_EITHER && unnamed > free));
	for (uint32_t i = 0; i < in->n; i++) {
		if (in->list[i].name.len)
			continue;
		if (main) {
			in->list[i].name = STR("main");
			main = false;
			continue;
		}
		while (next < f->n_streams &&
		       has_name(in, f->streams[next].name))
			next++;
		if (next == f->n_streams)
			return false;
		in->list[i].name = f->streams[next++].name;
	}
	return true;
}

static int read_inputs(const struct marble_draw *d, struct inputs *in,
		       struct buf *report)
{
	in->list = mem_zalloc((d->n_diagrams + 1) * sizeof *in->list);
	for (uint32_t i = 0; i < d->n_diagrams; i++) {
		struct picture_input *p = &in->list[i];
		struct str text = str_of(d->diagrams[i]);
		struct weir_error err;

		p->name = cut_name(&text);
		if (diagram_read(text, d->conf.frame_ms, d->values, &p->diagram,
				 &err) < 0) {
			error_render(&err, "diagram", text.p, text.len, report);
			return -1;
		}
		p->diagram.hot |= d->hot;
		in->n++;
	}
	return 0;
}

static void drop_inputs(struct inputs *in)
{
	for (uint32_t i = 0; i < in->n; i++)
		diagram_fini(&in->list[i].diagram);
	mem_free(in->list);
}

static struct picture *draw(const struct marble_draw *d, struct flow *flow,
			    struct inputs *in, struct buf *report)
{
	struct picture *picture = NULL;
	struct weir_error err;

	if (read_inputs(d, in, report) < 0)
		return NULL;
	if (!name_rest(in, flow)) {
		buf_printf(report,
			   "there are more diagrams (%u) than this pipeline "
			   "has inputs\n",
			   in->n);
		return NULL;
	}
	if (picture_make(flow, in->list, in->n, &d->conf, &picture, &err) < 0)
		error_render(&err, "pipeline", d->pipeline, strlen(d->pipeline),
			     report);
	return picture;
}

struct picture *marble_draw(const struct marble_draw *d, struct buf *report)
{
	struct str text = str_of(d->pipeline);
	struct inputs in = {0};
	struct picture *picture;
	struct weir_error err;
	struct flow *flow;

	if (flow_parse(text, &flow, &err) < 0) {
		error_render(&err, "pipeline", text.p, text.len, report);
		return NULL;
	}
	picture = draw(d, flow, &in, report);
	drop_inputs(&in);
	flow_unref(flow);
	return picture;
}
