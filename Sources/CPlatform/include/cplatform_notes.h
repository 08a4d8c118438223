#ifndef CPLATFORM_NOTES_H
#define CPLATFORM_NOTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A short text that threads write without a lock and a dump reads without one, whole or not at all (a sequence lock). */

enum { CP_NOTE_TEXT_MAX = 240 };  /* bytes, a multiple of 8 */

typedef struct {
  uint32_t sequence;  /* odd: somebody writes */
  uint32_t length;
  uint64_t words[CP_NOTE_TEXT_MAX / 8];
} cp_note_text;

/* False: another thread writes at this moment, whose text is as new. */
bool cp_note_write(cp_note_text *note, const char *text, size_t length);
/* The length; `out` has room for CP_NOTE_TEXT_MAX. -1: it was written to all the time, or its writer stopped midway. */
long cp_note_read(const cp_note_text *note, char *out);

#endif
