/* marble.c - `weir marble`: pipelines in virtual time, as pictures. */
#include "cli/marble.h"

#include "base/mem.h"
#include "cli/marble_draw.h"
#include "cli/verbs.h"
#include "json/parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH_WITHOUT_TERMINAL 100
#define DIAGRAMS_MAX	       64

struct options {
	struct marble_draw draw;
	const char *diagrams[DIAGRAMS_MAX];
	struct value values[DIAGRAM_SIGNS];
	const char *svg;
	const char *colour; /* auto, always, never */
	int width;	    /* 0: as the terminal */
};

static void usage(FILE *out)
{
	fprintf(out,
		"usage: weir marble [OPTION].. PIPELINE [DIAGRAM]..\n"
		"       weir marble --vectors <in >out\n"
		"       weir marble --operators | --operator NAME | --pages "
		"DIR\n"
		"\n"
		"Draws what a pipeline does with its inputs, stage by stage.\n"
		"\n"
		"  weir marble 'debounce(20ms)' '-ab--c---|'\n"
		"  weir marble 'merge(@b)' 'a--b--|' 'b=-1--2--|'\n"
		"  weir marble 'interval(20ms) | take(3)'\n"
		"\n"
		"A character of a diagram is a frame: - nothing, a or 7 an "
		"item, {..} [..] \"..\"\n"
		"<..> an item in JSON, (ab) several at once, | the end, # an "
		"error, ^ the moment\n"
		"of subscription of a hot input. The first diagram is the "
		"input, the others are\n"
		"the @streams in order of mention, or NAME=DIAGRAM.\n"
		"\n"
		"  --frame D         how long a frame is (10ms)\n"
		"  --until D         where the picture ends\n"
		"  --value A=JSON    what the sign A stands for\n"
		"  --hot             the inputs are hot\n"
		"  --run NxD         how run answers a job: N parts, one each "
		"D "
		"(3x20ms)\n"
		"  --all             also the stages inside of blocks\n"
		"  --svg FILE        writes a picture to FILE instead (- is "
		"standard output)\n"
		"  --color WHEN      auto, always or never\n"
		"  --width N         columns (those of the terminal)\n"
		"\n"
		"  --vectors         runs pipelines in virtual time\n"
		"     in   {\"id\", \"pipe\", \"inputs\", \"dispose_at\"}, one "
		"a line\n"
		"     out  {\"id\", \"got\": [[ms, \"N\", value], ..., "
		"[ms, \"C\"]]}\n"
		"  --operators       lists the operators of pipelines\n"
		"  --operator NAME   tells all about one\n"
		"  --pages DIR       writes a page and a picture for each\n"
		"\n"
		"Exit status: 0 fine, 1 a line was no vector or a file could "
		"not be written,\n"
		"2 wrong usage, pipeline or diagram.\n");
}

/* --- options ---------------------------------------------------------------
 */

static int complain(const char *what, const char *arg)
{
	fprintf(stderr, "weir marble: %s, not '%s'\n", what, arg);
	return 2;
}

static int read_duration(const char *arg, int64_t *out)
{
	if (str_to_duration_ms(str_of(arg), out) == 0 && *out > 0)
		return 0;
	return complain("expected a duration like 10ms", arg);
}

static int read_value(struct options *o, const char *arg)
{
	struct weir_error err;
	struct value v;
	unsigned char sign = (unsigned char)arg[0];

	if (sign <= ' ' || sign >= DIAGRAM_SIGNS || arg[1] != '=')
		return complain("expected a sign and its value like a=12", arg);
	if (json_parse(str_of(arg + 2), &v, &err) < 0) {
		struct buf report = {0};

		error_render(&err, "value", arg + 2, strlen(arg + 2), &report);
		fprintf(stderr, "%.*s", STR_FMT(buf_str(&report)));
		buf_fini(&report);
		return 2;
	}
	value_unref(o->values[sign]);
	o->values[sign] = v;
	return 0;
}

/* 3x20ms */
static int read_run(struct marble_run *run, const char *arg)
{
	struct str every = str_of(arg);
	struct str parts = str_cut(&every, 'x');
	int64_t n;

	if (every.p && str_to_i64(parts, &n) == 0 && n >= 0 &&
	    n <= UINT32_MAX && str_to_duration_ms(every, &run->every_ms) == 0 &&
	    run->every_ms > 0) {
		run->parts = (uint32_t)n;
		return 0;
	}
	return complain("expected parts and a duration like 3x20ms", arg);
}

/* An option with its argument; 2 when something is wrong. */
static int read_option(struct options *o, const char *name, const char *arg)
{
	if (!strcmp(name, "--frame"))
		return read_duration(arg, &o->draw.conf.frame_ms);
	if (!strcmp(name, "--until"))
		return read_duration(arg, &o->draw.conf.until_ms);
	if (!strcmp(name, "--value"))
		return read_value(o, arg);
	if (!strcmp(name, "--run"))
		return read_run(&o->draw.conf.run, arg);
	if (!strcmp(name, "--svg")) {
		o->svg = arg;
		return 0;
	}
	if (!strcmp(name, "--color")) {
		o->colour = arg;
		return !strcmp(arg, "auto") || !strcmp(arg, "always") ||
				       !strcmp(arg, "never")
			       ? 0
			       : complain("expected auto, always or never",
					  arg);
	}
	o->width = atoi(arg);
	return o->width > 0 ? 0 : complain("expected a number of columns", arg);
}

