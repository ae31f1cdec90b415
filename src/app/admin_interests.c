/* admin_interests.c - GET /admin/v1/interests: what all clients together are
 * interested in, and what it costs.
 *
 *     {"interests":..,"conditions":..,"residual":..,"bytes":..,"parts":..,
 *      "candidates":..,"dearest":[{"where":..,"indexed":..,"cost":..}]}
 *
 * The dearest are found by walking all conditions, a thousand interests at a
 * time; between two pieces everything else has its turn.
 *
 * ?explain=CONDITION tells the same of one that nobody need have stated.
 */
#include "app/admin.h"

#include "app/app.h"
#include "base/mem.h"
#include "cond/tree.h"
#include "fiber/fiber.h"
#include "http/exchange.h"
#include "hub/edge.h"
#include "json/write.h"

enum { DEAREST_MAX = 20 };

/* Dearest first. */
struct dearest {
	struct {
		double cost;
		char *text; /* ours */
		struct hub_edge *edge;
	} at[DEAREST_MAX];
	uint32_t n;
};

/* A condition that is explained by the edge that has it. */
struct explained {
	struct str text;
	bool canonical; /* is to be told, rather than text */
	int rc;
	struct buf out; /* `{"where":..,"indexed":..,"cost":..}` */
	struct weir_error err;
};

static void on_explain(struct hub_edge *e, void *arg)
{
	struct explained *x = arg;
	struct buf canonical = {0};
	struct cond *c;

	x->rc = cond_parse(x->text, &cond_rules_client, &c, &x->err);
	if (x->rc < 0)
		return;
	cond_node_print(cond_root(c), &canonical);
	buf_append_cstr(&x->out, "{\"where\":");
	json_write_string(x->canonical ? buf_str(&canonical) : x->text,
			  &x->out);
	interests_explain(e->interests, c, &x->out);
	buf_append_char(&x->out, '}');
	cond_unref(c);
	buf_fini(&canonical);
}

static void put_dearest(const struct dearest *d, struct buf *out)
{
	for (uint32_t i = 0; i < d->n; i++) {
		struct explained x = {.text = str_of(d->at[i].text)};

		hub_edge_call(d->at[i].edge, on_explain, &x);
		buf_append_cstr(out, i ? ",\n" : "\n");
		buf_append_str(out, buf_str(&x.out));
		buf_fini(&x.out);
		mem_free(d->at[i].text);
	}
}

struct walk {
	struct dearest dearest;
	struct hub_edge *edge; /* the one that is walked */
	uint32_t at;
	bool more;
};

static void consider(void *arg, const struct interests_entry *e,
		     const struct interest_report *report)
{
	struct walk *w = arg;
	struct dearest *d = &w->dearest;
	uint32_t i = d->n;

	if (!*e->text) /* in everything, which is what it gets */
		return;
	if (d->n == DEAREST_MAX) {
		if (report->visits <= d->at[--i].cost)
			return;
		mem_free(d->at[i].text);
	} else {
		d->n++;
	}
	for (; i && d->at[i - 1].cost < report->visits; i--)
		d->at[i] = d->at[i - 1];
	d->at[i].cost = report->visits;
	d->at[i].text = mem_strdup(e->text);
	d->at[i].edge = w->edge;
}

static void on_walk(struct hub_edge *e, void *arg)
{
	struct walk *w = arg;

	w->edge = e;
	w->more = interests_walk(e->interests, &w->at, consider, w);
}

static void get_all(struct app *a, struct http_exchange *x)
{
	struct walk w = {0};
	struct interests_figures f;
	struct buf b = {0};

	for (uint32_t n = 0; n < hub_edges(app_hub(a)); n++) {
		w.at = 0;
		do
			hub_edge_call(hub_edge_at(app_hub(a), n), on_walk, &w);
		while (w.more && fiber_yield_turn() == 0);
	}
	f = hub_figures(app_hub(a)).interests;
	buf_printf(&b,
		   "{\"interests\":%u,\"conditions\":%u,\"residual\":%u,"
		   "\"bytes\":%llu,\"parts\":%llu,\"candidates\":%llu,"
		   "\"dearest\":[",
		   f.interests, f.conditions, f.residual,
		   (unsigned long long)f.bytes, (unsigned long long)f.parts,
		   (unsigned long long)f.candidates);
	put_dearest(&w.dearest, &b);
	buf_append_cstr(&b, "]}\n");
	http_respond(x, 200, "application/json", buf_str(&b));
	buf_fini(&b);
}

/* By the last edge, which serves clients in any case. */
static void explain(struct app *a, struct http_exchange *x, struct str text)
{
	struct hub *hub = app_hub(a);
	struct explained ex = {.text = text, .canonical = true};

	hub_edge_call(hub_edge_at(hub, hub_edges(hub) - 1), on_explain, &ex);
	if (ex.rc < 0) {
		struct problem p = {.status = 422,
				    .slug = "bad-condition",
				    .detail = ex.err.message,
				    .line = ex.err.line,
				    .column = ex.err.column};

		http_problem_send(x, &p);
	} else {
		buf_append_char(&ex.out, '\n');
		http_respond(x, 200, "application/json", buf_str(&ex.out));
	}
	buf_fini(&ex.out);
}

void admin_interests(struct app *a, struct http_exchange *x)
{
	struct buf text = {0};
	int rc = http_query_get(x, "explain", &text);

	if (rc == 0)
		explain(a, x, buf_str(&text));
	else
		get_all(a, x);
	buf_fini(&text);
}
