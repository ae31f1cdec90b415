/* push.c - a source that other programs feed: POST /v1/parts?source=NAME. It
 * has a name and nothing else; whoever may reach that address pushes. */
#include "source/source.h"

static const struct conf_field fields[] = {{0}};

static int configure(struct source *s, struct value conf, const char *pointer,
		     struct conf_error *e)
{
	return conf_read(conf, pointer, fields, s, e);
}

const struct source_ops source_push = {
	.kind = "push",
	.bytes = sizeof(struct source),
	.configure = configure,
};
