/* bench_files.c - see bench_match.h. */
#include "cli/bench_match.h"

#include "base/mem.h"
#include "json/parse.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int read_file(const char *path, struct buf *out)
{
	FILE *in = fopen(path, "rb");
	size_t n = 1;

	while (in && n > 0) {
		n = fread(buf_reserve(out, 1 << 20), 1, 1 << 20, in);
		buf_commit(out, n);
	}
	if (!in || ferror(in)) {
		fprintf(stderr, "weir bench: %s: %s\n", path, strerror(errno));
		if (in)
			fclose(in);
		return -1;
	}
	fclose(in);
	return 0;
}

static struct str *split_lines(const struct buf *text, size_t *n_out)
{
	struct str rest = buf_str(text);
	size_t cap = 0;
	size_t n = 0;
	struct str *lines = NULL;

	while (rest.len) {
		struct str line = str_cut(&rest, '\n');

		if (!line.len)
			continue;
		if (n == cap) {
			cap = cap ? cap * 2 : 1024;
			lines = mem_realloc(lines, cap * sizeof *lines);
		}
		lines[n++] = line;
	}
	*n_out = n;
	return lines;
}

int bench_complain(const char *file, size_t line, const char *message)
{
	fprintf(stderr, "weir bench: %s: line %zu: %s\n", file, line + 1,
		message);
	return -1;
}

static uint64_t member(struct value v, const char *name)
{
	int64_t n;

	return value_to_i64(value_get(v, str_of(name)), &n) ? (uint64_t)n : 0;
}

/* The end of the token that begins at i, quoted or not. */
static size_t token_end(struct str s, size_t i)
{
	char quote = s.p[i];

	if (quote == '[' || quote == ']')
		return i + 1;
	if (quote == '"') {
		const char *end = memchr(s.p + i + 1, quote, s.len - i - 1);

		return end ? (size_t)(end - s.p) + 1 : s.len;
	}
	while (i < s.len && s.p[i] != ' ' && s.p[i] != '[' && s.p[i] != ']')
		i++;
	return i;
}

/* Of `not path op value` at the end or before a blank or bracket: where the
 * value ends. */
static size_t atom_end(struct str s, size_t i)
{
	for (int words = 0; words < 4 && i < s.len; words++) {
		while (i < s.len && s.p[i] == ' ')
			i++;
		if (words == 3 && i < s.len && s.p[i] == '[') {
			while (i < s.len && s.p[i] != ']')
				i++;
			return MIN(i + 1, s.len);
		}
		if (i < s.len)
			i = token_end(s, i);
	}
	return i;
}

/* The generator of the files (README-matchgen.md) writes `a and not b and c`,
 * and means that `not` belongs to b alone; in the language it belongs to all
 * that follows. So such an atom is put in brackets. */
static struct value bracket_not(struct value cond)
{
	struct str s = value_str(cond);
	struct buf out = {0};
	struct value v;
	size_t done = 0;

	if (value_type(cond) != VALUE_STRING)
		return value_ref(cond);
	for (size_t i = 0; i < s.len;) {
		static const char word[] = " and not ";
		size_t end;

		if (s.p[i] == '"') {
			i = token_end(s, i);
			continue;
		}
		if (s.len - i < sizeof word ||
		    memcmp(s.p + i, word, sizeof word - 1) != 0 ||
		    s.p[i + sizeof word - 1] == '[') {
			i++;
			continue;
		}
		buf_append(&out, s.p + done, i - done);
		end = atom_end(s, i + 5);
		buf_append_cstr(&out, " and [");
		buf_append(&out, s.p + i + 5, end - i - 5);
		buf_append_char(&out, ']');
		i = done = end;
	}
	buf_append(&out, s.p + done, s.len - done);
	v = value_string(buf_str(&out));
	buf_fini(&out);
	return v;
}

static int read_wishes(struct bench_files *f)
{
	struct weir_error err;
	struct str *lines;
	size_t n;
	int rc = read_file(f->interests, &f->texts[0]);

	if (rc < 0)
		return rc;
	lines = split_lines(&f->texts[0], &n);
	f->wishes = mem_zalloc((n + 1) * sizeof *f->wishes);
	for (size_t i = 0; i < n && rc == 0; i++) {
		struct value v;

		if (json_parse(lines[i], &v, &err) < 0) {
			rc = bench_complain(f->interests, i, err.message);
			break;
		}
		f->wishes[i].number = member(v, "id");
		f->wishes[i].cond = bracket_not(value_get(v, STR("cond")));
		value_unref(v);
		f->wishes_n++;
	}
	mem_free(lines);
	return rc;
}

static int read_answers(struct bench_files *f)
{
	struct weir_error err;
	struct str *lines;
	size_t n;
	int rc = read_file(f->expected, &f->texts[2]);

	if (rc < 0)
		return rc;
	lines = split_lines(&f->texts[2], &n);
	f->answers = mem_zalloc((n + 1) * sizeof *f->answers);
	for (size_t i = 0; i < n && rc == 0; i++) {
		struct value v;

		if (json_parse(lines[i], &v, &err) < 0) {
			rc = bench_complain(f->expected, i, err.message);
			break;
		}
		f->answers[i] =
			(struct answer){member(v, "event"), member(v, "count"),
					member(v, "sum")};
		f->answers_n += f->answers[i].event < f->lines_n;
		value_unref(v);
	}
	mem_free(lines);
	return rc;
}

int bench_files_read(struct bench_files *f)
{
	int rc = read_wishes(f);

	if (rc == 0)
		rc = read_file(f->events, &f->texts[1]);
	if (rc == 0)
		f->lines = split_lines(&f->texts[1], &f->lines_n);
	if (rc == 0 && f->expected)
		rc = read_answers(f);
	if (rc == 0 && (!f->lines_n || !f->wishes_n)) {
		fprintf(stderr, "weir bench: no events, or no interests\n");
		rc = -1;
	}
	return rc;
}

void bench_files_fini(struct bench_files *f)
{
	for (size_t i = 0; i < f->wishes_n; i++)
		value_unref(f->wishes[i].cond);
	for (int i = 0; i < 3; i++)
		buf_fini(&f->texts[i]);
	mem_free(f->lines);
	mem_free(f->wishes);
	mem_free(f->answers);
}
