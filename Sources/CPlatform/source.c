#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dwarf.h"

/* Units and their trees: DWARF 5, sections 3 and 7.5. */

enum { TAG_COMPILE_UNIT = 0x11, TAG_INLINED = 0x1d };

/* Attributes that count, by their place in a `die`. */
enum {
  NAME, STATEMENTS, LOW, HIGH, DIRECTORY, ORIGIN, SPECIFICATION, RANGE_LIST, CALL_FILE, CALL_LINE, LINKAGE, STR_BASE,
  ADDR_BASE, RANGE_BASE, ATTRIBUTES
};

static int place_of(uint64_t attribute) {
  switch (attribute) {
    case 0x03: return NAME;
    case 0x10: return STATEMENTS;
    case 0x11: return LOW;
    case 0x12: return HIGH;
    case 0x1b: return DIRECTORY;
    case 0x31: return ORIGIN;
    case 0x47: return SPECIFICATION;
    case 0x55: return RANGE_LIST;
    case 0x58: return CALL_FILE;
    case 0x59: return CALL_LINE;
    case 0x6e: return LINKAGE;
    case 0x72: return STR_BASE;
    case 0x73: return ADDR_BASE;
    case 0x74: return RANGE_BASE;
    default: return -1;
  }
}

typedef struct {
  uint64_t value;
  const char *text;
  uint32_t form;   /* 0: it is not there */
} attribute;

typedef struct {
  attribute of[ATTRIBUTES];
} die;

typedef struct {
  uint32_t tag;
  bool has_children;
  uint32_t first, count;   /* in `fields` */
  uint32_t size;           /* of all attributes together; 0: it varies */
} shape;

typedef struct {
  uint32_t attribute, form;
  int64_t constant;
} field;

/* The shapes of one table of abbreviations, by their code. */
typedef struct {
  uint64_t offset;
  bool is_read;
  shape *shapes;
  size_t shape_count, shape_room;
  field *fields;
  size_t field_count, field_room;
} shapes;

typedef struct {
  const cp_source_file *file;
  uint64_t offset, end;     /* in INFO */
  uint32_t version, address_size;
  uint64_t low, str_base, addr_base, range_base;
  const char *directory;
  const shapes *known;
} unit;

enum { CODES_MAX = 1 << 20 };

static void *grown(void *memory, size_t count, size_t *room, size_t size) {
  if (count < *room) return memory;
  size_t wanted = *room == 0 ? 256 : *room * 2;
  void *more = realloc(memory, wanted * size);
  if (more == NULL) return NULL;
  memset((char *)more + *room * size, 0, (wanted - *room) * size);
  *room = wanted;
  return more;
}

static uint32_t size_of(uint32_t form, uint32_t address_size) {
  switch (form) {
    case 0x01: return address_size;
    case 0x0b: case 0x0c: case 0x11: case 0x25: case 0x29: return 1;
    case 0x05: case 0x12: case 0x26: case 0x2a: return 2;
    case 0x27: case 0x2b: return 3;
    case 0x06: case 0x0e: case 0x10: case 0x13: case 0x17: case 0x1c: case 0x1d: case 0x1f: case 0x28: case 0x2c:
      return 4;
    case 0x07: case 0x14: case 0x20: case 0x24: return 8;
    case 0x1e: return 16;
    default: return 0;
  }
}

static bool read_shape(cursor *c, shapes *known) {
  uint64_t code = uleb(c);
  if (code == 0 || code > CODES_MAX || c->failed) return false;
  while (known->shape_count < code) {
    shape *more = grown(known->shapes, known->shape_count, &known->shape_room, sizeof *more);
    if (more == NULL) return false;
    known->shapes = more;
    known->shape_count++;
  }
  shape *one = &known->shapes[code - 1];
  *one = (shape){(uint32_t)uleb(c), fixed(c, 1) != 0, (uint32_t)known->field_count, 0, 0};
  bool varies = false;
  while (!c->failed) {
    field next = {(uint32_t)uleb(c), (uint32_t)uleb(c), 0};
    if (next.form == 0x21) next.constant = sleb(c);
    if (next.attribute == 0 && next.form == 0) break;
    field *more = grown(known->fields, known->field_count, &known->field_room, sizeof *more);
    if (more == NULL) return false;
    known->fields = more;
    known->fields[known->field_count++] = next;
    one->count++;
    uint32_t size = size_of(next.form, 8);
    if (size == 0 && next.form != 0x19 && next.form != 0x21) varies = true;
    one->size += size;
  }
  if (varies) one->size = 0;
  return !c->failed;
}

