/* marble.h - what `weir marble` is made of; one file each. All return the exit
 * status. */
#ifndef WEIR_CLI_MARBLE_H
#define WEIR_CLI_MARBLE_H

/* Vectors on standard input, results on standard output. */
int marble_vectors(void);

/* The operators as a table in Markdown. */
int marble_operators(void);
/* One operator for a terminal: form, parameters, notes, its example drawn. */
int marble_operator(const char *name);
/* Writes the page of every operator and its picture: DIR/NAME.md, NAME.svg. */
int marble_pages(const char *dir);

#endif
