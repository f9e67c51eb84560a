/*
 * words_dial.h - the words of dialling: why not, and what became of it.
 */
#ifndef CLIENT_WORDS_DIAL_H
#define CLIENT_WORDS_DIAL_H

#include <stdbool.h>
#include <stdio.h>

#include "client/words.h"

/* As words_error(), for what a rule of dialling refuses; false: nothing has
 * been written, it is something else. */
bool words_dial_refused(FILE *, const Mashang__Error *);

/* `outcome' of the list of attempts. */
extern const struct word words_dial_outcome[];

#endif
