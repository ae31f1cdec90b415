/* json.c - `weir json`: is standard input valid JSON, and what is in it?
 *
 * Reads with the parser of the server, so what it says is what a client of the
 * server would be told.
 */
#include "base/buf.h"
#include "base/error.h"
#include "cli/verbs.h"
#include "json/parse.h"
#include "json/write.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum mode { CHECK, LEAVES, PRETTY };

static void usage(FILE *out)
{
	fprintf(out, "usage: weir json --check | --leaves | --pretty  <in\n"
		     "\n"
		     "  --check    say nothing if the input is one JSON value\n"
		     "             (RFC 8259), else where it is wrong and why\n"
		     "  --leaves   path, type and value of every scalar and\n"
		     "             every empty array or object, one a line\n"
		     "  --pretty   the value again, indented\n"
		     "\n"
		     "Exit status: 0 valid, 1 not valid or not readable, 2 "
		     "wrong usage.\n");
}

/* Reads standard input; a little more than the parser takes at most. */
static int read_all(struct buf *in)
{
	while (buf_len(in) <= JSON_BYTES_MAX) {
		char *to = buf_reserve(in, 1 << 16);
		ssize_t n = read(STDIN_FILENO, to, 1 << 16);

		if (n == 0)
			return 0;
		if (n > 0)
			buf_commit(in, (size_t)n);
		else if (errno != EINTR)
			return -errno;
	}
	return 0;
}

/* The message for a program to read, then the place for a person to see. */
static void complain(const struct weir_error *err, struct str text)
{
	struct buf shown = {0};

	if (!err->line) {
		fprintf(stderr, "weir json: %s\n", err->message);
		return;
	}
	fprintf(stderr, "weir json: line %u, column %u: %s\n", err->line,
		err->column, err->message);
	error_render(err, NULL, text.p, text.len, &shown);

	struct str rest = buf_str(&shown);

	str_cut(&rest, '\n'); /* the message once more */
	fprintf(stderr, "%.*s", STR_FMT(rest));
	buf_fini(&shown);
}

/* A name that would blur the path or the line stands in quotes. */
static void put_name(struct str name, struct buf *path)
{
	bool plain = name.len > 0;

	for (size_t i = 0; i < name.len; i++)
		plain &= (unsigned char)name.p[i] >= ' ' && name.p[i] != '.' &&
			 name.p[i] != '"';
	if (plain)
		buf_append_str(path, name);
	else
		json_write_string(name, path);
}

/* path holds ".a.0" and is the same again afterwards. The parser bounds the
 * depth, so recursion is fine. */
static void put_leaves(struct value v, struct buf *path, struct buf *out)
{
	const struct value *nodes = value_nodes(v);
	size_t len = buf_len(path);

	for (uint32_t i = 0; i < value_len(v); i++) {
		buf_append_char(path, '.');
		if (value_type(v) == VALUE_OBJECT) {
			put_name(value_str(nodes[2 * i]), path);
			put_leaves(nodes[2 * i + 1], path, out);
		} else {
			buf_append_u64(path, i);
			put_leaves(nodes[i], path, out);
		}
		path->end = path->start + len;
	}
	if (value_len(v))
		return;
	buf_append_str(out, len ? buf_str(path) : STR("."));
	buf_printf(out, "\t%s\t", value_type_name(v));
	json_write(v, out);
	buf_append_char(out, '\n');
}

static bool print(struct value v, enum mode mode)
{
	struct buf out = {0};
	struct buf path = {0};

	if (mode == LEAVES) {
		put_leaves(v, &path, &out);
	} else {
		json_write_pretty(v, &out);
		buf_append_char(&out, '\n');
	}
	fwrite(buf_bytes(&out), 1, buf_len(&out), stdout);
	buf_fini(&out);
	buf_fini(&path);
	return fflush(stdout) == 0 && !ferror(stdout);
}

static int run(enum mode mode)
{
	struct buf in = {0};
	struct weir_error err;
	struct value v;
	int rc = read_all(&in);
	int status = 0;

	if (rc < 0) {
		fprintf(stderr, "weir json: standard input: %s\n",
			strerror(-rc));
		status = 1;
	} else if (json_parse(buf_str(&in), &v, &err) < 0) {
		complain(&err, buf_str(&in));
		status = 1;
	} else {
		if (mode != CHECK && !print(v, mode)) {
			fprintf(stderr, "weir json: cannot write\n");
			status = 1;
		}
		value_unref(v);
	}
	buf_fini(&in);
	return status;
}

int verb_json(int argc, char **argv)
{
	static const char *const options[] = {"--check", "--leaves", "--pretty",
					      "--help", NULL};

	if (argc != 2) {
		usage(stderr);
		return 2;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		usage(stdout);
		return 0;
	}
	for (int mode = CHECK; mode <= PRETTY; mode++)
		if (!strcmp(argv[1], options[mode]))
			return run((enum mode)mode);

	const char *near = str_nearest(str_of(argv[1]), options);

	fprintf(stderr,
		"weir json: no option '%s'%s%s%s; see weir json --help\n",
		argv[1], near ? "; did you mean '" : "", near ? near : "",
		near ? "'" : "");
	return 2;
}
