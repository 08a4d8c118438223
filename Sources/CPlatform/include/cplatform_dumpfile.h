#ifndef CPLATFORM_DUMPFILE_H
#define CPLATFORM_DUMPFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A dump gets to its place although the disk hangs, is full, or no descriptor is left. Nothing here allocates. */

typedef struct {
  const char *directory;   /* its path, tried first */
  int32_t folder;          /* the same, opened when all was well; negative: it was not there */
  const char *temporary;
  const char *final;
} cp_dump_place;

typedef struct {
  int32_t error;           /* 0, or why there is no file; ETIMEDOUT: the disk did not answer */
  bool is_moved;           /* the path was not to be had: it stands in `folder`, wherever that is now */
} cp_dump_written;

/* A directory, to be written to later; negative: errno. */
int32_t cp_folder_open(const char *path);
/* A descriptor that is worth nothing but its number, or -1; close it to have one. */
int32_t cp_spare_open(void);

/* cp_file_replace in a child with a copy of this memory, so that a disk that hangs stops nobody here: after `limit_ns` it is
   left to itself, and may still finish. Where no child can be made it is done here. */
cp_dump_written cp_dump_write(const cp_dump_place *place, const char *bytes, size_t count, uint64_t limit_ns);

/* Bytes for people, as far as the descriptor takes them within 200 ms. */
void cp_dump_say(int32_t descriptor, const char *bytes, size_t count);

/* What an errno means, as a literal. */
const char *cp_error_text(int32_t error);

/* Where the mapping begins that an address lies in, by the text of /proc/self/maps; 0: none, or it grows by itself. */
uint64_t cp_mapping_start(const char *maps, size_t count, uint64_t address);

#endif
