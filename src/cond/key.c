/* key.c - keys of conditions, each once a thread. */
#include "cond/key.h"

#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "json/leaves.h"

#include <string.h>

/* The keys of this thread. Numbers of those that went are used again. */
static _Thread_local struct {
	struct map by_id;
	struct cond_key **at; /* by number; ours */
	uint32_t *unused;     /* numbers below n that are free; ours */
	uint32_t n_unused;
	uint32_t n;
	uint32_t cap;
} keys;

static void number(struct cond_key *k)
{
	if (keys.n_unused) {
		k->number = keys.unused[--keys.n_unused];
	} else {
		if (keys.n == keys.cap) {
			keys.cap = keys.cap ? 2 * keys.cap : 16;
			keys.at = mem_realloc(keys.at,
					      keys.cap * sizeof *keys.at);
			keys.unused =
				mem_realloc(keys.unused,
					    keys.cap * sizeof *keys.unused);
		}
		k->number = keys.n++;
	}
	keys.at[k->number] = k;
}

struct cond_key *cond_key_at(uint32_t i)
{
	return keys.at[i];
}

struct cond_step cond_step_named(struct str name)
{
	struct cond_step s = {.name = name, .index = COND_NO_INDEX};
	bool negative = name.len && name.p[0] == '-';
	struct str digits = str_from(name.p + negative, name.len - negative);
	uint64_t n;

	if (digits.len && digits.p[0] >= '0' && digits.p[0] <= '9' &&
	    str_to_u64(digits, &n) == 0 && n <= UINT32_MAX)
		s.index = negative ? -(int64_t)n : (int64_t)n;
	return s;
}

/* --- ids ----------------------------------------------------------------- */

/* Such a name is read as it stands, wherever it stands in a path. */
static bool is_plain(struct str name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && c != '_' && c != '-')
			return false;
	}
	return name.len > 0;
}

/* The text that reads as this key, if it is plain. */
static bool put_text(enum cond_scope scope, const struct cond_step *steps,
		     uint32_t n, struct buf *out)
{
	if (scope > COND_ANYWHERE || (scope != COND_LEAF && !n))
		return false;
	buf_append_cstr(out, scope == COND_LEAF	      ? "*"
			     : scope == COND_ANYWHERE ? "**."
						      : "");
	for (uint32_t i = 0; i < n; i++) {
		if (steps[i].kind != COND_STEP_NAME || !is_plain(steps[i].name))
			return false;
		if (i)
			buf_append_char(out, '.');
		buf_append_str(out, steps[i].name);
	}
	return true;
}

/* Differs for keys that differ: it is the text, so that most are found without
 * being taken apart; or it begins with a space, which no word does, and names
 * are told with their length. */
static void put_id(enum cond_scope scope, const struct cond_step *steps,
		   uint32_t n, struct buf *out)
{
	if (put_text(scope, steps, n, out))
		return;
	buf_clear(out);
	buf_append_char(out, ' ');
	buf_append_char(out, (char)scope);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t len = (uint32_t)steps[i].name.len;

		buf_append_char(out, (char)steps[i].kind);
		buf_append(out, &len, sizeof len);
		buf_append_str(out, steps[i].name);
	}
}

/* --- interning ----------------------------------------------------------- */

static struct cond_key *make(enum cond_scope scope,
			     const struct cond_step *steps, uint32_t n,
			     struct str id)
{
	size_t bytes = sizeof(struct cond_key) + n * sizeof *steps + id.len;
	struct cond_key *k;
	char *text;

