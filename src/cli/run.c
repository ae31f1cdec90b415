/* run.c - `weir run`: a pipeline over lines of JSON, in real time.
 *
 *     stdin, --input --> reader --> pipeline --> output --> stdout
 *                          |           |
 *                     a turn of the loop: slices of the inputs and timers
 *
 *     the pipeline is done, or in error    ends after what came before is out
 *     the inputs end                       is the pipeline's business
 *     SIGINT, SIGTERM                      the inputs end; what the pipeline
 *                                          says to that is the last of it
 *     the reader of stdout is gone         ends at once, quietly
 */
#include "cli/verbs.h"

#include "cli/run_faults.h"
#include "cli/run_input.h"
#include "cli/run_output.h"
#include "cli/run_progress.h"
#include "cli/run_signal.h"
#include "flow/flow.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define INPUTS_MAX	 64
#define LINE_MAX_DEFAULT (16 << 20) /* bytes */

struct run {
	/* What the command line says. */
	const char *text;
	struct input inputs[INPUTS_MAX + 1]; /* the main one is the last */
	uint32_t n_inputs;
	bool null_input;
	bool strict;
	bool wants_progress;

	struct loop *loop;
	struct rx_ctx ctx;
	struct flow_env env;
	struct reader_conf conf;
	uint32_t behind; /* readers, see run_reader.h */
	struct run_counts counts;
	struct progress progress;
	struct faults faults;
	struct output output;
	struct rx_observer watcher;
	struct rx_sub *sub; /* NULL: over, or not yet begun */
	int status;
};

/* Returns the exit status. */
static int complain(const struct weir_error *err)
{
	fprintf(stderr, "weir run: %s\n", err->message);
	return 1;
}

/* --- the end ------------------------------------------------------------- */

/* The first reason to end is the one that counts. */
static void finish(struct run *r, int status)
{
	struct rx_sub *sub = r->sub;

	if (!sub)
		return;
	r->sub = NULL;
	r->status = status;
	rx_sub_cancel(sub);
	loop_stop(r->loop);
}

static void on_next(struct rx_observer *o, struct value v)
{
	output_put(&CONTAINER_OF(o, struct run, watcher)->output, v);
}

static void on_error(struct rx_observer *o, const struct weir_error *err)
{
	struct run *r = CONTAINER_OF(o, struct run, watcher);

	output_flush(&r->output);
	progress_hide(&r->progress);
	fprintf(stderr, "weir run: error: %s\n", err->message);
	finish(r, 1);
}

static void on_done(struct rx_observer *o)
{
	finish(CONTAINER_OF(o, struct run, watcher), 0);
}

static const struct rx_observer_ops watcher_ops = {on_next, on_error, on_done};

static void on_fatal_line(void *arg)
{
	finish(arg, 1);
}

static void on_broken_output(void *arg, int sys_errno)
{
	struct run *r = arg;
	int status = 1;

	if (sys_errno == EPIPE) {
		status = 128 + SIGPIPE;
	} else {
		struct weir_error err;

		error_sys(&err, sys_errno, "cannot write");
		progress_hide(&r->progress);
		status = complain(&err);
	}
	finish(r, status);
	r->status = status; /* also when it was only the rest that got lost */
}

static void on_interrupt(void *arg)
{
	struct run *r = arg;

	for (uint32_t i = 0; i < r->n_inputs; i++)
		input_end(&r->inputs[i]);
	output_flush(&r->output);
	finish(r, 0); /* the status is that of the signal, see run_pipeline */
}

/* --- the run ------------------------------------------------------------- */

static struct rx_source *find_stream(void *arg, struct str name)
{
	struct run *r = arg;

	for (uint32_t i = 0; i < r->n_inputs; i++)
		if (str_eq(r->inputs[i].name, name))
			return input_source(&r->inputs[i]);
	return NULL;
}

static bool has_input(const struct run *r, struct str name)
{
	for (uint32_t i = 0; i < r->n_inputs; i++)
		if (str_eq(r->inputs[i].name, name))
			return true;
	return false;
}

static bool uses_stdin(const struct run *r)
{
	for (uint32_t i = 0; i < r->n_inputs; i++)
		if (!r->inputs[i].path)
			return true;
	return false;
}

/* merge(@a, @b) can do without a main input, and should not wait for what
 * nobody is going to type. */
