/* key_read.c - the word or the list of steps that says what an atom looks at.
 *
 * Dots separate steps, those behind a backslash and in quotes too. A step that
 * is a star means each, and `**` at the front means anywhere, unless a
 * backslash or quotes make them names.
 */
#include "base/mem.h"
#include "cond/grammar.h"

#include <string.h>

enum { STEPS_LOCAL = 8 }; /* more than most keys have */

struct steps {
	struct cond_step *at; /* local, or ours */
	uint32_t n;
	uint32_t cap;
	struct cond_step local[STEPS_LOCAL];
	bool anywhere;	 /* a `**` stood in front of them */
	struct buf text; /* the names that are numbers */
};

static int add_step(struct cond_tokens *t, struct steps *s, struct str name,
		    enum cond_step_kind kind)
{
	if (s->n == COND_STEPS_MAX)
		return cond_fail_at(t, WEIR_ETOOBIG, t->token.at,
				    "a path has at most %d steps",
				    COND_STEPS_MAX);
	if (s->n == s->cap) {
		struct cond_step *grown =
			mem_alloc(COND_STEPS_MAX * sizeof *grown);

		memcpy(grown, s->at, s->n * sizeof *grown);
		s->at = grown;
		s->cap = COND_STEPS_MAX;
	}
	s->at[s->n] = cond_step_named(name);
	s->at[s->n++].kind = kind;
	return 0;
}

/* A name that is written in a text or as a string of a list. */
static int add_name(struct cond_tokens *t, struct steps *s, struct str name,
		    bool literal)
{
	if (!literal && !s->n && !s->anywhere && str_eq(name, STR("**"))) {
		s->anywhere = true;
		return 0;
	}
	return add_step(t, s, name,
			!literal && str_eq(name, STR("*")) ? COND_STEP_ANY
							   : COND_STEP_NAME);
}

/* Cuts the token's text at its dots; where it had a backslash, raw tells in
 * which step. */
static int cut_steps(struct cond_tokens *t, struct steps *s)
{
	struct str left = t->token.text;
	const char *raw = t->token.escaped ? t->token.raw.p : NULL;
	const char *raw_end = raw + t->token.raw.len;
	bool quoted = t->token.kind == COND_TOKEN_QUOTED;
	int rc = 0;

	while (rc == 0 && left.p) {
		struct str name = str_cut(&left, '.');
		bool literal = quoted;

		/* The same step in raw: as many characters, each of them
		 * behind a backslash or not, and then the dot. */
		for (size_t i = 0; raw && i <= name.len && raw < raw_end; i++) {
			if (*raw == '\\') {
				literal |= i < name.len;
				raw++;
			}
			raw++;
		}
		rc = add_name(t, s, name, literal);
	}
	return rc;
}

static int list_steps(struct cond_tokens *t, struct steps *s)
{
	struct value list = t->token.v;
	int rc = 0;

	/* Room for all at once: names point into it. */
	buf_reserve(&s->text, (size_t)value_len(list) * 24);
	for (uint32_t i = 0; rc == 0 && i < value_len(list); i++) {
		struct value v = value_nodes(list)[i];
		size_t begin = buf_len(&s->text);

		if (value_type(v) == VALUE_STRING) {
			rc = add_name(t, s, value_str(v), false);
			continue;
		}
		buf_append_i64(&s->text, v.i);
		rc = add_step(t, s,
			      str_from(buf_bytes(&s->text) + begin,
				       buf_len(&s->text) - begin),
			      COND_STEP_INDEX);
	}
	return rc;
}

static int no_claims(struct cond_tokens *t)
{
	return cond_fail_at(t, WEIR_EINVAL, t->token.at,
			    "$claims can be asked for in conditions of "
			    "security only");
}

/* What the steps of a plain word mean as a whole. *skip of them are no steps
 * of the document. */
static int read_scope(struct cond_tokens *t, const struct cond_rules *rules,
		      const struct steps *s, enum cond_scope *scope,
		      uint32_t *skip)
{
	struct str first = s->at[0].name;

	*skip = 1;
	if (s->n == 1 && s->at[0].kind == COND_STEP_ANY) {
		*scope = COND_LEAF;
	} else if (t->token.escaped) {
		*skip = 0;
	} else if (s->n == 1 && str_eq(first, STR("@source"))) {
		*scope = COND_SOURCE;
	} else if (s->n == 1 && str_eq(first, STR("@job"))) {
		*scope = COND_JOB;
	} else if (s->n > 1 && str_eq(first, STR("$claims"))) {
		*scope = COND_CLAIMS;
		return rules->claims ? 0 : no_claims(t);
	} else {
		*skip = 0;
	}
	return 0;
}

int cond_key_read(struct cond_tokens *t, const struct cond_rules *rules,
		  struct cond_key **out)
{
	struct steps steps;
	struct steps *s = &steps;
	enum cond_scope scope = COND_PATH;
	uint32_t skip = 0;
	int rc;

	if (t->token.kind == COND_TOKEN_WORD && !t->token.escaped) {
		*out = cond_key_find(t->token.text);
		if (*out)
			return 0;
	}
	s->at = s->local;
	s->n = 0;
	s->cap = STEPS_LOCAL;
	s->anywhere = false;
	s->text = (struct buf){0};
	rc = t->token.kind == COND_TOKEN_PATH ? list_steps(t, s)
					      : cut_steps(t, s);
	if (rc == 0 && s->anywhere) {
		scope = COND_ANYWHERE;
		if (!s->n)
			rc = cond_fail_at(t, WEIR_EINVAL, t->token.at,
					  "expected a path behind **, like "
					  "**.email");
	} else if (rc == 0 && t->token.kind == COND_TOKEN_WORD) {
		rc = read_scope(t, rules, s, &scope, &skip);
	}
	if (rc == 0)
		*out = cond_key_intern(scope, s->at + skip, s->n - skip);
	buf_fini(&s->text);
	if (s->at != s->local)
		mem_free(s->at);
	return rc;
}

int cond_claim_read(struct cond_tokens *t, const struct cond_rules *rules,
		    struct cond_key **out)
{
	int rc;

	*out = NULL;
	if (t->token.kind != COND_TOKEN_WORD || t->token.escaped ||
	    !str_starts(t->token.text, STR("$claims.")))
		return 0;
	if (!rules->claims)
		return no_claims(t);
	rc = cond_key_read(t, rules, out);
	if (rc == 0 && (*out)->many) {
		cond_key_unref(*out);
		*out = NULL;
		rc = cond_fail_at(t, WEIR_EINVAL, t->token.at,
				  "a claim is one value here, without a star");
	}
	return rc;
}
