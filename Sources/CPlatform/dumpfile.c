#include "cplatform.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int32_t cp_folder_open(const char *path) { return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC); }

int32_t cp_spare_open(void) { return open("/dev/null", O_RDONLY | O_CLOEXEC); }

static int replace_in(int folder, const char *temporary, const char *final, const char *bytes, size_t count) {
  int error = 0;
  int descriptor = openat(folder, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor < 0) error = errno;
  for (size_t at = 0; error == 0 && at < count;) {
    ssize_t wrote = write(descriptor, bytes + at, count - at);
    if (wrote < 0 && errno != EINTR) error = errno;
    if (wrote > 0) at += (size_t)wrote;
  }
  if (error == 0 && fsync(descriptor) != 0) error = errno;
  if (descriptor >= 0) close(descriptor);
  if (error == 0 && renameat(folder, temporary, folder, final) != 0) error = errno;
  if (error != 0 && descriptor >= 0) unlinkat(folder, temporary, 0);
  if (error == 0) fsync(folder);
  return error;
}

int cp_file_replace(const char *directory, const char *temporary, const char *final, const char *bytes, size_t count) {
  int folder = cp_folder_open(directory);
  if (folder < 0) return errno;
  int error = replace_in(folder, temporary, final, bytes, count);
  close(folder);
  return error;
}

/* The path first, as a directory that was renamed may have a successor; the one that was opened where that fails. */
static cp_dump_written write_here(const cp_dump_place *place, const char *bytes, size_t count) {
  cp_dump_written result = {cp_file_replace(place->directory, place->temporary, place->final, bytes, count), false};
  if (result.error == 0 || place->folder < 0) return result;
  if (replace_in(place->folder, place->temporary, place->final, bytes, count) != 0) return result;
  return (cp_dump_written){0, true};
}

enum { MOVED = 0x80, ERROR_MASK = 0x7f };

static void write_in_child(const cp_dump_place *place, const char *bytes, size_t count) {
  /* The child has descriptors of its own: what is closed here is not missing there. */
  for (int descriptor = 3; descriptor < 16; descriptor++)
    if (descriptor != place->folder) close(descriptor);
  cp_dump_written result = write_here(place, bytes, count);
  int error = result.error > ERROR_MASK ? EIO : result.error;
  syscall(SYS_exit_group, error | (result.is_moved ? MOVED : 0));
}

cp_dump_written cp_dump_write(const cp_dump_place *place, const char *bytes, size_t count, uint64_t limit_ns) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  /* Not fork(3), whose handlers take locks that a stuck program may hold; and without a signal at its end, so that no wait
     of the program's own collects it. */
  pid_t child = (pid_t)syscall(SYS_clone, 0L, 0L, 0L, 0L, 0L);
  if (child == 0) write_in_child(place, bytes, count);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (child < 0) return write_here(place, bytes, count);
  uint64_t deadline = cp_monotonic_ns() + limit_ns;
  uint32_t never = 0;
  for (;;) {
    int status = 0;
    pid_t ended = waitpid(child, &status, WNOHANG | __WALL);
    if (ended == child && WIFEXITED(status))
      return (cp_dump_written){WEXITSTATUS(status) & ERROR_MASK, (WEXITSTATUS(status) & MOVED) != 0};
    if (ended == child || (ended < 0 && errno != EINTR)) return (cp_dump_written){EIO, false};
    uint64_t now = cp_monotonic_ns();
    if (now >= deadline) return (cp_dump_written){ETIMEDOUT, false};
    cp_futex_wait(&never, 0, now + 300000);
  }
}

void cp_dump_say(int32_t descriptor, const char *bytes, size_t count) {
  while (count > 0) {
    struct pollfd ready = {.fd = descriptor, .events = POLLOUT};
    if (poll(&ready, 1, 200) != 1 || !(ready.revents & POLLOUT)) return;
    /* A pipe that poll calls ready takes PIPE_BUF bytes without waiting. */
    ssize_t wrote = write(descriptor, bytes, count < 4096 ? count : 4096);
    if (wrote <= 0) return;
    bytes += wrote;
    count -= (size_t)wrote;
  }
}

const char *cp_error_text(int32_t error) {
  const char *text = strerrordesc_np(error);
  return text ? text : "unknown error";
}

static uint64_t hexadecimal(const char **at) {
  uint64_t value = 0;
  for (;; (*at)++) {
    char c = **at;
    unsigned digit = c >= '0' && c <= '9' ? (unsigned)(c - '0') : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 99;
    if (digit > 15) return value;
    value = value * 16 + digit;
  }
}

uint64_t cp_mapping_start(const char *maps, size_t count, uint64_t address) {
  const char *end = maps + count;
  for (const char *line = maps; line < end;) {
    const char *at = line;
    uint64_t low = hexadecimal(&at);
    at++;
    uint64_t high = hexadecimal(&at);
    const char *last = memchr(line, '\n', (size_t)(end - line));
    if (last == NULL) return 0;
    if (address >= low && address < high) return memmem(line, (size_t)(last - line), "[stack]", 7) ? 0 : low;
    line = last + 1;
  }
  return 0;
}