static void read_shapes(const cp_source_file *file, uint64_t offset, shapes *known) {
  if (known->is_read && known->offset == offset) return;
  known->is_read = true;
  known->offset = offset;
  known->shape_count = known->field_count = 0;
  if (known->shape_room > 0) memset(known->shapes, 0, known->shape_room * sizeof(shape));
  cursor c = cursor_at(file->sections[ABBREV], offset);
  while (!c.failed && read_shape(&c, known)) {}
}

/* The entry of a table of 4 or 8 bytes each; 0: there is none. */
static uint64_t indexed(const unit *u, int table, uint64_t base, uint64_t index, size_t size) {
  cursor c = cursor_at(u->file->sections[table], base + index * size);
  return c.failed ? 0 : fixed(&c, size);
}

static const char *text_of(const unit *u, const attribute *a) {
  switch (a->form) {
    case 0x08: return a->text;
    case 0x0e: return string_at(u->file->sections[STR], a->value);
    case 0x1f: return string_at(u->file->sections[LINE_STR], a->value);
    case 0x1a: case 0x25: case 0x26: case 0x27: case 0x28:
      return string_at(u->file->sections[STR], indexed(u, STR_OFFSETS, u->str_base, a->value, 4));
    default: return NULL;
  }
}

static uint64_t address_of(const unit *u, const attribute *a) {
  return a->form == 0x01 ? a->value : indexed(u, ADDR, u->addr_base, a->value, 8);
}

static void read_attribute(cursor *c, uint32_t form, int64_t constant, attribute *out) {
  out->form = form;
  uint32_t size = size_of(form, 8);
  if (size > 8) return skip(c, size);
  if (size > 0) {
    out->value = fixed(c, size);
    return;
  }
  switch (form) {
    case 0x03: skip(c, fixed(c, 2)); break;
    case 0x04: skip(c, fixed(c, 4)); break;
    case 0x08: out->text = string(c); break;
    case 0x09: case 0x18: skip(c, uleb(c)); break;
    case 0x0a: skip(c, fixed(c, 1)); break;
    case 0x0d: out->value = (uint64_t)sleb(c); break;
    case 0x0f: case 0x15: case 0x1a: case 0x1b: case 0x22: case 0x23: out->value = uleb(c); break;
    case 0x19: out->value = 1; break;
    case 0x21: out->value = (uint64_t)constant; break;
    case 0x16: {
      uint32_t real = (uint32_t)uleb(c);
      if (real == 0x16 || real == 0x21) c->failed = true; else read_attribute(c, real, 0, out);
      break;
    }
    default: c->failed = true;
  }
}

/* NULL: the end of a list of children, or nothing that can be read. */
static const shape *read_die(cursor *c, const shapes *known, die *out, bool wants_all) {
  uint64_t code = uleb(c);
  if (code == 0) return NULL;
  if (code > known->shape_count || c->failed) {
    c->failed = true;
    return NULL;
  }
  const shape *one = &known->shapes[code - 1];
  bool is_wanted = wants_all || one->tag == TAG_INLINED;
  if (!is_wanted && one->size > 0) {
    skip(c, one->size);
    return one;
  }
  if (is_wanted) memset(out, 0, sizeof *out);
  for (uint32_t i = 0; i < one->count && !c->failed; i++) {
    const field *f = &known->fields[one->first + i];
    attribute unused = {0, NULL, 0};
    int place = is_wanted ? place_of(f->attribute) : -1;
    read_attribute(c, f->form, f->constant, place < 0 ? &unused : &out->of[place]);
  }
  return one;
}

/* Calls `body` for every stretch of addresses of an entry. */
typedef void (*stretch)(void *context, uint64_t low, uint64_t high);

