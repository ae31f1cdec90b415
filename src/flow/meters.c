/* meters.c - see meters.h. */
#include "flow/meters.h"

#include "base/mem.h"
#include "flow/ast.h"
#include "rx/meter.h"

struct stage_meters {
	struct rx_meter out;
	struct rx_meter entry; /* of its block */
};

struct flow_meters {
	struct flow_hooks hooks;
	struct flow *flow; /* ours */
	struct rx_meter entry;
	struct stage_meters stages[];
};

static void *enter_block(void *arg, void *inside, uint32_t no,
			 struct rx_inner *in)
{
	struct flow_meters *m = arg;

	in->source = rx_meter(in->source, &m->stages[no].entry);
	return NULL;
}

static struct rx_source *leave_stage(void *arg, void *inside, uint32_t no,
				     struct rx_source *src)
{
	struct flow_meters *m = arg;

	return rx_meter(src, &m->stages[no].out);
}

struct flow_meters *flow_meters_create(struct flow *f)
{
	struct flow_meters *m = mem_zalloc(
		sizeof *m + f->n_stages * sizeof(struct stage_meters));

	m->hooks = (struct flow_hooks){enter_block, leave_stage, m};
	m->flow = flow_ref(f);
	rx_meter_init(&m->entry);
	for (uint32_t i = 0; i < f->n_stages; i++) {
		rx_meter_init(&m->stages[i].out);
		rx_meter_init(&m->stages[i].entry);
	}
	return m;
}

void flow_meters_destroy(struct flow_meters *m)
{
	if (!m)
		return;
	flow_unref(m->flow);
	mem_free(m);
}

const struct flow_hooks *flow_meters_hooks(struct flow_meters *m)
{
	return &m->hooks;
}

struct rx_source *flow_meters_enter(struct flow_meters *m,
				    struct rx_source *main)
{
	return main ? rx_meter(main, &m->entry) : NULL;
}

struct flow_counts flow_meters_read(const struct flow_meters *m, uint32_t no,
				    int before, int around)
{
	const struct rx_meter *out = &m->stages[no].out;
	const struct rx_meter *in = before >= 0	  ? &m->stages[before].out
				    : around >= 0 ? &m->stages[around].entry
						  : &m->entry;

	return (struct flow_counts){
		.in = in->out,
		.out = out->out,
		.dropped = out->dropped,
		.errors = out->item_errors + out->errors,
		.held = rx_meter_held(out),
		.live = rx_meter_live(out),
	};
}