static bool wants_stdin(const struct run *r, const struct flow *f)
{
	if (r->null_input || uses_stdin(r))
		return false;
	return flow_head(f) == FLOW_HEAD_STAGE ||
	       (flow_head(f) == FLOW_HEAD_EITHER && !isatty(STDIN_FILENO));
}

static int complain_of_text(const struct run *r, const struct weir_error *err)
{
	struct buf shown = {0};

	error_render(err, "weir run: pipeline", r->text, strlen(r->text),
		     &shown);
	fwrite(buf_bytes(&shown), 1, buf_len(&shown), stderr);
	buf_fini(&shown);
	return 2;
}

static int open_inputs(struct run *r, const struct flow *f)
{
	struct weir_error err;

	if (wants_stdin(r, f))
		r->inputs[r->n_inputs++].name = STR("");
	for (uint32_t i = 0; i < r->n_inputs; i++)
		if (input_open(&r->inputs[i], r->loop, &r->ctx, &r->conf,
			       &err) < 0)
			return complain(&err);
	return 0;
}

/* Returns the exit status. */
static int run_pipeline(struct run *r, struct flow *f)
{
	struct weir_error err;
	struct rx_source *src;

	if (flow_build(f, &r->env, find_stream(r, STR("")), &src, &err) < 0)
		return complain_of_text(r, &err);
	if (interrupt_open(r->loop, on_interrupt, r) < 0) {
		rx_source_unref(src);
		fprintf(stderr, "weir run: the system has no descriptor\n");
		return 1;
	}
	if (r->wants_progress)
		progress_start(&r->progress, r->loop, &r->counts);
	rx_subscribe(src, &r->watcher, &r->sub);
	rx_source_unref(src);
	loop_run(r->loop);
	output_flush(&r->output);
	progress_stop(&r->progress);
	faults_sum_up(&r->faults);
	interrupt_close();
	return interrupt_signum() ? 128 + interrupt_signum() : r->status;
}

static int run_in_loop(struct run *r, struct flow *f)
{
	int status;

	r->loop = loop_create();
	if (!r->loop) {
		fprintf(stderr, "weir run: the system has no descriptor\n");
		return 1;
	}
	r->ctx.sched = rx_sched_create_loop(r->loop);
	r->env = (struct flow_env){.ctx = &r->ctx,
				   .stream = find_stream,
				   .arg = r};
	r->conf.faults = &r->faults;
	r->conf.behind = &r->behind;
	r->conf.counts = r->output.counts = r->faults.counts = &r->counts;
	r->output.progress = r->faults.progress = &r->progress;
	r->output.loop = r->loop;
	r->output.broken = on_broken_output;
	r->output.arg = r;
	if (r->strict)
		r->faults.fatal = on_fatal_line;
	r->faults.arg = r;
	r->watcher.ops = &watcher_ops;
	output_init(&r->output);

	status = open_inputs(r, f);
	if (status == 0)
		status = run_pipeline(r, f);
	for (uint32_t i = 0; i < r->n_inputs; i++)
		input_close(&r->inputs[i]);
	output_fini(&r->output);
	rx_sched_destroy(r->ctx.sched);
	loop_destroy(r->loop);
	return status;
}

/* A descriptor of the loop must not take the place of a standard one that is
 * closed. What holds the place fails as a closed one does. */
static void hold_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null",
			     fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

static int run(struct run *r)
{
	struct weir_error err;
	struct flow *f;
	int status;

	if (flow_parse(str_of(r->text), &f, &err) < 0)
		return complain_of_text(r, &err);
	hold_standard_descriptors();
	signal(SIGPIPE, SIG_IGN);
	status = run_in_loop(r, f);
	flow_unref(f);
	return status;
}

/* --- the command line ---------------------------------------------------- */

static void usage(FILE *out)
{
	fprintf(out,
		"usage: weir run [option ...] PIPELINE  <in >out\n"
		"\n"
		"Runs a pipeline over lines of JSON, in real time.\n"
		"\n"
		"  --input NAME=FILE  the stream @NAME; - is standard input\n"
		"  --null-input, -n   merge(@a, @b) and the like: without "
		"standard input\n"
		"  --raw-input, -R    each line is a string\n"
		"  --raw-output, -r   strings are written without quotes\n"
		"  --strict           a line that is no JSON ends it; else it "
		"is "
		"skipped\n"
		"  --max-line SIZE    how long a line may be (16MiB)\n"
		"  --progress         shows on the terminal how far it is\n"
		"\n"
		"Exit status: 0 fine, 1 an error, 2 wrong usage; 130, 143 "
		"ended by SIGINT,\n"
		"SIGTERM; 141 the reader of standard output is gone.\n");
}

