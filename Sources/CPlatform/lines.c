#include <stdlib.h>

#include "dwarf.h"

/* Line tables: DWARF 5, section 6.2, and version 4 of it. */

enum { CONTENT_PATH = 1, CONTENT_DIRECTORY = 2 };
enum { LINE_TABLE_MAX = 65536 };   /* files and directories of one */

typedef struct {
  cursor c;
  uint32_t version;
  uint8_t least, range, opcode_base;
  int8_t base;
  uint8_t lengths[256];
  const char **directories;
  uint32_t directory_count;
} program;

/* One entry of a table of version 5, by the formats that stand before it. */
static void entry(const cp_source_file *file, cursor *c, const uint64_t (*formats)[2], uint32_t format_count,
                  const char **path, uint64_t *directory) {
  *path = NULL;
  *directory = 0;
  for (uint32_t i = 0; i < format_count && !c->failed; i++) {
    const char *text = NULL;
    uint64_t number = 0;
    switch (formats[i][1]) {
      case 0x08: text = string(c); break;
      case 0x1f: text = string_at(file->sections[LINE_STR], fixed(c, 4)); break;
      case 0x0e: text = string_at(file->sections[STR], fixed(c, 4)); break;
      case 0x0b: number = fixed(c, 1); break;
      case 0x05: number = fixed(c, 2); break;
      case 0x06: number = fixed(c, 4); break;
      case 0x07: number = fixed(c, 8); break;
      case 0x0f: number = uleb(c); break;
      case 0x1e: skip(c, 16); break;
      case 0x09: skip(c, uleb(c)); break;
      default: c->failed = true;
    }
    if (formats[i][0] == CONTENT_PATH) *path = text;
    if (formats[i][0] == CONTENT_DIRECTORY) *directory = number;
  }
}

static uint32_t read_formats(cursor *c, uint64_t (*formats)[2]) {
  uint32_t count = (uint32_t)fixed(c, 1);
  for (uint32_t i = 0; i < count; i++) {
    formats[i][0] = uleb(c);
    formats[i][1] = uleb(c);
  }
  return count;
}

static void *room(uint64_t count, size_t size) { return count > LINE_TABLE_MAX ? NULL : calloc(count + 1, size); }

static const char *directory_at(const program *p, uint64_t number) {
  return number < p->directory_count ? p->directories[number] : NULL;
}

static void read_tables_5(const cp_source_file *file, program *p, line_table *out) {
  uint64_t formats[256][2];
  uint32_t format_count = read_formats(&p->c, formats);
  uint64_t count = uleb(&p->c), unused;
  p->directories = room(count, sizeof *p->directories);
  if (p->directories == NULL) return;
  for (; p->directory_count < count && !p->c.failed; p->directory_count++)
    entry(file, &p->c, formats, format_count, &p->directories[p->directory_count], &unused);
  format_count = read_formats(&p->c, formats);
  count = uleb(&p->c);
  out->files = room(count, sizeof *out->files);
  if (out->files == NULL) return;
  for (; out->file_count < count && !p->c.failed; out->file_count++) {
    uint64_t directory;
    line_file *one = &out->files[out->file_count];
    entry(file, &p->c, formats, format_count, &one->name, &directory);
    one->directory = directory_at(p, directory);
  }
}

static void read_tables_4(program *p, const char *own, line_table *out) {
  out->first_file = 1;
  p->directories = room(LINE_TABLE_MAX, sizeof *p->directories);
  out->files = room(LINE_TABLE_MAX, sizeof *out->files);
  if (p->directories == NULL || out->files == NULL) return;
  p->directories[p->directory_count++] = own;
  while (p->directory_count < LINE_TABLE_MAX && !p->c.failed) {
    const char *path = string(&p->c);
    if (path == NULL || *path == 0) break;
    p->directories[p->directory_count++] = path;
  }
  while (out->file_count < LINE_TABLE_MAX && !p->c.failed) {
    const char *name = string(&p->c);
    if (name == NULL || *name == 0) break;
    out->files[out->file_count++] = (line_file){directory_at(p, uleb(&p->c)), name};
    uleb(&p->c);
    uleb(&p->c);
  }
}