	for (uint32_t i = 0; i < n; i++)
		bytes += steps[i].name.len + 1;
	k = mem_zalloc(bytes);
	k->scope = scope;
	k->n = n;
	k->many = scope == COND_LEAF || scope == COND_ANYWHERE;
	k->has_path = scope == COND_PATH;
	k->path = json_path_root();
	text = (char *)&k->steps[n];
	memcpy(text, id.p, id.len);
	k->id = str_from(text, id.len);
	k->hash = hash_bytes(text, id.len);
	text += id.len;
	for (uint32_t i = 0; i < n; i++) {
		struct cond_step *s = &k->steps[i];

		*s = steps[i];
		memcpy(text, s->name.p, s->name.len);
		s->name.p = text;
		text += s->name.len + 1;
		s->name_hash = json_name_hash(s->name);
		if (s->index >= 0)
			s->index_hash = json_index_hash((uint32_t)s->index);
		k->many |= s->kind == COND_STEP_ANY;
		k->has_path &= s->kind == COND_STEP_NAME &&
			       (s->index == COND_NO_INDEX ||
				s->index_hash == s->name_hash);
		k->path = json_path_step(k->path, s->name_hash);
	}
	return k;
}

struct cond_key *cond_key_find(struct str text)
{
	struct cond_key *k = NULL;

	/* A string of the structured form may begin with a space, and must not
	 * be taken for what only looks like it. */
	if (!str_starts(text, STR(" ")))
		k = map_get(&keys.by_id, text);
	return k ? cond_key_ref(k) : NULL;
}

struct cond_key *cond_key_intern(enum cond_scope scope,
				 const struct cond_step *steps, uint32_t n)
{
	struct buf id = {0};
	struct cond_key *k;

	put_id(scope, steps, n, &id);
	k = map_get(&keys.by_id, buf_str(&id));
	if (!k) {
		k = make(scope, steps, n, buf_str(&id));
		map_put(&keys.by_id, k->id, k);
		number(k);
	}
	buf_fini(&id);
	return cond_key_ref(k);
}

struct cond_key *cond_key_ref(struct cond_key *k)
{
	k->refs++;
	return k;
}

void cond_key_unref(struct cond_key *k)
{
	if (!k || --k->refs)
		return;
	map_remove(&keys.by_id, k->id);
	keys.unused[keys.n_unused++] = k->number;
	if (!keys.by_id.len) {
		map_fini(&keys.by_id);
		mem_free(keys.at);
		mem_free(keys.unused);
		memset(&keys, 0, sizeof keys);
	}
	mem_free(k);
}

/* --- as text ------------------------------------------------------------- */

static const char *const keywords[] = {"not",	 "and",	    "or",
				       "xor",	 "rev",	    "and_not",
				       "or_not", "not_rev", "rev_not"};

/* A backslash takes the meaning from what would have one. */
static void print_name(const struct cond_step *s, bool first, struct buf *out)
{
	struct str name = s->name;
	bool escape = str_eq(name, STR("*")) || str_eq(name, STR("**"));

	for (size_t i = 0; first && i < ARRAY_LEN(keywords); i++)
		escape |= str_eq(name, str_of(keywords[i]));
	if (first)
		escape |= str_eq(name, STR("@source")) ||
			  str_eq(name, STR("@job")) ||
			  str_eq(name, STR("$claims")) ||
			  str_starts(name, STR("deep:")) ||
			  (name.len && (*name.p == '"' || *name.p == '\''));
	for (size_t i = 0; i < name.len; i++) {
		if ((escape && i == 0) || strchr(" \t\r\n[]\\", name.p[i]))
			buf_append_char(out, '\\');
		buf_append_char(out, name.p[i]);
	}
}

void cond_key_print(const struct cond_key *k, struct buf *out)
{
	static const char *const scopes[] = {
		[COND_PATH] = "",	 [COND_LEAF] = "*",
		[COND_ANYWHERE] = "**.", [COND_SOURCE] = "@source",
		[COND_JOB] = "@job",	 [COND_CLAIMS] = "$claims.",
	};

	buf_append_cstr(out, scopes[k->scope]);
	if (k->scope == COND_PATH && k->n == 1 && !k->steps[0].name.len)
		buf_append_cstr(out, "\"\"");
	for (uint32_t i = 0; i < k->n; i++) {
		if (i)
			buf_append_char(out, '.');
		if (k->steps[i].kind == COND_STEP_ANY)
			buf_append_char(out, '*');
		else
			print_name(&k->steps[i],
				   i == 0 && k->scope == COND_PATH, out);
	}
}
