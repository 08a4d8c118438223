#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "cplatform.h"

static uint64_t digits(const char *at) {
  uint64_t value = 0;
  while (*at == ' ' || *at == '\t') at++;
  for (; *at >= '0' && *at <= '9'; at++) value = value * 10 + (uint64_t)(*at - '0');
  return value;
}

static bool read_text(const char *path, char *text, size_t size) {
  long count = cp_file_read(path, text, size - 1);
  text[count < 0 ? 0 : count] = 0;
  return count > 0;
}

static uint64_t line_value(const char *text, const char *name) {
  const char *at = strstr(text, name);
  return at == NULL ? 0 : digits(at + strlen(name));
}

/* Names in /proc/self/fd, but for the descriptor that reads them. */
static uint64_t count_descriptors(void) {
  int descriptor = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return 0;
  _Alignas(8) char buffer[8192];
  uint64_t count = 0;
  long got;
  while ((got = syscall(SYS_getdents64, descriptor, buffer, sizeof buffer)) > 0) {
    for (long at = 0; at < got;) {
      uint16_t length;
      memcpy(&length, buffer + at + 16, sizeof length);
      const char *name = buffer + at + 19;
      if (name[0] != '.') count++;
      at += length;
    }
  }
  close(descriptor);
  return count > 0 ? count - 1 : 0;
}

/* Since the start of the process; the 22nd field of proc_pid_stat(5) is in hundredths of a second. */
static uint64_t age_ms(void) {
  char text[1024], uptime[64];
  if (!read_text("/proc/self/stat", text, sizeof text) || !read_text("/proc/uptime", uptime, sizeof uptime)) return 0;
  const char *at = strrchr(text, ')');
  for (int field = 2; at != NULL && field < 22; field++) at = strchr(at + 1, ' ');
  if (at == NULL) return 0;
  uint64_t started = digits(at + 1) * 10, now = digits(uptime) * 1000;
  const char *dot = strchr(uptime, '.');
  if (dot != NULL) now += digits(dot + 1) * 10;
  return now > started ? now - started : 0;
}

/* A limit in units of so many bytes or things; RLIM_INFINITY stays what it is. */
static uint64_t limit_of(int resource, uint64_t unit) {
  struct rlimit limit;
  if (getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return UINT64_MAX;
  return (uint64_t)limit.rlim_cur / unit;
}

void cp_process_read(cp_process_facts *out) {
  memset(out, 0, sizeof *out);
  char text[4096];
  if (read_text("/proc/self/status", text, sizeof text)) {
    out->memory_kib = line_value(text, "\nVmRSS:");
    out->memory_peak_kib = line_value(text, "\nVmHWM:");
  }
  out->age_ms = age_ms();
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  out->started_s = (uint64_t)now.tv_sec - out->age_ms / 1000;
  out->descriptors = count_descriptors();
  out->descriptors_max = limit_of(RLIMIT_NOFILE, 1);
  out->processes_max = limit_of(RLIMIT_NPROC, 1);
  out->memory_max_kib = limit_of(RLIMIT_AS, 1024);
  out->signals_max = limit_of(RLIMIT_SIGPENDING, 1);
  out->core_max_kib = limit_of(RLIMIT_CORE, 1024);
  if (read_text("/proc/loadavg", text, sizeof text)) {
    const char *end = text;
    for (int word = 0; word < 3 && end != NULL; word++) end = strchr(end + 1, ' ');
    size_t length = end == NULL ? 0 : (size_t)(end - text);
    if (length < sizeof out->load) memcpy(out->load, text, length);
  }
  long count = readlink("/proc/self/exe", out->executable, sizeof out->executable - 1);
  out->executable[count < 0 ? 0 : count] = 0;
}