typedef struct {
  uint64_t address;
  uint32_t file, line;
  bool is_there;
} row;

/* What lies from one row of a sequence to the next belongs to the first. */
static void mark(const row *from, uint64_t to, const cp_source *sources, size_t count, line_row *rows) {
  if (!from->is_there || to <= from->address) return;
  for (size_t i = first_at(sources, count, from->address); i < count && sources[i].address < to; i++)
    rows[i] = (line_row){from->file, from->line, true};
}

static void extended(cursor *c, row *now, bool *is_end) {
  uint64_t length = uleb(c);
  if (length == 0) return;
  uint8_t code = (uint8_t)fixed(c, 1);
  if (code == 1) *is_end = true;                                     /* end_sequence */
  if (code == 2 && length == 9) now->address = fixed(c, 8);          /* set_address */
  else skip(c, length - 1);
}

static void run(program *p, const cp_source *sources, size_t count, line_row *rows) {
  cursor *c = &p->c;
  row now = {0, 1, 1, false}, before = {0, 0, 0, false};
  while (c->at < c->end && !c->failed) {
    uint8_t code = (uint8_t)fixed(c, 1);
    bool is_row = false, is_end = false;
    if (code >= p->opcode_base) {
      uint8_t both = code - p->opcode_base;
      now.address += (uint64_t)(both / p->range) * p->least;
      now.line += (uint32_t)(p->base + both % p->range);
      is_row = true;
    } else {
      switch (code) {
        case 0: extended(c, &now, &is_end); break;
        case 1: is_row = true; break;
        case 2: now.address += uleb(c) * p->least; break;
        case 3: now.line += (uint32_t)sleb(c); break;
        case 4: now.file = (uint32_t)uleb(c); break;
        case 5: uleb(c); break;
        case 6: case 7: case 10: case 11: break;
        case 8: now.address += (uint64_t)((255 - p->opcode_base) / p->range) * p->least; break;
        case 9: now.address += fixed(c, 2); break;
        default: for (uint8_t i = 0; i < p->lengths[code]; i++) uleb(c);
      }
    }
    if (!is_row && !is_end) continue;
    mark(&before, now.address, sources, count, rows);
    before = now;
    before.is_there = !is_end;
    if (is_end) now = (row){0, 1, 1, false};
  }
}

void dwarf_lines(const cp_source_file *file, uint64_t offset, const char *directory, const cp_source *sources,
                 size_t count, line_row *rows, line_table *out) {
  program p;
  memset(&p, 0, sizeof p);
  p.c = cursor_at(file->sections[LINE], offset);
  uint64_t length = fixed(&p.c, 4);
  if (p.c.failed || length > (uint64_t)(p.c.end - p.c.at)) return;
  p.c.end = p.c.at + length;
  p.version = (uint32_t)fixed(&p.c, 2);
  if (p.version < 2 || p.version > 5) return;
  if (p.version == 5) skip(&p.c, 2);
  uint64_t header = fixed(&p.c, 4);
  if (header > (uint64_t)(p.c.end - p.c.at)) return;
  const uint8_t *start = p.c.at + header;
  p.least = (uint8_t)fixed(&p.c, 1);
  skip(&p.c, p.version >= 4 ? 2 : 1);
  p.base = (int8_t)fixed(&p.c, 1);
  p.range = (uint8_t)fixed(&p.c, 1);
  p.opcode_base = (uint8_t)fixed(&p.c, 1);
  for (uint32_t i = 1; i < p.opcode_base; i++) p.lengths[i] = (uint8_t)fixed(&p.c, 1);
  if (p.range == 0 || p.opcode_base == 0) return;
  if (p.version == 5) read_tables_5(file, &p, out); else read_tables_4(&p, directory, out);
  p.c.at = start;
  p.c.failed = false;
  run(&p, sources, count, rows);
  free(p.directories);
}

const line_file *dwarf_file(const line_table *table, uint64_t number) {
  uint64_t index = number - table->first_file;
  return number >= table->first_file && index < table->file_count ? &table->files[index] : NULL;
}
