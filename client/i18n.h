/*
 * i18n.h - what people read goes through gettext.
 *
 * _() where it is printed, N_() in a table whose words are translated when
 * they are printed.  Words that scripts read (--json) are never translated.
 */
#ifndef CLIENT_I18N_H
#define CLIENT_I18N_H

#include <libintl.h>

#define _(s) gettext(s)
#define N_(s) s

/*
 * Take the user's language and characters, nothing else: numbers stay as C
 * writes them.  On a machine that has not built the user's locale the
 * translation is used all the same.
 */
void i18n_start(void);

#endif
