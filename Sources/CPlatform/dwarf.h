#ifndef DWARF_H
#define DWARF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "cplatform_source.h"

/* What the reader of units and the reader of line tables share. */

typedef struct {
  const uint8_t *start;
  size_t size;
} section;

enum { INFO, ABBREV, LINE, LINE_STR, STR, RANGES, RNGLISTS, ADDR, STR_OFFSETS, SECTIONS };

struct cp_source_file {
  const uint8_t *bytes;
  size_t size;
  uint64_t first_address;   /* of the first mapped segment, rounded down to a page */
  section sections[SECTIONS];
};

/* A place in a section. Reading beyond its end gives zeros and sets `failed`. */
typedef struct {
  const uint8_t *at, *end;
  bool failed;
} cursor;

static inline cursor cursor_at(section of, uint64_t offset) {
  cursor c = {of.start, of.start, of.start == NULL || offset > of.size};
  if (!c.failed) c = (cursor){of.start + offset, of.start + of.size, false};
  return c;
}
static inline void skip(cursor *c, uint64_t count) {
  if (count > (uint64_t)(c->end - c->at)) {
    c->failed = true;
    c->at = c->end;
  } else {
    c->at += count;
  }
}
static inline uint64_t fixed(cursor *c, size_t size) {
  uint64_t value = 0;
  if (size > (size_t)(c->end - c->at)) {
    skip(c, size);
    return 0;
  }
  memcpy(&value, c->at, size);
  c->at += size;
  return value;
}
static inline uint64_t uleb(cursor *c) {
  uint64_t value = 0;
  for (unsigned shift = 0;; shift += 7) {
    if (c->at == c->end) {
      c->failed = true;
      return 0;
    }
    uint8_t byte = *c->at++;
    if (shift < 64) value |= (uint64_t)(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return value;
  }
}
static inline int64_t sleb(cursor *c) {
  uint64_t value = 0;
  for (unsigned shift = 0;; shift += 7) {
    if (c->at == c->end) {
      c->failed = true;
      return 0;
    }
    uint8_t byte = *c->at++;
    if (shift < 64) value |= (uint64_t)(byte & 0x7f) << shift;
    if (byte & 0x80) continue;
    if (shift + 7 < 64 && (byte & 0x40)) value |= ~(uint64_t)0 << (shift + 7);
    return (int64_t)value;
  }
}
/* A string with its end mark within the section; NULL else. */
static inline const char *string(cursor *c) {
  const uint8_t *end = memchr(c->at, 0, (size_t)(c->end - c->at));
  const char *text = (const char *)c->at;
  if (end == NULL) {
    skip(c, (uint64_t)(c->end - c->at) + 1);
    return NULL;
  }
  c->at = end + 1;
  return text;
}
static inline const char *string_at(section of, uint64_t offset) {
  cursor c = cursor_at(of, offset);
  return c.failed ? NULL : string(&c);
}

/* The first source at or after an address. */
static inline size_t first_at(const cp_source *sources, size_t count, uint64_t address) {
  size_t low = 0, high = count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (sources[middle].address < address) low = middle + 1; else high = middle;
  }
  return low;
}

typedef struct {
  const char *directory, *name;
} line_file;

/* The files that a line table names, and for each of the sources the row that it lies in. */
typedef struct {
  line_file *files;
  uint32_t file_count;
  uint32_t first_file;   /* the number of files[0] */
} line_table;

typedef struct {
  uint32_t file, line;
  bool is_known;
} line_row;

/* `rows` has one place for each source; `directory` is the unit's. */
void dwarf_lines(const cp_source_file *file, uint64_t offset, const char *directory, const cp_source *sources,
                 size_t count, line_row *rows, line_table *out);
const line_file *dwarf_file(const line_table *table, uint64_t number);

#endif
