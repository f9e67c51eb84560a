/*
 * vectors.h - the answers: a line a vector.
 */
#ifndef CONFORM_VECTORS_H
#define CONFORM_VECTORS_H

#include "conform/document.h"

/*
 * Reads t->file and answers on t->out, `ID DUE_UTC', where the vector has an
 * expected `due' followed by `ok' or `not ok' and what was expected; `ID error'
 * where a vector cannot be answered, and on t->err why.  True: all could be
 * read and none differs.
 */
bool vectors_answer(struct telling *t);

#endif