static void list_4(const unit *u, uint64_t offset, stretch body, void *context) {
  cursor c = cursor_at(u->file->sections[RANGES], offset);
  uint64_t base = u->low;
  while (!c.failed) {
    uint64_t low = fixed(&c, 8), high = fixed(&c, 8);
    if (low == 0 && high == 0) return;
    if (low == ~(uint64_t)0) base = high; else body(context, base + low, base + high);
  }
}

static void list_5(const unit *u, const attribute *a, stretch body, void *context) {
  uint64_t offset = a->value;
  if (a->form == 0x23) offset = u->range_base + indexed(u, RNGLISTS, u->range_base, a->value, 4);
  cursor c = cursor_at(u->file->sections[RNGLISTS], offset);
  uint64_t base = u->low, low, high;
  while (!c.failed) {
    switch (fixed(&c, 1)) {
      case 1: base = indexed(u, ADDR, u->addr_base, uleb(&c), 8); continue;
      case 2: low = indexed(u, ADDR, u->addr_base, uleb(&c), 8); high = indexed(u, ADDR, u->addr_base, uleb(&c), 8); break;
      case 3: low = indexed(u, ADDR, u->addr_base, uleb(&c), 8); high = low + uleb(&c); break;
      case 4: low = base + uleb(&c); high = base + uleb(&c); break;
      case 5: base = fixed(&c, 8); continue;
      case 6: low = fixed(&c, 8); high = fixed(&c, 8); break;
      case 7: low = fixed(&c, 8); high = low + uleb(&c); break;
      default: return;
    }
    body(context, low, high);
  }
}

static void stretches(const unit *u, const die *d, stretch body, void *context) {
  const attribute *list = &d->of[RANGE_LIST];
  if (list->form != 0) {
    if (u->version >= 5) list_5(u, list, body, context); else list_4(u, list->value, body, context);
  } else if (d->of[LOW].form != 0 && d->of[HIGH].form != 0) {
    uint64_t low = address_of(u, &d->of[LOW]);
    bool is_address = d->of[HIGH].form == 0x01;
    body(context, low, is_address ? d->of[HIGH].value : low + d->of[HIGH].value);
  }
}

/* An inlined call that one of the addresses lies in. */
typedef struct {
  uint64_t origin;   /* in INFO */
  uint32_t file, line;
} call;

typedef struct {
  cp_source *sources;
  size_t count;
  bool *is_in;        /* of each source: it lies in the unit */
  bool is_any;
  call *calls;        /* CP_INLINED_MAX of each source, outermost first */
  uint32_t *call_count;
  call now;
} search;

static void note_unit(void *context, uint64_t low, uint64_t high) {
  search *s = context;
  for (size_t i = first_at(s->sources, s->count, low); i < s->count && s->sources[i].address < high; i++)
    s->is_in[i] = s->is_any = true;
}

static void note_call(void *context, uint64_t low, uint64_t high) {
  search *s = context;
  for (size_t i = first_at(s->sources, s->count, low); i < s->count && s->sources[i].address < high; i++)
    if (s->is_in[i] && s->call_count[i] < CP_INLINED_MAX)
      s->calls[i * CP_INLINED_MAX + s->call_count[i]++] = s->now;
}

static uint64_t reference(const unit *u, const attribute *a) {
  return a->form == 0x10 ? a->value : u->offset + a->value;
}

static void walk(const unit *u, cursor c, search *s) {
  die d;
  uint32_t depth = 1;
  while (depth > 0 && c.at < c.end) {
    const shape *one = read_die(&c, u->known, &d, false);
    if (c.failed) return;
    if (one == NULL) {
      depth--;
      continue;
    }
    if (one->has_children) depth++;
    if (one->tag != TAG_INLINED || d.of[ORIGIN].form == 0) continue;
    s->now = (call){reference(u, &d.of[ORIGIN]), (uint32_t)d.of[CALL_FILE].value, (uint32_t)d.of[CALL_LINE].value};
    stretches(u, &d, note_call, s);
  }
}