enum { OPTION_INPUT = 1, OPTION_MAX_LINE, OPTION_PROGRESS, OPTION_STRICT };

static const struct option options[] = {
	{"input", required_argument, NULL, OPTION_INPUT},
	{"null-input", no_argument, NULL, 'n'},
	{"raw-input", no_argument, NULL, 'R'},
	{"raw-output", no_argument, NULL, 'r'},
	{"strict", no_argument, NULL, OPTION_STRICT},
	{"max-line", required_argument, NULL, OPTION_MAX_LINE},
	{"progress", no_argument, NULL, OPTION_PROGRESS},
	{"help", no_argument, NULL, 'h'},
	{0},
};

static bool add_input(struct run *r, const char *arg)
{
	struct str path = str_of(arg);
	struct str name = str_cut(&path, '=');

	if (!name.len || !path.len) {
		fprintf(stderr, "weir run: --input is NAME=FILE, not '%s'\n",
			arg);
	} else if (has_input(r, name)) {
		fprintf(stderr, "weir run: two inputs are named '%.*s'\n",
			STR_FMT(name));
	} else if (r->n_inputs == INPUTS_MAX) {
		fprintf(stderr, "weir run: at most %d inputs\n", INPUTS_MAX);
	} else if (str_eq(path, STR("-")) && uses_stdin(r)) {
		fprintf(stderr, "weir run: standard input can be one input "
				"only\n");
	} else {
		r->inputs[r->n_inputs++] =
			(struct input){.name = name,
				       .path = str_eq(path, STR("-")) ? NULL
								      : path.p};
		return true;
	}
	return false;
}

static bool set_line_max(struct run *r, const char *arg)
{
	uint64_t bytes;

	if (str_to_bytes(str_of(arg), &bytes) < 0 || !bytes ||
	    bytes > 1 << 30) {
		fprintf(stderr,
			"weir run: --max-line is a size up to 1GiB, not "
			"'%s'\n",
			arg);
		return false;
	}
	r->conf.line_max = bytes;
	return true;
}

/* opt: what getopt_long gave. */
static bool take_option(struct run *r, int opt)
{
	switch (opt) {
	case OPTION_INPUT:
		return add_input(r, optarg);
	case OPTION_MAX_LINE:
		return set_line_max(r, optarg);
	case OPTION_PROGRESS:
		r->wants_progress = true;
		return true;
	case OPTION_STRICT:
		r->strict = true;
		return true;
	case 'n':
		r->null_input = true;
		return true;
	case 'R':
		r->conf.raw = true;
		return true;
	default:
		r->output.raw = true;
		return true;
	}
}

/* argv[optind - 1] is a long option, or optopt a letter of several. */
static int refuse_option(char **argv)
{
	const char *names[ARRAY_LEN(options)] = {0};
	const char letter[] = {'-', (char)optopt, '\0'};
	const char *arg = optopt > ' ' ? letter : argv[optind - 1];
	const char *near = NULL;

	for (size_t i = 0; options[i].name; i++)
		names[i] = options[i].name;
	if (arg != letter)
		near = str_nearest(str_of(arg + strspn(arg, "-")), names);
	fprintf(stderr, "weir run: no option '%s'%s%s%s; see weir run --help\n",
		arg, near ? "; did you mean '--" : "", near ? near : "",
		near ? "'" : "");
	return 2;
}

int verb_run(int argc, char **argv)
{
	struct run r = {.conf.line_max = LINE_MAX_DEFAULT};
	int opt;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":hnrR", options, NULL)) >= 0) {
		if (opt == 'h') {
			usage(stdout);
			return 0;
		}
		if (opt == ':') {
			fprintf(stderr, "weir run: %s needs an argument\n",
				argv[optind - 1]);
			return 2;
		}
		if (opt == '?')
			return refuse_option(argv);
		if (!take_option(&r, opt))
			return 2;
	}
	if (argc - optind != 1) {
		usage(stderr);
		return 2;
	}
	r.text = argv[optind];
	return run(&r);
}
