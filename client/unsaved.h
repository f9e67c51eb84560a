/*
 * unsaved.h - what the agent did and the daemon has not yet saved, on disk.
 *
 * An action is written and fsynced here before it is sent, and struck out
 * when the daemon says `Saved'.  What stands here after a lost connection or
 * a crash is sent again under the same operation id.
 *
 * The file is text, a record a line, so that a note can be rescued by hand:
 *   + OP CHECKSUM ENVELOPE     to be sent (hex)
 *   - OP CHECKSUM              saved, or refused for good
 * A line that is torn or does not fit its checksum is the end of the file.
 * It is emptied whenever nothing in it is left.  One process at a time holds
 * it (flock); mode 0600, for notes are personal data.
 */
#ifndef CLIENT_UNSAVED_H
#define CLIENT_UNSAVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "mashang.pb-c.h"

struct unsaved;

/*
 * The file for these addresses and this log-in, under
 * $XDG_STATE_HOME/mashang or ~/.local/state/mashang, into out; the folder is
 * made.  ERR_IO: it cannot be, errno says why.
 */
enum err unsaved_path(
    const char *addresses, const char *login, char *out, size_t room) MUST_USE;

/* ERR_BUSY: another process holds it; ERR_IO: errno says why. */
enum err unsaved_open(const char *path, struct unsaved **out) MUST_USE;
void unsaved_free(struct unsaved **);

/*
 * Keep an envelope (its op_id must be set) before it is sent.  On ERR_OK it is
 * on disk.  ERR_IO: it is not, errno says why; ERR_TOO_LARGE: the file has
 * reached its limit of 16 MiB.
 */
enum err unsaved_add(struct unsaved *, const Mashang__Envelope *) MUST_USE;

/* Strike out; does nothing if it is not there. */
void unsaved_remove(struct unsaved *, const uint8_t op[16]);

unsigned unsaved_count(const struct unsaved *);

/* The journal's, until it is removed; NULL: it is not there. */
const Mashang__Envelope *unsaved_find(
    const struct unsaved *, const uint8_t op[16]);

/* In the order in which they were added.  The envelope is the journal's;
 * `fn' may remove what it was given. */
typedef void unsaved_fn(void *arg, const Mashang__Envelope *);
void unsaved_each(struct unsaved *, unsaved_fn *, void *arg);

#endif
