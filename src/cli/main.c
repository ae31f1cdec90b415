/* main.c - finds the verb. */
#include "base/str.h"
#include "base/util.h"
#include "cli/verbs.h"

#include <stdio.h>
#include <string.h>

struct verb {
	const char *name;
	const char *args;
	const char *does;
	int (*run)(int argc, char **argv);
};

static const struct verb verbs[] = {
	{"serve", "[--trace] FILE", "run the server", verb_serve},
	{"check", "[--explain] FILE", "what is wrong with a configuration?",
	 verb_check},
	{"run", "PIPELINE <in >out", "a pipeline over lines of JSON", verb_run},
	{"marble", "PIPELINE [DIAGRAM]..", "draw what a pipeline does",
	 verb_marble},
	{"match", "CONDITION <in >out", "the lines of JSON that match",
	 verb_match},
	{"bench", "match --interests FILE ..", "how fast are events matched?",
	 verb_bench},
	{"json", "--check | --leaves ...", "standard input as JSON", verb_json},
};

static void usage(FILE *out)
{
	fprintf(out, "weir - an API server that sends data as it arrives\n\n");
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		fprintf(out, "  weir %-7s %-23s %s\n", verbs[i].name,
			verbs[i].args, verbs[i].does);
	fprintf(out, "  weir %-7s %-23s %s\n", "VERB", "--help",
		"what a verb takes");
	fprintf(out, "  weir --version\n");
}

int main(int argc, char **argv)
{
	const char *names[ARRAY_LEN(verbs) + 1] = {0};

	if (argc < 2) {
		usage(stderr);
		return 2;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
	    !strcmp(argv[1], "help")) {
		usage(stdout);
		return 0;
	}
	if (!strcmp(argv[1], "--version")) {
		printf("weir %s\n", WEIR_VERSION);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		if (!strcmp(argv[1], verbs[i].name))
			return verbs[i].run(argc - 1, argv + 1);
		names[i] = verbs[i].name;
	}

	const char *near = str_nearest(str_of(argv[1]), names);

	if (near)
		fprintf(stderr, "weir: no verb '%s'; did you mean '%s'?\n",
			argv[1], near);
	else
		fprintf(stderr, "weir: no verb '%s'; weir --help lists them\n",
			argv[1]);
	return 2;
}