static bool takes_argument(const char *name)
{
	static const char *const names[] = {"--frame", "--until", "--value",
					    "--run",   "--svg",	  "--color",
					    "--width"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

static int read_word(struct options *o, const char *word)
{
	if (!o->draw.pipeline)
		o->draw.pipeline = word;
	else if (o->draw.n_diagrams < DIAGRAMS_MAX)
		o->diagrams[o->draw.n_diagrams++] = word;
	else
		return complain("at most 64 diagrams", word);
	return 0;
}

/* A diagram may begin with a dash, so options have two. */
static int read_options(struct options *o, int argc, char **argv)
{
	bool words = false; /* behind -- */
	int rc = 0;

	for (int i = 1; i < argc && rc == 0; i++) {
		char *arg = argv[i];
		char *equals = strchr(arg, '=');
		bool option = arg[0] == '-' && arg[1] == '-' && arg[2] >= 'a' &&
			      arg[2] <= 'z' && arg[3] >= 'a' && arg[3] <= 'z';

		if (!words && !strcmp(arg, "--")) {
			words = true;
		} else if (words || !option) {
			rc = read_word(o, arg);
		} else if (!strcmp(arg, "--hot")) {
			o->draw.hot = true;
		} else if (!strcmp(arg, "--all")) {
			o->draw.conf.all = true;
		} else if (takes_argument(arg) && i + 1 < argc) {
			rc = read_option(o, arg, argv[++i]);
		} else {
			if (equals)
				*equals = '\0';
			if (!equals || !takes_argument(arg))
				return complain("expected an option of --help",
						arg);
			rc = read_option(o, arg, equals + 1);
		}
	}
	return rc;
}

/* --- drawing ---------------------------------------------------------------
 */

static int write_svg(const struct options *o, const struct picture *p)
{
	bool to_stdout = !strcmp(o->svg, "-");
	FILE *f = to_stdout ? stdout : fopen(o->svg, "w");
	struct buf out = {0};
	bool fine;

	if (!f) {
		fprintf(stderr, "weir marble: cannot write %s\n", o->svg);
		return 1;
	}
	picture_write_svg(p, str_of(o->draw.pipeline), &out);
	fine = fwrite(buf_bytes(&out), 1, buf_len(&out), f) == buf_len(&out);
	if (!to_stdout)
		fine &= fclose(f) == 0;
	buf_fini(&out);
	if (!fine)
		fprintf(stderr, "weir marble: cannot write %s\n", o->svg);
	return fine ? 0 : 1;
}

static int terminal_width(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
		return size.ws_col;
	return WIDTH_WITHOUT_TERMINAL;
}

static int write_text(const struct options *o, const struct picture *p)
{
	bool colour = !strcmp(o->colour, "always") ||
		      (!strcmp(o->colour, "auto") && isatty(STDOUT_FILENO) &&
		       !getenv("NO_COLOR"));
	struct buf out = {0};

	picture_write_text(p, o->width ? o->width : terminal_width(), colour,
			   &out);
	fwrite(buf_bytes(&out), 1, buf_len(&out), stdout);
	buf_fini(&out);
	return 0;
}

static int draw(struct options *o)
{
	struct buf report = {0};
	struct picture *p;
	int rc;

	o->draw.diagrams = o->diagrams;
	o->draw.values = o->values;
	p = marble_draw(&o->draw, &report);
	if (p) {
		rc = o->svg ? write_svg(o, p) : write_text(o, p);
		picture_destroy(p);
	} else {
		fprintf(stderr, "weir marble: %.*s", STR_FMT(buf_str(&report)));
		rc = 2;
	}
	buf_fini(&report);
	return rc;
}

int verb_marble(int argc, char **argv)
{
	const char *first = argc > 1 ? argv[1] : "";
	struct options o = {.colour = "auto", .draw.conf = MARBLE_DEFAULTS};
	int rc;

	if (argc == 2 && !strcmp(first, "--vectors"))
		return marble_vectors();
	if (argc == 2 && !strcmp(first, "--operators"))
		return marble_operators();
	if (argc == 3 && !strcmp(first, "--operator"))
		return marble_operator(argv[2]);
	if (argc == 3 && !strcmp(first, "--pages"))
		return marble_pages(argv[2]);
	if (!strcmp(first, "--help") || !strcmp(first, "-h")) {
		usage(stdout);
		return 0;
	}
	rc = read_options(&o, argc, argv);
	if (rc == 0 && !o.draw.pipeline) {
		usage(stderr);
		rc = 2;
	}
	if (rc == 0)
		rc = draw(&o);
	for (size_t i = 0; i < DIAGRAM_SIGNS; i++)
		value_unref(o.values[i]);
	return rc;
}
