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
#include "json/write.h"

enum { DEAREST_MAX = 20 };

/* Dearest first. */
struct dearest {
	struct {
		double cost;
		char *text; /* ours */
	} at[DEAREST_MAX];
	uint32_t n;
};

static void consider(void *arg, const struct interests_entry *e,
		     const struct interest_report *report)
{
	struct dearest *d = arg;
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
}

static void put_dearest(struct interests *r, const struct dearest *d,
			struct buf *out)
{
	struct cond *c;

	for (uint32_t i = 0; i < d->n; i++) {
		buf_append_cstr(out, i ? ",\n" : "\n");
		buf_append_cstr(out, "{\"where\":");
		json_write_string(str_of(d->at[i].text), out);
		if (cond_parse(str_of(d->at[i].text), &cond_rules_client, &c,
			       NULL) == 0)
			interests_explain(r, c, out);
		cond_unref(c);
		buf_append_char(out, '}');
		mem_free(d->at[i].text);
	}
}

static void get_all(struct app *a, struct http_exchange *x)
{
	struct interests *r = hub_interests(app_hub(a));
	struct interests_figures f;
	struct dearest d = {0};
	struct buf b = {0};
	uint32_t at = 0;

	while (interests_walk(r, &at, consider, &d) && fiber_yield_turn() == 0)
		;
	interests_figures(r, &f);
	buf_printf(&b,
		   "{\"interests\":%u,\"conditions\":%u,\"residual\":%u,"
		   "\"bytes\":%llu,\"parts\":%llu,\"candidates\":%llu,"
		   "\"dearest\":[",
		   f.interests, f.conditions, f.residual,
		   (unsigned long long)f.bytes, (unsigned long long)f.parts,
		   (unsigned long long)f.candidates);
	put_dearest(r, &d, &b);
	buf_append_cstr(&b, "]}\n");
	http_respond(x, 200, "application/json", buf_str(&b));
	buf_fini(&b);
}

static void explain(struct app *a, struct http_exchange *x, struct str text)
{
	struct buf canonical = {0};
	struct buf b = {0};
	struct weir_error err;
	struct cond *c;

	if (cond_parse(text, &cond_rules_client, &c, &err) < 0) {
		struct problem p = {.status = 422,
				    .slug = "bad-condition",
				    .detail = err.message,
				    .line = err.line,
				    .column = err.column};

		http_problem_send(x, &p);
		return;
	}
	cond_node_print(cond_root(c), &canonical);
	buf_append_cstr(&b, "{\"where\":");
	json_write_string(buf_str(&canonical), &b);
	interests_explain(hub_interests(app_hub(a)), c, &b);
	buf_append_cstr(&b, "}\n");
	http_respond(x, 200, "application/json", buf_str(&b));
	cond_unref(c);
	buf_fini(&canonical);
	buf_fini(&b);
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
