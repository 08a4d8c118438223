#ifndef CPLATFORM_SOURCE_H
#define CPLATFORM_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Files, lines and inlined functions of code addresses, from the debug information of an ELF file: DWARF 4 and 5, 32-bit
   offsets, uncompressed (DWARF 5 standard, sections 2.17, 3.3.8, 6.2, 7.5). Every line table and every tree of a unit that
   has one of the addresses is read once, for all of them; units without are skipped by their ranges. Whatever is damaged
   is left out: every read is within its section. */

enum { CP_INLINED_MAX = 24 };

typedef struct {
  const char *function;   /* the linker's name of the inlined function; NULL: that of the symbol */
  const char *directory;  /* NULL: unknown, or `file` is absolute */
  const char *file;       /* NULL: unknown */
  uint32_t line;          /* 0: the compiler's own */
} cp_source_frame;

typedef struct {
  uint64_t address;       /* in the file, from the start of its first mapped segment */
  const char *directory;  /* in which its unit was compiled; NULL: unknown */
  uint32_t count;         /* frames, innermost first; 0: nothing is known */
  cp_source_frame frames[CP_INLINED_MAX + 1];
} cp_source;

typedef struct cp_source_file cp_source_file;

/* NULL: it cannot be read, or is no ELF file with debug information. */
cp_source_file *cp_source_open(const char *path);
/* Strings of what was found are gone with it. */
void cp_source_close(cp_source_file *file);
/* Fills in what is known of each; `sources` is sorted by address. */
void cp_source_find(cp_source_file *file, cp_source *sources, size_t count);

static inline const cp_source_frame *cp_source_frame_at(const cp_source *source, uint32_t i) {
  return &source->frames[i];
}

#endif
