/* handler.c - a source whose parts come from a C function of the program that
 * embeds weir; see include/weir/weir.h. The configuration gives its name and
 * nothing else, so that routes and pipelines can be checked without it.
 */
#include "source/source.h"

static const struct conf_field fields[] = {{0}};

static int configure(struct source *s, struct value conf, const char *pointer,
		     struct conf_error *e)
{
	return conf_read(conf, pointer, fields, s, e);
}

static int run(struct source *s, struct source_run *r, struct weir_error *err)
{
	struct source_handler *h = map_get(&s->env->handlers, str_of(s->name));

	if (!h)
		return error_set(err, WEIR_ENOTFOUND,
				 "this program has no handler for the source "
				 "'%s'",
				 s->name);
	return h->run(h->arg, r, err);
}

const struct source_ops source_handler = {
	.kind = "handler",
	.bytes = sizeof(struct source),
	.configure = configure,
	.run = run,
};
