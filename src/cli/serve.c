/* serve.c - `weir serve` and `weir check`. */
#include "app/app.h"
#include "base/log.h"
#include "cli/verbs.h"

#include <stdio.h>
#include <string.h>

static void usage_serve(FILE *out)
{
	fprintf(out,
		"usage: weir serve [--trace[=auto|always|never]] FILE\n\n"
		"Runs the server with the configuration FILE (YAML).\n\n"
		"  --trace   prints each event of a job's life: milliseconds "
		"since the start,\n"
		"            the fiber (M: the loop), who began it ([S]: the "
		"server) and what;\n"
		"            in colour on a terminal, =always, or =never\n\n"
		"SIGHUP reads FILE again; SIGTERM and SIGINT end the server "
		"in order.\n"
		"Exit status: 0 ended in order, 1 could not begin, 2 wrong "
		"usage.\n");
}

static void usage_check(FILE *out)
{
	fprintf(out,
		"usage: weir check [--explain] FILE\n\n"
		"Says what is wrong with a configuration, and where.\n\n"
		"  --explain   prints the pipelines as they are understood: a "
		"tree of stages\n"
		"              with all of their parameters\n\n"
		"Exit status: 0 nothing, 1 something, 2 wrong usage.\n");
}

static void print_report(struct buf *report)
{
	fwrite(buf_bytes(report), 1, buf_len(report), stderr);
	buf_fini(report);
}

static bool read_trace(const char *arg)
{
	if (!strcmp(arg, "--trace") || !strcmp(arg, "--trace=auto"))
		trace_start(TRACE_AUTO);
	else if (!strcmp(arg, "--trace=always"))
		trace_start(TRACE_COLOUR_ALWAYS);
	else if (!strcmp(arg, "--trace=never"))
		trace_start(TRACE_COLOUR_NEVER);
	else
		return false;
	return true;
}

int verb_serve(int argc, char **argv)
{
	const char *file = NULL;
	struct buf report = {0};
	struct weir_error err;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
			usage_serve(stdout);
			return 0;
		}
		if (read_trace(argv[i]))
			continue;
		if (argv[i][0] == '-' || file) {
			fprintf(stderr, "weir serve: what is '%s'?\n\n",
				argv[i]);
			usage_serve(stderr);
			return 2;
		}
		file = argv[i];
	}
	if (!file) {
		usage_serve(stderr);
		return 2;
	}

	struct config *c = config_load(file, &report);
	struct app *a = c ? app_create(c, NULL, &report) : NULL;

	if (!a) {
		print_report(&report);
		return 1;
	}

	int rc = app_run(a, &err);

	if (rc < 0)
		fprintf(stderr, "weir: %s\n", err.message);
	app_destroy(a);
	buf_fini(&report);
	return rc < 0;
}

static void explain(const struct hub *hub)
{
	struct buf out = {0};

	for (int i = 0; i < HUB_PIPELINES; i++) {
		buf_printf(&out, "\npipeline %s: %.*s\n", hub_pipeline_label(i),
			   STR_FMT(str_trim(hub_pipeline_text(hub, i))));
		hub_pipeline_explain(hub, i, &out);
	}
	fwrite(buf_bytes(&out), 1, buf_len(&out), stdout);
	buf_fini(&out);
}

int verb_check(int argc, char **argv)
{
	bool explains = argc > 1 && !strcmp(argv[1], "--explain");
	const char *file = argc == 2 + explains ? argv[1 + explains] : "-";
	struct buf report = {0};

	if (!strcmp(file, "--help") || !strcmp(file, "-h")) {
		usage_check(stdout);
		return 0;
	}
	if (file[0] == '-') {
		usage_check(stderr);
		return 2;
	}

	struct config *c = config_load(file, &report);
	struct app *a = c ? app_create(c, NULL, &report) : NULL;

	if (!a) {
		print_report(&report);
		return 1;
	}
	printf("%s: fine\n", file);
	if (explains)
		explain(app_hub(a));
	app_destroy(a);
	buf_fini(&report);
	return 0;
}
