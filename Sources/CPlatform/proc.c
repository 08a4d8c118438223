#include "cplatform.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

long cp_file_read(const char *path, char *buffer, size_t size) {
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return -errno;
  size_t count = 0;
  while (count < size) {
    ssize_t got = read(descriptor, buffer + count, size - count);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    count += (size_t)got;
  }
  close(descriptor);
  return (long)count;
}

/* "/proc/self/task/TID/file" without stdio, which may lock. */
static void task_path(char *path, int32_t tid, const char *file) {
  strcpy(path, "/proc/self/task/");
  char digits[12];
  int n = 0;
  do {
    digits[n++] = (char)('0' + tid % 10);
    tid /= 10;
  } while (tid > 0);
  size_t at = strlen(path);
  while (n > 0) path[at++] = digits[--n];
  path[at++] = '/';
  strcpy(path + at, file);
}

static uint64_t number(const char **at, unsigned base) {
  uint64_t value = 0;
  for (;; (*at)++) {
    char c = **at;
    unsigned digit = c >= '0' && c <= '9' ? (unsigned)(c - '0') : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 99;
    if (digit >= base) return value;
    value = value * base + digit;
  }
}

static const char *skip_words(const char *at, int count) {
  while (count > 0 && *at != 0) {
    if (*at == ' ') count--;
    at++;
  }
  return at;
}

static void read_task(int32_t tid, const char *file, char *buffer, size_t size) {
  char path[64];
  task_path(path, tid, file);
  long count = cp_file_read(path, buffer, size - 1);
  buffer[count < 0 ? 0 : count] = 0;
}

/* State and utime follow the last parenthesis of proc_pid_stat(5); the name before it may hold anything. */
static void read_stat(int32_t tid, cp_thread_status *out) {
  char text[512];
  read_task(tid, "stat", text, sizeof text);
  const char *open = strchr(text, '('), *close = strrchr(text, ')');
  if (open == NULL || close == NULL || close[1] == 0) return;
  size_t length = (size_t)(close - open - 1);
  if (length > sizeof out->name - 1) length = sizeof out->name - 1;
  memcpy(out->name, open + 1, length);
  out->name[length] = 0;
  out->state = close[2];
  const char *at = skip_words(close + 2, 11);
  out->user_ticks = number(&at, 10);
  if (*at == ' ') at++;
  out->system_ticks = number(&at, 10);
}

static uint64_t field(const char *text, const char *name) {
  const char *at = strstr(text, name);
  if (at == NULL) return 0;
  at += strlen(name);
  return number(&at, 10);
}

void cp_thread_status_read(int32_t tid, cp_thread_status *out) {
  memset(out, 0, sizeof *out);
  out->syscall_number = -1;
  read_stat(tid, out);
  char text[4096];
  read_task(tid, "syscall", text, 256);
  if (text[0] >= '0' && text[0] <= '9') {
    const char *at = text;
    out->syscall_number = (int32_t)number(&at, 10);
    at = skip_words(at, 7);
    if (at[0] == '0' && at[1] == 'x') at += 2;
    out->stack_pointer = number(&at, 16);
    at = skip_words(at, 1);
    if (at[0] == '0' && at[1] == 'x') at += 2;
    out->syscall_pc = number(&at, 16);
  }
  read_task(tid, "schedstat", text, 128);
  const char *ran = text;
  out->processor_ns = number(&ran, 10);
  read_task(tid, "wchan", out->wchan, sizeof out->wchan);
  if (strcmp(out->wchan, "0") == 0) out->wchan[0] = 0;
  read_task(tid, "status", text, sizeof text);
  out->switches = field(text, "\nvoluntary_ctxt_switches:\t");
  out->switches_forced = field(text, "\nnonvoluntary_ctxt_switches:\t");
  const char *blocked = strstr(text, "SigBlk:\t");
  if (blocked != NULL) {
    blocked += 8;
    out->signals_blocked = number(&blocked, 16);
  }
}

uint64_t cp_run_delay_ns(void) {
  char text[128];
  long count = cp_file_read("/proc/thread-self/schedstat", text, sizeof text - 1);
  if (count <= 0) return 0;
  text[count] = 0;
  const char *at = skip_words(text, 1);
  return number(&at, 10);
}

char cp_thread_state(int32_t tid) {
  cp_thread_status status;
  status.state = 0;
  read_stat(tid, &status);
  return status.state;
}

uint64_t cp_thread_user_ticks(int32_t tid) {
  cp_thread_status status;
  status.user_ticks = 0;
  read_stat(tid, &status);
  return status.user_ticks;
}

/* linux_dirent64 of getdents64(2); opendir allocates. */
typedef struct {
  uint64_t inode, offset;
  uint16_t length;
  uint8_t type;
  char name[];
} directory_entry;

size_t cp_thread_ids(int32_t *out, size_t max) {
  int descriptor = open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return 0;
  _Alignas(8) char buffer[8192];
  size_t count = 0;
  long got;
  while ((got = syscall(SYS_getdents64, descriptor, buffer, sizeof buffer)) > 0) {
    for (long at = 0; at < got;) {
      const directory_entry *entry = (const directory_entry *)(buffer + at);
      const char *name = entry->name;
      at += entry->length;
      if (name[0] < '1' || name[0] > '9') continue;
      if (count < max) out[count] = (int32_t)number(&name, 10);
      count++;
    }
  }
  close(descriptor);
  return count;
}

/* A copy, for another thread may unmap or cut short what is read at any moment. */
static bool copy(uintptr_t from, void *to, size_t size) {
  struct iovec local = {to, size}, remote = {(void *)from, size};
  return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == (ssize_t)size;
}

size_t cp_build_id(uintptr_t base, uintptr_t end, uint8_t *out) {
  Elf64_Ehdr header;
  if (end - base < sizeof header || !copy(base, &header, sizeof header)) return 0;
  if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return 0;
  if (header.e_phoff > end - base || header.e_phnum * sizeof(Elf64_Phdr) > end - base - header.e_phoff) return 0;
  for (unsigned i = 0; i < header.e_phnum; i++) {
    Elf64_Phdr segment;
    if (!copy(base + header.e_phoff + i * sizeof segment, &segment, sizeof segment)) return 0;
    if (segment.p_type != PT_NOTE || segment.p_vaddr > end - base || segment.p_memsz > end - base - segment.p_vaddr)
      continue;
    uint64_t at = segment.p_vaddr, last = at + segment.p_memsz;
    while (at + sizeof(Elf64_Nhdr) <= last) {
      Elf64_Nhdr note;
      if (!copy(base + at, &note, sizeof note)) return 0;
      uint64_t name = at + sizeof note, data = name + ((note.n_namesz + 3ull) & ~3ull);
      uint64_t next = data + ((note.n_descsz + 3ull) & ~3ull);
      if (next > last || next <= at) break;
      char owner[4];
      if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof owner && note.n_descsz <= CP_BUILD_ID_MAX &&
          copy(base + name, owner, sizeof owner) && memcmp(owner, "GNU", sizeof owner) == 0)
        return copy(base + data, out, note.n_descsz) ? note.n_descsz : 0;
      at = next;
    }
  }
  return 0;
}

uintptr_t cp_executable_address(void) { return (uintptr_t)getauxval(AT_PHDR); }

uint64_t cp_boottime_ns(void) {
  struct timespec ts;
  clock_gettime(CLOCK_BOOTTIME, &ts);
  return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}