/* The linker's name of a function, or its plain one. */
static const char *function_at(const unit *u, uint64_t offset) {
  for (int step = 0; step < 4 && offset > u->offset && offset < u->end; step++) {
    cursor c = cursor_at(u->file->sections[INFO], offset);
    die d;
    if (read_die(&c, u->known, &d, true) == NULL || c.failed) return NULL;
    const char *name = text_of(u, &d.of[LINKAGE]);
    if (name != NULL) return name;
    const attribute *next = d.of[SPECIFICATION].form != 0 ? &d.of[SPECIFICATION] : &d.of[ORIGIN];
    if (next->form == 0) return text_of(u, &d.of[NAME]);
    offset = reference(u, next);
  }
  return NULL;
}

static void set_place(cp_source_frame *frame, const line_table *table, uint64_t file, uint32_t line) {
  const line_file *known = dwarf_file(table, file);
  frame->line = line;
  frame->file = known == NULL ? NULL : known->name;
  frame->directory = known == NULL ? NULL : known->directory;
}

/* The row says where the innermost function stands; each call says where the one around it does. */
static void fill(const unit *u, search *s, size_t i, const line_row *row, const line_table *table) {
  cp_source *source = &s->sources[i];
  uint32_t calls = s->call_count[i];
  uint32_t line = row->line;
  uint64_t file = row->file;
  source->directory = u->directory;
  for (uint32_t k = 0; k <= calls; k++) {
    cp_source_frame *frame = &source->frames[k];
    memset(frame, 0, sizeof *frame);
    set_place(frame, table, file, line);
    if (k == calls) break;
    const call *around = &s->calls[i * CP_INLINED_MAX + (calls - 1 - k)];
    frame->function = function_at(u, around->origin);
    file = around->file;
    line = around->line;
  }
  source->count = calls + 1;
}

static void look_into(unit *u, const die *root, cursor tree, search *s, line_row *rows) {
  memset(s->call_count, 0, s->count * sizeof *s->call_count);
  memset(rows, 0, s->count * sizeof *rows);
  line_table table = {NULL, 0, 0};
  walk(u, tree, s);
  if (root->of[STATEMENTS].form != 0)
    dwarf_lines(u->file, root->of[STATEMENTS].value, u->directory, s->sources, s->count, rows, &table);
  for (size_t i = 0; i < s->count; i++)
    if (s->is_in[i] && (rows[i].is_known || s->call_count[i] > 0)) fill(u, s, i, &rows[i], &table);
  free(table.files);
}

/* Reads the head of a unit; false: it has none of the addresses. */
static bool begin(unit *u, cursor *c, shapes *known, die *root, search *s) {
  u->version = (uint32_t)fixed(c, 2);
  uint64_t abbreviations;
  if (u->version == 5) {
    uint8_t kind = (uint8_t)fixed(c, 1);
    u->address_size = (uint32_t)fixed(c, 1);
    abbreviations = fixed(c, 4);
    if (kind != 1) return false;
  } else if (u->version >= 2 && u->version <= 4) {
    abbreviations = fixed(c, 4);
    u->address_size = (uint32_t)fixed(c, 1);
  } else {
    return false;
  }
  if (c->failed || u->address_size != 8) return false;
  read_shapes(u->file, abbreviations, known);
  u->known = known;
  const shape *one = read_die(c, known, root, true);
  if (one == NULL || c->failed || one->tag != TAG_COMPILE_UNIT) return false;
  u->str_base = root->of[STR_BASE].value;
  u->addr_base = root->of[ADDR_BASE].value;
  u->range_base = root->of[RANGE_BASE].value;
  u->low = root->of[LOW].form == 0 ? 0 : address_of(u, &root->of[LOW]);
  u->directory = text_of(u, &root->of[DIRECTORY]);
  memset(s->is_in, 0, s->count * sizeof *s->is_in);
  s->is_any = false;
  stretches(u, root, note_unit, s);
  return s->is_any && one->has_children;
}

static void find(const cp_source_file *file, search *s, line_row *rows) {
  shapes known;
  memset(&known, 0, sizeof known);
  uint64_t offset = 0;
  while (offset < file->sections[INFO].size) {
    cursor c = cursor_at(file->sections[INFO], offset);
    uint64_t length = fixed(&c, 4);
    if (c.failed || length == 0 || length > (uint64_t)(c.end - c.at)) break;
    unit u = {.file = file, .offset = offset, .end = offset + 4 + length};
    c.end = c.at + length;
    die root;
    if (begin(&u, &c, &known, &root, s)) look_into(&u, &root, c, s, rows);
    offset = u.end;
  }
  free(known.shapes);
  free(known.fields);
}

