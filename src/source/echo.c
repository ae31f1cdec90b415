/* echo.c - gives a job's `data` back as its part: for trying things out, and to
 * hand data from one client to those whom it interests. */
#include "source/source.h"

static const struct conf_field fields[] = {{0}};

static int configure(struct source *s, struct value conf, const char *pointer,
		     struct conf_error *e)
{
	return conf_read(conf, pointer, fields, s, e);
}

static int run(struct source *s, struct source_run *r, struct weir_error *err)
{
	struct value data = value_get(source_run_job(r, 0), STR("data"));

	return source_emit(r, 0, value_ref(data));
}

const struct source_ops source_echo = {
	.kind = "echo",
	.bytes = sizeof(struct source),
	.configure = configure,
	.run = run,
};
