/* grammar.h - tokens to a tree. */
#ifndef WEIR_COND_GRAMMAR_H
#define WEIR_COND_GRAMMAR_H

#include "cond/cond.h"
#include "cond/token.h"
#include "cond/tree.h"

/* Reads all tokens. *out is NULL on failure; the tree is as it was written. */
int cond_grammar_read(struct cond_tokens *t, const struct cond_rules *rules,
		      struct cond_node **out);

/* A combinator, `not`, or another prefix of an operator. */
bool cond_is_keyword(struct str word);

/* The key that the present token is. Does not read on. */
int cond_key_read(struct cond_tokens *t, const struct cond_rules *rules,
		  struct cond_key **out);

/* The claim that a word behind an operator stands for; *out is NULL if it is
 * an ordinary word. */
int cond_claim_read(struct cond_tokens *t, const struct cond_rules *rules,
		    struct cond_key **out);

/* Finishes an atom whose operator and operand were read from the byte at on:
 * are they of the kind that the operator takes? */
int cond_operand_check(struct cond_tokens *t, const struct cond_rules *rules,
		       struct cond_atom *a, size_t at);

#endif
