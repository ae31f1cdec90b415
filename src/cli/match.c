/* match.c - `weir match`: the lines of JSON that match a condition.
 *
 * grep for streams of JSON: a line is read once into a flat array of what is
 * in it, asked, and written as it came. Nothing is built and nothing is
 * allocated a line. What was found is written before a read that may wait, so
 * that it serves at the end of a `tail -f`, too.
 */
#include "cli/match.h"

#include "base/mem.h"
#include "cli/verbs.h"
#include "cond/cond.h"
#include "cond/explain.h"
#include "json/leaves.h"
#include "json/parse.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	READ_BYTES = 1 << 18,
	WRITE_BYTES = 1 << 16,
	COMPLAINTS_MAX = 10, /* of lines that are no JSON */
};

enum match_explain { EXPLAIN_NOT, EXPLAIN_TEXT, EXPLAIN_JSON };

struct match {
	struct cond *cond;
	bool invert;
	bool count;
	enum match_explain explain;
	struct json_leaves leaves;
	struct match_input in;
	struct buf out;
	uint64_t line;	  /* number of the present one */
	uint64_t matched; /* lines */
	uint64_t bad;	  /* lines that are no JSON */
	bool cannot_write;
};

/* --- in and out ---------------------------------------------------------- */

bool match_write(struct buf *out)
{
	while (buf_len(out)) {
		ssize_t n = write(STDOUT_FILENO, buf_bytes(out), buf_len(out));

		if (n > 0)
			buf_consume(out, (size_t)n);
		else if (errno == EAGAIN)
			poll(&(struct pollfd){STDOUT_FILENO, POLLOUT, 0}, 1,
			     -1);
		else if (errno != EINTR)
			return false;
	}
	return true;
}

static void read_more(struct match_input *in)
{
	ssize_t n;

	if (in->before_wait)
		in->before_wait(in->ctx);
	for (;;) {
		n = read(STDIN_FILENO, buf_reserve(&in->buf, READ_BYTES),
			 READ_BYTES);
		if (n >= 0)
			break;
		if (errno == EAGAIN) {
			poll(&(struct pollfd){STDIN_FILENO, POLLIN, 0}, 1, -1);
		} else if (errno != EINTR) {
			in->sys_errno = errno;
			n = 0;
			break;
		}
	}
	buf_commit(&in->buf, (size_t)n);
	in->ended = n == 0;
}

bool match_next_line(struct match_input *in, struct str *line)
{
	size_t seen = 0;

	buf_consume(&in->buf, in->taken);
	in->taken = 0;
	for (;;) {
		size_t len = buf_len(&in->buf);
		const char *p = len ? buf_bytes(&in->buf) : "";
		const char *end = memchr(p + seen, '\n', len - seen);

		if (end || (in->ended && len)) {
			*line = str_from(p, end ? (size_t)(end - p) : len);
			in->taken = line->len + (end != NULL);
			return true;
		}
		if (in->ended)
			return false;
		if (len > JSON_BYTES_MAX) { /* no parser takes this line */
			in->sys_errno = EMSGSIZE;
			return false;
		}
		seen = len;
		read_more(in);
	}
}

static void show(void *ctx)
{
	struct match *m = ctx;

	if (!match_write(&m->out))
		m->cannot_write = true;
}

/* --- a line -------------------------------------------------------------- */

static void complain(struct match *m, const struct weir_error *err)
{
	if (++m->bad <= COMPLAINTS_MAX)
		fprintf(stderr, "weir match: line %llu, column %u: %s\n",
			(unsigned long long)m->line, err->column, err->message);
	else if (m->bad == COMPLAINTS_MAX + 1)
		fprintf(stderr, "weir match: more lines that are no JSON\n");
}

static void explain(struct match *m, struct str line)
{
	struct weir_error err;
	struct value v;

	if (json_parse(line, &v, &err) < 0)
		return;
	if (m->explain == EXPLAIN_JSON)
		cond_explain_json(m->cond, v, NULL, &m->out);
	else
		cond_explain_text(m->cond, v, NULL, &m->out);
	buf_append_char(&m->out, '\n');
	value_unref(v);
}

static void match_line(struct match *m, struct str line)
{
	struct weir_error err;

	if (json_leaves_read(&m->leaves, line, &err) < 0) {
		if (str_trim(line).len)
			complain(m, &err);
		return;
	}

	bool hit = cond_eval_leaves(m->cond, &m->leaves, NULL) != m->invert;

	m->matched += hit;
	if (m->explain) {
		explain(m, line);
	} else if (hit && !m->count) {
		buf_append_str(&m->out, line);
		buf_append_char(&m->out, '\n');
	}
}