void cp_source_find(cp_source_file *file, cp_source *sources, size_t count) {
  search s = {.sources = sources, .count = count};
  for (size_t i = 0; i < count; i++) {
    sources[i].count = 0;
    sources[i].address += file->first_address;
  }
  s.is_in = calloc(count + 1, sizeof *s.is_in);
  s.calls = calloc(count + 1, sizeof *s.calls * CP_INLINED_MAX);
  s.call_count = calloc(count + 1, sizeof *s.call_count);
  line_row *rows = calloc(count + 1, sizeof *rows);
  if (s.is_in != NULL && s.calls != NULL && s.call_count != NULL && rows != NULL) find(file, &s, rows);
  free(s.is_in);
  free(s.calls);
  free(s.call_count);
  free(rows);
  for (size_t i = 0; i < count; i++) sources[i].address -= file->first_address;
}

/* The file */

static void keep_section(cp_source_file *file, const Elf64_Shdr *header, const char *name) {
  static const char *const names[SECTIONS] = {
      ".debug_info", ".debug_abbrev", ".debug_line", ".debug_line_str", ".debug_str",
      ".debug_ranges", ".debug_rnglists", ".debug_addr", ".debug_str_offsets"};
  bool is_whole = header->sh_offset <= file->size && header->sh_size <= file->size - header->sh_offset;
  if (!is_whole || header->sh_type == SHT_NOBITS || (header->sh_flags & SHF_COMPRESSED)) return;
  for (int i = 0; i < SECTIONS; i++)
    if (strcmp(name, names[i]) == 0) file->sections[i] = (section){file->bytes + header->sh_offset, header->sh_size};
}

static bool read_elf(cp_source_file *file) {
  Elf64_Ehdr head;
  if (file->size < sizeof head) return false;
  memcpy(&head, file->bytes, sizeof head);
  if (memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 || head.e_ident[EI_CLASS] != ELFCLASS64) return false;
  section whole = {file->bytes, file->size};
  for (uint32_t i = head.e_phnum; i-- > 0;) {
    cursor c = cursor_at(whole, head.e_phoff + (uint64_t)i * sizeof(Elf64_Phdr));
    Elf64_Phdr segment;
    if (c.failed || (size_t)(c.end - c.at) < sizeof segment) return false;
    memcpy(&segment, c.at, sizeof segment);
    if (segment.p_type == PT_LOAD) file->first_address = segment.p_vaddr & ~(uint64_t)0xfff;
  }
  Elf64_Shdr headers[256];
  uint32_t count = head.e_shnum < 256 ? head.e_shnum : 256;
  cursor c = cursor_at(whole, head.e_shoff);
  if (c.failed || (size_t)(c.end - c.at) < count * sizeof *headers || head.e_shstrndx >= count) return false;
  memcpy(headers, c.at, count * sizeof *headers);
  const Elf64_Shdr *names = &headers[head.e_shstrndx];
  if (names->sh_offset > file->size || names->sh_size > file->size - names->sh_offset) return false;
  for (uint32_t i = 0; i < count; i++) {
    const char *name = string_at((section){file->bytes + names->sh_offset, names->sh_size}, headers[i].sh_name);
    if (name != NULL) keep_section(file, &headers[i], name);
  }
  return file->sections[INFO].size > 0 && file->sections[ABBREV].size > 0;
}

cp_source_file *cp_source_open(const char *path) {
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return NULL;
  struct stat status;
  cp_source_file *file = calloc(1, sizeof *file);
  void *bytes = MAP_FAILED;
  if (file != NULL && fstat(descriptor, &status) == 0 && status.st_size > 0)
    bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  close(descriptor);
  if (bytes == MAP_FAILED) {
    free(file);
    return NULL;
  }
  file->bytes = bytes;
  file->size = (size_t)status.st_size;
  if (read_elf(file)) return file;
  cp_source_close(file);
  return NULL;
}

void cp_source_close(cp_source_file *file) {
  munmap((void *)file->bytes, file->size);
  free(file);
}