static int run(struct match *m)
{
	struct str line;

	m->in.before_wait = show;
	m->in.ctx = m;
	while (!m->cannot_write && match_next_line(&m->in, &line)) {
		m->line++;
		match_line(m, line);
		if (buf_len(&m->out) >= WRITE_BYTES)
			show(m);
	}
	if (m->count)
		buf_printf(&m->out, "%llu\n", (unsigned long long)m->matched);
	show(m);
	if (m->in.sys_errno)
		fprintf(stderr, "weir match: standard input: %s\n",
			strerror(m->in.sys_errno));
	if (m->cannot_write)
		fprintf(stderr, "weir match: cannot write\n");
	buf_fini(&m->in.buf);
	buf_fini(&m->out);
	json_leaves_fini(&m->leaves);
	if (m->bad || m->in.sys_errno || m->cannot_write)
		return 2;
	return m->matched ? 0 : 1;
}

/* --- arguments ----------------------------------------------------------- */

static void usage(FILE *out)
{
	fprintf(out,
		"usage: weir match [-v] [-c] [--explain[=json]] CONDITION  "
		"<in >out\n"
		"       weir match --vectors  <in >out\n"
		"\n"
		"Prints the lines of JSON that match, as they are.\n"
		"\n"
		"  -v          the lines that do not match\n"
		"  -c          only how many there are\n"
		"  --explain   of each line, which comparisons hold\n"
		"  --vectors   answers vectors of conformance\n"
		"\n"
		"A condition: type eq order and [total gt 100 or * contains "
		"joe]\n"
		"docs/conditions.md has the language.\n"
		"\n"
		"Exit status: 0 some line matched, 1 none did, 2 the condition "
		"or a line is wrong.\n");
}

static int parse(struct match *m, struct str text)
{
	struct cond_rules rules = cond_rules_operator;
	struct buf shown = {0};
	struct weir_error err = {0};

	rules.as_written = m->explain != EXPLAIN_NOT;
	if (cond_parse(text, &rules, &m->cond, &err) == 0)
		return 0;
	error_render(&err, NULL, text.p, text.len, &shown);
	fprintf(stderr, "weir match: %.*s", STR_FMT(buf_str(&shown)));
	buf_fini(&shown);
	return 2;
}

static int no_option(const char *option)
{
	static const char *const options[] = {"--explain", "--explain=json",
					      "--vectors", "--help",
					      "--count",   "--invert",
					      NULL};
	const char *near = str_nearest(str_of(option), options);

	fprintf(stderr,
		"weir match: no option '%s'%s%s%s; see weir match --help\n",
		option, near ? "; did you mean '" : "", near ? near : "",
		near ? "'" : "");
	return 2;
}

/* False: no option. */
static bool read_option(struct match *m, const char *arg)
{
	if (!strcmp(arg, "--explain"))
		m->explain = EXPLAIN_TEXT;
	else if (!strcmp(arg, "--explain=json"))
		m->explain = EXPLAIN_JSON;
	else if (!strcmp(arg, "--count"))
		m->count = true;
	else if (!strcmp(arg, "--invert"))
		m->invert = true;
	else if (arg[1] == '-' || !arg[1])
		return false;
	else
		for (arg++; *arg; arg++) {
			if (*arg != 'v' && *arg != 'c')
				return false;
			m->invert |= *arg == 'v';
			m->count |= *arg == 'c';
		}
	return true;
}

int verb_match(int argc, char **argv)
{
	struct match m = {0};
	int i = 1;
	int status;

	for (; i < argc && argv[i][0] == '-' && strcmp(argv[i], "--"); i++) {
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
			usage(stdout);
			return 0;
		}
		if (!strcmp(argv[i], "--vectors") && argc == 2)
			return match_vectors();
		if (!read_option(&m, argv[i]))
			return no_option(argv[i]);
	}
	if (i < argc && !strcmp(argv[i], "--"))
		i++;
	if (i + 1 != argc) {
		usage(stderr);
		return 2;
	}
	status = parse(&m, str_of(argv[i]));
	if (status)
		return status;
	status = run(&m);
	cond_unref(m.cond);
	return status;
}
